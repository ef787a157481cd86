"""What an import would do, without a word of it stored: records by kind, resources by type, what would be refused, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson
from rich.console import Console
from rich.text import Text

import mappings
from gateway.cli.drawing import complaint, drawn, paper
from gateway.context import Context
from gateway.record.naming import Name, client_of, name_of, named_by, ordered, strays
from gateway.record.report import Refusal
from gateway.record.source import LeftOut, Reading, RowFault, SourceRefused, TableRefused, load_table, read, read_records
from gateway.record.source.native import NativeReading
from gateway.record.source.register import OnFile
from gateway.record.types import KINDS, Record
from gateway.store import record as kept
from mappings.codes import BadCode
from mappings.identity import Site

_SHOWN = 20
_LINES = 8


def well_coded(record: Record) -> tuple[str, str] | None:
    """The first code of a record that cannot be one, by its path, and the rule it breaks."""
    try:
        mappings.codes.check(record)
    except BadCode as fault:
        return fault.field, fault.rule
    return None


def on_file(context: Context) -> OnFile:
    """Whether the practice's store holds a record already."""

    @lru_cache(maxsize=65_536)
    def holds(kind: str, record_id: str) -> bool:
        with context.store.read() as connection:
            return kept.exists(connection, context.principal.practice, kind, record_id)

    return holds


class Rehearsal:
    """An intake that counts instead of storing, by the intake's own rules on what records name."""

    def __init__(self, context: Context) -> None:
        self.records: Counter[str] = Counter()
        self.resources: Counter[tuple[str, str]] = Counter()
        """By kind of record and type of resource."""
        self.unchecked_codes: Counter[str] = Counter()
        self.refused: list[Refusal] = []
        self.read = 0
        self._context = context
        self._site = Site(context.principal.practice)
        self._owners: dict[Name, str | None] = {}

    def take(self, records: Iterable[Record]) -> None:
        """Records in KINDS order, as a reader gives them."""
        for group in ordered(self._counted(records), self._kept, self.refused):
            faults = strays(group, self._there(named_by(group)))
            self.refused += faults
            refused = {(fault.kind, fault.id) for fault in faults}
            for record in (record for record in group if name_of(record) not in refused):
                self._owners[name_of(record)] = client_of(record)
                self._count(record)

    def _counted(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            self.read += 1
            yield record

    def _kept(self, names: Iterable[Name]) -> dict[Name, kept.Kept]:
        with self._context.store.read() as connection:
            return kept.kept(connection, self._context.principal.practice, names)

    def _there(self, names: set[Name]) -> dict[Name, str | None]:
        """Whose each of these is, among what came before and what is on file."""
        come = {name: self._owners[name] for name in names if name in self._owners}
        if not (others := names - come.keys()):
            return come
        with self._context.store.read() as connection:
            return come | kept.owners(connection, self._context.principal.practice, others)

    def _count(self, record: Record) -> None:
        self.records[record.kind] += 1
        self.resources.update((record.kind, resource["resourceType"]) for resource in mappings.resources_of(record, self._site))
        self.unchecked_codes.update(f"{code.system}|{code.code}" for code in mappings.codes.unchecked(record))


def rehearse(context: Context, paths: Iterable[Path], source: str | None, zone: ZoneInfo, report_file: Path | None, *, as_json: bool) -> None:
    """The whole of `handoff import --dry-run`."""
    told: dict[str, Any] = {"files": [str(path) for path in paths], "dry_run": True, "read": 0, "created": 0, "refused": [], "left_out": [], "notes": []}
    rehearsal = Rehearsal(context)
    try:
        for path in map(Path, told["files"]):
            with Console(stderr=True).status(f"Reading {path.name}"):
                _one(context, path, source, zone, rehearsal, told)
    except (SourceRefused, TableRefused) as fault:
        raise click.ClickException(f"{fault} Nothing of it would be imported.") from None
    told["records"] = {kind: rehearsal.records[kind] for kind in KINDS if rehearsal.records[kind]}
    told["resources"] = dict(sorted((+_by_type(rehearsal)).items()))
    told["unchecked_codes"] = dict(sorted((+rehearsal.unchecked_codes).items()))
    if report_file:
        report_file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        _draw(paper(), told, rehearsal, report_file)


def _one(context: Context, path: Path, source: str | None, zone: ZoneInfo, rehearsal: Rehearsal, told: dict[str, Any]) -> None:
    refused = len(rehearsal.refused)
    if path.is_file() and source is None:
        found: NativeReading | Reading = read_records(path, check=well_coded)
    else:
        found = read(path, load_table(source or "openemr"), time_zone=zone, check=well_coded, on_file=on_file(context))
    rehearsal.take(found.records)
    told["read"] = rehearsal.read
    told["refused"] += refused_of(path.name, rehearsal.refused[refused:])
    _tell(found.faults, found.left_out, found.notes, told)


def refused_of(file: str, refused: Iterable[Refusal]) -> list[dict[str, Any]]:
    """What the intake refuses, as the report's entries: {"file", "line", "column", "record", "rule", "mend"}."""
    return [
        {"file": file, "line": None, "column": None, "record": f"{one.kind}/{one.id}", "rule": f"{one.rule}.", "mend": f"{one.mend[:1].upper()}{one.mend[1:]}."} for one in refused
    ]


def _tell(faults: Iterable[RowFault], left_out: Iterable[LeftOut], notes: list[str], told: dict[str, Any]) -> None:
    told["refused"] += [fault._asdict() for fault in faults]
    told["left_out"] += [one._asdict() for one in left_out]
    told["notes"] += notes


def _by_type(rehearsal: Rehearsal) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, resource_type), count in rehearsal.resources.items():
        found[resource_type] += count
    return found


def _draw(page: Console, told: dict[str, Any], rehearsal: Rehearsal, report_file: Path | None) -> None:
    rows = [
        (kind, count, ", ".join(f"{resource_type} {number}" for (of, resource_type), number in rehearsal.resources.items() if of == kind and number) or "stays inside")
        for kind, count in told["records"].items()
    ]
    page.print(drawn(f"{sum(told['records'].values())} records would go in, {len(told['refused'])} would be refused", ("record", "how many", "resources"), rows))
    draw_faults(page, told["refused"], "Would be refused")
    draw_left_out(page, told["left_out"])
    if told["unchecked_codes"]:
        page.print(drawn("Codes outside the checked table: they go without a display of ours", ("code", "times"), told["unchecked_codes"].items()))
    for note in told["notes"]:
        page.print(note, markup=False)
    page.print("Dry run: nothing was stored." + (f" The whole report is in {report_file}." if report_file else ""), markup=False)


def draw_faults(page: Console, faults: list[dict[str, Any]], title: str) -> None:
    """What is refused: where, why, how to mend it."""
    if not faults:
        return
    grouped: dict[tuple[str, str, str, str], list[str]] = {}
    for fault in faults:
        key = (fault["file"], f", column {fault['column']}" if fault["column"] else "", fault["rule"], fault["mend"])
        grouped.setdefault(key, []).append(str(fault["line"] or fault.get("record", "")))
    page.print(Text(f"{title}: {len(faults)}", style="bold"))
    for (file, column, rule, mend), lines in list(grouped.items())[:_SHOWN]:
        page.print(complaint(f"{file}, {_lines(lines)}{column}", rule, mend))
    _draw_rest(page, len(grouped))
    page.print()


def _lines(lines: list[str]) -> str:
    shown = ", ".join(lines[:_LINES]) + (f" and {len(lines) - _LINES} more" if len(lines) > _LINES else "")
    return f"{'line' if len(lines) == 1 else 'lines'} {shown}" if lines[0].isdigit() else shown


def draw_left_out(page: Console, left_out: list[dict[str, Any]]) -> None:
    """What stays behind: first what nobody has decided on, then what is left on purpose."""
    for file in [one["file"] for one in left_out if one["reason"].endswith("does not name this file")]:
        page.print(f"{file} was not read: the source table does not name it.", markup=False)
    unmapped = [one for one in left_out if one["column"] and "does not map" in one["reason"]]
    if unmapped:
        page.print(drawn("Columns that the source table does not map", ("file", "column", "filled cells"), [(one["file"], one["column"], one["total"]) for one in unmapped]))
    if rows := _grouped(one for one in left_out if "the source table does not" not in one["reason"]):
        page.print(drawn("Left out on purpose", ("file", "what (how many)", "why"), rows[:_SHOWN]))
        _draw_rest(page, len(rows))


def _grouped(left_out: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """File, columns or rows, and the reason they share; rows first, since they are whole records."""
    found: dict[tuple[bool, str, str], list[str]] = {}
    for one in left_out:
        found.setdefault((one["column"] is not None, one["file"], one["reason"]), []).append(f"{one['column'] or 'rows'} ({one['total']})")
    return [(file, ", ".join(what), reason) for (_, file, reason), what in sorted(found.items(), key=lambda entry: entry[0][0])]


def _draw_rest(page: Console, count: int) -> None:
    if count > _SHOWN:
        page.print(f"  ... and {count - _SHOWN} more; --json tells them all.", markup=False)
