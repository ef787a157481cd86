"""MedicationDispense -> dispense."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from gateway.record.types import Dispense
from mappings.codes import THO
from mappings.from_fhir import reading
from mappings.from_fhir.reading import Read
from mappings.from_fhir.unheld import Resolve

_STATUS = ("in-progress", "on-hold", "completed", "cancelled", "stopped", "declined", "entered-in-error")
_REFILL = {"RF": True, "RFC": True, "RFP": True, "RFF": True, "RFS": True, "FF": False, "FFC": False, "FFP": False, "FFS": False}
"""https://terminology.hl7.org/CodeSystem-v3-ActCode.html, ActPharmacySupplyType: refills and first fills."""


def read(record_id: str, resource: dict[str, Any], _: Sequence[dict[str, Any]], resolve: Resolve) -> Read | None:
    client = resolve(str(reading.first(resource, "subject.reference")), "client")
    concept = reading.drug_of(resource)
    title, handed_over_on = reading.title_of(concept), reading.day(resource.get("whenHandedOver"))
    if client is None or title is None:
        return None
    status: Any = reading.one_of(_STATUS, resource.get("status")) or "unknown"
    return Read(
        Dispense(
            id=record_id,
            client=client,
            medication=resolve(str(reading.first(resource, "authorizingPrescription.reference")), "medication_note"),
            title=title,
            code=next(iter(reading.codes_of(concept)), None),
            status="unknown" if status == "completed" and handed_over_on is None else status,
            handed_over_on=handed_over_on,
            quantity=_quantity(reading.first(resource, "quantity.value")),
            unit=reading.line(reading.first(resource, "quantity.unit")),
            days_supply=_days(resource.get("daysSupply", {})),
            instructions=reading.line(reading.joined(reading.every(resource, "dosageInstruction.text"))),
            refill=next((_REFILL[code] for code in reading.coded(resource, "type", THO + "v3-ActCode") if code in _REFILL), None),
            pharmacy=reading.line(reading.first(resource, "performer.actor.display")),
            note=reading.joined(reading.every(resource, "note.text")),
            sensitivity=reading.sensitivity(resource),
        ),
        reading.folded("MedicationDispense", "dosageInstruction.text", "note.text", *reading.DRUG),
    )


def _quantity(value: Any) -> Decimal | None:
    """An amount that a record may hold; any other is named as not held."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    amount = Decimal(str(value))
    return amount if 0 < amount < 1_000_000_000 and amount == amount.quantize(Decimal("0.001")) else None


def _days(quantity: dict[str, Any]) -> int | None:
    amount = _quantity(quantity.get("value"))
    whole = amount is not None and amount == int(amount) and amount <= 400
    return int(amount) if whole and amount is not None and (quantity.get("code") or quantity.get("unit")) in ("d", "day", "days") else None
