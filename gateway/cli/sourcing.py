"""source: the tables that say what a practice's files mean: which there are, whether one is right, what it makes of an export."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.drawing import complaint, drawn, paper
from gateway.cli.ground import json_option, tell
from gateway.cli.preview import draw, look, told
from gateway.record.source import SourceRefused, TableRefused, load_table
from gateway.record.source.check import size
from gateway.record.source.explain import Word, headings, words
from gateway.record.source.load import Finding, check_table, shipped, text_of


@click.group()
def source() -> None:
    """Source tables: how a practice's own files become records, without code."""


@source.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the source tables that ship.

    Example: handoff source list
    """
    found = [(name, table.title, size(table).files, ", ".join(size(table).kinds)) for name, table in shipped().items()]
    if as_json:
        tell([{"name": name, "title": title, "files": files, "kinds": kinds.split(", ")} for name, title, files, kinds in found], as_json=True)
        return
    page = paper()
    page.print(drawn("Source tables that ship", ("name", "what it reads", "files", "kinds of record"), found))
    page.print("For your own: handoff source show spreadsheet > ours.toml, change it, then: handoff source check ours.toml", markup=False)


@source.command()
@click.argument("table")
@click.option("--headings", "only_headings", is_flag=True, help="Print each file's headings instead.")
@json_option
def show(table: str, only_headings: bool, as_json: bool) -> None:
    """Print a source table, to begin one's own from it, or the headings it reads.

    Example: handoff source show spreadsheet --headings
    """
    if only_headings:
        found = headings(_refused_in_words(load_table, table))
        tell(found, as_json=as_json, text="\n\n".join(f"{file}\n  {', '.join(columns)}" for file, columns in found.items()))
        return
    body = _refused_in_words(text_of, table)[1]
    tell({"table": table, "text": body}, as_json=as_json, text=body.rstrip("\n"))


@source.command()
@click.argument("table")
@json_option
def check(table: str, as_json: bool) -> None:
    """Check a source table (a shipped one by name, or a .toml file): everything wrong with it, by line and key, each with its mend.

    Exit status 1 where it cannot be used; what is only worth a look does not count. `handoff source help` tells every
    key, converter and finisher.

    Example: handoff source check ours.toml
    """
    findings = _refused_in_words(check_table, table).findings
    faults = sum(finding.fault for finding in findings)
    if as_json:
        tell({"table": table, "usable": not faults, "findings": [finding._asdict() for finding in findings]}, as_json=True)
    else:
        _draw_findings(table, findings, faults)
    if faults:
        raise SystemExit(1)


def _draw_findings(table: str, findings: list[Finding], faults: int) -> None:
    page = paper()
    for finding in findings:
        where = ", ".join(part for part in (finding.file, f"line {finding.line}" if finding.line else "", finding.key) if part)
        page.print(complaint(where, finding.rule, finding.mend, grave=finding.fault))
    page.print(f"{table}: {_count(faults, 'fault')}, {_count(len(findings) - faults, 'thing')} worth a look." if findings else f"{table} is right.", markup=False)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@source.command()
@click.argument("table")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--rows", type=click.IntRange(1, 1000), default=3, show_default=True, help="How many rows of each file to show.")
@click.option("--time-zone", default="America/New_York", show_default=True, help="The practice's time zone.")
@json_option
def preview(table: str, path: Path, rows: int, time_zone: str, as_json: bool) -> None:
    """Show what the first rows of an export (a folder, or one file) become: the row, the record, its resources, and every fault.

    Clients' own values are shown, here on your terminal alone. Nothing is stored, and no database is needed.

    Example: handoff source preview spreadsheet export/ --rows 2
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter("is no time zone; use a name such as America/New_York.", param_hint="--time-zone") from None
    with Console(stderr=True).status(f"Reading {path.name}"):
        found = _refused_in_words(lambda: look(path, load_table(table), zone, rows))
    if as_json:
        tell(told(found), as_json=True)
    else:
        draw(paper(), found, rows)


@source.command("help")
@click.argument("word", required=False)
@json_option
def help_(word: str | None, as_json: bool) -> None:
    """Tell every key, converter and finisher of a source table, or the one named.

    Example: handoff source help day
    """
    found = [one for one in words() if word is None or word.partition(":")[0] in (one.name, one.place)]
    if not found:
        raise click.ClickException(f"There is no such word; there are {', '.join(dict.fromkeys(one.name for one in words()))}.")
    if as_json:
        tell([one._asdict() for one in found], as_json=True)
        return
    page = paper()
    for place in dict.fromkeys(one.place for one in found):
        page.print(_drawn_words(place, [one for one in found if one.place == place]))


def _drawn_words(place: str, found: Iterable[Word]) -> Table:
    title = {"converter": "Converters", "finisher": "Finishers"}.get(place, f"Keys of {place}")
    rows = [(one.name, one.meaning + (f" ({one.default})" if one.default else ""), one.example) for one in found]
    return drawn(title, ("word", "what it does", "example"), rows, styles=("bold", "", "cyan"))


def _refused_in_words(do: Any, *arguments: Any) -> Any:
    """Do it; what is refused is one sentence."""
    try:
        return do(*arguments)
    except (SourceRefused, TableRefused) as fault:
        raise click.ClickException(str(fault)) from None
