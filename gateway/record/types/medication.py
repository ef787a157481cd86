"""Medications a client takes, as the practice knows them, and what others changed. Nothing here prescribes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gateway.record.types.base import Code, Day, Line, Moment, Record, Sensitivity, Text
from gateway.record.types.reference import ClientId, ClinicianId, MedicationId, PartnerId


class MedicationNote(Record):
    """A medication prescribed elsewhere, as the client or the chart reports it (never an order)."""

    kind: ClassVar[str] = "medication_note"

    client: ClientId
    title: Line
    code: Code | None = None
    status: Literal["active", "completed", "stopped", "on-hold", "unknown"] = "active"
    taken: bool | None = None
    """Whether the client says it is being taken; None where nobody asked."""
    instructions: Line | None = None
    start: Day | None = None
    end: Day | None = None
    prescriber: PartnerId | None = None
    """The partner who prescribed it."""
    noted_on: Day | None = None
    noted_by: ClinicianId | None = None
    note: Text | None = None
    sensitivity: Sensitivity = "normal"


class Dispense(Record):
    """A medication handed out, as a pharmacy or a prescriber reports it."""

    kind: ClassVar[str] = "dispense"

    client: ClientId
    medication: MedicationId | None = None
    """The medication note it belongs to."""
    title: Line
    code: Code | None = None
    status: Literal["in-progress", "on-hold", "completed", "cancelled", "stopped", "declined", "entered-in-error", "unknown"] = "completed"
    handed_over_on: Day | None = None
    quantity: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3)] | None = None
    unit: Line | None = None
    days_supply: Annotated[int, Field(ge=1, le=400)] | None = None
    instructions: Line | None = None
    refill: bool | None = None
    """Whether it is a refill; None where nobody said."""
    pharmacy: Line | None = None
    note: Text | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _handed_over(self) -> Dispense:
        if self.status == "completed" and self.handed_over_on is None:
            raise ValueError("is completed without a day; give handed_over_on (US Core us-core-20)")
        return self


class SideEffect(Record):
    """An effect of a medication that the client tells of; for the prescriber to judge."""

    kind: ClassVar[str] = "side_effect"

    client: ClientId
    medication: MedicationId | None = None
    """The medication note it may belong to."""
    effect: Line
    severity: Literal["mild", "moderate", "severe"] | None = None
    noticed_on: Day
    recorder: ClinicianId | None = None
    note: Text | None = None
    sensitivity: Sensitivity = "normal"


class Allergy(Record):
    """An allergy or intolerance."""

    kind: ClassVar[str] = "allergy"

    client: ClientId
    title: Line
    code: Code | None = None
    status: Literal["active", "inactive", "resolved"] = "active"
    verification: Literal["unconfirmed", "presumed", "confirmed", "refuted", "entered-in-error"] = "unconfirmed"
    reaction: Line | None = None
    severity: Literal["mild", "moderate", "severe"] | None = None
    recorded_on: Day | None = None
    recorder: ClinicianId | None = None


Change = Literal[
    "started",
    "stopped",
    "dose-increased",
    "dose-decreased",
    "dose-changed",
    "schedule-changed",
    "held",
    "resumed",
    "switched",
    "refilled",
    "unchanged",
    "entered-in-error",
]
"""What a prescriber did to a medication."""


class MedicationChange(Record):
    """What a prescriber changed, as it came in over FHIR: written by the gateway, read by the practice."""

    kind: ClassVar[str] = "medication_change"

    client: ClientId | None
    """None where the gateway's patient came by referral and has no record of the practice yet."""
    patient: Line
    """`Patient/{id}`."""
    change: Change
    drug: Line
    drug_code: Code | None = None
    old_drug: Line | None = None
    """The drug that was left, where the change is a switch."""
    old_dose: Line | None = None
    new_dose: Line | None = None
    instructions: Line | None = None
    """How it is to be taken, in the prescriber's words."""
    effective: Line | None = None
    """A FHIR date or dateTime, as the prescriber gave it."""
    reason: Line | None = None
    prescriber: Line
    """Who: the display of the requester, or the name the client was registered under."""
    prescriber_contact: Line | None = None
    """How to reach the prescriber, where the resource or the partner's entry in the directory says so."""
    note: Text | None = None
    """What the prescriber adds in words: what to watch for, instructions to the client."""
    source: Line
    """`MedicationRequest/{id}/_history/{version}`; of a medication list also `#entry[n]`."""
    unheld: tuple[Line, ...] = ()
    """Elements of the resource that this record does not hold; they are kept with the resource."""
    received_at: Moment
    sentence: Line
    """The change in one plain sentence."""
