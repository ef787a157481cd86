"""Allergy -> AllergyIntolerance (US Core)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Allergy
from mappings import codes
from mappings.element import day, meta, said
from mappings.identity import Site

_VERIFICATION = {"unconfirmed": "unconfirmed", "presumed": "unconfirmed", "confirmed": "confirmed", "refuted": "refuted", "entered-in-error": "entered-in-error"}
"""R4 does not know `presumed`, which later versions do (https://hl7.org/fhir/R4/valueset-allergyintolerance-verification.html)."""


def of_allergy(allergy: Allergy, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "AllergyIntolerance",
            "id": site.id("allergy", allergy.id),
            "meta": meta("allergyintolerance"),
            "identifier": [site.identifier("allergy", allergy.id)],
            "clinicalStatus": _clinical_status(allergy),
            "verificationStatus": codes.hl7("allergyintolerance-verification", _VERIFICATION[allergy.verification]) | _in_words(allergy.verification),
            "code": codes.written((allergy.code,) if allergy.code else (), allergy.title),
            "patient": site.reference("Patient", "client", allergy.client),
            "recordedDate": day(allergy.recorded_on),
            "recorder": allergy.recorder and site.reference("Practitioner", "clinician", allergy.recorder),
            "reaction": [_reaction(allergy)],
        }
    ]


def _in_words(verification: str) -> dict[str, Any]:
    """The word of the record, where its code says less."""
    return {} if _VERIFICATION[verification] == verification else {"text": verification.capitalize()}


def _clinical_status(allergy: Allergy) -> dict[str, Any] | None:
    """Absent for what was entered in error (https://hl7.org/fhir/R4/allergyintolerance.html, ait-2)."""
    return None if allergy.verification == "entered-in-error" else codes.hl7("allergyintolerance-clinical", allergy.status)


def _reaction(allergy: Allergy) -> dict[str, Any] | None:
    """A reaction needs a manifestation; a severity alone gets one that says so."""
    if not (allergy.reaction or allergy.severity):
        return None
    manifestation = said(allergy.reaction) or codes.hl7("data-absent-reason", "unknown") | {"text": "Not described"}
    return {"manifestation": [manifestation], "severity": allergy.severity}
