"""A source table: how one kind of export becomes records, as TOML that a practice can write without code.

A table names its files; each file its joins and the rows to leave; each record the file it comes from, its id and its
fields. `NAME.COLUMN` is a column of the join NAME.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gateway.record.source.spec import Condition, Entry, FieldSpec, FileName, FileSpec, Template, template, with_short_fields


class PartSpec(Entry):
    """Parts of a record, goals of a plan say: from the rows of a join, numbered columns or the pieces of a cell, or one from the row itself."""

    into: str
    """The record's field that holds the parts: goals, activities, members."""
    join: str | None = None
    """The join whose rows are the parts; columns are those of its file."""
    count: Annotated[int, Field(ge=1, le=50)] | None = None
    """How many groups of columns there are at most: {n} in a column's name is their number, from 1."""
    split: str | None = None
    """A column of the row whose pieces, parted by ; or a line end, are the parts; a piece goes by the column's name."""
    when: tuple[Condition, ...] = ()
    """Conditions on the part's row; without `join` a part is made only where one of its columns is filled."""
    id: str | tuple[str, ...] = "{n}"
    """The part's id, where it has one: a text with columns in braces; {n} is its number in the record. Of several the first whose cells are filled."""
    field: dict[str, FieldSpec]
    """The part's fields."""

    def numbered(self, number: int) -> PartSpec:
        """The part with {n} filled in."""
        field = {name: spec.numbered(str(number)) for name, spec in self.field.items()}
        when = tuple(condition.numbered(str(number)) for condition in self.when)
        return PartSpec(into=self.into, join=self.join, split=self.split, when=when, id=tuple(text.replace("{n}", str(number)) for text in self.id_texts), field=field)

    @property
    def id_texts(self) -> tuple[str, ...]:
        return (self.id,) if isinstance(self.id, str) else self.id

    @cached_property
    def numbers(self) -> tuple[PartSpec, ...]:
        return tuple(self.numbered(number) for number in range(1, (self.count or 1) + 1))

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column the part reads, as the record's row names it."""
        own = {column for part in self.numbers for column in _named(part.field.values(), part.when, *(template(text) for text in part.id_texts if "{" in text))}
        return frozenset(f"{self.join}.{column}" for column in own) if self.join else frozenset(own | {self.split or next(iter(own), "")} - {""})

    @model_validator(mode="before")
    @classmethod
    def _short_fields(cls, value: Any) -> Any:
        return with_short_fields(value)


class RecordSpec(Entry):
    """One kind of record out of the rows of one file."""

    kind: str
    """The kind of record."""
    file: FileName
    """The file whose rows become records."""
    id: str | tuple[str, ...]
    """A column, or a text with columns in braces: "score-{No}", "{Client}-{Date | day}". Of several the first whose cells are filled."""
    when: tuple[Condition, ...] = ()
    """Which rows: conditions that must all hold."""
    known_as: tuple[str, ...] = ()
    """For a practice, clinician or partner: words by which cells may name it, beside its id; no use where two share them."""
    once: tuple[str, ...] = ()
    """One record for all rows that share these columns, made from the first."""
    field: dict[str, FieldSpec]
    """The record's fields; a dot leads into a part of it: "name.family"."""
    part: tuple[PartSpec, ...] = ()
    """Lists of parts: a plan's goals and activities, a care team's members."""
    finish: str | None = None
    """A finisher, for what no field or part can say."""
    items: dict[str, str] = Field(default_factory=dict)
    """For the finisher `questionnaire`: link ids by the answers they are."""
    also: tuple[str, ...] = ()
    """Columns that the finisher reads."""
    same_client: tuple[str, ...] = ()
    """Columns that, where filled, must name the record's client."""
    labels: tuple[str, ...] = ()
    """Columns that may say that the row is a process note."""

    @model_validator(mode="before")
    @classmethod
    def _short_fields(cls, value: Any) -> Any:
        return with_short_fields(value)

    @cached_property
    def ids(self) -> tuple[Template, ...]:
        return tuple(map(template, (self.id,) if isinstance(self.id, str) else self.id))

    @cached_property
    def names(self) -> tuple[Template, ...]:
        return tuple(map(template, self.known_as))

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column the record reads, joined ones as NAME.COLUMN."""
        parts = [column for part in self.part for column in part.columns]
        return frozenset([*_named(self.field.values(), self.when, *self.ids, *self.names), *self.once, *self.also, *self.same_client, *self.labels, *parts])


def _named(fields: Iterable[FieldSpec], when: tuple[Condition, ...], *templates: Template) -> set[str]:
    found = {condition.column for condition in when}
    for spec in fields:
        found |= {*spec.columns, *(condition.column for condition in spec.conditions)}
    return found | {column for each in templates for column in each.columns}


class SourceTable(Entry):
    """The whole table."""

    name: str
    """A short name."""
    title: str
    """What it reads, in a few words."""
    delimiter: Annotated[str, Field(pattern=r"^(.|\t|auto)$")] = "auto"
    """What stands between cells: one character; "auto" takes the one of comma, semicolon, tab and bar that the header agrees with."""
    dates: Literal["month-first", "day-first"] | None = None
    """How 02/03/2026 reads: "month-first" or "day-first". Without it such a date is a fault, never a guess."""
    decimal: Literal[".", ","] = "."
    """The mark before the decimals of a number."""
    null: tuple[str, ...] = ()
    """Cells that say: nothing here."""
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Lists of the practice's words, in small letters, and what they mean: for the converters code, known_code, words and known_words."""
    file: tuple[FileSpec, ...]
    """The files of an export."""
    record: tuple[RecordSpec, ...]
    """The records made of their rows."""

    @cached_property
    def files(self) -> dict[str, FileSpec]:
        return {entry.name: entry for entry in self.file}

    def records_of(self, file: str) -> tuple[RecordSpec, ...]:
        return tuple(spec for spec in self.record if spec.file == file)

    @cached_property
    def walked(self) -> dict[str, frozenset[str]]:
        return {}

    def columns_of(self, file: str) -> frozenset[str]:
        """Every column read while the rows of this file are walked, joined ones as NAME.COLUMN."""
        if file not in self.walked:
            entry = self.files[file]
            tests = [*(leave.when for leave in entry.leave), *(check.when for check in entry.check), *entry.carried]
            conditions = [condition.column for test in tests for condition in test]
            sums = [column for check in entry.check for column in (check.column, *check.sums)]
            keys = [column for join in entry.join.values() for column in join.on if not column.startswith("=")]
            records = [column for spec in self.records_of(file) for column in spec.columns]
            also = [f"{name}.{column}" for name, join in entry.join.items() for column in join.also]
            self.walked[file] = frozenset([*conditions, *sums, *keys, *records, *also, *entry.latest])
        return self.walked[file]

    def read_columns(self, file: str) -> set[str]:
        """Every column of this file that something reads, also through the joins of others; columns left on purpose apart."""
        found = {*self.files[file].needs} - {column for columns in self.files[file].ignore.values() for column in columns}
        found |= {column for column in self.columns_of(file) if not self.files[file].path(column)[0]}
        for entry in self.file:
            asked = self.columns_of(entry.name)
            for name, join in entry.join.items():
                if join.file == file:
                    found |= {*join.key, *(column.partition(".")[2] for column in asked if column.startswith(f"{name}."))}
                    found |= {column for column in (join.field, join.value) if column}
        return found

    def known_columns(self, file: str) -> set[str]:
        """Every column that the table names for this file."""
        return self.read_columns(file) | {*self.files[file].needs} | {column for columns in self.files[file].ignore.values() for column in columns}
