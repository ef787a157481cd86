"""One CSV file (RFC 4180): refused whole if it is not one, else read row by row with its physical lines."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from gateway.record.source.fault import Place, RowFault, SourceRefused

FIELD_LIMIT = 8_000_000
"""Characters in one cell; a stray quotation mark swallows no more than this before it is found out."""

_LINE_LIMIT = 4 * FIELD_LIMIT
_CHUNK = 1 << 20

csv.field_size_limit(FIELD_LIMIT)

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a rich text document"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
_MARKUP = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|!--)", re.IGNORECASE)
_SAVE = "Export the table again as CSV, UTF-8."
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_WIDE = re.compile("[^\x00-\x7f]")


class Sheet(NamedTuple):
    """A file that passed the door: how to read it, and where each column stands."""

    path: Path
    name: str
    encoding: str
    lines: int
    columns: dict[str, int]
    width: int
    delimiter: str
    nulls: frozenset[str]


class Row:
    """One row; `text` gives a cell without outer spaces, empty where the source says NULL or lacks the column."""

    __slots__ = ("cells", "columns", "file", "line")

    def __init__(self, file: str, line: int, columns: Mapping[str, int], cells: list[str]) -> None:
        self.file = file
        self.line = line
        self.columns = columns
        self.cells = cells

    def text(self, column: str) -> str:
        index = self.columns.get(column)
        return "" if index is None else self.cells[index]

    def place(self, column: str) -> Place:
        return Place(self.file, self.line, column)


class _Counts(NamedTuple):
    lines: int
    wide: int
    not_utf8: int


def open_sheet(path: Path, needs: tuple[str, ...], known: frozenset[str], delimiter: str, nulls: frozenset[str]) -> Sheet:
    """Look the whole file over once; SourceRefused if it cannot be the CSV table it is named for.

    `known` are the columns that the source table names: a heading that differs from one in capitals, spaces or marks
    alone is taken for it. The delimiter "auto" is the one under which most of them are found.
    """
    name = path.name
    with path.open("rb") as stream:
        _check_beginning(name, stream.read(4096))
    counts = _survey(path)
    encoding = _encoding(path, counts)
    delimiter, columns, width = _header(path, encoding, known, _DELIMITERS if delimiter == "auto" else (delimiter,))
    if missing := [column for column in needs if column not in columns]:
        raise SourceRefused(name, f"The header lacks {', '.join(missing)}.", "Export the table with all its columns, separated as the source table says.")
    return Sheet(path, name, encoding, counts.lines, columns, width, delimiter, nulls)


def _check_beginning(name: str, head: bytes) -> None:
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SourceRefused(name, "The file is empty.", "Export the table again, or take the file away.")
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise SourceRefused(name, f"The file is {what}, not CSV.", _SAVE)
    if _MARKUP.match(head):
        raise SourceRefused(name, "The file is a web page or XML, not CSV.", _SAVE)
    if head.count(0) * 50 > len(head) or b"\0" in head.split(b"\n", 1)[0]:
        raise SourceRefused(name, "The file is full of NUL bytes: it is not text.", _SAVE)


def _survey(path: Path) -> _Counts:
    """Count the lines, the characters beyond ASCII and the bytes that are not UTF-8, in bounded memory."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    lines = wide = not_utf8 = run = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            lines += chunk.count(b"\n")
            run = _longest_run(path.name, run, chunk)
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            text = decoder.decode(chunk)
            escaped = len(_NOT_UTF8.findall(text))
            not_utf8 += escaped
            wide += len(_WIDE.findall(text)) - escaped
    return _Counts(lines, wide, not_utf8 + len(decoder.getstate()[0]))


def _longest_run(name: str, run: int, chunk: bytes) -> int:
    cut = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    run = run + len(chunk) if cut < 0 else len(chunk) - cut
    if run > _LINE_LIMIT:
        raise SourceRefused(name, f"The file has a line of more than {_LINE_LIMIT:,} bytes: it is not a table.", _SAVE)
    return run


def _encoding(path: Path, counts: _Counts) -> str:
    """UTF-8 where it mostly is (bad bytes then spoil their rows only), else Windows-1252, which holds Latin-1's letters."""
    if counts.not_utf8 <= counts.wide:
        return "utf-8-sig"
    decoder = codecs.getincrementaldecoder("cp1252")("strict")
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
    except UnicodeDecodeError:
        raise SourceRefused(path.name, "The file is neither UTF-8 nor Windows-1252 text.", _SAVE) from None
    return "cp1252"


_DELIMITERS = (",", ";", "\t", "|")


def _header(path: Path, encoding: str, known: frozenset[str], delimiters: tuple[str, ...]) -> tuple[str, dict[str, int], int]:
    """The delimiter, the columns by name, and how many cells a row has."""
    headings = {delimiter: names for delimiter in delimiters if (names := _headings(path, encoding, delimiter))}
    if not headings:
        raise SourceRefused(path.name, "The first line is not a CSV header.", _SAVE)
    delimiter = max(headings, key=lambda each: (len(known & set(_told(headings[each], known))), len(headings[each])))
    names = _told(headings[delimiter], known)
    named = [name for name in names if name]
    if len(set(named)) != len(named):
        raise SourceRefused(path.name, "The header names one column twice.", "Give every column its own name.")
    return delimiter, {name: index for index, name in enumerate(names) if name}, len(names)


def _headings(path: Path, encoding: str, delimiter: str) -> list[str]:
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as stream:
        try:
            return [name.strip() for name in next(csv.reader(stream, delimiter=delimiter, strict=True))]
        except (csv.Error, StopIteration):
            return []


def _told(names: list[str], known: frozenset[str]) -> list[str]:
    """The headings as the source table writes them, where one of its columns is meant and no other heading is it."""
    open_names = {_bare(name): name for name in sorted(known - set(names), reverse=True)}
    often = [_bare(name) for name in names]
    return [open_names.get(bare, name) if bare and name not in known and often.count(bare) == 1 else name for name, bare in zip(names, often, strict=True)]


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


class _Feed:
    """Lines for one row at a time; a row that was misread gives its lines back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def keep_first(self) -> None:
        """Give back every line of the row but the first, so that a stray quotation mark spoils one line, not the rest."""
        self._returned.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def rows(sheet: Sheet) -> Iterator[Row | RowFault]:
    """Every row below the header, or the fault that keeps it from being one; blank lines and empty rows are passed over."""
    with sheet.path.open(encoding=sheet.encoding, errors="surrogateescape", newline="") as stream:
        feed = _Feed(iter(stream))
        line = 1
        for number, found in _cells(feed, sheet.delimiter):
            first, line = line, line + len(feed.taken)
            if number and (found is None or any(map(str.strip, found))):
                yield _row(sheet, first, found)
            feed.taken.clear()


def _cells(feed: _Feed, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Cells of each row by its number, None where the quotation marks do not pair."""
    number = 0
    while True:
        try:
            cells: list[str] | None = next(csv.reader(feed, delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except csv.Error:
            feed.keep_first()
            cells = None
        yield number, cells
        number += 1


def _row(sheet: Sheet, line: int, cells: list[str] | None) -> Row | RowFault:
    if cells is None:
        return RowFault(sheet.name, line, "", "The row's quotation marks do not pair, or a cell is too long.", 'Double each quotation mark inside a cell ("").')
    if len(cells) != sheet.width:
        return RowFault(sheet.name, line, "", f"The row has {len(cells)} cells where the header has {sheet.width}.", "Put cells that hold a separator between quotation marks.")
    whole = "".join(cells)
    if (not whole.isascii() and _NOT_UTF8.search(whole)) or "\0" in whole:
        return _spoiled(sheet, line, cells)
    return Row(sheet.name, line, sheet.columns, [_plain(cell, sheet.nulls) if cell else cell for cell in cells])


def _spoiled(sheet: Sheet, line: int, cells: list[str]) -> RowFault:
    """The fault of a row with a byte in it that is no text; a cell beyond the named columns has no name."""
    for column, index in sheet.columns.items():
        if _NOT_UTF8.search(cells[index]):
            return RowFault(sheet.name, line, column, "The cell holds bytes that are not UTF-8.", "Export the table again as UTF-8.")
        if "\0" in cells[index]:
            return RowFault(sheet.name, line, column, "The cell holds a NUL byte.", "Take the NUL byte out, or export the table again.")
    return RowFault(sheet.name, line, "", "A cell without a column name holds bytes that are no text.", "Export the table again as UTF-8.")


def _plain(cell: str, nulls: frozenset[str]) -> str:
    cell = cell.strip()
    return "" if cell in nulls else cell
