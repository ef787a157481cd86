"""What a source table may say of files, joins and fields, key by key. The docstring of a key is its entry in `handoff source help`.

`NAME.COLUMN` is a column of the join NAME. Whether names exist is asked by `check`, not here.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

_HOLE = re.compile(r"\{([^{}]+)\}")

FileName = Annotated[str, Field(pattern=r"^[^/\\\x00]+$", max_length=255)]


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


class Condition(Entry):
    """One test of a cell."""

    column: str
    """The column that is looked at."""
    filled: bool | None = None
    """true: the cell is filled; false: it is empty."""
    among: tuple[str, ...] | None = Field(default=None, alias="in")
    """The cell is one of these words, in any case."""
    matches: re.Pattern[str] | None = None
    """The cell matches this pattern (a regular expression) somewhere."""

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if sum(test is not None for test in (self.filled, self.among, self.matches)) != 1:
            raise ValueError("needs exactly one of filled, in and matches")
        return self

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.among or ())

    def holds(self, cell: str) -> bool:
        if self.filled is not None:
            return bool(cell) is self.filled
        if self.matches is not None:
            return bool(self.matches.search(cell))
        return cell.casefold() in self.words

    def numbered(self, number: str) -> Condition:
        return self.model_copy(update={"column": self.column.replace("{n}", number)})


class Choice(Entry):
    """A value for a field where all conditions hold."""

    when: tuple[Condition, ...]
    """Conditions that must all hold."""
    value: str | bool | int
    """The field's value then."""


class FieldSpec(Entry):
    """Where a field's value comes from; `"COLUMN | converter"` is the short form of `{ from = ["COLUMN"], as = "converter" }`."""

    columns: tuple[str, ...] = Field(default=(), alias="from")
    """The columns that hold it. Of several the first filled one counts, unless the converter takes them all."""
    convert: str = Field(default="text", alias="as")
    """The converter, with its argument after a colon: code:sex, score:3."""
    choose: tuple[Choice, ...] = ()
    """Values by conditions; the first choice that holds counts, before any column."""
    otherwise: str | bool | int | None = None
    """The value where nothing else gives one; alone it is a constant."""
    labels: tuple[str, ...] = ()
    """For `paragraphs`: what stands before each column's text."""
    nothing: tuple[str, ...] = ()
    """Words that stand for an empty cell, in small letters."""

    @cached_property
    def converter(self) -> str:
        return self.convert.partition(":")[0]

    @cached_property
    def argument(self) -> str:
        return self.convert.partition(":")[2]

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(condition for choice in self.choose for condition in choice.when)

    def numbered(self, number: str) -> FieldSpec:
        choose = tuple(choice.model_copy(update={"when": tuple(condition.numbered(number) for condition in choice.when)}) for choice in self.choose)
        return FieldSpec(
            columns=tuple(column.replace("{n}", number) for column in self.columns),
            convert=self.convert,
            choose=choose,
            otherwise=self.otherwise,
            labels=self.labels,
            nothing=self.nothing,
        )


@cache
def template(text: str) -> Template:
    return Template(text)


class Template:
    """A text with cells in it: `{COLUMN}` or `{COLUMN | converter}`; a text without braces is one column."""

    def __init__(self, text: str) -> None:
        parts = _HOLE.split(text) if "{" in text else ["", text, ""]
        self.texts = tuple(parts[::2])
        self.holes = tuple(FieldSpec.model_validate(short(f"{hole} | text" if "|" not in hole else hole)) for hole in parts[1::2])

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(hole.columns[0] for hole in self.holes)


class Join(Entry):
    """Rows of another file that belong to a row."""

    file: FileName
    """The other file."""
    key: Annotated[tuple[str, ...], Field(min_length=1)]
    """Its columns that must equal those of `on`."""
    on: tuple[str, ...]
    """The row's own columns, or constants written with a leading =."""
    many: bool = False
    """Several rows may belong: for a part of the record, or a finisher."""
    must: str | None = None
    """The rule broken where `on` is filled and no row answers."""
    owned: str | None = None
    """The rule broken by a row of the other file that belongs to nothing."""
    unused: str | None = None
    """Why such a row is left out, where it breaks no rule."""
    field: str | None = None
    """For a file with one row per field (entity, attribute, value): the column of the field's name."""
    value: str | None = None
    """With `field`: the column of its value. The fields then serve as columns."""
    also: tuple[str, ...] = ()
    """Columns that the record's finisher reads."""

    @cached_property
    def constants(self) -> tuple[tuple[str, str], ...]:
        """Key columns that must hold a constant."""
        return tuple((column, on[1:]) for column, on in zip(self.key, self.on, strict=True) if on.startswith("="))

    @property
    def is_part(self) -> bool:
        """Whether the other file's rows belong to this row alone, and stand or fall with it."""
        return self.many or self.owned is not None or self.unused is not None

    @model_validator(mode="after")
    def _even(self) -> Join:
        if len(self.key) != len(self.on):
            raise ValueError("needs as many columns in key as in on")
        if (self.field is None) != (self.value is None):
            raise ValueError("needs field and value together")
        return self


class Leave(Entry):
    """Rows that are no records, and why."""

    when: tuple[Condition, ...]
    """Conditions that must all hold."""
    reason: str
    """Why they stay behind; it stands in the import report."""


class Check(Entry):
    """Rows that only repeat what others say."""

    when: tuple[Condition, ...]
    """Which rows."""
    column: str
    """The column that must be the sum of the others."""
    sums: tuple[str, ...]
    """The columns added up, where all of them are filled."""
    reason: str
    """Why the row is left out where the sum is right; a wrong one is a fault."""


class FileSpec(Entry):
    """One file of the export."""

    name: FileName
    """Its name, in any case."""
    needs: tuple[str, ...] = ()
    """Columns without which the file is refused whole."""
    required: bool = False
    """Whether an export without this file is refused."""
    join: dict[str, Join] = {}
    """Rows of other files, by the name under which columns are asked for: NAME.COLUMN."""
    leave: tuple[Leave, ...] = ()
    """Rows to leave out, with the reason."""
    latest: tuple[str, ...] = ()
    """Rows that share these columns are states of one thing: only the last row counts."""
    check: tuple[Check, ...] = ()
    """Rows that repeat a sum."""
    carried: tuple[tuple[Condition, ...], ...] = ()
    """Rows that go into the record of another file, through a join."""
    otherwise: str = "no record of the source table takes this row"
    """Why a row that no record takes is left out."""
    left_out: str | None = None
    """Why the whole file stays behind."""
    ignore: dict[str, tuple[str, ...]] = {}
    """Columns left on purpose, by the reason."""

    @cached_property
    def paths(self) -> dict[str, tuple[str, str]]:
        return {}

    def path(self, name: str) -> tuple[str, str]:
        """The join (or nothing) and the column of a name; remembered, as every cell asks."""
        if name not in self.paths:
            join, _, column = name.partition(".")
            self.paths[name] = (join, column) if column and join in self.join else ("", name)
        return self.paths[name]


def with_short_fields(value: Any) -> Any:
    """`field = "column | converter"` for the plain case."""
    if isinstance(value, dict) and isinstance(value.get("field"), dict):
        return {**value, "field": {name: short(spec) for name, spec in value["field"].items()}}
    return value


def short(spec: Any) -> Any:
    if not isinstance(spec, str):
        return spec
    column, _, convert = (part.strip() for part in spec.partition("|"))
    return {"from": [column], "as": convert or "text"}
