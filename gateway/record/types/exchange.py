"""What goes between the practice and its partners: referrals, and the client's word on what may leave."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from gateway.record.types.base import Code, Day, Line, Moment, Part, Period, Record, RecordId, Text
from gateway.record.types.care import Sensitivity

Category = Literal[
    "demographics",
    "attendance",
    "diagnoses",
    "medications",
    "allergies",
    "assessments",
    "treatment_plan",
    "progress_notes",
    "safety_plan",
    "referrals",
    "sud_records",
]
"""What a release opens, category by category; `sud_records` counts only in a 42 CFR Part 2 consent."""


class Reply(Part):
    """What came back on a referral."""

    received_on: Day
    author: Line | None = None
    diagnosis: Line | None = None
    findings: Text | None = None
    recommendation: Text | None = None
    services: Text | None = None


class Referral(Record):
    """The practice asks a partner to see a client.

    A referral imported from the practice's history opens nothing; one that the gateway sends opens its package.
    """

    kind: ClassVar[str] = "referral"

    client: RecordId
    author: RecordId | None = None
    partner: RecordId
    requested_at: Moment
    service: Literal["psychiatry", "child-psychiatry", "primary-care", "social-work", "emergency", "addiction", "obstetrics-gynecology", "psychology", "support-group", "other"] = (
        "other"
    )
    reason: Text
    diagnoses: tuple[Code, ...] = ()
    problems: tuple[RecordId, ...] = ()
    priority: Literal["routine", "urgent", "asap", "stat"] = "routine"
    risk_level: Literal["low", "medium", "high"] | None = None
    status: Literal["draft", "requested", "accepted", "declined", "in-progress", "completed", "cancelled"] = "requested"
    reply: Reply | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _replied(self) -> Referral:
        if self.reply and self.reply.received_on < self.requested_at.date():
            raise ValueError("was answered before it was asked; check requested_at and reply.received_on")
        return self


class Consent(Record):
    """The client's release of information to one partner, or its withdrawal."""

    kind: ClassVar[str] = "consent"

    client: RecordId
    partner: RecordId | None = None
    recipient_text: Line | None = None
    """The recipient as written, where it is not (only) a partner on file; opens nothing by itself."""
    direction: Literal["disclose", "obtain", "both"] = "disclose"
    categories: tuple[Category, ...]
    purpose: Literal["treatment", "care-coordination", "payment", "operations", "legal", "patient-request", "other"] = "care-coordination"
    purpose_text: Line | None = None
    part2: bool = False
    """Signed as a 42 CFR 2.31 consent: only then does `sud_records` open Part 2 records."""
    period: Period = Period()
    expires_event: Line | None = None
    signed_by: Line
    signed_on: Day | None = None
    signer_is_guardian: bool = False
    revoked_on: Day | None = None

    @model_validator(mode="after")
    def _whole(self) -> Consent:
        if not (self.partner or self.recipient_text):
            raise ValueError("names no recipient; give partner or recipient_text")
        if not self.categories:
            raise ValueError("opens no category; name at least one")
        if "sud_records" in self.categories and not self.part2:
            raise ValueError("opens sud_records without being a 42 CFR Part 2 consent; set part2 or drop the category")
        if self.period.start and self.period.end and self.period.end < self.period.start:
            raise ValueError("ends before it starts; check period")
        return self
