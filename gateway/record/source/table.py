"""A source table: how one kind of export becomes records, as TOML that a practice can write without code.

A table names its files; each file its joins and the rows to leave; each record the file it comes from, its id and its
fields. `NAME.COLUMN` is a column of the join NAME.
"""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.record.source.convert import CONVERTERS
from gateway.record.source.fault import TableRefused
from gateway.record.source.finish import FINISHERS
from gateway.record.types import KINDS

_BUILT_IN = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_LISTED = frozenset({"code", "known_code", "words", "known_words"})
_HOLE = re.compile(r"\{([^{}]+)\}")

FileName = Annotated[str, Field(pattern=r"^[^/\\\x00]+$", max_length=255)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Condition(_Entry):
    """One test of a cell: `filled`, `in` a list of words (in any case), or `matches` a pattern."""

    column: str
    filled: bool | None = None
    among: tuple[str, ...] | None = Field(default=None, alias="in")
    matches: re.Pattern[str] | None = None

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


class Choice(_Entry):
    when: tuple[Condition, ...]
    value: str | bool | int


class FieldSpec(_Entry):
    """Where a field's value comes from: a column read by a converter, the first choice that holds, or a constant.

    Several columns in `from` give the first filled one, unless the converter takes them all.
    """

    columns: tuple[str, ...] = Field(default=(), alias="from")
    convert: str = Field(default="text", alias="as")
    choose: tuple[Choice, ...] = ()
    otherwise: str | bool | int | None = None
    labels: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()
    """Words that stand for an empty cell."""

    @cached_property
    def converter(self) -> str:
        return self.convert.partition(":")[0]

    @cached_property
    def argument(self) -> str:
        return self.convert.partition(":")[2]


class Join(_Entry):
    """Rows of another file that belong to a row: those whose `key` columns equal the row's `on` columns.

    `on` holds column names, or constants written with a leading `=`. With `field` and `value` the other file holds one
    row per field (entity, attribute, value), and its fields serve as columns.
    """

    file: FileName
    key: tuple[str, ...]
    on: tuple[str, ...]
    many: bool = False
    must: str | None = None
    """The rule broken where `on` is filled and no row answers."""
    owned: str | None = None
    """The rule broken by a row of the other file that no record takes up."""
    unused: str | None = None
    """Why such a row is left out, where it breaks no rule."""
    field: str | None = None
    value: str | None = None
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


class Leave(_Entry):
    """Rows that are no records, and why."""

    when: tuple[Condition, ...]
    reason: str


class Check(_Entry):
    """Rows that only repeat what others say: their `column` must be the sum of `sums`, where all of them are filled."""

    when: tuple[Condition, ...]
    column: str
    sums: tuple[str, ...]
    reason: str


class FileSpec(_Entry):
    name: FileName
    needs: tuple[str, ...] = ()
    required: bool = False
    join: dict[str, Join] = {}
    leave: tuple[Leave, ...] = ()
    check: tuple[Check, ...] = ()
    carried: tuple[tuple[Condition, ...], ...] = ()
    """Rows that go into the record of another file, through a join."""
    otherwise: str = "no record of the source table takes this row"
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


class RecordSpec(_Entry):
    kind: str
    file: FileName
    id: str
    """A column, or a text with columns in braces."""
    when: tuple[Condition, ...] = ()
    once: tuple[str, ...] = ()
    """One record for all rows that share these columns, made from the first."""
    field: dict[str, FieldSpec]
    finish: str | None = None
    items: dict[str, str] = {}
    """Link ids of a QuestionnaireResponse by the answers they are."""
    also: tuple[str, ...] = ()
    same_client: tuple[str, ...] = ()
    """Columns that, where filled, must name the record's client."""
    labels: tuple[str, ...] = ()
    """Columns that may say that the row is a process note."""

    @model_validator(mode="before")
    @classmethod
    def _short_fields(cls, value: Any) -> Any:
        """`field = "column | converter"` for the plain case."""
        if isinstance(value, dict) and isinstance(value.get("field"), dict):
            return {**value, "field": {name: _short(spec) for name, spec in value["field"].items()}}
        return value

    @model_validator(mode="after")
    def _known(self) -> RecordSpec:
        if self.kind not in KINDS:
            raise ValueError(f"names a kind that does not exist; the kinds are {', '.join(KINDS)}")
        if self.finish is not None and self.finish not in FINISHERS:
            raise ValueError(f"names a finisher that does not exist; there are {', '.join(sorted(FINISHERS))}")
        for name, spec in self.field.items():
            if name.partition(".")[0] not in KINDS[self.kind].model_fields:
                raise ValueError(f"sets a field that {self.kind} does not have; its fields are {', '.join(KINDS[self.kind].model_fields)}")
            if spec.converter not in CONVERTERS:
                raise ValueError(f"names a converter that does not exist; there are {', '.join(sorted(CONVERTERS))}")
        return self

    @cached_property
    def id_columns(self) -> tuple[str, ...]:
        return tuple(_HOLE.findall(self.id)) or (self.id,)

    @cached_property
    def id_parts(self) -> tuple[str, ...]:
        """Literal text and column names in turn, beginning and ending with text."""
        return tuple(_HOLE.split(self.id)) if "{" in self.id else ("", self.id, "")

    def conditions(self) -> tuple[Condition, ...]:
        return self.when + tuple(condition for spec in self.field.values() for choice in spec.choose for condition in choice.when)

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column the record reads, joined ones as NAME.COLUMN."""
        named = [column for spec in self.field.values() for column in spec.columns]
        return frozenset([*named, *self.id_columns, *self.once, *self.also, *self.same_client, *self.labels, *(condition.column for condition in self.conditions())])


def _short(spec: Any) -> Any:
    if not isinstance(spec, str):
        return spec
    column, _, convert = (part.strip() for part in spec.partition("|"))
    return {"from": [column], "as": convert or "text"}


class SourceTable(_Entry):
    name: str
    title: str
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    null: tuple[str, ...] = ()
    """Cells that say: nothing here."""
    codes: dict[str, dict[str, str]] = {}
    """Lists of the practice's words and what they mean, for the converters `code` and `words`."""
    file: tuple[FileSpec, ...]
    record: tuple[RecordSpec, ...]

    @model_validator(mode="after")
    def _whole(self) -> SourceTable:
        for spec in self.record:
            if spec.file not in self.files:
                raise ValueError(f"record of kind {spec.kind} reads a file that no [[file]] names")
            for name, field in spec.field.items():
                if field.converter in _LISTED and field.argument not in self.codes:
                    raise ValueError(f"field {name} of kind {spec.kind} uses a list that codes does not have")
        for entry in self.file:
            if missing := {join.file for join in entry.join.values()} - set(self.files):
                raise ValueError(f"a join of {entry.name} reads {', '.join(sorted(missing))}, which no [[file]] names")
        return self

    @cached_property
    def files(self) -> dict[str, FileSpec]:
        return {entry.name: entry for entry in self.file}

    def records_of(self, file: str) -> tuple[RecordSpec, ...]:
        return tuple(spec for spec in self.record if spec.file == file)

    def columns_of(self, file: str) -> frozenset[str]:
        """Every column read while the rows of this file are walked, joined ones as NAME.COLUMN."""
        entry = self.files[file]
        tests = [*(leave.when for leave in entry.leave), *(check.when for check in entry.check), *entry.carried]
        conditions = [condition.column for test in tests for condition in test]
        sums = [column for check in entry.check for column in (check.column, *check.sums)]
        keys = [column for join in entry.join.values() for column in join.on if not column.startswith("=")]
        records = [column for spec in self.records_of(file) for column in spec.columns]
        also = [f"{name}.{column}" for name, join in entry.join.items() for column in join.also]
        return frozenset([*conditions, *sums, *keys, *records, *also])


def load_table(name_or_path: str) -> SourceTable:
    """The source table of that name in `mappings/source/`, or at that path; TableRefused says what to mend."""
    if _BUILT_IN.fullmatch(name_or_path):
        source = files("mappings").joinpath("source", f"{name_or_path}.toml")
        label, body = f"{name_or_path}.toml", source.read_bytes() if source.is_file() else None
    else:
        path = Path(name_or_path)
        label, body = path.name, path.read_bytes() if path.is_file() else None
    if body is None:
        raise TableRefused(label, "", "There is no such source table; give the name of one that ships, or the path of a TOML file.")
    try:
        return SourceTable.model_validate(tomllib.loads(body.decode("utf-8")))
    except UnicodeDecodeError:
        raise TableRefused(label, "", "The file is not UTF-8 text; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise TableRefused(label, "", f"The file is not TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise TableRefused(label, ".".join(str(part) for part in first["loc"]), f"{first['msg']}.") from None
