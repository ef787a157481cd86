"""The state of one reading: files, indexes, what is known so far, what was rejected or left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.record.source.fault import LeftOut, Place, RowFault, SourceRefused
from gateway.record.source.sheet import Row, Sheet, open_sheet, rows
from gateway.record.source.spec import FileSpec
from gateway.record.source.table import SourceTable
from gateway.record.source.view import FieldRows, Index

Progress = Callable[[str, int, int], None]

_NAMED_LINES = 100
_STEP = 1_000
_COLUMN_NAME = re.compile(r"[^\W\d_][\w .,:;?&'#/()%+-]{0,63}")
"""What a column may be called to be named in a report: a name, not a slip of the pen that holds a client's words."""


class Work:
    def __init__(self, folder: Path, table: SourceTable, progress: Progress | None) -> None:
        self.table = table
        self.progress = progress
        self.faults: list[RowFault] = []
        self.notes: list[str] = []
        self.sheets: dict[str, Sheet] = {}
        self._said: set[tuple[str, int, str, str]] = set()
        self._faulty: set[tuple[str, int]] = set()
        self._tally: dict[tuple[str, str | None, str], tuple[int, list[int]]] = {}
        self._indexes: dict[tuple[str, str], Index] = {}
        self._surveyed: set[str] = set()
        self._open(folder)

    def _open(self, folder: Path) -> None:
        present = {path.name: path for path in sorted(folder.iterdir())} if folder.is_dir() else {folder.name: folder}
        by_case = {name.casefold(): name for name in present}
        for entry in self.table.file:
            name = by_case.get(entry.name.casefold())
            if name is not None and present[name].is_file():
                known = frozenset(self.table.known_columns(entry.name))
                self.sheets[entry.name] = open_sheet(present.pop(name), entry.needs, known, self.table.delimiter, frozenset(self.table.null))
        for name, path in present.items():
            reason = "the source table does not name this file" if path.is_file() else "a folder inside the export is not read"
            self.leave(_named(name, "(file)"), None, reason)
        self._check_complete(folder)
        for name, sheet in self.sheets.items():
            if sheet.encoding == "cp1252":
                self.notes.append(f"{name} is not UTF-8 and was read as Windows-1252.")

    def _check_complete(self, folder: Path) -> None:
        if not self.sheets:
            rule = "The folder holds no file that the source table names." if folder.is_dir() else "The source table names no file of this name."
            raise SourceRefused(folder.name, rule, f"Give the export of that table, whose files are {', '.join(self.table.files)}, or name another table with --source.")
        missing = [entry for entry in self.table.file if entry.name not in self.sheets] if folder.is_dir() else []
        for entry in missing:
            if entry.required:
                raise SourceRefused(entry.name, "The file is missing, and the others refer to it.", "Put the file into the folder.")
        if missing:
            self.notes.append(f"Not in the folder: {', '.join(entry.name for entry in missing)}.")

    def reject(self, place: Place, rule: str, mend: str) -> None:
        """Note a fault, once."""
        key = (place.file, place.line, place.column, rule)
        if key not in self._said:
            self._said.add(key)
            self._faulty.add((place.file, place.line))
            self.faults.append(RowFault(*place, rule, mend))

    def leave(self, file: str, column: str | None, reason: str, line: int | None = None, count: int = 1) -> None:
        total, lines = self._tally.get((file, column, reason), (0, []))
        if line is not None and len(lines) < _NAMED_LINES:
            lines.append(line)
        self._tally[file, column, reason] = (total + count, lines)

    @property
    def left_out(self) -> list[LeftOut]:
        return [LeftOut(file, column, count, reason, tuple(lines)) for (file, column, reason), (count, lines) in self._tally.items()]

    def rows(self, file: str) -> Iterator[Row]:
        """The readable rows of a file; the first walk also names its unreadable rows and unmapped columns."""
        sheet = self.sheets.get(file)
        if sheet is None:
            return
        survey = self._survey(file, sheet) if file not in self._surveyed else []
        self._surveyed.add(file)
        counts = Counter[int]()
        for number, row in enumerate(rows(sheet), start=1):
            if isinstance(row, RowFault):
                self.reject(Place(row.file, row.line, row.column), row.rule, row.mend)
                continue
            counts.update(index for index, _, _ in survey if row.cells[index])
            if number % _STEP == 0:
                self._tell(file, row.line, sheet.lines)
            yield row
        for index, column, reason in survey:
            if counts[index]:
                self.leave(file, column, reason, count=counts[index])
        self._tell(file, sheet.lines, sheet.lines)

    def _tell(self, file: str, line: int, lines: int) -> None:
        if self.progress:
            self.progress(file, line, lines)

    def _survey(self, file: str, sheet: Sheet) -> list[tuple[int, str, str]]:
        """The columns that nothing reads, and why; none for a file that stays behind whole."""
        if self.table.files[file].left_out:
            return []
        ignored = {column: reason for reason, columns in self.table.files[file].ignore.items() for column in columns}
        read = self.table.read_columns(file)
        unread = [(index, column) for column, index in sheet.columns.items() if column not in read]
        return [(index, _named(column, "(column)"), ignored.get(column, "the source table does not map this column")) for index, column in unread]

    def index(self, file: str, name: str) -> Index:
        """The rows that a join reaches, read when first asked for."""
        if (file, name) not in self._indexes:
            entry = self.table.files[file]
            join = entry.join[name]
            columns = {column.partition(".")[2] for column in self.table.columns_of(file) if column.startswith(f"{name}.")}
            index = self._indexes[file, name] = Index(join, columns)
            if join.file not in self.sheets and file in self.sheets:
                self._missing(entry, join.file)
            for row in self.rows(join.file):
                if not index.add(row):
                    self.reject(row.place(join.field or ""), "The row gives a field that an earlier row of the same entity gives.", "Keep one row for each field.")
        return self._indexes[file, name]

    def forget(self, file: str) -> None:
        """Let go of the indexes that no later walk of this file needs; those of its parts are settled at the end."""
        for key in [key for key, index in self._indexes.items() if key[0] == file and not index.join.is_part]:
            del self._indexes[key]

    def _missing(self, entry: FileSpec, file: str) -> None:
        self.notes.append(f"{entry.name} was read without {file}, which is not in the folder.")

    def settle_joins(self) -> None:
        """Name the joined rows that no record took up, and those that went down with the row they belong to."""
        for index in self._indexes.values():
            self._settle_keyless(index)
            for key, found in index.rows.items():
                if key in index.failed:
                    self._fell_with(found, index.failed[key])
                elif key not in index.used and index.join.owned:
                    for row in found[:1] if isinstance(found[0], FieldRows) else found:
                        self.reject(row.place(index.join.key[0]), index.join.owned, "Correct the cell, or put the missing row into its file.")
                elif key not in index.used and index.join.unused:
                    for row in found:
                        self.leave(row.file, None, index.join.unused, row.line)
        self._fields_unread()

    def _settle_keyless(self, index: Index) -> None:
        """A row that says of nothing that it belongs to it is a fault, unless it may become a record by itself."""
        for row in index.keyless if index.join.owned and not self.table.records_of(index.join.file) else ():
            self.reject(row.place(index.join.key[-1]), index.join.owned or "", "Fill the cell in with the id of the row that it belongs to.")

    def _fell_with(self, found: list[Row], place: Place) -> None:
        for row in found:
            lines = row.field_lines.values() if isinstance(row, FieldRows) else (row.line,)
            if any((row.file, line) in self._faulty for line in lines):
                continue
            self.reject(Place(row.file, row.line, ""), f"The row belongs to line {place.line} of {place.file}, which was rejected.", "Mend that row first.")

    def _fields_unread(self) -> None:
        """Fields of an entity-attribute-value file that no record of the table reads."""
        for (_, name), index in self._indexes.items():
            if index.join.field is None:
                continue
            read = {column.partition(".")[2] for entry in self.table.file for column in self.table.columns_of(entry.name) if column.startswith(f"{name}.")}
            ignored = {column: reason for reason, columns in self.table.files[index.join.file].ignore.items() for column in columns}
            for row in (row for found in index.rows.values() for row in found):
                for field in set(row.columns) - read:
                    if row.text(field):
                        self.leave(row.file, _named(field, "(field)"), ignored.get(field, "the source table does not map this field"), row.place(field).line)


def _named(name: str, otherwise: str) -> str:
    return name if _COLUMN_NAME.fullmatch(name) else otherwise
