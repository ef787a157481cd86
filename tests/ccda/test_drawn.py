"""Whatever goes with a referral: the document is whole, tells one thing, and is read back as it was."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from lxml import etree

from gateway.fhir.json import render
from gateway.fhir.validation import faults
from mappings.ccda import care_plan, read, referral_note
from mappings.ccda.reading import names_nothing
from tests.ccda.agreement import disagreements
from tests.ccda.corpus import CLIENT, CREATED, ID
from tests.ccda.drawn import packages

Resource = dict[str, Any]
_NONE_KNOWN = {"716186003", "409137002", "429625007"}
_MEDICATION_STATUS = {"cancelled": "stopped"}
"""CDA has one word for what was stopped and what was never begun."""


@given(packages())
def test_every_document_is_well_formed_and_its_narrative_and_entries_agree(drawn: list[Resource]) -> None:
    for made in (referral_note, care_plan):
        document = made(drawn, document_id=ID, created=CREATED, notice="Notice")

        assert disagreements(etree.ElementTree(etree.fromstring(document))) == []


@given(packages())
def test_a_referral_note_is_read_back_with_the_same_problems(drawn: list[Resource]) -> None:
    sent = [one for one in _sent(drawn, "Condition") if _is_plain(one)]
    found = [one for one in _received(drawn, "Condition") if _is_plain(one)]

    assert [_problem(one) for one in found] == [_problem({"clinicalStatus": {"coding": [{"code": "active"}]}} | one) for one in sent]


@given(packages())
def test_a_referral_note_is_read_back_with_the_same_allergies(drawn: list[Resource]) -> None:
    sent = [one for one in _sent(drawn, "AllergyIntolerance") if _is_plain(one)]
    found = [one for one in _received(drawn, "AllergyIntolerance") if not _NONE_KNOWN & {*_codes(one, "code")}]

    assert [_allergy(one) for one in found] == [_allergy(one) for one in sent]


@given(packages())
def test_a_referral_note_is_read_back_with_the_same_medications(drawn: list[Resource]) -> None:
    sent = [one for one in _sent(drawn, "MedicationRequest") if one["status"] != "draft"]
    found = _received(drawn, "MedicationRequest", "MedicationStatement")

    assert len(found) == len(sent)
    for there, back in zip(sent, found, strict=True):
        assert _said(back["medicationCodeableConcept"]) == _said(there["medicationCodeableConcept"])
        assert back["status"] == _MEDICATION_STATUS.get(there["status"], there["status"])
        assert (back["resourceType"] == "MedicationRequest") == (there["intent"] == "order")
        told = all("text" in one for one in there.get("dosageInstruction", [])) or len(there["dosageInstruction"]) == 1
        assert not told or _dose(back)[: len(_dose(there))] == _dose(there)


@given(packages())
def test_what_is_read_is_valid_and_can_be_sent_on(drawn: list[Resource]) -> None:
    for one in read(referral_note(drawn, document_id=ID, created=CREATED)).about(CLIENT):
        assert faults(one) == []
        assert render(one)


def _sent(drawn: list[Resource], resource_type: str) -> list[Resource]:
    return [one for one in drawn if one["resourceType"] == resource_type and "entered-in-error" not in (one.get("status"), *_codes(one, "verificationStatus"))]


def _received(drawn: list[Resource], *resource_types: str) -> list[Resource]:
    return [one for one in read(referral_note(drawn, document_id=ID, created=CREATED)).resources if one["resourceType"] in resource_types]


def _codes(resource: Resource, element: str) -> list[str]:
    return [coding["code"] for coding in resource.get(element, {}).get("coding", [])]


def _said(concept: Resource) -> tuple[set[tuple[str, str]], str | None]:
    """Codes, and words with their spaces as a narrative has them."""
    return {(coding["system"], coding["code"]) for coding in concept.get("coding", [])}, _words(concept.get("text"))


def _words(text: str | None) -> str | None:
    return "\n".join(line for each in (text or "").splitlines() if (line := " ".join(each.split()))) or None


def _reactions(allergy: Resource) -> list[Any]:
    return [(_said(each), reaction.get("severity")) for reaction in allergy.get("reaction", []) for each in reaction["manifestation"]]


def _is_plain(resource: Resource) -> bool:
    """Not one that is denied in words such as "none known": CDA reads that as nothing of the kind being known."""
    return "coding" in resource["code"] or "refuted" not in _codes(resource, "verificationStatus") or not names_nothing(resource["code"])


def _problem(condition: Resource) -> tuple[Any, ...]:
    over = "abatementDateTime" in condition and _codes(condition, "clinicalStatus")[0] in ("inactive", "remission", "resolved")
    return _said(condition["code"]), _codes(condition, "clinicalStatus"), "refuted" in _codes(condition, "verificationStatus"), over


def _allergy(allergy: Resource) -> tuple[Any, ...]:
    return (
        _said(allergy["code"]),
        _codes(allergy, "clinicalStatus"),
        allergy.get("type"),
        allergy.get("criticality"),
        "refuted" in _codes(allergy, "verificationStatus"),
        _reactions(allergy),
    )


def _dose(medication: Resource) -> tuple[Any, ...]:
    """The words and the dose; of several instructions, whose numbers CDA cannot keep apart, the words."""
    instructions = medication.get("dosageInstruction", medication.get("dosage", []))
    words = _words("\n".join(one.get("text", "") for one in instructions))
    quantity = next((one["doseQuantity"] for each in instructions for one in each.get("doseAndRate", [])), {})
    return (words,) if len(instructions) > 1 else (words, quantity.get("value"), quantity.get("unit"))


def test_a_dose_and_its_rhythm_come_back() -> None:
    dosage = {"text": "One", "doseAndRate": [{"doseQuantity": {"value": Decimal("12.5"), "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}]}
    sent = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Sertraline"}}
    timing = {"repeat": {"boundsPeriod": {"start": "2025-01-10"}, "frequency": 2, "period": 1, "periodUnit": "d"}}
    (found,) = _received([sent | {"dosageInstruction": [dosage | {"timing": timing}]}], "MedicationRequest")

    assert found["dosageInstruction"] == [dosage | {"timing": {"repeat": {"boundsPeriod": {"start": "2025-01-10"}, "frequency": 1, "period": 12, "periodUnit": "h"}}}]
