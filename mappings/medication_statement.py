"""Medication note -> MedicationStatement, where the client says that it is taken (https://hl7.org/fhir/R4/medicationstatement.html)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import MedicationNote
from mappings import codes
from mappings.element import day, days, meta
from mappings.identity import Site


def of_medication_note(medication: MedicationNote, site: Site) -> list[dict[str, Any]]:
    """None where nobody asked, or where the client says no: the request carries that as a note."""
    if not medication.taken:
        return []
    return [
        {
            "resourceType": "MedicationStatement",
            "id": site.id("medication_note", medication.id, "statement"),
            "meta": meta(sensitivity=medication.sensitivity),
            "identifier": [site.identifier("medication_note", medication.id)],
            "basedOn": [site.reference("MedicationRequest", "medication_note", medication.id)],
            "status": medication.status,
            "medicationCodeableConcept": codes.written((medication.code,) if medication.code else (), medication.title),
            "subject": site.reference("Patient", "client", medication.client),
            "effectivePeriod": days(medication.start, medication.end),
            "dateAsserted": day(medication.noted_on),
            "informationSource": site.reference("Patient", "client", medication.client),
            "dosage": [{"text": medication.instructions}],
        }
    ]
