"""From a row's cells to a typed record, or to the faults that keep it from being one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from gateway.record.source.convert import CONVERTERS, TAKE_ALL, Setting, UnknownWord
from gateway.record.source.fault import Unreadable
from gateway.record.source.finish import FINISHERS, Misread
from gateway.record.source.process_note import opens_as_process_note
from gateway.record.source.table import FieldSpec, RecordSpec
from gateway.record.source.view import View
from gateway.record.types import KINDS, Record

Faults = list[tuple[str, str, str]]
"""Column (joined ones as NAME.COLUMN), rule, mend."""

CALLS_ITSELF_PROCESS_NOTE = ("A text of the record calls itself a process note, which has no place in it.", "Keep process notes apart from the chart (45 CFR 164.501).")

_KEEPS_NONE = frozenset({"answers"})
"""Fields where an answer left open is said to be open."""


class Draft:
    """The values of a record to be, and what was found wrong on the way."""

    def __init__(self, spec: RecordSpec, view: View, setting: Setting) -> None:
        self.spec = spec
        self.view = view
        self.setting = setting
        self.values: dict[str, Any] = {}
        self.faults: Faults = []
        self.unknown_words: list[str] = []
        """Columns whose word no list has, where the record does without."""

    @property
    def id(self) -> str:
        return "".join(self.view.text(part) if number % 2 else part for number, part in enumerate(self.spec.id_parts))

    def fill(self) -> None:
        """Read every field; all the row's bad cells are found, not only the first."""
        if not all(self.view.text(column) for column in self.spec.id_columns):
            self.fault(self.spec.id_columns[0], "The row has no id.", "Give it the id that the source uses.")
        for column, rule in self.view.unanswered(self.spec.columns).items():
            self.fault(column, rule, "Correct the cell, or put the missing row into its file.")
        self.values["id"] = self.id
        for name, field in self.spec.field.items():
            self._read(name, field)
        self._drop_nameless()
        if self.spec.finish and not self.faults:
            self._finish(self.spec.finish)

    def fault(self, column: str, rule: str, mend: str) -> None:
        self.faults.append((column, rule, mend))

    def column(self, field: FieldSpec) -> str:
        """The column to blame for a field: the first filled one it reads."""
        named = [*field.columns, *(condition.column for choice in field.choose for condition in choice.when)]
        return next((column for column in named if self.view.text(column)), named[0] if named else self.spec.id_columns[0])

    def _read(self, name: str, field: FieldSpec) -> None:
        try:
            value = self._value(field)
        except Unreadable as fault:
            self.fault(self.column(field), fault.rule, fault.mend)
        except UnknownWord:
            self.unknown_words.append(self.column(field))
            self._set(name, field.otherwise)
        else:
            self._set(name, value)

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

    def _set(self, name: str, value: Any) -> None:
        head, _, rest = name.partition(".")
        if value is None and head not in _KEEPS_NONE:
            return
        if not rest:
            self.values[head] = value
        else:
            self.values.setdefault(head, {})[rest] = value

    def _drop_nameless(self) -> None:
        """A prefix or suffix alone is no name."""
        name = self.values.get("name")
        if isinstance(name, dict) and not (name.get("family") or name.get("given")):
            del self.values["name"]

    def _finish(self, finisher: str) -> None:
        try:
            FINISHERS[finisher](self.values, self.view, self.spec.items, self.setting)
        except Misread as fault:
            self.fault(fault.column, fault.rule, fault.mend)

    def record(self) -> Record | None:
        """The typed record, or None with the faults said."""
        if self.faults:
            return None
        if any(opens_as_process_note(text) for text in _texts(self.values)):
            self.fault(self.spec.id_columns[0], *CALLS_ITSELF_PROCESS_NOTE)
            return None
        try:
            return KINDS[self.spec.kind].model_validate(self.values)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                self.fault(*self._located(fault))
            return None

    def _located(self, error: Any) -> tuple[str, str, str]:
        name = ".".join(str(part) for part in error["loc"])
        field = self._field(name, error["msg"])
        column = self.column(self.spec.field[field]) if field else self.spec.id_columns[0]
        return (column, *sentences(error, self.spec.kind, name))

    def _field(self, name: str, message: str) -> str | None:
        """The table's field that an error's place, or else its words, point at."""
        while name:
            if found := next((field for field in self.spec.field if field == name or field.startswith(f"{name}.")), None):
                return found
            name = name.rpartition(".")[0]
        words = message.replace(";", " ").replace(",", " ").split()
        return next((field for word in words for field in self.spec.field if field == word or field.startswith(f"{word}.")), None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


_RULES: dict[str, tuple[str, str]] = {
    "missing": ("The cell is empty, and a {kind} needs {name}.", "Fill the cell in."),
    "string_too_short": ("The cell is empty, and a {kind} needs {name}.", "Fill the cell in."),
    "string_too_long": ("The text is longer than {name} may be.", "Shorten it; a line holds 1,000 characters, a text 2,000,000."),
    "string_pattern_mismatch": ("The cell does not have the form that {name} has.", "Write it in the form that the JSON Schema of {kind} gives."),
    "literal_error": ("The value is none of the words that {name} may be.", "Use one of them; the JSON Schema of {kind} lists them."),
    "extra_forbidden": ("A {kind} has no field {name}.", "Take the field out, or correct its name."),
    "timezone_aware": ("The time says no zone.", "Add the offset from UTC, -05:00 say."),
}


def sentences(error: Any, kind: str, name: str) -> tuple[str, str]:
    """Rule and mend for a validation error, without what was given."""
    where = name or "its fields"
    if error["type"] == "value_error":
        rule, _, mend = error["msg"].removeprefix("Value error, ").partition(";")
        return f"The {'cell' if name else kind} {rule.strip()}.", f"{(mend.strip() or 'correct it').capitalize()}."
    rule, mend = _RULES.get(error["type"], ("The cell does not fit {name}.", "Write it as the JSON Schema of {kind} says."))
    return rule.format(kind=kind, name=where), mend.format(kind=kind, name=where)
