"""The first rows of an export, what they become, and what is wrong with them: for the operator's own eyes; nothing is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

import mappings
from gateway.cli.drawing import drawn, pairs
from gateway.cli.rehearsal import draw_faults, draw_left_out, well_coded
from gateway.record.source import Made, SourceTable, read
from gateway.record.types import KINDS
from mappings.identity import Site

_SITE = Site("preview")


@dataclass
class Preview:
    """What the first rows of every file become, and the faults and the leavings of all of them."""

    rows: dict[str, dict[int, list[Made]]] = field(default_factory=lambda: defaultdict(dict))
    """The records by file and line."""
    records: Counter[str] = field(default_factory=Counter)
    faults: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def keep(self, made: Made, most: int) -> None:
        """Keep the record if its row is one of the first of its file."""
        self.records[made.record.kind] += 1
        lines = self.rows[made.file]
        lines.setdefault(made.line, []).append(made)
        if len(lines) > most:
            del lines[max(lines)]


def look(path: Path, table: SourceTable, zone: ZoneInfo, rows: int) -> Preview:
    """Read an export whole, since rows name one another, and keep what its first rows become."""
    preview, reading = Preview(), read(path, table, time_zone=zone, check=well_coded)
    for made in reading.made:
        preview.keep(made, rows)
    preview.faults = [fault._asdict() for fault in sorted(reading.faults)]
    preview.left_out = [one._asdict() for one in reading.left_out]
    preview.notes = reading.notes
    return preview


def told(preview: Preview) -> dict[str, Any]:
    """The preview as JSON."""
    files = {file: [_told_row(line, made) for line, made in sorted(lines.items())] for file, lines in preview.rows.items()}
    return {
        "files": files,
        "records": {kind: preview.records[kind] for kind in KINDS if preview.records[kind]},
        "faults": preview.faults,
        "left_out": preview.left_out,
        "notes": preview.notes,
    }


def _told_row(line: int, made: list[Made]) -> dict[str, Any]:
    return {"line": line, "becomes": [{"kind": one.record.kind, "from": one.cells, "record": _record(one), "resources": _resources(one)} for one in made]}


def _record(made: Made) -> dict[str, Any]:
    return made.record.model_dump(mode="json", exclude_defaults=True)


def _resources(made: Made) -> list[dict[str, Any]]:
    """The resources of a record by type: the main code or title of the first, and how many."""
    found: dict[str, list[str]] = {}
    for resource in mappings.resources_of(made.record, _SITE):
        found.setdefault(resource["resourceType"], []).append(title_of(resource))
    return [{"type": resource_type, "title": titles[0], "total": len(titles)} for resource_type, titles in found.items()]


def title_of(resource: dict[str, Any]) -> str:
    """What a resource is about, in a few words."""
    return next((text for name in _TITLES if (text := _words(resource.get(name)))), "")


_TITLES = ("code", "medicationCodeableConcept", "title", "name", "description", "scope", "type", "category", "content", "relationship", "class")


def _words(value: Any) -> str:
    """A name, a concept, a coding or a text in words."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return _words(value[0]) if value else ""
    if not isinstance(value, dict):
        return ""
    coding = value.get("coding", [value])[0]
    code = " ".join(filter(None, (coding.get("code"), coding.get("display"))))
    name = " ".join([*value.get("given", ()), value.get("family", "")]).strip()
    return name or value.get("text") or code or _words(value.get("attachment", {}).get("title"))


_FIRST = {1: "the first row that becomes a record"}


def draw(page: Console, preview: Preview, rows: int) -> None:
    for file, lines in preview.rows.items():
        title = f"{file}: {_FIRST.get(rows, f'the first {rows} rows that become records')}" if len(lines) == rows else f"{file}: every row that becomes a record"
        page.print(drawn(title, ("the row", "the record", "the resources"), _drawn_rows(lines), lines=True))
    draw_faults(page, preview.faults, "Rows that would be refused")
    draw_left_out(page, preview.left_out)
    for note in preview.notes:
        page.print(note, markup=False)
    total = ", ".join(f"{kind} {preview.records[kind]}" for kind in KINDS if preview.records[kind]) or "none"
    page.print(f"Records in all: {total}. Nothing was stored.", markup=False)


def _drawn_rows(lines: dict[int, list[Made]]) -> Iterator[tuple[Text, Text, Text]]:
    for line, made in sorted(lines.items()):
        for one in made:
            yield _under(f"line {line}", pairs(one.cells.items())), _under(one.record.kind, pairs(_flat(_record(one)))), _drawn_resources(one)


def _under(heading: str, text: Text) -> Text:
    return Text().append(f"{heading}\n", style="bold").append_text(text)


def _drawn_resources(made: Made) -> Text:
    found = _resources(made)
    if not found:
        return Text("stays inside: it becomes no resource", style="dim")
    return pairs((one["type"] + (f" ({one['total']})" if one["total"] > 1 else ""), one["title"]) for one in found)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value.keys() >= {"system", "code"}:
        yield path, " ".join(filter(None, (value["code"], value.get("text"), f"({value['system']})")))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value, start=1):
            yield from _flat(inner, f"{path}[{number}]")
    elif value is None:
        yield path, "left open"
    elif isinstance(value, bool):
        yield path, "yes" if value else "no"
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else value
