"""What goes wrong while a practice's export is read, in words that hold nothing of a client."""

from __future__ import annotations

from typing import NamedTuple


class RowFault(NamedTuple):
    """One row that was rejected: `line` is the physical line on which it starts (the header is line 1)."""

    file: str
    line: int
    column: str
    rule: str
    mend: str


class LeftOut(NamedTuple):
    """What was read and did not become a record, on purpose: rows, a column's cells, or a whole file."""

    file: str
    column: str | None
    """None where whole rows, or the whole file, were left out."""
    total: int
    reason: str
    lines: tuple[int, ...] = ()
    """The first lines concerned, at most a hundred; empty for a whole file."""


class Place(NamedTuple):
    """Where a cell stands."""

    file: str
    line: int
    column: str


class SourceRefused(Exception):
    """A file that is not what it claims; nothing of it is taken."""

    def __init__(self, file: str, rule: str, mend: str) -> None:
        super().__init__(f"{file}: {rule} {mend}")
        self.file = file
        self.rule = rule
        self.mend = mend


class TableRefused(Exception):
    """A source table that cannot be used: which file, which line, which key, how to mend it."""

    def __init__(self, file: str, key: str, mend: str, line: int | None = None) -> None:
        super().__init__(": ".join(part for part in (f"{file}, line {line}" if line else file, key, mend) if part))
        self.file = file
        self.line = line
        self.key = key
        self.mend = mend


class Unreadable(Exception):
    """A cell that its converter cannot read; never holds the cell. `at`: which of the field's columns, where the converter takes them all."""

    def __init__(self, rule: str, mend: str, at: int | None = None) -> None:
        super().__init__(rule)
        self.at = at
        self.rule = rule
        self.mend = mend
