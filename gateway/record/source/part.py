"""The parts of a record, each read from a row of a join, from a numbered group of columns, or from the record's own row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from gateway.record.source.convert import split
from gateway.record.source.field import Fields
from gateway.record.source.sheet import Row
from gateway.record.source.spec import FileSpec, template
from gateway.record.source.table import PartSpec
from gateway.record.source.view import Index, View
from gateway.record.source.when import Setting


def part_rows(spec: PartSpec, view: View, setting: Setting, before: int, *, with_id: bool) -> Iterator[Fields]:
    """The parts that the spec finds; `before` parts of the same list stand before them. `with_id`: they have ids of their own."""
    for number, part, at in _sources(spec, view, setting, before):
        if not all(condition.holds(at.text(condition.column)) for condition in part.when):
            continue
        columns = [column for field in part.field.values() for column in field.columns]
        if spec.join is None and not any(at.text(column) for column in columns):
            continue
        found = Fields(part.field, at, setting, next(iter(columns), ""))
        found.read()
        if with_id:
            _identify(part, number, found)
        yield found


def _sources(spec: PartSpec, view: View, setting: Setting, before: int) -> Iterator[tuple[int, PartSpec, View]]:
    if spec.split is not None:
        pieces = split(view.text(spec.split), "", setting)
        yield from ((before + at, spec, _with(view, spec.split, piece)) for at, piece in enumerate(pieces, start=1))
    elif spec.join is None:
        yield from ((before + at, part, view) for at, part in enumerate(spec.numbers, start=1))
    else:
        yield from ((before + at, spec, _alone(row, view)) for at, row in enumerate(view.many(spec.join), start=1))


def _identify(part: PartSpec, number: int, found: Fields) -> None:
    texts = [text.replace("{n}", str(number)) for text in part.id_texts]
    told = [found.text(template(text)) if "{" in text else text for text in texts]
    found.values.setdefault("id", next(filter(None, told), ""))
    if not found.values["id"]:
        found.fault(template(texts[0]).columns[0], "The row has no id.", "Give it the id that the source uses.")


def _with(view: View, column: str, piece: str) -> View:
    """The row with one piece of a cell in its place."""
    cells = list(view.row.cells)
    cells[view.row.columns[column]] = piece
    return view.of(Row(view.row.file, view.row.line, view.row.columns, cells))


def _alone(row: Row, view: View) -> View:
    """A joined row by itself: its columns go by their own names."""
    return View(row, _entry(row.file), _no_index, view.reject)


@cache
def _entry(file: str) -> FileSpec:
    return FileSpec(name=file)


def _no_index(_file: str, _name: str) -> Index:
    raise KeyError
