"""Is a source table right? Everything wrong with it at once, each by key, rule and mend; nothing of an export is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from gateway.record.source.check_field import Step, Wrong, check_field, check_hole, check_lists, meant
from gateway.record.source.field import BY_WORDS
from gateway.record.source.finish import FINISHERS
from gateway.record.source.shape import part_of, required, shape_of
from gateway.record.source.spec import FieldSpec, FileSpec, template
from gateway.record.source.table import PartSpec, RecordSpec, SourceTable
from gateway.record.types import KINDS

_FILLED_BY = {"plan_goals": {"goals"}, "aftercare": {"goals", "activities"}, "questionnaire": {"answers"}}
"""Fields that a finisher sets."""


def check(table: SourceTable) -> list[Wrong]:
    """What is wrong with a table, in its order; the faults that keep it from being used, and what is only worth a look."""
    return [wrong for look in (_files, _records, check_lists) for wrong in look(table)]


def _files(table: SourceTable) -> Iterator[Wrong]:
    for name, count in Counter(entry.name.casefold() for entry in table.file).items():
        if count > 1:
            yield Wrong(("file",), f"Two [[file]] entries are called {name}.", "Keep one.")
    for number, entry in enumerate(table.file):
        yield from _joins(table, ("file", number), entry)
        yield from _ignored(table, ("file", number), entry)
        yield from _strayed(table, ("file", number), entry)


def _joins(table: SourceTable, at: tuple[Step, ...], entry: FileSpec) -> Iterator[Wrong]:
    for name, join in entry.join.items():
        if join.file not in table.files:
            yield Wrong((*at, "join", name, "file"), f"The join reads {join.file}, which no [[file]] names.", "Add the [[file]], or correct the name.")
        if not _is_used(table, entry, name):
            yield Wrong((*at, "join", name), "No column, part or condition asks for this join.", "Take it out, or use it as NAME.COLUMN.", fault=False)


def _is_used(table: SourceTable, entry: FileSpec, name: str) -> bool:
    parts = [part.join for spec in table.records_of(entry.name) for part in spec.part]
    return name in parts or entry.join[name].also != () or any(column.startswith(f"{name}.") for column in table.columns_of(entry.name))


def _ignored(table: SourceTable, at: tuple[Step, ...], entry: FileSpec) -> Iterator[Wrong]:
    often = Counter(column for columns in entry.ignore.values() for column in columns)
    for column, count in often.items():
        if count > 1:
            yield Wrong((*at, "ignore"), f"The column {column} is ignored twice.", "Keep it under one reason.")
        if column in table.read_columns(entry.name):
            yield Wrong((*at, "ignore"), f"The column {column} is ignored, and a record reads it.", "Take it out of ignore, or out of the record.", fault=False)


def _strayed(table: SourceTable, at: tuple[Step, ...], entry: FileSpec) -> Iterator[Wrong]:
    """Columns that look as if a join were meant that is not there."""
    for column in sorted(table.columns_of(entry.name)):
        head, dot, rest = column.partition(".")
        if dot and rest and head.isidentifier() and head not in entry.join and column not in entry.needs:
            yield Wrong(
                at,
                f"{column} looks like a column of a join, and {entry.name} has no join {head}.",
                f"Add [file.join.{head}]; where the column is called so, name it in needs.",
                fault=False,
            )


def _records(table: SourceTable) -> Iterator[Wrong]:
    for number, spec in enumerate(table.record):
        at: tuple[Step, ...] = ("record", number)
        if spec.kind not in KINDS:
            yield Wrong((*at, "kind"), f"{spec.kind} is a kind that does not exist.", meant(spec.kind, KINDS))
        elif spec.file not in table.files:
            yield Wrong((*at, "file"), f"The record reads {spec.file}, a file that no [[file]] names.", "Add the [[file]], or correct the name.")
        elif spec.finish and spec.finish not in FINISHERS:
            yield Wrong((*at, "finish"), f"{spec.finish} is a finisher that does not exist.", meant(spec.finish, FINISHERS))
        else:
            for look in _LOOKS:
                yield from look(table, at, spec)


def _fields(table: SourceTable, at: tuple[Step, ...], spec: RecordSpec) -> Iterator[Wrong]:
    kind = KINDS[spec.kind]
    for name, field in spec.field.items():
        yield from check_field(table, (*at, "field", name), kind, spec.kind, name, field)
    for text in (*spec.ids, *spec.names):
        if not any(text.columns):
            yield Wrong((*at, "id"), "The text holds no column.", "Write a column, or a text with columns in braces.")
        for hole in text.holes:
            yield from check_hole(table, (*at, "id"), hole)


def _required(table: SourceTable, at: tuple[Step, ...], spec: RecordSpec) -> Iterator[Wrong]:
    given = {name.partition(".")[0] for name in spec.field} | {part.into for part in spec.part} | _FILLED_BY.get(spec.finish or "", set()) | {"id"}
    for name in required(KINDS[spec.kind]):
        if name not in given and not get_close_matches(name, given - KINDS[spec.kind].model_fields.keys()):
            yield Wrong((*at, "field"), f"Nothing sets {name}, which every {spec.kind} needs.", f"Say which column holds {name}, or a constant: {name} = {{ otherwise = ... }}.")
    makers = {spec.kind for spec in table.record}
    for name, field in spec.field.items():
        shape = shape_of(spec.kind, name)
        if shape and shape.names and shape.names not in makers and field.convert in (f"ref:{shape.names}", f"refs:{shape.names}"):
            yield Wrong((*at, "field", name), f"The field names a {field.argument}, and no record of the table makes one.", _NOBODY, fault=False)


_NOBODY = "Add a [[record]] of that kind; without it only those taken in before can be named."


def _parts(table: SourceTable, at: tuple[Step, ...], spec: RecordSpec) -> Iterator[Wrong]:
    for number, part in enumerate(spec.part):
        here = (*at, "part", number)
        kind = part_of(spec.kind, part.into)
        if kind is None:
            yield Wrong((*here, "into"), f"{spec.kind} has no list of parts {part.into}.", f"Write one of {', '.join(_lists(spec.kind)) or 'none: it has none'}.")
            continue
        yield from _part_join(table.files[spec.file], here, part)
        for text in part.id_texts:
            if "{" in text.replace("{n}", "") and not any(template(text.replace("{n}", "1")).columns):
                yield Wrong((*here, "id"), "The text holds no column.", "Write a text with columns in braces, or {n}.")
        for name, field in part.field.items():
            yield from check_field(table, (*here, "field", name), kind, f"part of {part.into}", name, field)
        for name in required(kind):
            if name != "id" and name not in {set_.partition(".")[0] for set_ in part.field}:
                yield Wrong((*here, "field"), f"Nothing sets {name}, which every part of {part.into} needs.", f"Say which column holds {name}.")


def _part_join(entry: FileSpec, at: tuple[Step, ...], part: PartSpec) -> Iterator[Wrong]:
    if part.join and part.join not in entry.join:
        yield Wrong((*at, "join"), f"{entry.name} has no join {part.join}.", f"Add [file.join.{part.join}] to its [[file]], with many = true.")
    elif part.join and not entry.join[part.join].many:
        yield Wrong((*at, "join"), f"The join {part.join} gives one row only.", "Say many = true at the join.")
    if sum(way is not None for way in (part.join, part.count, part.split)) > 1:
        yield Wrong(at, "A part comes from the rows of a join, from numbered columns or from the pieces of a cell.", "Keep one of join, count and split.")
    if part.split and part.split.partition(".")[0] in entry.join:
        yield Wrong((*at, "split"), "Only a cell of the row itself can be split into parts.", "Name a column of the record's file.")


def _lists(kind: str) -> list[str]:
    return [name for name in KINDS[kind].model_fields if part_of(kind, name)]


def _doubled(_table: SourceTable, at: tuple[Step, ...], spec: RecordSpec) -> Iterator[Wrong]:
    for where, fields in ((("field",), spec.field), *((("part", number, "field"), part.field) for number, part in enumerate(spec.part) if not part.join)):
        yield from _twice((*at, *where), fields)


def _twice(at: tuple[Step, ...], fields: dict[str, FieldSpec]) -> Iterator[Wrong]:
    """Plain fields that read the same cell the same way, which is seldom meant; a period that starts on the day of the record is."""
    first: dict[tuple[tuple[str, ...], str], str] = {}
    for name, field in fields.items():
        key = (field.columns, field.convert)
        if field.columns and not field.choose and key in first and not name.startswith("period."):
            yield Wrong((*at, name), f"The field reads the same column in the same way as {first[key]}.", "Correct one of them, unless both are meant.", fault=False)
        first.setdefault(key, name)


def _known_as(_table: SourceTable, at: tuple[Step, ...], spec: RecordSpec) -> Iterator[Wrong]:
    if spec.known_as and spec.kind not in BY_WORDS:
        yield Wrong((*at, "known_as"), f"A {spec.kind} is named by its id alone.", f"Take known_as out; it is for {', '.join(sorted(BY_WORDS))}.")


def _notes(_table: SourceTable, at: tuple[Step, ...], spec: RecordSpec) -> Iterator[Wrong]:
    if spec.kind == "note" and "text" in spec.field and not spec.labels:
        yield Wrong((*at, "labels"), "No column of the note may say that it is a process note; only the note's first words can.", _LABELS, fault=False)


_LABELS = 'Name the columns of its type and title: labels = ["Type"].'

_LOOKS: tuple[Callable[[SourceTable, tuple[Step, ...], RecordSpec], Iterator[Wrong]], ...] = (_fields, _required, _parts, _doubled, _known_as, _notes)


class Size(NamedTuple):
    """How much a table holds."""

    files: int
    records: int
    kinds: tuple[str, ...]


def size(table: SourceTable) -> Size:
    return Size(len(table.file), len(table.record), tuple(kind for kind in KINDS if any(spec.kind == kind for spec in table.record)))
