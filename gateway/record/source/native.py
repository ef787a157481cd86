"""Native records: one JSON object a line (NDJSON), or one JSON array of them, each `{"kind": ..., ...}`.

A file is read twice: first for where each kind's records stand and which ids come twice, then kind by kind. Of a record
that is not at hand only numbers are kept, some forty bytes each, so that a large file needs no more memory than a small one.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from gateway.record.source.build import CALLS_ITSELF_PROCESS_NOTE, Check
from gateway.record.source.fault import LeftOut, RowFault, SourceRefused
from gateway.record.source.process_note import is_label_of_process_note, opens_as_process_note
from gateway.record.source.register import LEADS_BACK, NO_CYCLES, in_circles
from gateway.record.source.sentence import sentence_of_check, sentences
from gateway.record.source.shape import shape_of
from gateway.record.source.span import Span, spans
from gateway.record.types import KINDS, ProcessNoteMark, Record

_MARK = "process_note_mark"


class NativeReading:
    """The records in KINDS order; the rest is complete when they are exhausted. `records` is read once."""

    def __init__(self, path: Path, check: Check | None) -> None:
        self.faults: list[RowFault] = []
        self.left_out: list[LeftOut] = []
        self.notes: list[str] = []
        self.total = 0
        """How many records the file holds, bad ones too."""
        self._path, self._check = path, check
        self._spans: dict[str, tuple[array[int], array[int], array[int]]] = {kind: (array("Q"), array("Q"), array("Q")) for kind in KINDS}
        self._links: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._twice = self._survey()
        self._circles = {kind: in_circles(links) for kind, links in self._links.items()}
        self.records: Iterator[Record] = self._read()

    def _survey(self) -> frozenset[int]:
        """Where each record stands, by kind; returns the marks of ids that may come twice."""
        marks = [array("Q") for _ in range(256)]
        objects = 0
        with self._path.open("rb") as stream:
            for span in spans(self._path):
                self.total += 1
                found = _parsed(stream, span)
                kind = self._kind(span.line, found)
                objects += isinstance(found, dict)
                if kind is not None:
                    for column, value in zip(self._spans[kind], span, strict=True):
                        column.append(value)
                    mark = _mark_of(kind, found.get("id"))
                    marks[mark & 255].append(mark)
                    self._link(kind, found)
        if self._path.suffix == ".json" and self.total and not objects:
            raise SourceRefused(self._path.name, "The file is not JSON.", "Write one array of records, or one JSON object a line.")
        return frozenset(mark for bucket in marks for mark, count in Counter(bucket).items() if count > 1)

    def _kind(self, line: int, found: Any) -> str | None:
        """The kind that an object becomes; None, with the fault said, where it is none."""
        if not isinstance(found, dict):
            self._fault(line, "", "The line is not one JSON object, or gives a key twice.", "Write one JSON object a line.")
            return None
        kind = found.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            self._fault(line, "kind", "The record has no kind that exists.", f"Say one of {', '.join(KINDS)}.")
            return None
        return _MARK if kind == "note" and _is_process_note(found) else kind

    def _link(self, kind: str, found: dict[str, Any]) -> None:
        named = [found[name] for name in _own(kind) if isinstance(found.get(name), str)] if kind in NO_CYCLES else []
        if named and isinstance(found.get("id"), str):
            self._links[kind][found["id"]] = tuple(named)

    def _read(self) -> Iterator[Record]:
        with self._path.open("rb") as stream:
            for kind, columns in self._spans.items():
                seen: set[str] = set()
                for span in map(Span, *columns):
                    record = self._record(span.line, kind, _parsed(stream, span))
                    if record is not None and self._is_first(span.line, record, seen):
                        yield record
        self.faults.sort(key=lambda fault: fault.line)

    def _is_first(self, line: int, record: Record, seen: set[str]) -> bool:
        if _mark_of(record.kind, record.id) not in self._twice:
            return True
        if record.id in seen:
            self._fault(line, "id", f"An earlier line gives a {record.kind} with the same id.", "Give each its own id.")
            return False
        seen.add(record.id)
        return True

    def _record(self, line: int, kind: str, found: dict[str, Any]) -> Record | None:
        if found.pop("kind") == "note" and kind == _MARK:
            reason = "the text of a psychotherapy (process) note is never taken, only that there is one"
            self.left_out.append(LeftOut(self._path.name, "text", 1, reason, (line,)))
            found = _mark(found)
        if any(opens_as_process_note(value) for value in found.values() if isinstance(value, str)):
            self._fault(line, "", *CALLS_ITSELF_PROCESS_NOTE)
            return None
        return self._typed(line, kind, found)

    def _typed(self, line: int, kind: str, found: dict[str, Any]) -> Record | None:
        try:
            record = KINDS[kind].model_validate(found)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                name = ".".join(str(part) for part in fault["loc"]) if fault["type"] != "extra_forbidden" else ""
                self._fault(line, name, *sentences(fault, kind, name))
            return None
        if wrong := self._check(record) if self._check else None:
            self._fault(line, wrong[0], *sentence_of_check(*wrong))
            return None
        circle = self._circles.get(kind, frozenset())
        if record.id in circle:
            name = next(name for name in _own(kind) if getattr(record, name) in circle)
            self._fault(line, name, LEADS_BACK[0].format(kind=kind), LEADS_BACK[1])
            return None
        return record

    def _fault(self, line: int, column: str, rule: str, mend: str) -> None:
        self.faults.append(RowFault(self._path.name, line, column, rule, mend))


def read_records(path: Path, *, check: Check | None = None) -> NativeReading:
    """Typed records of a JSON file; SourceRefused if it is not JSON records at all. `check` is asked of every record."""
    return NativeReading(path, check)


@cache
def _own(kind: str) -> tuple[str, ...]:
    """The fields that name another record of the same kind."""
    return tuple(name for name in KINDS[kind].model_fields if (shape := shape_of(kind, name)) and shape.names == kind and not shape.is_list)


def _parsed(stream: BinaryIO, span: Span) -> Any:
    """The object of a span; None where it is no JSON, gives a key twice or nests beyond reason."""
    stream.seek(span.start)
    try:
        return json.loads(stream.read(span.length), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None


class _Twice(ValueError):
    """An object that gives one key twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    return found


def _mark_of(kind: str, record_id: Any) -> int:
    return int.from_bytes(blake2b(f"{kind}\x1f{record_id}".encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _is_process_note(found: dict[str, Any]) -> bool:
    text = found.get("text")
    labels = [value for key, value in found.items() if key != "text" and isinstance(value, str)]
    return any(map(is_label_of_process_note, labels)) or (isinstance(text, str) and opens_as_process_note(text))


def _mark(found: dict[str, Any]) -> dict[str, Any]:
    written = found.get("written_at")
    mark = {"id": found.get("id"), "client": found.get("client"), "author": found.get("author"), "written_on": written[:10] if isinstance(written, str) else None}
    return {name: value for name, value in mark.items() if name in ProcessNoteMark.model_fields}
