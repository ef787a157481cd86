"""What a release of information names: each resource falls under one category, and a release opens categories."""

from __future__ import annotations

from typing import Any, get_args

from gateway.record.types import Category

BITS: dict[str, int] = {name: 1 << position for position, name in enumerate(get_args(Category))}
"""One bit for each category, in the order of the record type; only ever appended to."""
DIRECTORY = 1 << 40
"""The practice's own staff and places: open to whoever a release or a referral opened anything to."""
CATALOGUE = 1 << 41
"""What belongs to nobody and says nothing of anyone, terminology say: open to every reader of the practice."""
CATALOGUE_TYPES = ("CodeSystem", "ConceptMap", "ValueSet")
"""The types that are catalogue; over FHIR they are read, never written."""

_BY_TYPE = {
    "Patient": "demographics",
    "RelatedPerson": "demographics",
    "Coverage": "coverage",
    "Encounter": "attendance",
    "Condition": "diagnoses",
    "MedicationRequest": "medications",
    "MedicationStatement": "medications",
    "MedicationDispense": "medications",
    "List": "medications",
    "AllergyIntolerance": "allergies",
    "Observation": "assessments",
    "QuestionnaireResponse": "assessments",
    "Flag": "assessments",
    "FamilyMemberHistory": "assessments",
    "CarePlan": "treatment_plan",
    "Goal": "treatment_plan",
    "CareTeam": "treatment_plan",
    "DocumentReference": "progress_notes",
    "Procedure": "progress_notes",
    "ClinicalImpression": "progress_notes",
    "ServiceRequest": "referrals",
    "Task": "referrals",
}
_DIRECTORY_TYPES = ("Practitioner", "PractitionerRole", "Organization", "Endpoint", "PlanDefinition")
_BY_CODE: dict[str, dict[tuple[str, str], str]] = {
    "CarePlan": {("http://snomed.info/sct", "735324008"): "safety_plan"},
    "Observation": {
        ("urn:handoff:report", "side-effect"): "medications",
        ("http://loinc.org", "95541-9"): "treatment_plan",
        ("http://loinc.org", "75773-2"): "treatment_plan",
    },
}
"""Resources whose category or code says more than their type: a safety plan, a side effect, a preference."""


def category_of(resource: dict[str, Any]) -> int:
    """The category bit of a resource; 0 for what no release opens (Consent, Communication, Provenance by its targets)."""
    resource_type = resource["resourceType"]
    if resource_type in _DIRECTORY_TYPES:
        return DIRECTORY
    if resource_type in CATALOGUE_TYPES:
        return CATALOGUE
    if resource_type in ("ServiceRequest", "Task") and resource.get("intent") == "plan":
        return BITS["treatment_plan"]
    told = _first(resource) if resource_type in _BY_CODE else None
    name = _BY_CODE[resource_type][told] if told else _BY_TYPE.get(resource_type)
    return BITS[name] if name else 0


def mask(categories: tuple[str, ...]) -> int:
    """The bits of the categories a release names; `sud_records` opens no category of its own, it clears labels."""
    return sum(BITS[name] for name in set(categories) if name != "sud_records")


def _first(resource: dict[str, Any]) -> tuple[str, str] | None:
    """The first code of the resource, of its categories or its own, that _BY_CODE knows."""
    known = _BY_CODE[resource["resourceType"]]
    concepts = [*resource.get("category", ()), resource.get("code", {})]
    places = ((coding.get("system", ""), coding.get("code", "")) for concept in concepts for coding in concept.get("coding", ()))
    return next((place for place in places if place in known), None)
