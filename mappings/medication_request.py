"""Medication note -> MedicationRequest, reported and never an order (US Core), and MedicationStatement where it is taken.

A therapist does not prescribe: `intent` is always `plan` and `reportedBoolean` always true.
"""

from __future__ import annotations

from typing import Any

from gateway.record.types import MedicationNote
from mappings import codes, medication_statement
from mappings.element import day, days, meta, note
from mappings.identity import Site


def of_medication_note(medication: MedicationNote, site: Site) -> list[dict[str, Any]]:
    request = {
        "resourceType": "MedicationRequest",
        "id": site.id("medication_note", medication.id),
        "meta": meta("medicationrequest", sensitivity=medication.sensitivity),
        "identifier": [site.identifier("medication_note", medication.id)],
        "status": medication.status,
        "intent": "plan",
        "category": [codes.hl7("medicationrequest-category", "community")],
        "reportedBoolean": True,
        "medicationCodeableConcept": codes.written((medication.code,) if medication.code else (), medication.title),
        "subject": site.reference("Patient", "client", medication.client),
        "authoredOn": day(medication.noted_on),
        "requester": medication.prescriber and site.reference("PractitionerRole", "partner", medication.prescriber, "role"),
        "recorder": medication.noted_by and site.reference("Practitioner", "clinician", medication.noted_by),
        "note": [note(medication.note), _not_taken(medication, site)],
        "dosageInstruction": [
            {
                "text": medication.instructions,
                "timing": {"repeat": {"boundsPeriod": days(medication.start, medication.end)}},
            }
        ],
    }
    return [request, *medication_statement.of_medication_note(medication, site)]


NOT_TAKEN = "The client says it is not being taken."


def _not_taken(medication: MedicationNote, site: Site) -> dict[str, Any] | None:
    return {"authorReference": site.reference("Patient", "client", medication.client), "text": NOT_TAKEN} if medication.taken is False else None
