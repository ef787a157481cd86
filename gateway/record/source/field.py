"""The fields of a record, or of one of its parts, read from one row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.record.source.convert import CONVERTERS, REFERENCES, TAKE_ALL, UnknownWord, slug_of
from gateway.record.source.fault import Place, RowFault, Unreadable
from gateway.record.source.spec import FieldSpec, Template
from gateway.record.source.view import View
from gateway.record.source.when import Setting

ONLY_ONE = "*"
"""What stands for the only record of a kind."""

BY_WORDS = frozenset({"practice", "clinician", "partner"})
"""Kinds that a cell may name by words; a client is named by its id alone."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}")
"""What a record's id looks like (gateway.record.types.base.RecordId)."""

_KEEPS_NONE = frozenset({"answers"})
"""Fields where an answer left open is said to be open, as long as another was given."""


class Named(NamedTuple):
    """A record that a cell names."""

    kind: str
    id: str
    place: Place
    """The cell that names it."""
    client_place: Place
    """The cell to mend where it is of another client."""
    maybe: bool
    """Whether the record does without it."""
    holder: dict[str, Any]
    key: str

    def drop(self) -> None:
        """Forget the name."""
        value = self.holder[self.key]
        if isinstance(value, tuple):
            self.holder[self.key] = tuple(each for each in value if each != self.id)
        else:
            del self.holder[self.key]

    def renamed(self, record_id: str) -> Named:
        """The same with the id that was meant."""
        value = self.holder[self.key]
        self.holder[self.key] = tuple(record_id if each == self.id else each for each in value) if isinstance(value, tuple) else record_id
        return self._replace(id=record_id)


class Fields:
    """The values of one row's fields, and what was found wrong on the way; all its bad cells, not only the first."""

    def __init__(self, specs: Mapping[str, FieldSpec], view: View, setting: Setting, otherwise: str) -> None:
        self.specs = specs
        self.view = view
        self.setting = setting
        self.otherwise = otherwise
        """The column to blame where no other is."""
        self.values: dict[str, Any] = {}
        self.faults: list[RowFault] = []
        self.unknown_words: list[Place] = []
        self.named: list[Named] = []

    def read(self) -> None:
        for name, field in self.specs.items():
            self._read(name, field)
        for name in _KEEPS_NONE & self.values.keys():
            if all(answer is None for answer in self.values[name].values()):
                del self.values[name]
        self._drop_nameless()

    def fault(self, column: str, rule: str, mend: str) -> None:
        self.faults.append(RowFault(*self.view.place(column), rule, mend))

    def column(self, field: FieldSpec) -> str:
        """The column to blame for a field: the first filled one it reads."""
        named = [*field.columns, *(condition.column for condition in field.conditions)]
        return next((column for column in named if self.view.text(column)), named[0] if named else self.otherwise)

    def place_of(self, name: str, message: str) -> Place | None:
        """The cell that a field's path, or else the words of a message, point at."""
        field = self._field(name, message)
        return self.view.place(self.column(self.specs[field])) if field else None

    def text(self, template: Template) -> str:
        """The text of a template; empty where one of its cells is."""
        told = [self._told(hole) for hole in template.holes]
        return "".join(part for pair in zip(template.texts, [*told, ""], strict=True) for part in pair) if all(told) else ""

    def _told(self, hole: FieldSpec) -> str:
        try:
            value = self._value(hole)
        except (Unreadable, UnknownWord):
            return ""
        return "" if value is None else str(value)

    def _read(self, name: str, field: FieldSpec) -> None:
        try:
            value = self._value(field)
        except Unreadable as fault:
            self.fault(self.column(field) if fault.at is None else field.columns[fault.at], fault.rule, fault.mend)
        except UnknownWord:
            self.unknown_words.append(self.view.place(self.column(field)))
            self._set(name, field.otherwise, field)
        else:
            self._set(name, value, field)

    def _value(self, field: FieldSpec) -> Any:
        for choice in field.choose:
            if all(condition.holds(self.view.text(condition.column)) for condition in choice.when):
                return choice.value
        cell = self._cell(field)
        value = CONVERTERS[field.converter](cell, field.argument, self.setting) if cell.strip("\x1f") else None
        return field.otherwise if value is None else value

    def _cell(self, field: FieldSpec) -> str:
        cells = [self.view.text(column) for column in field.columns]
        if field.nothing:
            cells = ["" if cell.casefold() in field.nothing else cell for cell in cells]
        if field.converter not in TAKE_ALL:
            return next(filter(None, cells), "")
        if field.converter == "paragraphs":
            labels = (*field.labels, *[""] * len(cells))
            return "\n".join(f"{label}: {cell}" if label else cell for label, cell in zip(labels, cells, strict=False) if cell)
        return "\x1f".join(cells) if any(cells) else ""

    def _set(self, name: str, value: Any, field: FieldSpec) -> None:
        *heads, last = name.split(".")
        if value is None and not (heads and heads[0] in _KEEPS_NONE):
            return
        holder = self.values
        for head in heads:
            holder = holder.setdefault(head, {})
        holder[last] = value
        if field.converter in REFERENCES and value is not None:
            self._name(field, value, holder, last)

    def _name(self, field: FieldSpec, value: Any, holder: dict[str, Any], key: str) -> None:
        column = self.column(field)
        join = self.view.entry.join.get(column.partition(".")[0])
        beside = self.column(self.specs["client"]) if join is not None and not join.is_part and "client" in self.specs else column
        for record_id in value if isinstance(value, tuple) else (str(value),):
            maybe = field.converter.startswith("maybe")
            named = Named(field.argument, record_id, self.view.place(column), self.view.place(beside), maybe, holder, key)
            is_words = field.argument in BY_WORDS and record_id != ONLY_ONE and not _ID.fullmatch(record_id)
            self.named.append(named.renamed(slug_of(record_id)) if is_words else named)

    def _drop_nameless(self) -> None:
        """A prefix or suffix alone is no name."""
        name = self.values.get("name")
        if isinstance(name, dict) and not (name.get("family") or name.get("given")):
            del self.values["name"]

    def _field(self, name: str, message: str) -> str | None:
        while name:
            if found := next((field for field in self.specs if field == name or field.startswith(f"{name}.")), None):
                return found
            name = name.rpartition(".")[0]
        words = message.replace(";", " ").replace(",", " ").split()
        return next((field for word in words for field in self.specs if field == word or field.startswith(f"{word}.")), None)
