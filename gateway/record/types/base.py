"""What every therapy record is made of: an id of the practice's own, plain text, dates that know their zone."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("holds a control character that no FHIR string may hold; remove it")
    return text


def _not_absurd(day: date) -> date:
    if not date(1880, 1, 1) <= day <= date(2200, 1, 1):
        raise ValueError("lies outside 1880 to 2200; check the year")
    return day


RecordId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}$")]
"""The practice's own id, unique within its kind: letters, digits, `.`, `_`, `:`, `-`; at most 64."""

Line = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_printable)]
"""One line of text: 1 to 1,000 characters, no control characters."""

Text = Annotated[str, Field(min_length=1, max_length=2_000_000), AfterValidator(_printable)]
"""Free text: 1 to 2,000,000 characters, no control characters but tab and line ends."""

Day = Annotated[date, AfterValidator(_not_absurd)]
Moment = AwareDatetime
"""An instant with its zone offset; a date and time without a zone is refused."""


class Part(BaseModel):
    """A piece of a record: immutable, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Record(Part):
    """One record of the practice; `kind` and `id` together name it for ever."""

    kind: ClassVar[str]

    id: RecordId


class Code(Part):
    """A code of a named system, as the practice wrote it; `text` holds the practice's own words.

    `system` is the FHIR system URI (https://hl7.org/fhir/R4/terminologies-systems.html).
    """

    system: Annotated[str, Field(pattern=r"^\S+:\S+$", max_length=200)]
    code: Annotated[str, Field(pattern=r"^[^\s]+(\s[^\s]+)*$", max_length=64)]
    text: Line | None = None


class Period(Part):
    """A span of days, both ends included; an open end means: until further notice."""

    start: Day | None = None
    end: Day | None = None


Sensitivity = Literal["normal", "restricted", "substance-use"]
"""The practice's own tightening of a record; it never loosens what the codes say.

`restricted` leaves for nobody but the practice; `substance-use` is a 42 CFR Part 2 record.
"""
