"""What a release of information names: each resource falls under one category, and a release opens categories."""

from __future__ import annotations

from typing import Any, get_args

from gateway.record.types import Category

BITS: dict[str, int] = {name: 1 << position for position, name in enumerate(get_args(Category))}
"""One bit for each category, in the order of the record type; only ever appended to."""
DIRECTORY = 1 << 40
"""The practice's own staff and places: open to whoever a release or a referral opened anything to."""

_BY_TYPE = {
    "Patient": "demographics",
    "RelatedPerson": "demographics",
    "Encounter": "attendance",
    "Condition": "diagnoses",
    "MedicationRequest": "medications",
    "MedicationStatement": "medications",
    "MedicationDispense": "medications",
    "List": "medications",
    "AllergyIntolerance": "allergies",
    "Observation": "assessments",
    "QuestionnaireResponse": "assessments",
    "CarePlan": "treatment_plan",
    "Goal": "treatment_plan",
    "CareTeam": "treatment_plan",
    "DocumentReference": "progress_notes",
    "ServiceRequest": "referrals",
    "Task": "referrals",
}
_DIRECTORY_TYPES = ("Practitioner", "PractitionerRole", "Organization", "Endpoint")
_SAFETY_PLAN = ("http://snomed.info/sct", "735324008")


def category_of(resource: dict[str, Any]) -> int:
    """The category bit of a resource; 0 for what no release opens (Consent, Communication, Provenance by its targets)."""
    resource_type = resource["resourceType"]
    if resource_type in _DIRECTORY_TYPES:
        return DIRECTORY
    if resource_type == "CarePlan" and _is_safety_plan(resource):
        return BITS["safety_plan"]
    if resource_type == "ServiceRequest" and resource.get("intent") == "plan":
        return BITS["treatment_plan"]
    name = _BY_TYPE.get(resource_type)
    return BITS[name] if name else 0


def mask(categories: tuple[str, ...]) -> int:
    """The bits of the categories a release names; `sud_records` opens no category of its own, it clears labels."""
    return sum(BITS[name] for name in set(categories) if name != "sud_records")


def _is_safety_plan(resource: dict[str, Any]) -> bool:
    codings = [coding for concept in resource.get("category", ()) for coding in concept.get("coding", ())]
    return any((coding.get("system"), coding.get("code")) == _SAFETY_PLAN for coding in codings)
