"""What of a medication resource a change does not hold: by the places whose words it shows, and those that decided what it says."""

from __future__ import annotations

from typing import Any

from gateway.medication.change import REASONS
from gateway.record.types import MedicationChange
from mappings.from_fhir import left_out, shown_in

_CONCEPT = ("text", "coding.system", "coding.code", "coding.display")
_REASON = ("text", "coding.display")
_SHOWN = frozenset(
    [f"medicationCodeableConcept.{place}" for place in _CONCEPT]
    + [f"contained.code.{place}" for place in _CONCEPT]
    + [f"{element}.{place}" for element in ("reasonCode", "statusReason", "statusReasonCodeableConcept") for place in _REASON]
    + [f"{element}.{place}" for element in ("dosageInstruction", "dosage") for place in ("text", "patientInstruction")]
    + [
        "medicationReference.display",
        "subject.reference",
        "authoredOn",
        "effectiveDateTime",
        "effectivePeriod.start",
        "whenHandedOver",
        "requester.display",
        "informationSource.display",
    ]
    + ["performer.actor.display", "note.text", "date", "source.display", "entry.item.display", "entry.flag.text", "entry.flag.coding.display"]
)
_READ = frozenset(["status", "intent", "doNotPerform", "mode", "entry.deleted", "entry.item.reference"])
_DOSE = tuple(
    [f"timing.repeat.{place}" for place in ("frequency", "period", "periodUnit")]
    + ["timing.code.coding.code", "timing.code.coding.system"]
    + [f"doseAndRate.doseQuantity.{place}" for place in ("value", "unit", "code", "system")]
)
"""What a dose is read from, where there is one instruction."""
_REASON_CODES = ("statusReason.coding.code", "statusReasonCodeableConcept.coding.code", "reasonCode.coding.code")


def unheld_of(record: MedicationChange, resource: dict[str, Any], *read: str) -> tuple[str, ...]:
    """The FHIRPaths of what only the resource holds; `read`: further places that decided what the record says."""
    kind = resource["resourceType"]
    shown = shown_in(record, {f"{kind}.{place}" for place in _SHOWN})
    decided = {f"{kind}.{place}" for place in (*_READ, *read, *_of_dose(resource))}
    reasons = {f"{kind}.{place}" for place in _REASON_CODES}

    def is_held(path: str, value: Any) -> bool:
        return path in decided or shown(path, value) or (path in reasons and REASONS.get(value, "\0") in (record.reason or ""))

    return left_out(resource, is_held)


def _of_dose(resource: dict[str, Any]) -> list[str]:
    return [f"{element}.{place}" for element in ("dosageInstruction", "dosage") if len(resource.get(element, ())) == 1 for place in _DOSE]
