"""Instruments as data (`instruments.toml`) and the one scorer that reads it: items, scoring, bands, cut-offs, change.

Nothing here says what a score means for treatment. A licence that forbids it keeps an instrument's text out altogether.
"""

from __future__ import annotations

import operator
import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

Score = int | float
"""A whole number, or a fraction where the instrument has decimals."""

LOCAL = "urn:handoff:instrument"
"""The system of our own codes for what has no checked LOINC code."""
LOINC = "http://loinc.org"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(NamedTuple):
    """One answer by its LOINC code (empty: none); its place in the list is its score."""

    code: str
    label: str


class Item(_Row):
    """One question under a short label of our own."""

    label: str
    answers: tuple[Answer, ...]
    code: str | None = None
    counted: bool = True
    """Whether it is part of the total; one that is not may be left open."""
    reverse: bool = False
    """Whether the lowest answer counts most."""

    @property
    def most(self) -> int:
        return len(self.answers) - 1


class Range(NamedTuple):
    """The least and the most that a score can be."""

    least: Score
    most: Score


class Subscale(_Row):
    """A part of the instrument with a score of its own; `items` where the instrument is taken by item."""

    label: str
    range: Range
    items: tuple[str, ...] = ()


class Band(NamedTuple):
    """What a score is called, up to `highest`."""

    highest: Score
    word: str


_MEETS: dict[str, Callable[[Score, Score], bool]] = {">=": operator.ge, "<=": operator.le, "<": operator.lt}


class CutOff(_Row):
    """A score from which (or up to which) something is said of it, on whose word."""

    when: Literal[">=", "<=", "<"]
    at: Score
    citation: str
    means: str = "screens positive"
    sex: Literal["male", "female"] | None = None
    screens: bool = True
    """Whether a score on this side is a positive screening."""
    verified: bool = True

    def met(self, score: Score) -> bool:
        return _MEETS[self.when](score, self.at)


class Change(_Row):
    """What a change from the first score of an episode is called, on whose word."""

    citation: str
    reliable: Score | None = None
    response: float | None = None
    remission: Score | None = None
    case: Score | None = None
    verified: bool = True


class Instrument(_Row):
    """One instrument; the meaning of each field stands at the head of the table."""

    id: str
    title: str
    about: str
    range: Range
    source: str
    licence: str
    ships: Literal["wording", "labels", "score"]
    panel: str | None = None
    score: str | None = None
    decimals: int = 0
    higher: Literal["worse", "better"] = "worse"
    items: dict[str, Item] = {}
    sums: bool = True
    difficulty: bool = False
    subscales: dict[str, Subscale] = {}
    bands: tuple[Band, ...] = ()
    cut_offs: tuple[CutOff, ...] = ()
    risk: dict[str, int] = {}
    change: Change | None = None
    label: Literal["alcohol", "drug", "inside"] | None = None

    @property
    def adds_up(self) -> bool:
        """Whether the answers, all given, make the total."""
        return self.sums and bool(self.items)

    @property
    def questionnaire(self) -> str:
        """The canonical of the instrument as a questionnaire: LOINC's where LOINC has a panel (https://loinc.org/fhir/)."""
        return f"http://loinc.org/q/{self.panel}" if self.panel else f"urn:handoff:questionnaire:{self.id}"

    def coded(self, part: str = "") -> tuple[str, str]:
        """System and code of the instrument (no part), of its `score`, of an item, a subscale or its `change`."""
        item = self.items.get(part)
        loinc = item.code if item else {"": self.panel, "score": self.score}.get(part)
        return (LOINC, loinc) if loinc else (LOCAL, f"{self.id}.{part}" if part else self.id)

    def holds(self, score: Score) -> bool:
        """Whether a score lies in the range and has no more decimals than the instrument gives."""
        return self.range.least <= score <= self.range.most and round(score, self.decimals) == score

    def rounded(self, score: Score) -> Score:
        """The score as the instrument writes it: whole where it is whole."""
        exact = round(score, self.decimals)
        return int(exact) if exact == int(exact) else exact


class Scored(NamedTuple):
    """What the answers come to."""

    total: Score | None
    """None where an item that counts was left open: no instrument here has a published rule for what then stands in its place."""
    subscales: dict[str, Score]
    band: str | None
    cut_offs: tuple[tuple[CutOff, bool], ...]
    """Each verified cut-off that holds for this person, and whether it is met."""


def score(instrument: Instrument, answers: Mapping[str, int | None], sex: str | None = None) -> Scored:
    """Score answers by the table; those that the instrument does not ask are not looked at."""
    counted = [name for name, item in instrument.items.items() if item.counted]
    total = _sum(instrument, counted, answers) if instrument.adds_up else None
    sums = {name: _sum(instrument, part.items, answers) for name, part in instrument.subscales.items() if part.items}
    return rated(instrument, total, sex)._replace(subscales={name: value for name, value in sums.items() if value is not None})


def rated(instrument: Instrument, total: Score | None, sex: str | None = None) -> Scored:
    """What a total is called, however it came about."""
    if total is None:
        return Scored(None, {}, None, ())
    band = next((band.word for band in instrument.bands if total <= band.highest), None)
    holding = [each for each in instrument.cut_offs if each.verified and each.sex in (None, sex)]
    return Scored(total, {}, band, tuple((each, each.met(total)) for each in holding))


def _sum(instrument: Instrument, names: list[str] | tuple[str, ...], answers: Mapping[str, int | None]) -> Score | None:
    values = [answers.get(name) for name in names]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    worth = zip((instrument.items[name] for name in names), known, strict=True)
    return sum(item.most - value if item.reverse else value for item, value in worth)


_RAW = tomllib.loads((files("gateway.record.types") / "instruments.toml").read_text(encoding="utf-8"))


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "answers": _RAW["answers"][row["answers"]]}


def _instrument(name: str, row: dict[str, Any]) -> Instrument:
    return Instrument.model_validate({**row, "id": name, "items": {item: _item(asked) for item, asked in row.get("items", {}).items()}})


TABLE: dict[str, Instrument] = {name: _instrument(name, row) for name, row in _RAW["instrument"].items()}
"""Every instrument by its id."""
DIFFICULTY = Item.model_validate(_item(_RAW["difficulty"]))
"""Asked after the items and not scored."""
SCREENER = TABLE["c-ssrs-screener"]
"""Comes in as a risk assessment, every other one as an outcome measure."""
INSTRUMENTS: dict[str, Instrument] = {name: each for name, each in TABLE.items() if each is not SCREENER}

_NAMES = {word.casefold(): each for each in INSTRUMENTS.values() for word in (each.id, each.title)}


def named(words: str | None) -> Instrument | None:
    """The instrument that a goal names by id or title, in whatever case; None where it names none."""
    return _NAMES.get(words.strip().casefold()) if words else None
