"""What a therapist does with a client: assess, meet, intervene, write down."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gateway.record.types.base import Code, Day, Line, Moment, Record, Sensitivity, Text
from gateway.record.types.people import Cosignature
from gateway.record.types.reference import ClientId, ClinicianId, PlanId, PracticeId, ProblemId, ProtocolId, SessionId


class Assessment(Record):
    """An initial or repeated evaluation, as written for the chart (never process notes, 45 CFR 164.501)."""

    kind: ClassVar[str] = "assessment"

    client: ClientId
    clinician: ClinicianId | None = None
    session: SessionId | None = None
    assessed_at: Moment
    presenting_problem: Text
    history: Text | None = None
    mental_status: Text | None = None
    strengths: Text | None = None
    impression: Text | None = None
    cosigned: Cosignature | None = None
    sensitivity: Sensitivity = "normal"


class Problem(Record):
    """A diagnosis or a concern on the client's problem list, or what a session was about."""

    kind: ClassVar[str] = "problem"

    client: ClientId
    title: Line
    codes: tuple[Code, ...] = ()
    listed_as: Literal["problem", "health-concern", "social-need", "encounter-diagnosis"] | None = None
    """None: a problem once it is confirmed, a health concern until then."""
    clinical_status: Literal["active", "recurrence", "relapse", "inactive", "remission", "resolved"] = "active"
    verification: Literal["unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"] = "confirmed"
    onset: Day | None = None
    abatement: Day | None = None
    recorded_on: Day | None = None
    recorder: ClinicianId | None = None
    note: Text | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _in_order(self) -> Problem:
        if self.onset and self.abatement and self.abatement < self.onset:
            raise ValueError("ends before it began; check abatement and onset")
        if self.abatement and self.clinical_status not in ("inactive", "remission", "resolved"):
            raise ValueError("has an abatement but is not inactive, remission or resolved (FHIR con-4)")
        return self


class Session(Record):
    """A visit: in the room, by video, or one that did not happen."""

    kind: ClassVar[str] = "session"

    client: ClientId
    clinician: ClinicianId | None = None
    supervisor: ClinicianId | None = None
    place: PracticeId | None = None
    """The practice record where it was held."""
    start: Moment
    end: Moment | None = None
    mode: Literal["in-person", "video", "phone", "home", "emergency"] = "in-person"
    status: Literal["planned", "arrived", "in-progress", "finished", "cancelled", "no-show"] = "finished"
    type_text: Line | None = None
    codes: tuple[Code, ...] = ()
    reason: Line | None = None
    problems: tuple[ProblemId, ...] = ()
    """What the visit was about."""
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _in_order(self) -> Session:
        if self.end and self.end < self.start:
            raise ValueError("ends before it starts; check start and end")
        return self


class Intervention(Record):
    """What was done: a therapy, support in distress, a coping skill taught, a crisis met."""

    kind: ClassVar[str] = "intervention"

    client: ClientId
    clinician: ClinicianId | None = None
    session: SessionId | None = None
    plan: PlanId | None = None
    area: Literal["psychotherapy", "support", "coping-skills", "education", "crisis", "evaluation", "coordination"] = "psychotherapy"
    title: Line
    code: Code | None = None
    status: Literal["in-progress", "completed", "not-done", "stopped", "entered-in-error"] = "completed"
    start: Moment
    end: Moment | None = None
    problems: tuple[ProblemId, ...] = ()
    protocol: ProtocolId | None = None
    """The protocol that was followed."""
    outcome: Line | None = None
    note: Text | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _in_order(self) -> Intervention:
        if self.end and self.end < self.start:
            raise ValueError("ends before it starts; check start and end")
        return self


class FamilyHistory(Record):
    """What runs in the client's family: one relative, one condition."""

    kind: ClassVar[str] = "family_history"

    client: ClientId
    relationship: Literal["MTH", "FTH", "SIS", "BRO", "SIB", "GRMTH", "GRFTH", "CHILD", "SONC", "DAUC", "AUNT", "UNCLE", "COUSN", "FAMMEMB"]
    """HL7 v3-RoleCode."""
    condition: Line
    codes: tuple[Code, ...] = ()
    onset_age: Annotated[int, Field(ge=0, le=120)] | None = None
    """In years."""
    deceased: bool | None = None
    recorded_on: Day | None = None
    note: Text | None = None
    sensitivity: Sensitivity = "normal"


class Note(Record):
    """A note of the chart. A process note is never one of these: see ProcessNoteMark."""

    kind: ClassVar[str] = "note"

    client: ClientId
    author: ClinicianId | None = None
    session: SessionId | None = None
    written_at: Moment
    type: Literal["progress", "evaluation", "general", "discharge", "consultation", "history"] = "progress"
    text: Text
    cosigned: Cosignature | None = None
    sensitivity: Sensitivity = "normal"


class ProcessNoteMark(Record):
    """That a psychotherapy (process) note exists, when and by whom; its text has no place here (45 CFR 164.501)."""

    kind: ClassVar[str] = "process_note_mark"

    client: ClientId
    author: ClinicianId | None = None
    written_on: Day


class SafetyPlan(Record):
    """What the client does when a crisis comes; section names are our own."""

    kind: ClassVar[str] = "safety_plan"

    client: ClientId
    author: ClinicianId | None = None
    session: SessionId | None = None
    written_on: Day
    status: Literal["active", "completed", "revoked"] = "active"
    warning_signs: Text | None = None
    coping: Text | None = None
    distraction: Text | None = None
    people: Text | None = None
    professionals: Text | None = None
    means_safety: Text | None = None
    reasons_for_living: Text | None = None
    crisis_lines: tuple[Line, ...] = ("988 Suicide and Crisis Lifeline: call, text or chat 988", "Crisis Text Line: text 741741")
    review_on: Day | None = None
    sensitivity: Sensitivity = "normal"
