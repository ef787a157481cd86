"""import: a practice's export, or records in our own JSON, into the store; what was not taken is named."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from gateway.cli.ground import at_desk, json_option, practice_option, tell
from gateway.cli.rehearsal import on_file, refused_of, rehearse, well_coded
from gateway.context import Context
from gateway.record.intake import take_in
from gateway.record.source import Reading, SourceRefused, TableRefused, load_table, read, read_records
from gateway.record.source.native import NativeReading
from gateway.record.types import Record
from gateway.store.practice import zone_of

_SHOWN = 20


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--source", help="A source table: a shipped one by name (openemr), or a .toml file.")
@click.option("--dry-run", is_flag=True, help="Read and report; store nothing.")
@click.option("--report", "report_file", type=click.Path(path_type=Path), help="Write the whole report to this file (JSON).")
@practice_option
@json_option
def import_(paths: tuple[Path, ...], source: str | None, dry_run: bool, report_file: Path | None, practice: str | None, as_json: bool) -> None:
    """Import a folder of CSV tables by a source table, or files of records in JSON or NDJSON.

    Rows that cannot be understood are refused one by one and named with file, line, column and the mend; the rest goes
    in, and the exit status stays 0. A file that is not what it claims is refused whole: exit status 1. The same file twice
    changes nothing.

    Example: handoff import export/ --source openemr --report import-report.json
    """
    context = at_desk(practice)
    with context.store.read() as connection:
        zone = zone_of(connection, context.principal.practice)
    if dry_run:
        rehearse(context, paths, source, zone, report_file, as_json=as_json)
        return
    told: dict[str, Any] = {"files": [str(path) for path in paths], "dry_run": False, "refused": [], "left_out": [], "notes": []}
    try:
        for path in paths:
            _import_one(context, path, source, zone, told)
    except (SourceRefused, TableRefused) as fault:
        raise click.ClickException(f"{fault} Nothing of it was imported.") from None
    if report_file:
        report_file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    tell(told, as_json=as_json, text=_summary(told, report_file))


def _import_one(context: Context, path: Path, source: str | None, zone: ZoneInfo, told: dict[str, Any]) -> None:
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bars:
        found = _read(context, path, source, zone, bars)
        records = _Counted(found.records)
        bar = bars.add_task("stored", total=None)
        report = take_in(context, records, source=path.name, progress=lambda done, _: bars.update(bar, completed=done))
    for name in ("created", "changed", "unchanged", "resources"):
        told[name] = told.get(name, 0) + getattr(report, name)
    told["read"] = told.get("read", 0) + records.seen
    told["refused"] += [fault._asdict() for fault in found.faults]
    told["refused"] += refused_of(path.name, report.refused)
    told["left_out"] += [one._asdict() for one in found.left_out]
    told["notes"] += found.notes
    told["unchecked_codes"] = told.get("unchecked_codes", {}) | report.unchecked_codes


class _Counted:
    """Records on their way from a file into the store, none of them held."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = records
        self.seen = 0

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.seen += 1
            yield record


def _read(context: Context, path: Path, source: str | None, zone: ZoneInfo, bars: Progress) -> NativeReading | Reading:
    """What a file or a folder holds; its faults are complete once its records have been read."""
    if path.is_file() and source is None:
        return read_records(path, check=well_coded)
    tasks: dict[str, TaskID] = {}

    def progress(file: str, done: int, total: int) -> None:
        if file not in tasks:
            tasks[file] = bars.add_task(file, total=total)
        bars.update(tasks[file], completed=done, total=total)

    return read(path, load_table(source or "openemr"), time_zone=zone, progress=progress, check=well_coded, on_file=on_file(context))


def _summary(told: dict[str, Any], report_file: Path | None) -> str:
    lines = [f"Read {told['read']} records: {told['created']} new, {told['changed']} changed, {told['unchanged']} unchanged, {len(told['refused'])} refused."]
    for fault in told["refused"][:_SHOWN]:
        where = f"{fault['file']}, line {fault['line']}, column {fault['column']}" if fault["line"] else f"{fault['file']}, {fault.get('record', '')}"
        lines.append(f"  refused: {where}: {fault['rule']} {fault['mend']}")
    if len(told["refused"]) > _SHOWN:
        lines.append(f"  ... and {len(told['refused']) - _SHOWN} more; --report FILE writes them all.")
    lines += [f"  left out: {one['file']}{', column ' + one['column'] if one['column'] else ''} ({one['total']}): {one['reason']}" for one in told["left_out"][:_SHOWN]]
    if len(told["left_out"]) > _SHOWN:
        lines.append(f"  ... and {len(told['left_out']) - _SHOWN} more; --report FILE writes them all.")
    if told.get("unchecked_codes"):
        lines.append(f"  codes outside the checked table, sent without a display of ours: {', '.join(sorted(told['unchecked_codes']))}")
    return "\n".join([*lines, *told["notes"], *([f"The whole report is in {report_file}."] if report_file else [])])
