"""Medications a client takes, as the practice knows them, and what others changed. Nothing here prescribes."""

from __future__ import annotations

from typing import ClassVar, Literal

from gateway.record.types.base import Code, Day, Line, Moment, Record, RecordId, Text
from gateway.record.types.care import Sensitivity


class MedicationNote(Record):
    """A medication prescribed elsewhere, as the client or the chart reports it (never an order)."""

    kind: ClassVar[str] = "medication_note"

    client: RecordId
    title: Line
    code: Code | None = None
    status: Literal["active", "completed", "stopped", "on-hold", "unknown"] = "active"
    taken: bool | None = None
    """Whether the client says it is being taken; None where nobody asked."""
    instructions: Line | None = None
    start: Day | None = None
    end: Day | None = None
    prescriber: RecordId | None = None
    """The partner who prescribed it."""
    noted_on: Day | None = None
    noted_by: RecordId | None = None
    note: Text | None = None
    sensitivity: Sensitivity = "normal"


class Allergy(Record):
    """An allergy or intolerance."""

    kind: ClassVar[str] = "allergy"

    client: RecordId
    title: Line
    code: Code | None = None
    status: Literal["active", "inactive", "resolved"] = "active"
    verification: Literal["unconfirmed", "presumed", "confirmed", "refuted", "entered-in-error"] = "unconfirmed"
    reaction: Line | None = None
    severity: Literal["mild", "moderate", "severe"] | None = None
    recorded_on: Day | None = None
    recorder: RecordId | None = None


class MedicationChange(Record):
    """What a prescriber changed, as it came in over FHIR: written by the gateway, read by the practice."""

    kind: ClassVar[str] = "medication_change"

    client: RecordId | None
    """None where the gateway's patient came by referral and has no record of the practice yet."""
    patient: Line
    """`Patient/{id}`."""
    change: Literal["started", "stopped", "dose-increased", "dose-decreased", "dose-changed", "schedule-changed", "held", "resumed", "unchanged", "entered-in-error"]
    drug: Line
    drug_code: Code | None = None
    old_dose: Line | None = None
    new_dose: Line | None = None
    effective: Line | None = None
    """A FHIR date or dateTime, as the prescriber gave it."""
    reason: Line | None = None
    prescriber: Line
    """Who: the display of the requester, or the name the client was registered under."""
    source: Line
    """`MedicationRequest/{id}/_history/{version}`."""
    received_at: Moment
    sentence: Line
    """The change in one plain sentence."""
