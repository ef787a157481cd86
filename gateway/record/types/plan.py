"""The treatment plan: goals, techniques, how often, on what evidence, how it goes, and when it is looked at again."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gateway.record.types.base import Code, Day, Line, Moment, Part, Period, Record, RecordId, Sensitivity, Text
from gateway.record.types.people import Cosignature
from gateway.record.types.reference import ClientId, ClinicianId, MeasureId, PlanId, ProblemId, ProtocolId, SessionId


class Goal(Part):
    """One goal of a treatment plan; `id` is unique within the plan."""

    id: RecordId
    description: Line
    status: Literal["proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled", "entered-in-error", "rejected"] = "active"
    achievement: Literal["in-progress", "improving", "worsening", "no-change", "achieved", "sustaining", "not-achieved", "no-progress", "not-attainable"] | None = None
    term: Literal["short", "long"] | None = None
    area: Literal["behavioral", "safety", "social"] = "behavioral"
    """`social`: a need beyond the therapy room, housing say."""
    start: Day | None = None
    due: Day | None = None
    measure: Line | None = None
    """The instrument the goal is tied to, `phq-9` say: its scores then say how the goal is met."""
    target_score: int | None = None
    """The goal is met at this score or below."""
    problems: tuple[ProblemId, ...] = ()
    sensitivity: Sensitivity = "normal"


class Progress(Part):
    """How an activity went, on a day, in the therapist's words."""

    on: Day
    text: Line


class Activity(Part):
    """One planned piece of the work: a technique and how often, or something to do at home; `id` is unique within the plan."""

    id: RecordId
    description: Line
    code: Code | None = None
    kind: Literal["therapy", "education", "homework", "coordination", "self-care"] = "therapy"
    status: Literal["draft", "active", "on-hold", "revoked", "completed"] = "active"
    times: Annotated[int, Field(ge=1, le=100)] | None = None
    per: Annotated[int, Field(ge=1, le=100)] | None = None
    unit: Literal["d", "wk", "mo"] | None = None
    """`times` sessions per `per` `unit`: once a week is 1, 1, wk (UCUM units of time)."""
    minutes: Annotated[int, Field(ge=1, le=1_440)] | None = None
    """How long one session is planned to be."""
    due: Day | None = None
    """By when, for homework."""
    sessions: tuple[SessionId, ...] = ()
    """The sessions in which it took place."""
    progress: tuple[Progress, ...] = ()
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _whole_frequency(self) -> Activity:
        if len({self.times is None, self.per is None, self.unit is None}) > 1:
            raise ValueError("needs times, per and unit together, or none of them")
        return self


class TreatmentPlan(Record):
    """An individualised treatment plan: goals, techniques, frequency."""

    kind: ClassVar[str] = "treatment_plan"

    client: ClientId
    author: ClinicianId | None = None
    team: tuple[ClinicianId, ...] = ()
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
    problems: tuple[ProblemId, ...] = ()
    goals: tuple[Goal, ...] = ()
    activities: tuple[Activity, ...] = ()
    protocols: tuple[ProtocolId, ...] = ()
    """The protocols, with their evidence, that the plan follows."""
    replaces: PlanId | None = None
    """The plan whose place this one takes."""
    change_reason: Line | None = None
    """Why the plan was changed, or written anew."""
    cosigned: Cosignature | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _has_a_goal(self) -> TreatmentPlan:
        if not self.goals and self.status in ("active", "on-hold"):
            raise ValueError("is in force without a goal; give it at least one, or make it a draft")
        return self

    @model_validator(mode="after")
    def _is_not_its_own(self) -> TreatmentPlan:
        if self.replaces == self.id:
            raise ValueError("replaces itself; name the plan before it, or none")
        return self

    @model_validator(mode="after")
    def _distinct(self) -> TreatmentPlan:
        for what, parts in (("goals", self.goals), ("activities", self.activities)):
            if len({part.id for part in parts}) != len(parts):
                raise ValueError(f"has two {what} with one id; give each its own")
        return self


class ProgressReview(Record):
    """A look at how the work goes: what was found, and what follows for the plan."""

    kind: ClassVar[str] = "progress_review"

    client: ClientId
    clinician: ClinicianId | None = None
    session: SessionId | None = None
    plan: PlanId | None = None
    reviewed_at: Moment
    summary: Text
    findings: tuple[Line, ...] = ()
    problems: tuple[ProblemId, ...] = ()
    measures: tuple[MeasureId, ...] = ()
    """The outcome measures that were looked at."""
    outlook: Line | None = None
    next_steps: Text | None = None
    cosigned: Cosignature | None = None
    sensitivity: Sensitivity = "normal"
