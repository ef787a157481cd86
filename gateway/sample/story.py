"""The words in which the sample's stories are told: rows without dates, which `chapters` turns into records."""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.sample.calendar import Slot

Sensitivity = Literal["normal", "restricted", "substance-use"]
Mode = Literal["in-person", "video", "phone", "home", "emergency"]
Missed = Literal["cancelled", "no-show"]
Shape = Literal["steady", "early", "late", "sudden", "partial", "setback", "stuck", "crisis"]
Profile = Literal["even", "low", "sleepless", "numb", "restless", "worry", "tense", "panic"]
PlanStatus = Literal["draft", "active", "on-hold", "revoked", "completed"]
Risk = Literal["none", "low", "moderate", "high"]
RiskItem = Literal["wish", "thoughts", "method", "intent", "plan", "behavior_lifetime", "behavior_recent"]


class Trouble(NamedTuple):
    """A problem; `since` and `over` are weeks of the calendar (negative: before the work began)."""

    key: str
    title: str
    icd10cm: str
    since: int
    status: Literal["active", "recurrence", "relapse", "inactive", "remission", "resolved"] = "active"
    over: int | None = None
    verification: Literal["unconfirmed", "provisional", "differential", "confirmed", "refuted"] = "confirmed"
    note: str | None = None
    sensitivity: Sensitivity = "normal"


class Course(NamedTuple):
    """Twelve weeks of one instrument: from `start` to `end` along a shape, every so many weeks."""

    instrument: Literal["phq-9", "gad-7", "audit-c"]
    start: int
    end: int
    shape: Shape
    every: int = 1
    profile: Profile = "even"
    self_harm: tuple[tuple[int, int], ...] = ()
    """(week, answer) where PHQ-9 item 9 was not 0."""
    left_open: tuple[tuple[int, str], ...] = ()
    """(week, item) that the client did not answer."""
    sensitivity: Sensitivity = "normal"


class Aim(NamedTuple):
    key: str
    description: str
    achievement: Literal["in-progress", "improving", "worsening", "no-change", "achieved", "sustaining", "not-achieved", "no-progress"] = "in-progress"
    measure: Literal["phq-9", "gad-7", "audit-c"] | None = None
    target: int | None = None
    problems: tuple[str, ...] = ()
    status: Literal["proposed", "active", "on-hold", "completed", "cancelled"] = "active"
    sensitivity: Sensitivity = "normal"


class Work(NamedTuple):
    """An activity of a plan; `snomed` is a code of the checked table of interventions."""

    key: str
    description: str
    snomed: str | None = None
    kind: Literal["therapy", "education", "homework", "coordination", "self-care"] = "therapy"
    rhythm: tuple[int, int, Literal["d", "wk", "mo"]] | None = (1, 1, "wk")
    """(times, per, unit): once a week is (1, 1, "wk")."""
    status: PlanStatus = "active"
    sensitivity: Sensitivity = "normal"


class Plan(NamedTuple):
    issues: str
    recommendation: str
    aims: tuple[Aim, ...]
    works: tuple[Work, ...]
    title: str = "Treatment plan"
    week: int = 1
    until: int = 26
    status: PlanStatus = "active"
    history: str | None = None
    received: str | None = None
    replaces: bool = False
    """Whether it takes the place of the plan before it."""


class Drug(NamedTuple):
    """A medication that someone outside prescribed; `rxnorm` None where the chart knows only the words."""

    key: str
    title: str
    rxnorm: str | None
    instructions: str
    since: int
    prescriber: str | None
    status: Literal["active", "completed", "stopped", "on-hold", "unknown"] = "active"
    until: int | None = None
    taken: bool | None = True
    note: str | None = None
    sensitivity: Sensitivity = "normal"


class Reaction(NamedTuple):
    key: str
    title: str
    reaction: str | None = None
    severity: Literal["mild", "moderate", "severe"] | None = None
    verification: Literal["unconfirmed", "presumed", "confirmed", "refuted"] = "confirmed"
    status: Literal["active", "inactive", "resolved"] = "active"


class Entry(NamedTuple):
    """A note of the chart, written after that week's hour."""

    week: int
    text: str
    type: Literal["progress", "evaluation", "general", "discharge", "consultation", "history"] = "progress"
    sensitivity: Sensitivity = "normal"


class Screen(NamedTuple):
    """A suicide-risk screening: the items answered yes, all others no."""

    week: int
    yes: tuple[RiskItem, ...] = ()
    level: Risk | None = None
    note: str | None = None
    by_judgement: bool = False


class Story(NamedTuple):
    """One client's twelve weeks."""

    who: str
    therapist: str
    slot: Slot
    supervisor: str | None = None
    mode: Mode = "in-person"
    place: str = "alder-quay-gloucester"
    form: Literal["individual", "family", "couple"] = "individual"
    weeks: tuple[int, int] = (1, 14)
    """First and last week with an hour; 13 is this week, 14 the next."""
    rhythm: int = 1
    other_modes: tuple[tuple[int, Mode], ...] = ()
    missed: tuple[tuple[int, Missed], ...] = ()
    troubles: tuple[Trouble, ...] = ()
    courses: tuple[Course, ...] = ()
    plans: tuple[Plan, ...] = ()
    drugs: tuple[Drug, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    entries: tuple[Entry, ...] = ()
    screens: tuple[Screen, ...] = ()
    process_notes: tuple[int, ...] = ()
    """Weeks in which a process note was written; nothing more of it is known here (45 CFR 164.501)."""
