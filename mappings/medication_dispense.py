"""Dispense -> MedicationDispense (US Core): a medication handed out, as a pharmacy or a prescriber reports it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.record.types import Dispense
from mappings import codes
from mappings.element import day, meta, note
from mappings.identity import Site

_UCUM = "http://unitsofmeasure.org"
FILL = {True: "RF", False: "FF"}
"""Whether it is a refill, in http://terminology.hl7.org/CodeSystem/v3-ActCode (ActPharmacySupplyType)."""


def of_dispense(dispense: Dispense, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "MedicationDispense",
            "id": site.id("dispense", dispense.id),
            "meta": meta("medicationdispense", sensitivity=dispense.sensitivity),
            "identifier": [site.identifier("dispense", dispense.id)],
            "status": dispense.status,
            "medicationCodeableConcept": codes.written((dispense.code,) if dispense.code else (), dispense.title),
            "subject": site.reference("Patient", "client", dispense.client),
            "performer": [{"actor": {"display": dispense.pharmacy}}],
            "authorizingPrescription": [dispense.medication and site.reference("MedicationRequest", "medication_note", dispense.medication)],
            "type": None if dispense.refill is None else codes.hl7("v3-ActCode", FILL[dispense.refill]),
            "quantity": {"value": None if dispense.quantity is None else _number(dispense.quantity), "unit": dispense.unit},
            "daysSupply": dispense.days_supply and {"value": dispense.days_supply, "unit": "d", "system": _UCUM, "code": "d"},
            "whenHandedOver": day(dispense.handed_over_on),
            "note": [note(dispense.note)],
            "dosageInstruction": [{"text": dispense.instructions}],
        }
    ]


def _number(value: Decimal) -> int | float:
    """At most 12 digits, 3 of them decimals: a float says each of them exactly."""
    return int(value) if value == value.to_integral_value() else float(value)
