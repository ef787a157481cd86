"""MedicationRequest, with the MedicationStatement based on it -> medication note.

Whatever its intent was, as a record of the practice it is a note of what someone else prescribed: an order never comes back as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.record.types import MedicationNote
from mappings.from_fhir import reading
from mappings.from_fhir.reading import Read
from mappings.from_fhir.unheld import Resolve
from mappings.medication_request import NOT_TAKEN

STATUS = ("active", "completed", "stopped", "on-hold", "unknown")
_ENDED = {"cancelled": "stopped"}
_TAKEN = ("active", "completed", "stopped", "on-hold", "unknown")
"""MedicationStatement.status by which the client takes it, or took it (https://hl7.org/fhir/R4/valueset-medication-statement-status.html)."""


def beside(resource: dict[str, Any], related: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The statements based on this request."""
    own = f"MedicationRequest/{resource['id']}"
    return [one for one in related if one["resourceType"] == "MedicationStatement" and own in reading.every(one, "basedOn.reference")]


def read(record_id: str, resource: dict[str, Any], statements: Sequence[dict[str, Any]], resolve: Resolve) -> Read | None:
    client = resolve(str(reading.first(resource, "subject.reference")), "client")
    concept = reading.drug_of(resource)
    title = reading.title_of(concept)
    if client is None or title is None:
        return None
    notes = [one for one in resource.get("note", ()) if not _says_not_taken(one)]
    status = resource.get("status")
    return Read(
        MedicationNote(
            id=record_id,
            client=client,
            title=title,
            code=next(iter(reading.codes_of(concept)), None),
            status=reading.one_of(STATUS, _ENDED.get(str(status), status)) or "unknown",
            taken=_taken(resource, statements),
            instructions=reading.line(reading.joined(reading.every(resource, "dosageInstruction.text"))),
            start=reading.day(reading.first(resource, "dosageInstruction.timing.repeat.boundsPeriod.start")),
            end=reading.day(reading.first(resource, "dosageInstruction.timing.repeat.boundsPeriod.end")),
            prescriber=resolve(str(reading.first(resource, "requester.reference")), "partner"),
            noted_on=reading.day(resource.get("authoredOn")),
            noted_by=resolve(str(reading.first(resource, "recorder.reference")), "clinician"),
            note=reading.joined(one.get("text") for one in notes),
            sensitivity=reading.sensitivity(resource),
        ),
        reading.folded("MedicationRequest", "dosageInstruction.text", "note.text", *reading.DRUG),
    )


def _says_not_taken(annotation: dict[str, Any]) -> bool:
    return annotation.get("text") == NOT_TAKEN and "authorReference" in annotation


def _taken(resource: dict[str, Any], statements: Sequence[dict[str, Any]]) -> bool | None:
    if any(one.get("status") in _TAKEN for one in statements):
        return True
    return False if any(_says_not_taken(one) for one in resource.get("note", ())) or any(one.get("status") == "not-taken" for one in statements) else None
