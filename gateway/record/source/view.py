"""A row together with the rows of other files that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gateway.record.source.fault import Place
from gateway.record.source.sheet import Row
from gateway.record.source.spec import FileSpec, Join

Key = tuple[str, ...]


class FieldRows(Row):
    """Rows of one entity, one field each, read as one row; each field keeps its own line."""

    __slots__ = ("field_lines", "value_column")

    def __init__(self, file: str, line: int, value_column: str) -> None:
        super().__init__(file, line, {}, [])
        self.columns: dict[str, int] = {}
        self.field_lines: dict[str, int] = {}
        self.value_column = value_column

    def add(self, field: str, value: str, line: int) -> bool:
        """Whether the field is new here."""
        if field in self.columns:
            return False
        self.columns[field] = len(self.cells)
        self.cells.append(value)
        self.field_lines[field] = line
        return True

    def place(self, column: str) -> Place:
        line = self.field_lines.get(column)
        return Place(self.file, line, self.value_column) if line else Place(self.file, self.line, column)


class Index:
    """The rows of a joined file by their key, only with the columns that are read through the join."""

    def __init__(self, join: Join, columns: Iterable[str]) -> None:
        self.join = join
        self.columns = {column: index for index, column in enumerate(sorted(columns))}
        self.rows: dict[Key, list[Row]] = {}
        self.used: set[Key] = set()
        self.failed: dict[Key, Place] = {}
        self.keyless: list[Row] = []
        """Rows that say of nothing that they belong to it."""

    def add(self, row: Row) -> bool:
        """Take a row in; False where it repeats a field of its entity."""
        if any(row.text(column) != constant for column, constant in self.join.constants):
            return True
        key = tuple(row.text(column) for column in self.join.key)
        if self.join.field is not None and self.join.value is not None:
            entity = self.rows.setdefault(key, [FieldRows(row.file, row.line, self.join.value)])[0]
            return not isinstance(entity, FieldRows) or entity.add(row.text(self.join.field), row.text(self.join.value), row.line)
        if any(key):
            slim = Row(row.file, row.line, self.columns, [row.text(column) for column in self.columns])
            self.rows.setdefault(key, []).append(slim)
        else:
            self.keyless.append(Row(row.file, row.line, {}, []))
        return True


class View:
    """One row as its records see it: `text("COLUMN")`, or `text("JOIN.COLUMN")` through a join."""

    def __init__(self, row: Row, entry: FileSpec, index: Callable[[str, str], Index], reject: Callable[[Place, str, str], None]) -> None:
        self.row = row
        self.entry = entry
        self.joined: dict[str, tuple[Index, Key]] = {}
        self._index = index
        self.reject = reject

    def of(self, row: Row) -> View:
        """Another row as the same records see it."""
        return View(row, self.entry, self._index, self.reject)

    def text(self, name: str) -> str:
        join, column = self.entry.path(name)
        if not join:
            return self.row.text(name)
        rows = self.many(join)
        return rows[0].text(column) if rows else ""

    def place(self, name: str) -> Place:
        """Where the cell to mend stands: in the joined row, or in the cell that asks for it where that only looks something up."""
        join, column = self.entry.path(name)
        if not join:
            return self.row.place(name)
        asked = self.entry.join[join]
        rows = self.many(join)
        if rows and (asked.is_part or not asked.must):
            return rows[0].place(column)
        own = [on for on in asked.on if not on.startswith("=")]
        return self.place(own[-1]) if own else self.row.place(name)

    def many(self, join: str) -> list[Row]:
        if join not in self.joined:
            index = self._index(self.entry.name, join)
            key = tuple(on[1:] if on.startswith("=") else self.text(on) for on in self.entry.join[join].on)
            index.used.add(key)
            self.joined[join] = (index, key)
        index, key = self.joined[join]
        return index.rows.get(key, [])

    def take_up(self) -> None:
        """Count the rows that belong to this one as taken, though no record is made of it."""
        for name, join in self.entry.join.items():
            if join.is_part:
                self.many(name)

    def unanswered(self, names: Iterable[str]) -> Mapping[str, str]:
        """Joins among these columns that must find a row and do not: the rule by the column that asks."""
        asked = {name.partition(".")[0] for name in names} & set(self.entry.join)
        found = {}
        for name in sorted(asked):
            join = self.entry.join[name]
            column = join.on[-1]
            if join.must and self.text(column) not in ("", "0") and not self.many(name):
                found[column] = join.must
        return found
