"""What a therapist does: assess, plan, meet, write down."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gateway.record.types.base import Code, Day, Line, Moment, Part, Period, Record, RecordId, Text

Sensitivity = Literal["normal", "restricted", "substance-use"]
"""The practice's own tightening of a record; it never loosens what the codes say.

`restricted` leaves for nobody but the practice; `substance-use` is a 42 CFR Part 2 record.
"""


class Assessment(Record):
    """An initial or repeated evaluation, as written for the chart (never process notes, 45 CFR 164.501)."""

    kind: ClassVar[str] = "assessment"

    client: RecordId
    clinician: RecordId | None = None
    session: RecordId | None = None
    assessed_at: Moment
    presenting_problem: Text
    history: Text | None = None
    mental_status: Text | None = None
    strengths: Text | None = None
    impression: Text | None = None
    sensitivity: Sensitivity = "normal"


class Problem(Record):
    """A diagnosis or a concern on the client's problem list."""

    kind: ClassVar[str] = "problem"

    client: RecordId
    title: Line
    codes: tuple[Code, ...] = ()
    clinical_status: Literal["active", "recurrence", "relapse", "inactive", "remission", "resolved"] = "active"
    verification: Literal["unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"] = "confirmed"
    onset: Day | None = None
    abatement: Day | None = None
    recorded_on: Day | None = None
    recorder: RecordId | None = None
    note: Text | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _in_order(self) -> Problem:
        if self.onset and self.abatement and self.abatement < self.onset:
            raise ValueError("ends before it began; check abatement and onset")
        if self.abatement and self.clinical_status not in ("inactive", "remission", "resolved"):
            raise ValueError("has an abatement but is not inactive, remission or resolved (FHIR con-4)")
        return self


class Goal(Part):
    """One goal of a treatment plan; `id` is unique within the plan."""

    id: RecordId
    description: Line
    status: Literal["proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled", "entered-in-error", "rejected"] = "active"
    achievement: Literal["in-progress", "improving", "worsening", "no-change", "achieved", "sustaining", "not-achieved", "no-progress", "not-attainable"] | None = None
    start: Day | None = None
    due: Day | None = None
    measure: Line | None = None
    """The instrument the goal is tied to, `phq-9` say."""
    target_score: int | None = None
    """The goal is met at this score or below."""
    problems: tuple[RecordId, ...] = ()
    sensitivity: Sensitivity = "normal"


class Activity(Part):
    """One planned piece of the work: a technique and how often; `id` is unique within the plan."""

    id: RecordId
    description: Line
    code: Code | None = None
    kind: Literal["therapy", "education", "homework", "coordination", "self-care"] = "therapy"
    status: Literal["draft", "active", "on-hold", "revoked", "completed"] = "active"
    times: Annotated[int, Field(ge=1, le=100)] | None = None
    per: Annotated[int, Field(ge=1, le=100)] | None = None
    unit: Literal["d", "wk", "mo"] | None = None
    """`times` sessions per `per` `unit`: once a week is 1, 1, wk (UCUM units of time)."""
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _whole_frequency(self) -> Activity:
        if len({self.times is None, self.per is None, self.unit is None}) > 1:
            raise ValueError("needs times, per and unit together, or none of them")
        return self


class TreatmentPlan(Record):
    """An individualised treatment plan: goals, techniques, frequency."""

    kind: ClassVar[str] = "treatment_plan"

    client: RecordId
    author: RecordId | None = None
    team: tuple[RecordId, ...] = ()
    """Clinicians who carry the plan, beside the author."""
    title: Line = "Treatment plan"
    status: Literal["draft", "active", "on-hold", "revoked", "completed"] = "active"
    written_on: Day
    period: Period = Period()
    presenting_issues: Text | None = None
    history: Text | None = None
    diagnosis_text: Text | None = None
    treatment_received: Text | None = None
    recommendation: Text | None = None
    other: Text | None = None
    problems: tuple[RecordId, ...] = ()
    goals: tuple[Goal, ...] = ()
    activities: tuple[Activity, ...] = ()
    replaces: RecordId | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _distinct(self) -> TreatmentPlan:
        for what, parts in (("goals", self.goals), ("activities", self.activities)):
            if len({part.id for part in parts}) != len(parts):
                raise ValueError(f"has two {what} with one id; give each its own")
        return self


class Session(Record):
    """A visit: in the room, by video, or one that did not happen."""

    kind: ClassVar[str] = "session"

    client: RecordId
    clinician: RecordId | None = None
    supervisor: RecordId | None = None
    place: RecordId | None = None
    """The practice record where it was held."""
    start: Moment
    end: Moment | None = None
    mode: Literal["in-person", "video", "phone", "home", "emergency"] = "in-person"
    status: Literal["planned", "arrived", "in-progress", "finished", "cancelled", "no-show"] = "finished"
    type_text: Line | None = None
    codes: tuple[Code, ...] = ()
    reason: Line | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _in_order(self) -> Session:
        if self.end and self.end < self.start:
            raise ValueError("ends before it starts; check start and end")
        return self


class Note(Record):
    """A note of the chart. A process note is never one of these: see ProcessNoteMark."""

    kind: ClassVar[str] = "note"

    client: RecordId
    author: RecordId | None = None
    session: RecordId | None = None
    written_at: Moment
    type: Literal["progress", "evaluation", "general", "discharge", "consultation", "history"] = "progress"
    text: Text
    sensitivity: Sensitivity = "normal"


class ProcessNoteMark(Record):
    """That a psychotherapy (process) note exists, when and by whom; its text has no place here (45 CFR 164.501)."""

    kind: ClassVar[str] = "process_note_mark"

    client: RecordId
    author: RecordId | None = None
    written_on: Day


class SafetyPlan(Record):
    """What the client does when a crisis comes; section names are our own."""

    kind: ClassVar[str] = "safety_plan"

    client: RecordId
    author: RecordId | None = None
    session: RecordId | None = None
    written_on: Day
    status: Literal["active", "completed", "revoked"] = "active"
    warning_signs: Text | None = None
    coping: Text | None = None
    distraction: Text | None = None
    people: Text | None = None
    professionals: Text | None = None
    means_safety: Text | None = None
    reasons_for_living: Text | None = None
    review_on: Day | None = None
    sensitivity: Sensitivity = "normal"
