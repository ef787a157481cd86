"""On which line of a source table a key stands; TOML's own reader does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=""")
_STEP = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^.\s"']+))\s*(?:\.|$)""")

Step = str | int


def line_of(body: str, key: Sequence[Step]) -> int | None:
    """The line of the key, or of the nearest table around it; None where not even that is found."""
    wanted = list(key)
    lines = {tuple(path): number for number, path in reversed(list(_paths(body)))}
    while wanted:
        if (number := lines.get(tuple(wanted))) is not None:
            return number
        wanted.pop()
    return None


def _paths(body: str) -> Iterator[tuple[int, list[Step]]]:
    """Every header and key at the beginning of a line, with its whole path; array tables by their number, from 0."""
    counts: dict[tuple[Step, ...], int] = {}
    table: list[Step] = []
    for number, line in enumerate(body.split("\n"), start=1):
        if header := _HEADER.fullmatch(line):
            table = _resolved(_steps(header[2]), counts, new=header[1] == "[[")
            yield number, table
        elif found := _KEY.match(line):
            yield number, [*table, *_steps(found[1])]


def _resolved(steps: list[str], counts: dict[tuple[Step, ...], int], *, new: bool) -> list[Step]:
    path: list[Step] = []
    for at, step in enumerate(steps):
        path.append(step)
        key = tuple(path)
        if new and at == len(steps) - 1:
            counts[key] = counts.get(key, -1) + 1
        if key in counts:
            path.append(counts[key])
    return path


def _steps(text: str) -> list[str]:
    return [next(part for part in found.groups() if part is not None) for found in _STEP.finditer(text) if found[0]]
