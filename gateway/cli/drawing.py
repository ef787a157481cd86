"""Tables for a terminal: values as plain text, never as markup; wide enough to read where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 140
_LONGEST = 120


def paper() -> Console:
    """Where to draw: the terminal, or a page of its own width."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=_PIPED_WIDTH)


def drawn(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, lines: bool = False, styles: Sequence[str] = ()) -> Table:
    """A table; numbers stand on the right."""
    listed = [tuple(row) for row in rows]
    table = Table(title=Text(title, style="bold"), title_justify="left", box=box.ROUNDED if lines else box.SIMPLE_HEAD, show_lines=lines, header_style="dim")
    for at, column in enumerate(columns):
        numbers = bool(listed) and all(isinstance(row[at], int) for row in listed)
        table.add_column(column, justify="right" if numbers else "left", overflow="fold", no_wrap=numbers, style=styles[at] if at < len(styles) else "", ratio=1 if lines else None)
    for row in listed:
        table.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return table


def short(value: Any) -> str:
    """A value on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def complaint(where: str, rule: str, mend: str, *, grave: bool = True) -> Text:
    """What is wrong and how to mend it, under where it stands."""
    return Text(f"  {where}\n", style="").append(f"    {rule}\n", style="red" if grave else "yellow").append(f"    {mend}", style="green")


def pairs(found: Iterable[tuple[str, Any]]) -> Text:
    """Names and values, one a line, the names dim."""
    text = Text()
    for name, value in found:
        text.append("\n" if text else "")
        text.append(f"{name}  ", style="dim")
        text.append(short(value))
    return text
