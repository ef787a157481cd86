"""MedicationStatement by itself -> medication note: what the client takes, as someone states it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.record.types import MedicationNote
from mappings.from_fhir import reading
from mappings.from_fhir.medication_request import STATUS
from mappings.from_fhir.reading import Read
from mappings.from_fhir.unheld import Resolve


def read(record_id: str, resource: dict[str, Any], _: Sequence[dict[str, Any]], resolve: Resolve) -> Read | None:
    """An intended or mistaken statement says nothing of what is taken."""
    client = resolve(str(reading.first(resource, "subject.reference")), "client")
    concept = reading.drug_of(resource)
    title, status = reading.title_of(concept), resource.get("status")
    if client is None or title is None or status in ("intended", "entered-in-error"):
        return None
    return Read(
        MedicationNote(
            id=record_id,
            client=client,
            title=title,
            code=next(iter(reading.codes_of(concept)), None),
            status=reading.one_of(STATUS, status) or "unknown",
            taken=status != "not-taken",
            instructions=reading.line(reading.joined(reading.every(resource, "dosage.text"))),
            start=reading.day(reading.first(resource, "effectivePeriod.start")),
            end=reading.day(reading.first(resource, "effectivePeriod.end")),
            noted_on=reading.day(resource.get("dateAsserted")),
            note=reading.joined(reading.every(resource, "note.text")),
            sensitivity=reading.sensitivity(resource),
        ),
        reading.folded("MedicationStatement", "dosage.text", "note.text", *reading.DRUG),
    )
