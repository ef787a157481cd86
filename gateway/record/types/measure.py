"""Instruments: what was answered, never what it means for treatment."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from pydantic import Field, model_validator

from gateway.record.types.base import Moment, Record, Sensitivity, Text
from gateway.record.types.reference import ClientId, ClinicianId, SessionId


class Instrument(NamedTuple):
    """The shape of an instrument: its items in order, each scored 0 to `item_max`, and their sum's bound."""

    items: tuple[str, ...]
    item_max: int
    total_max: int
    """27 for PHQ-9 (https://loinc.org/44261-6), 21 for GAD-7 (https://loinc.org/70274-6), 12 for AUDIT-C."""


INSTRUMENTS: dict[str, Instrument] = {
    "phq-9": Instrument(("interest", "mood", "sleep", "energy", "appetite", "self_worth", "concentration", "movement", "self_harm"), 3, 27),
    "gad-7": Instrument(("nervous", "control_worry", "worry", "relax", "restless", "irritable", "fear"), 3, 21),
    "audit-c": Instrument(("frequency", "quantity", "binge"), 4, 12),
}


class OutcomeMeasure(Record):
    """One filled-in instrument: answers by item (None where left open), the total, or both."""

    kind: ClassVar[str] = "outcome_measure"

    client: ClientId
    instrument: Literal["phq-9", "gad-7", "audit-c"]
    taken_at: Moment
    clinician: ClinicianId | None = None
    session: SessionId | None = None
    answers: dict[str, int | None] = Field(default_factory=dict)
    total: int | None = None
    difficulty: int | None = Field(default=None, ge=0, le=3)
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _adds_up(self) -> OutcomeMeasure:
        shape = INSTRUMENTS[self.instrument]
        if unknown := set(self.answers) - set(shape.items):
            raise ValueError(f"has {len(unknown)} answers that {self.instrument} does not ask; its items are {', '.join(shape.items)}")
        if any(score is not None and not 0 <= score <= shape.item_max for score in self.answers.values()):
            raise ValueError(f"has an answer outside 0 to {shape.item_max}")
        if self.total is not None and not 0 <= self.total <= shape.total_max:
            raise ValueError(f"has a total outside 0 to {shape.total_max}")
        if self.total is None and not any(score is not None for score in self.answers.values()):
            raise ValueError("has neither an answer nor a total")
        computed = self.summed
        if computed is not None and self.total is not None and computed != self.total:
            raise ValueError("has a total that its answers do not add up to; correct one of them")
        return self

    @property
    def summed(self) -> int | None:
        """The sum of the answers where every item was answered, else None."""
        scores = [self.answers.get(item) for item in INSTRUMENTS[self.instrument].items]
        known = [score for score in scores if score is not None]
        return sum(known) if len(known) == len(scores) else None

    @property
    def score(self) -> int | None:
        """The total as given, or as the complete answers add up; None where items are missing."""
        return self.total if self.total is not None else self.summed


RISK_ITEMS = ("wish", "thoughts", "method", "intent", "plan", "behavior_lifetime", "behavior_recent")
"""The C-SSRS screener's questions by our own short names, in order (LOINC panel 93373-9)."""


class RiskAssessment(Record):
    """A suicide-risk screening: yes or no by item, and the level the clinician set."""

    kind: ClassVar[str] = "risk_assessment"

    client: ClientId
    clinician: ClinicianId | None = None
    session: SessionId | None = None
    assessed_at: Moment
    instrument: Literal["c-ssrs-screener", "clinical-judgement"] = "c-ssrs-screener"
    answers: dict[Literal["wish", "thoughts", "method", "intent", "plan", "behavior_lifetime", "behavior_recent"], bool | None] = Field(default_factory=dict)
    level: Literal["none", "low", "moderate", "high"] | None = None
    """None: take the level the answers give."""
    note: Text | None = None
    sensitivity: Sensitivity = "normal"

    @model_validator(mode="after")
    def _says_something(self) -> RiskAssessment:
        if self.level is None and not any(answer is not None for answer in self.answers.values()):
            raise ValueError("has neither an answer nor a level")
        return self

    @property
    def risk(self) -> Literal["none", "low", "moderate", "high"]:
        """The level set, or by the stricter reading of the screener's triage: intent, plan or recent behavior high; method or lifetime behavior moderate; wish or thoughts low."""
        if self.level is not None:
            return self.level
        yes = {item for item, answer in self.answers.items() if answer}
        if yes & {"intent", "plan", "behavior_recent"}:
            return "high"
        if yes & {"method", "behavior_lifetime"}:
            return "moderate"
        return "low" if yes else "none"
