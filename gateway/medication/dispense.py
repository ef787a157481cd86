"""A pharmacy's MedicationDispense comes in: that a medication was handed out, or was not."""

from __future__ import annotations

from itertools import chain
from typing import Any

from gateway.context import Context
from gateway.fhir.medication import Drug, dose_of, dose_texts, drug_of
from gateway.fhir.search_value import elements
from gateway.incoming.ground import keep
from gateway.medication.change import line, reason_of, sentence
from gateway.medication.heard import heard
from gateway.medication.reconcile import known_of
from gateway.medication.unheld import unheld_of
from gateway.record.types import MedicationChange
from gateway.store import record as records
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from mappings.from_fhir import reading

_ON_ITS_WAY = ("preparation", "in-progress", "on-hold", "unknown")
"""Statuses by which nothing has happened yet (https://hl7.org/fhir/R4/valueset-medicationdispense-status.html)."""
_NOT_HANDED_OUT = {"cancelled": "unchanged", "declined": "unchanged", "stopped": "unchanged"}
"""A supply that did not come is no word of the prescriber: the medication itself stays as it was."""
_NOT_HANDED_OUT_FORM = "A supply of {drug} was not handed out."


def receive_dispense(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """Handed out: `refilled` where the drug was known, `started` where it is first heard of; not handed out: `unchanged`, and told."""
    status, practice = resource.get("status", ""), context.principal.practice
    record_id = f"{stored.type}-{stored.id}-{stored.version}"
    if stored.patient is None or status in _ON_ITS_WAY or records.exists(connection, practice, MedicationChange.kind, record_id):
        return
    drug = drug_of(resource)
    before = known_of(connection, practice, stored.patient, drug, (stored.type, stored.id))
    heard_of = before is not None or "authorizingPrescription" in resource
    change: Any = "entered-in-error" if status == "entered-in-error" else _NOT_HANDED_OUT.get(status, "refilled" if heard_of else "started")
    told = {"patient": stored.patient, "change": change}
    keep(context, connection, _record(context, connection, stored, resource, drug, change, record_id), topic="medication-changed", told=told)


def _record(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any], drug: Drug, change: Any, record_id: str) -> MedicationChange:
    handed_out = resource.get("status") == "completed"
    new = ", ".join(part for part in (_supply(resource), dose_texts(None, dose_of(resource))[1] if "dosageInstruction" in resource else "") if part) or "amount not stated"
    record = MedicationChange(
        **heard(context, connection, stored, drug, next(elements(resource, "performer.actor"), {})),
        id=record_id,
        change=change,
        reason=reason_of(resource),
        new_dose=line(new) if handed_out else None,
        instructions=reading.line("; ".join(map(str, elements(resource, "dosageInstruction.text")))),
        effective=resource.get("whenHandedOver"),
        note=reading.joined(chain(elements(resource, "note.text"), elements(resource, "dosageInstruction.patientInstruction"))),
        sentence=sentence(change, drug, None, line(new), form=_NOT_HANDED_OUT_FORM if change == "unchanged" else ""),
    )
    return record.model_copy(update={"unheld": unheld_of(record, resource, *(_SUPPLY if handed_out else ()))})


_SUPPLY = ("quantity.value", "quantity.unit", "daysSupply.value", "daysSupply.unit", "daysSupply.code", "daysSupply.system")


def _supply(resource: dict[str, Any]) -> str:
    """`30 tablets for 30 days`, as far as it is said."""
    amount, days = resource.get("quantity", {}), resource.get("daysSupply", {})
    much = f"{amount['value']} {amount.get('unit', '')}".strip() if "value" in amount else ""
    return " ".join(part for part in (much, f"for {days['value']} days" if "value" in days else "") if part)
