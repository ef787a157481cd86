"""Strategies that draw what goes with a referral: problems, allergies, medications, scores and plans of any content, odd text included."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.mappings.drawn import DAYS, LINES

_THO = "http://terminology.hl7.org/CodeSystem/"
SYSTEMS = (
    "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://loinc.org",
    "http://hl7.org/fhir/sid/ndc",
    "urn:oid:1.2.3.4",
)
TOKENS = st.sampled_from(["F32.1", "36923009", "70618", "x-1", "LA6751-7"])
TEXTS = st.one_of(LINES, st.sampled_from(["| a | b |", "- a", "two\nlines", "  spaced   out ", "a;b", "#x"]), st.lists(LINES, min_size=2, max_size=3).map("\n".join))
MOMENTS = st.one_of(DAYS, st.sampled_from(["2024", "2024-05", "2024-05-06T07:08:09-05:00", "2024-05-06T07:08:09.5Z"]))


def _optional(required: dict[str, Any], optional: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


def _hl7(system: str, *codes: str) -> SearchStrategy[dict[str, Any]]:
    return st.sampled_from(codes).map(lambda code: {"coding": [{"system": _THO + system, "code": code}]})


CODINGS = _optional({"system": st.sampled_from(SYSTEMS), "code": TOKENS}, {"display": LINES})
CONCEPTS = st.one_of(
    st.fixed_dictionaries({"text": TEXTS}),
    _optional({"coding": st.lists(CODINGS, min_size=1, max_size=3, unique_by=lambda coding: (coding["system"], coding["code"]))}, {"text": TEXTS}),
)
NOTES = st.lists(st.fixed_dictionaries({"text": TEXTS}), max_size=2)
PERIODS = _optional({}, {"start": MOMENTS, "end": MOMENTS})

CONDITIONS = _optional(
    {"resourceType": st.just("Condition"), "code": CONCEPTS},
    {
        "clinicalStatus": _hl7("condition-clinical", "active", "recurrence", "relapse", "inactive", "remission", "resolved"),
        "verificationStatus": _hl7("condition-ver-status", "confirmed", "provisional", "refuted", "entered-in-error"),
        "onsetDateTime": MOMENTS,
        "abatementDateTime": MOMENTS,
        "recordedDate": MOMENTS,
        "note": NOTES,
    },
)
ALLERGIES = _optional(
    {"resourceType": st.just("AllergyIntolerance"), "code": CONCEPTS, "clinicalStatus": _hl7("allergyintolerance-clinical", "active", "inactive", "resolved")},
    {
        "verificationStatus": _hl7("allergyintolerance-verification", "confirmed", "unconfirmed", "refuted", "entered-in-error"),
        "type": st.sampled_from(["allergy", "intolerance"]),
        "category": st.sampled_from([["food"], ["medication"], ["environment"]]),
        "criticality": st.sampled_from(["low", "high", "unable-to-assess"]),
        "recordedDate": MOMENTS,
        "onsetDateTime": MOMENTS,
        "reaction": st.lists(
            _optional({"manifestation": st.lists(CONCEPTS, min_size=1, max_size=2)}, {"severity": st.sampled_from(["mild", "moderate", "severe"]), "onset": MOMENTS}), max_size=2
        ),
    },
)
_NUMBERS = st.one_of(st.integers(0, 1000), st.decimals("0.001", "1000", places=3))
_DOSAGES = _optional(
    {},
    {
        "text": TEXTS,
        "route": CONCEPTS,
        "doseAndRate": st.lists(
            st.fixed_dictionaries({"doseQuantity": _optional({"value": _NUMBERS}, {"unit": st.sampled_from(["mg", "tablet", "one tablet"])})}), min_size=1, max_size=1
        ),
        "timing": st.fixed_dictionaries(
            {"repeat": _optional({"frequency": st.integers(1, 4), "period": st.integers(1, 3), "periodUnit": st.sampled_from(["h", "d", "wk"])}, {"boundsPeriod": PERIODS})}
        ),
    },
)
_STATUSES = ("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown")
MEDICATIONS = _optional(
    {
        "resourceType": st.just("MedicationRequest"),
        "medicationCodeableConcept": CONCEPTS,
        "status": st.sampled_from(_STATUSES),
        "intent": st.sampled_from(["plan", "order"]),
    },
    {"dosageInstruction": st.lists(_DOSAGES, min_size=1, max_size=2), "authoredOn": MOMENTS, "note": NOTES},
)
SCORES = _optional(
    {"resourceType": st.just("Observation"), "status": st.just("final"), "code": CONCEPTS},
    {
        "valueQuantity": _optional({"value": _NUMBERS}, {"unit": st.sampled_from(["{score}", "mg", "a b"])}),
        "valueCodeableConcept": CONCEPTS,
        "effectiveDateTime": MOMENTS,
        "interpretation": st.lists(CONCEPTS, max_size=2),
    },
)
PLANS = _optional({"resourceType": st.just("CarePlan"), "status": st.just("active"), "title": TEXTS}, {"period": PERIODS, "note": NOTES, "description": TEXTS, "created": MOMENTS})
GOALS = _optional(
    {"resourceType": st.just("Goal"), "description": CONCEPTS, "lifecycleStatus": st.sampled_from(["active", "completed"])}, {"startDate": DAYS, "achievementStatus": CONCEPTS}
)
REFERRALS = _optional(
    {"resourceType": st.just("ServiceRequest"), "status": st.just("active"), "intent": st.just("order"), "code": CONCEPTS},
    {"reasonCode": st.lists(CONCEPTS, max_size=2), "note": NOTES, "authoredOn": MOMENTS, "priority": st.sampled_from(["routine", "urgent", "stat"])},
)
CLIENTS = _optional(
    {"resourceType": st.just("Patient")},
    {
        "name": st.lists(_optional({}, {"family": LINES, "given": st.lists(LINES, max_size=2), "text": LINES}), max_size=2),
        "birthDate": DAYS,
        "gender": st.sampled_from(["female", "male", "other", "unknown"]),
        "address": st.lists(_optional({}, {"line": st.lists(LINES, max_size=5), "city": LINES}), max_size=2),
        "identifier": st.lists(_optional({"value": LINES}, {"system": st.sampled_from(["urn:oid:1.2", "urn:handoff:a:client", "https://a.example/x"])}), max_size=2),
    },
)


@st.composite
def packages(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Any package: at most one referral and client, up to three of everything else, each with an id of its own."""
    single = [each for strategy in (CLIENTS, REFERRALS) for each in draw(st.lists(strategy, max_size=1))]
    several = [each for strategy in (CONDITIONS, ALLERGIES, MEDICATIONS, SCORES, PLANS, GOALS) for each in draw(st.lists(strategy, max_size=3))]
    return [each | {"id": f"r{number}" if number % 2 else f"00000000-0000-4000-8000-{number:012}"} for number, each in enumerate((*single, *several))]
