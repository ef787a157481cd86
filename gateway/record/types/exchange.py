"""What goes between the practice and its partners: referrals, and the client's word on what may leave."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gateway.record.types.base import Code, Day, Line, Moment, Part, Period, Record, Sensitivity, Text
from gateway.record.types.reference import ClientId, ClinicianId, MedicationId, MessageId, PartnerId, ProblemId, ReferralId, SessionId

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
    "coverage",
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

    client: ClientId
    author: ClinicianId | None = None
    partner: PartnerId
    requested_at: Moment
    service: Literal["psychiatry", "child-psychiatry", "primary-care", "social-work", "emergency", "addiction", "obstetrics-gynecology", "psychology", "support-group", "other"] = (
        "other"
    )
    reason: Text
    diagnoses: tuple[Code, ...] = ()
    problems: tuple[ProblemId, ...] = ()
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


class Message(Record):
    """A message about a client between the practice and someone who shares the care, or to the client.

    One that a partner sent is written by the gateway: then `source` names the Communication, and `unheld` what of it is kept there only.
    """

    kind: ClassVar[str] = "message"

    client: ClientId | None
    """None only where a partner wrote about a patient of whom the practice has no record."""
    sender: ClinicianId | None = None
    """The clinician who wrote it."""
    from_partner: PartnerId | None = None
    """The partner who wrote it."""
    to: ClinicianId | None = None
    """The clinician it is for."""
    partner: PartnerId | None = None
    """The partner it is for."""
    to_client: bool = False
    sent_at: Moment
    category: Literal["notification", "alert", "reminder", "instruction"] = "notification"
    topic: Literal["medication-evaluation", "side-effect", "progress", "appointment", "safety", "advocacy", "other"] = "other"
    priority: Literal["routine", "urgent", "asap", "stat"] = "routine"
    subject: Line | None = None
    text: Text | None = None
    """None only where what a partner sent holds no words."""
    referral: ReferralId | None = None
    medications: tuple[MedicationId, ...] = ()
    in_reply_to: MessageId | None = None
    status: Literal["preparation", "in-progress", "completed", "entered-in-error"] = "completed"
    sensitivity: Sensitivity = "normal"
    patient: Line | None = None
    """`Patient/{id}`, of a message that came in."""
    source: Line | None = None
    """`Communication/{id}/_history/{version}`, of a message that came in."""
    unheld: tuple[Line, ...] = ()
    """Elements of the Communication that this record does not hold; they are kept with the resource."""

    @model_validator(mode="after")
    def _from_one_to_someone(self) -> Message:
        if self.sender and self.from_partner:
            raise ValueError("has two senders; keep sender for a clinician or from_partner for a partner")
        if self.source is None and not (self.to or self.partner or self.to_client):
            raise ValueError("is for nobody; name to, partner or to_client")
        if self.source is None and not (self.client and self.text):
            raise ValueError("needs a client and a text")
        return self


class Document(Record):
    """A paper of the chart that is no note: a letter, a handout, a signed form."""

    kind: ClassVar[str] = "document"

    client: ClientId
    author: ClinicianId | None = None
    session: SessionId | None = None
    type: Literal["letter", "handout", "signed-form", "advance-directive", "report"] = "letter"
    title: Line
    written_at: Moment
    media_type: Literal["text/plain", "text/html", "application/pdf", "image/jpeg", "image/png"] = "text/plain"
    text: Text | None = None
    """The paper itself where it is plain text or HTML."""
    data: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=14_000_000)] | None = None
    """The paper itself in base64, else."""
    status: Literal["current", "superseded", "entered-in-error"] = "current"
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _one_content(self) -> Document:
        if (self.text is None) == (self.data is None):
            raise ValueError("needs its content once: text, or data in base64")
        if self.text is not None and not self.media_type.startswith("text/"):
            raise ValueError("has text of a media type that is none; give data in base64, or media_type text/plain")
        return self


class Consultation(Record):
    """What a partner wrote back: a consultation note as it came in. Written by the gateway, read by the practice."""

    kind: ClassVar[str] = "consultation"

    client: ClientId | None
    patient: Line
    """`Patient/{id}`."""
    written_at: Moment | None = None
    title: Line
    author: Line | None = None
    referrals: tuple[ReferralId, ...] = ()
    """The referrals it answers."""
    text: Text | None = None
    diagnoses: tuple[Line, ...] = ()
    medications: tuple[Line, ...] = ()
    source: Line
    """`DocumentReference/{id}/_history/{version}`."""
    unheld: tuple[Line, ...] = ()
    """Parts of the document that this record does not hold; they are kept with the resource."""
    received_at: Moment


class IncomingReferral(Record):
    """A partner asks the practice to see someone. Written by the gateway, read by the practice; the newest word of the partner counts."""

    kind: ClassVar[str] = "incoming_referral"

    client: ClientId | None
    """None where the practice has no record of the patient yet."""
    patient: Line
    """`Patient/{id}`."""
    partner: PartnerId | None = None
    """The partner who asks."""
    requester: Line
    """Who asks, in words."""
    to: ClinicianId | None = None
    """The clinician who is asked; None where the practice is."""
    requested_at: Moment | None = None
    service: Line | None = None
    reason: Text | None = None
    diagnoses: tuple[Code, ...] = ()
    priority: Literal["routine", "urgent", "asap", "stat"] = "routine"
    status: Literal["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"]
    """Of the request: active while the partner waits for an answer."""
    task: Line | None = None
    """`Task/{id}/_history/{version}`: the Task on which the partner waits for the practice's answer."""
    note: Text | None = None
    source: Line
    """`ServiceRequest/{id}/_history/{version}`."""
    unheld: tuple[Line, ...] = ()
    """Elements of the request and its Task that this record does not hold; they are kept with the resources."""
    received_at: Moment


class Consent(Record):
    """The client's release of information to one partner, or its withdrawal."""

    kind: ClassVar[str] = "consent"

    client: ClientId
    partner: PartnerId | None = None
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
