"""When a resource happened: the date that its type is sorted by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.fhir.search_parameter import PARAMETERS
from gateway.fhir.search_value import elements

_CLINICAL_DATE: dict[str, tuple[str, ...]] = {
    "Condition": ("onset[x]", "recordedDate"),
    "CarePlan": ("period", "created"),
    "Goal": ("start[x]",),
    "CareTeam": ("period",),
    "ServiceRequest": ("authoredOn", "occurrence[x]"),
    "Task": ("authoredOn",),
    "Observation": ("effective[x]",),
    "QuestionnaireResponse": ("authored",),
    "MedicationRequest": ("authoredOn", "dosageInstruction.timing.repeat.boundsPeriod"),
    "MedicationStatement": ("effective[x]", "dateAsserted"),
    "MedicationDispense": ("whenHandedOver",),
    "List": ("date",),
    "AllergyIntolerance": ("recordedDate",),
    "Encounter": ("period",),
    "DocumentReference": ("date",),
    "Procedure": ("performed[x]",),
    "ClinicalImpression": ("date",),
    "Flag": ("period",),
    "FamilyMemberHistory": ("date",),
    "Coverage": ("period",),
    "PlanDefinition": ("date",),
    "Consent": ("dateTime",),
    "Communication": ("sent", "received"),
    "Provenance": ("recorded",),
    "Patient": ("birthDate",),
    "CodeSystem": ("date",),
    "ValueSet": ("date",),
    "ConceptMap": ("date",),
}
"""The date that a type is sorted by, first found first."""

SORTED_BY: dict[str, tuple[str, ...]] = {
    resource_type: tuple(name for name, parameter in parameters.items() if parameter.kind == "date" and parameter.paths[0] in _CLINICAL_DATE.get(resource_type, ())[:1])
    for resource_type, parameters in PARAMETERS.items()
}
"""The date parameters by which `_sort` may order each type."""


def clinical_dates(resource: dict[str, Any]) -> Iterator[Any]:
    for path in _CLINICAL_DATE.get(resource["resourceType"], ()):
        yield from elements(resource, path)
