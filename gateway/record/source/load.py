"""Finding a source table, reading it, and refusing one that cannot be used."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from gateway.record.source.check import check
from gateway.record.source.check_field import Step
from gateway.record.source.fault import TableRefused
from gateway.record.source.locate import line_of
from gateway.record.source.table import SourceTable

_BUILT_IN = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")
_NONE_SUCH = "There is no such source table; give the name of one that ships ({names}), or the path of a TOML file."


class Finding(NamedTuple):
    """Something wrong with a source table, or (`fault` false) only worth a look."""

    file: str
    line: int | None
    key: str
    rule: str
    mend: str
    fault: bool


class Checked(NamedTuple):
    """A table as far as it can be read, and everything found."""

    table: SourceTable | None
    findings: list[Finding]


def shipped() -> dict[str, SourceTable]:
    """The tables that ship, by name."""
    folder = files("mappings") / "source"
    names = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {name: load_table(name) for name in names}


def load_table(name_or_path: str) -> SourceTable:
    """The source table of that name in `mappings/source/`, or at that path; TableRefused says what to mend first."""
    table, findings = check_table(name_or_path)
    if faults := [finding for finding in findings if finding.fault]:
        fault, more = faults[0], f" There are more ({len(faults) - 1}): handoff source check tells them all." if len(faults) > 1 else ""
        raise TableRefused(fault.file, fault.key, f"{fault.rule} {fault.mend}{more}", fault.line)
    if table is None:
        raise AssertionError("a table without faults was read")
    return table


def check_table(name_or_path: str) -> Checked:
    """Everything wrong with a table, faults first; TableRefused where there is no such table, or it is no text."""
    label, body = text_of(name_or_path)
    try:
        table = SourceTable.model_validate(tomllib.loads(body))
    except tomllib.TOMLDecodeError as error:
        return Checked(None, [_not_toml(label, error)])
    except ValidationError as error:
        return Checked(None, [_misshapen(label, body, one) for one in error.errors(include_url=False, include_input=False)])
    wrongs = dict.fromkeys(check(table))
    found = [Finding(label, line_of(body, wrong.key), _dotted(wrong.key), wrong.rule, wrong.mend, wrong.fault) for wrong in wrongs]
    return Checked(table, sorted(found, key=lambda finding: (not finding.fault, finding.line or 0)))


def text_of(name_or_path: str) -> tuple[str, str]:
    """The name and the text of a table; TableRefused where there is none."""
    if _BUILT_IN.fullmatch(name_or_path):
        source = files("mappings").joinpath("source", f"{name_or_path}.toml")
        label, body = f"{name_or_path}.toml", source.read_bytes() if source.is_file() else None
    else:
        path = Path(name_or_path)
        label, body = path.name, path.read_bytes() if path.is_file() else None
    if body is None:
        names = ", ".join(sorted(entry.name.removesuffix(".toml") for entry in (files("mappings") / "source").iterdir() if entry.name.endswith(".toml")))
        raise TableRefused(label, "", _NONE_SUCH.format(names=names))
    try:
        return label, body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise TableRefused(label, "", "The file is not UTF-8 text; save it as UTF-8.") from None


def _not_toml(label: str, error: tomllib.TOMLDecodeError) -> Finding:
    said = str(error)
    line = _AT_LINE.search(said)
    return Finding(
        label, int(line[1]) if line else None, "", f"The file is not TOML: {_AT_LINE.sub('', said)}.", "Correct that line; text stands between quotation marks.", fault=True
    )


_SHAPES: dict[str, tuple[str, str]] = {
    "missing": ("The key must be given.", "Add it; handoff source help tells what it means."),
    "extra_forbidden": ("There is no such key here.", "Take it out or correct its name; handoff source help lists the keys."),
}


def _misshapen(label: str, body: str, error: object) -> Finding:
    told = dict(error) if isinstance(error, dict) else {}
    key = tuple(step for step in told["loc"] if step not in _NOT_KEYS)
    rule, mend = _SHAPES.get(told["type"], (f"{told['msg'].removeprefix('Value error, ').strip().capitalize()}.", "Correct it; handoff source help tells what the key means."))
    return Finding(label, line_of(body, key), _dotted(key), rule, mend, fault=True)


_NOT_KEYS = frozenset({"str", "tuple[str, ...]", "int", "bool"})
"""What pydantic puts into a path to say which alternative it tried."""


def _dotted(key: Sequence[Step]) -> str:
    return ".".join(map(str, key))
