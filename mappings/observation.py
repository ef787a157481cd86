"""Outcome measures and risk assessments -> Observations (US Core screening and assessment), led by their responses.

The shape is US Core's for PHQ-9: a panel without a value of its own, `hasMember` its items and scores, `derivedFrom` the
QuestionnaireResponse (https://hl7.org/fhir/us/core/screening-and-assessments.html). A score without answers stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.record.types import OutcomeMeasure, RiskAssessment
from gateway.record.types.instrument import DIFFICULTY, SCREENER, Item
from mappings import codes, questionnaire_response
from mappings.element import meta, moment, note, said
from mappings.identity import Site
from mappings.instruments import coded_answer, concept, interpretation, quantity


def of_outcome_measure(measure: OutcomeMeasure, site: Site) -> list[dict[str, Any]]:
    """The response where there are answers, the panel where there is more than the score, the scores, then each item that was answered."""
    response = questionnaire_response.of_outcome_measure(measure, site)
    members = [*of_score(measure, site), *_subscales(measure, site), *_items(measure, site)]
    if response is None and not measure.subscales:
        return members
    panel = observation(measure, site, "panel", concept(measure.form)) | {
        "hasMember": [{"reference": f"Observation/{member['id']}"} for member in members],
    }
    return [*([response] if response else []), panel, *members]


def of_score(measure: OutcomeMeasure, site: Site, sex: str | None = None) -> list[dict[str, Any]]:
    """The score where there is one. `sex`: the client's, for an instrument whose cut-off differs by it."""
    score = measure.score
    if score is None:
        return []
    return [
        observation(measure, site, "score", concept(measure.form, "score"))
        | {
            "valueQuantity": quantity(score),
            "interpretation": interpretation(measure.form, score, sex),
        }
    ]


def _subscales(measure: OutcomeMeasure, site: Site) -> Iterator[dict[str, Any]]:
    for name in measure.form.subscales:
        if name in measure.subscales:
            value = measure.form.rounded(measure.subscales[name])
            yield observation(measure, site, f"subscale:{name}", concept(measure.form, name)) | {"valueQuantity": quantity(value)}


def _items(measure: OutcomeMeasure, site: Site) -> Iterator[dict[str, Any]]:
    for name, item in measure.form.items.items():
        if (score := measure.answers.get(name)) is not None:
            yield observation(measure, site, f"item:{name}", concept(measure.form, name)) | _value(item, score)
    if measure.form.difficulty and measure.difficulty is not None and DIFFICULTY.code:
        yield observation(measure, site, "item:difficulty", codes.concept(codes.LOINC, DIFFICULTY.code, DIFFICULTY.label)) | _value(DIFFICULTY, measure.difficulty)


def _value(item: Item, score: int) -> dict[str, Any]:
    answer = item.answers[score]
    return {"valueCodeableConcept": {"coding": [coded_answer(answer, score)], "text": answer.label}} if answer.code else {"valueInteger": score}


def observation(measure: OutcomeMeasure, site: Site, part: str, code: dict[str, Any]) -> dict[str, Any]:
    """What panel, scores and items share; the client answered, so the client performed where no clinician is named."""
    leads = "panel" if measure.subscales else "score"
    answered = measure.difficulty is not None or any(answer is not None for answer in measure.answers.values())
    return {
        "resourceType": "Observation",
        "id": site.id("outcome_measure", measure.id, part),
        "meta": meta("observation-screening-assessment", sensitivity=measure.sensitivity),
        "identifier": [site.identifier("outcome_measure", measure.id)] if part == leads else [],
        "status": "final",
        "category": [codes.hl7("observation-category", "survey")],
        "code": code,
        "subject": site.reference("Patient", "client", measure.client),
        "encounter": measure.session and site.reference("Encounter", "session", measure.session),
        "effectiveDateTime": moment(measure.taken_at),
        "performer": [
            site.reference("Practitioner", "clinician", measure.clinician) if measure.clinician else site.reference("Patient", "client", measure.client),
        ],
        "derivedFrom": [site.reference("QuestionnaireResponse", "outcome_measure", measure.id)] if answered else [],
    }


def of_risk_assessment(risk: RiskAssessment, site: Site) -> list[dict[str, Any]]:
    """The screener's response where there is one, and the level in force as an Observation."""
    response = questionnaire_response.of_risk_assessment(risk, site)
    level = codes.translated("risk-level", risk.risk)
    found = {
        "resourceType": "Observation",
        "id": site.id("risk_assessment", risk.id, "risk"),
        "meta": meta("observation-screening-assessment", sensitivity=risk.sensitivity),
        "identifier": [site.identifier("risk_assessment", risk.id)],
        "status": "final",
        "category": [codes.hl7("observation-category", "survey")],
        "code": codes.concept(*SCREENER.coded("score"), "Suicide risk level"),
        "subject": site.reference("Patient", "client", risk.client),
        "encounter": risk.session and site.reference("Encounter", "session", risk.session),
        "effectiveDateTime": moment(risk.assessed_at),
        "performer": [risk.clinician and site.reference("Practitioner", "clinician", risk.clinician)],
        "valueCodeableConcept": {"coding": [level], "text": risk.risk.capitalize()} if level else said("No risk found"),
        "note": [note(risk.note)],
        "derivedFrom": [response and site.reference("QuestionnaireResponse", "risk_assessment", risk.id)],
    }
    return [response, found] if response else [found]
