"""Native records: one JSON object a line (NDJSON), or one JSON array of them, each `{"kind": ..., ...}`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from gateway.record.source.build import CALLS_ITSELF_PROCESS_NOTE, sentences
from gateway.record.source.fault import LeftOut, RowFault, SourceRefused
from gateway.record.source.process_note import is_label_of_process_note, opens_as_process_note
from gateway.record.types import KINDS, ProcessNoteMark, Record

_SIZE_LIMIT = 512 * 1024 * 1024
_SPACE = " \t\r\n"
_DEEP = RecursionError


class NativeReading(NamedTuple):
    """The records in KINDS order, the faults by line, and what was left out."""

    records: list[Record]
    faults: list[RowFault]
    left_out: list[LeftOut]
    notes: list[str]


class _Twice(ValueError):
    """An object that gives one key twice."""


def read_records(path: Path) -> NativeReading:
    """Typed records of a JSON file; SourceRefused if it is not JSON records at all."""
    reading = NativeReading([], [], [], [])
    seen: set[tuple[str, str]] = set()
    for line, found in _objects(path.name, _text(path)):
        if record := _record(path.name, line, found, reading):
            if (record.kind, record.id) in seen:
                reading.faults.append(RowFault(path.name, line, "id", f"An earlier line gives a {record.kind} with the same id.", "Give each its own id."))
            else:
                seen.add((record.kind, record.id))
                reading.records.append(record)
    if path.suffix == ".json" and not reading.records and reading.faults and all(fault.column == "" for fault in reading.faults):
        raise SourceRefused(path.name, "The file is not JSON.", "Write one array of records, or one JSON object a line.")
    order = list(KINDS)
    reading.records.sort(key=lambda record: order.index(record.kind))
    return reading


def _text(path: Path) -> str:
    if path.stat().st_size > _SIZE_LIMIT:
        raise SourceRefused(path.name, f"The file is larger than {_SIZE_LIMIT:,} bytes.", "Split it.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceRefused(path.name, "The file is not UTF-8 text.", "Save it as UTF-8 JSON, one record a line.") from None
    if text.lstrip(_SPACE)[:1] not in ("{", "["):
        raise SourceRefused(path.name, "The file holds no JSON records.", "Write one JSON object a line, or one array of them.")
    return text


def _objects(file: str, text: str) -> Iterator[tuple[int, Any]]:
    """Each object with the line on which it starts; a line that is not JSON comes as None."""
    if text.lstrip(_SPACE).startswith("["):
        yield from _array(file, text)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip(_SPACE):
            try:
                yield number, json.loads(line, object_pairs_hook=_once)
            except (ValueError, _DEEP):
                yield number, None


def _array(file: str, text: str) -> Iterator[tuple[int, Any]]:
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    at, line = text.index("[") + 1, 1 + text.count("\n", 0, text.index("["))
    while True:
        start = _after_space(text, at)
        line += text.count("\n", at, start)
        if text[start : start + 1] == "]":
            return
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, _DEEP):
            rule = f"The array breaks off at its element in line {line}: it is not JSON, or gives a key twice."
            raise SourceRefused(file, rule, "Correct the file, or write one object a line.") from None
        yield line, found
        line += text.count("\n", start, end)
        at = _after_space(text, end)
        line += text.count("\n", end, at)
        at += text[at : at + 1] == ","


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    return found


def _record(file: str, line: int, found: Any, reading: NativeReading) -> Record | None:
    if not isinstance(found, dict):
        reading.faults.append(RowFault(file, line, "", "The line is not one JSON object, or gives a key twice.", "Write one JSON object a line."))
        return None
    kind = found.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        reading.faults.append(RowFault(file, line, "kind", "The record has no kind that exists.", f"Say one of {', '.join(KINDS)}."))
        return None
    if kind == "note" and _is_process_note(found):
        reading.left_out.append(LeftOut(file, "text", 1, "the text of a psychotherapy (process) note is never taken, only that there is one", (line,)))
        kind, found = "process_note_mark", _mark(found)
    return _typed(file, line, kind, found, reading)


def _is_process_note(found: dict[str, Any]) -> bool:
    text = found.get("text")
    labels = [value for key, value in found.items() if key != "text" and isinstance(value, str)]
    return any(map(is_label_of_process_note, labels)) or (isinstance(text, str) and opens_as_process_note(text))


def _mark(found: dict[str, Any]) -> dict[str, Any]:
    written = found.get("written_at")
    mark = {"id": found.get("id"), "client": found.get("client"), "author": found.get("author"), "written_on": written[:10] if isinstance(written, str) else None}
    return {name: value for name, value in mark.items() if name in ProcessNoteMark.model_fields}


def _typed(file: str, line: int, kind: str, found: dict[str, Any], reading: NativeReading) -> Record | None:
    if any(opens_as_process_note(value) for value in found.values() if isinstance(value, str)):
        reading.faults.append(RowFault(file, line, "", *CALLS_ITSELF_PROCESS_NOTE))
        return None
    try:
        return KINDS[kind].model_validate(found)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = ".".join(str(part) for part in fault["loc"]) if fault["type"] != "extra_forbidden" else ""
            reading.faults.append(RowFault(file, line, name, *sentences(fault, kind, name)))
        return None
