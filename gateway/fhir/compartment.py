"""Whose resource it is: the patient that a resource belongs to (https://hl7.org/fhir/R4/compartmentdefinition-patient.html)."""

from __future__ import annotations

from typing import Any

from gateway.fhir.search_parameter import PARAMETERS
from gateway.fhir.search_value import elements

_OWN = {resource_type: parameters["patient"].paths[0] for resource_type, parameters in PARAMETERS.items() if "patient" in parameters and resource_type != "Provenance"}


def patient_of(resource: dict[str, Any]) -> str | None:
    """The logical id of the patient, or None for a resource of no one patient."""
    resource_type = resource["resourceType"]
    if resource_type == "Patient":
        return str(resource["id"])
    for reference in elements(resource, _OWN[resource_type]) if resource_type in _OWN else ():
        target = reference.get("reference", "") if isinstance(reference, dict) else ""
        if target.startswith("Patient/"):
            return str(target.split("/")[1])
    return None


def patient_expression(resource_type: str) -> str:
    """The FHIRPath of the element that names the patient; empty for types that have none."""
    return f"{resource_type}.{_OWN[resource_type]}" if resource_type in _OWN else ""


def speaks_of_someone(resource: dict[str, Any]) -> bool:
    """Whether the element that names the patient is there, be it a reference elsewhere, an identifier or a name alone."""
    resource_type = resource["resourceType"]
    return resource_type in _OWN and any(True for _ in elements(resource, _OWN[resource_type]))
