"""What was answered and what it adds up to, never what it means for treatment."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from gateway.record.types.base import Moment, Record, Sensitivity, Text
from gateway.record.types.instrument import INSTRUMENTS, Instrument, Score, score
from gateway.record.types.reference import ClientId, ClinicianId, SessionId


def _known(name: str) -> str:
    if name not in INSTRUMENTS:
        raise ValueError(f"is no instrument known here; there are {', '.join(INSTRUMENTS)}")
    return name


InstrumentId = Annotated[str, Field(json_schema_extra={"enum": list(INSTRUMENTS)}), AfterValidator(_known)]


class OutcomeMeasure(Record):
    """One filled-in instrument: answers by item (None where left open), the total, or both."""

    kind: ClassVar[str] = "outcome_measure"

    client: ClientId
    instrument: InstrumentId
    taken_at: Moment
    clinician: ClinicianId | None = None
    session: SessionId | None = None
    answers: dict[str, int | None] = Field(default_factory=dict)
    total: Score | None = None
    subscales: dict[str, Score] = Field(default_factory=dict)
    """Scores of parts of the instrument, where it is taken by its scores alone."""
    difficulty: int | None = Field(default=None, ge=0, le=3)
    sensitivity: Sensitivity = "normal"

    _sum: Score | None = PrivateAttr(default=None)
    """Worked out once, when the record is checked: a course asks every measure for it again and again."""

    @model_validator(mode="after")
    def _are_its_answers(self) -> OutcomeMeasure:
        shape = self.form
        if self.answers and not shape.items:
            raise ValueError(f"has answers, and {shape.title} is taken here by its score alone; give the total and leave the answers out")
        if unknown := set(self.answers) - set(shape.items):
            raise ValueError(f"has {len(unknown)} answers that {self.instrument} does not ask; its items are {', '.join(shape.items)}")
        for name, answer in self.answers.items():
            if answer is not None and not 0 <= answer <= shape.items[name].most:
                raise ValueError(f"has an answer outside 0 to {shape.items[name].most}")
        return self

    @model_validator(mode="after")
    def _are_its_scores(self) -> OutcomeMeasure:
        shape = self.form
        if self.total is not None and not shape.holds(self.total):
            raise ValueError(
                f"has a total outside {shape.range.least} to {shape.range.most}{f' or with more than {shape.decimals} decimals' if shape.decimals else ', or not whole'}"
            )
        if unknown := set(self.subscales) - set(shape.subscales):
            raise ValueError(f"has {len(unknown)} subscales that {self.instrument} does not have; it has {', '.join(shape.subscales) or 'none'}")
        for name, value in self.subscales.items():
            bounds = shape.subscales[name].range
            if not bounds.least <= value <= bounds.most or round(value, shape.decimals) != value:
                raise ValueError(f"has a subscale outside {bounds.least} to {bounds.most}, or with too many decimals")
        return self

    @model_validator(mode="after")
    def _adds_up(self) -> OutcomeMeasure:
        if self.total is None and not self.subscales and not any(answer is not None for answer in self.answers.values()):
            raise ValueError("has neither an answer nor a total")
        self._sum = self._added_up()
        if self._sum is not None and self.total is not None and self._sum != self.total:
            raise ValueError("has a total that its answers or subscales do not add up to; correct one of them")
        return self

    def _added_up(self) -> Score | None:
        """The sum of the answers where every item that counts was answered, or of the subscales where all are given; else None."""
        if self.form.adds_up:
            return score(self.form, self.answers).total
        return self.form.rounded(sum(self.subscales.values())) if self.subscales and len(self.subscales) == len(self.form.subscales) else None

    @property
    def form(self) -> Instrument:
        return INSTRUMENTS[self.instrument]

    @property
    def summed(self) -> Score | None:
        """What the answers or the subscales add up to; None where parts are missing."""
        return self._sum

    @property
    def score(self) -> Score | None:
        """The total as given, or as the complete answers or subscales add up; None where parts are missing."""
        return self.form.rounded(self.total) if self.total is not None else self._sum

    @property
    def risk_answers(self) -> list[str]:
        """The items on self-harm that were answered."""
        return [item for item in self.form.risk if self.answers.get(item) is not None]

    @property
    def risk_found(self) -> list[str]:
        """Those of them that were answered so that somebody has to act."""
        return [item for item in self.risk_answers if (self.answers[item] or 0) >= self.form.risk[item]]


RiskItem = Literal["wish", "thoughts", "method", "intent", "plan", "behavior_lifetime", "behavior_recent"]
RISK_ITEMS: tuple[str, ...] = get_args(RiskItem)
"""The C-SSRS screener's questions by our own short names, in order (LOINC panel 93373-9)."""


class RiskAssessment(Record):
    """A suicide-risk screening: yes or no by item, and the level the clinician set."""

    kind: ClassVar[str] = "risk_assessment"

    client: ClientId
    clinician: ClinicianId | None = None
    session: SessionId | None = None
    assessed_at: Moment
    instrument: Literal["c-ssrs-screener", "clinical-judgement"] = "c-ssrs-screener"
    answers: dict[RiskItem, bool | None] = Field(default_factory=dict)
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
