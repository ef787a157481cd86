"""From a row's cells to a typed record, or to the faults that keep it from being one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from gateway.record.source.fault import Place, RowFault
from gateway.record.source.field import Fields, Named
from gateway.record.source.finish import FINISHERS, Misread
from gateway.record.source.part import part_rows
from gateway.record.source.process_note import opens_as_process_note
from gateway.record.source.sentence import sentence_of_check, sentences
from gateway.record.source.shape import part_of
from gateway.record.source.spec import Template
from gateway.record.source.table import RecordSpec
from gateway.record.source.view import View
from gateway.record.source.when import Setting
from gateway.record.types import KINDS, Record

CALLS_ITSELF_PROCESS_NOTE = ("A text of the record calls itself a process note, which has no place in it.", "Keep process notes apart from the chart (45 CFR 164.501).")

Check = Callable[[Record], tuple[str, str] | None]
"""What else may be wrong with a record: the path of the field (codes[0].code) and the rule it breaks; None where nothing is."""


class Draft:
    """The values of a record to be, and what was found wrong on the way."""

    def __init__(self, spec: RecordSpec, view: View, setting: Setting) -> None:
        self.spec = spec
        self.view = view
        self.own = Fields(spec.field, view, setting, "")
        self._template, self.id = self._identity()
        self.own.otherwise = next((column for column in self._template.columns if view.text(column)), self._template.columns[0])
        self.parts: dict[str, list[Fields]] = {}

    @property
    def values(self) -> dict[str, Any]:
        return self.own.values

    @property
    def faults(self) -> list[RowFault]:
        return self.own.faults

    @property
    def place(self) -> Place:
        """The cell of the record's id."""
        return self.view.row.place(self.own.otherwise)

    @property
    def named(self) -> list[Named]:
        """The records that the row and the rows of its parts name."""
        return [*self.own.named, *(named for part in self._all_parts() for named in part.named)]

    @property
    def unknown_words(self) -> list[Place]:
        """Cells whose word no list has, where the record does without."""
        return [*self.own.unknown_words, *(place for part in self._all_parts() for place in part.unknown_words)]

    def _identity(self) -> tuple[Template, str]:
        told = [(template, self.own.text(template)) for template in self.spec.ids]
        return next(((template, text) for template, text in told if text), (self.spec.ids[0], ""))

    def _all_parts(self) -> Iterator[Fields]:
        return (part for parts in self.parts.values() for part in parts)

    def fill(self) -> None:
        """Read every field; all the row's bad cells are found, not only the first."""
        for column, rule in self.view.unanswered(self.spec.columns).items():
            self.own.fault(column, rule, "Correct the cell, or put the missing row into its file.")
        self.values["id"] = self.id
        self.own.read()
        self._read_parts()
        if not self.id and not self.faults:
            column = next((column for column in self._template.columns if not self.view.text(column)), self.own.otherwise)
            self.own.fault(column, *self._no_id(column))
        if self.spec.finish and not self.faults:
            self._finish(self.spec.finish)

    def _no_id(self, column: str) -> tuple[str, str]:
        needs = next((name for name, field in self.spec.field.items() if column in field.columns), None)
        if needs is None or (len(self._template.columns) == 1 == len(self.spec.ids) and not self._template.texts[0]):
            return "The row has no id.", "Give it the id that the source uses."
        return sentences({"type": "missing"}, self.spec.kind, needs)

    def _read_parts(self) -> None:
        for spec in self.spec.part:
            parts = self.parts.setdefault(spec.into, [])
            kind = part_of(self.spec.kind, spec.into)
            for part in part_rows(spec, self.view, self.own.setting, len(parts), with_id=kind is not None and "id" in kind.model_fields):
                parts.append(part)
                self.faults.extend(part.faults)
        self.values.update({name: tuple(part.values for part in parts) for name, parts in self.parts.items() if parts})

    def _finish(self, finisher: str) -> None:
        try:
            FINISHERS[finisher](self.values, self.view, self.spec.items, self.own.setting)
        except Misread as fault:
            self.faults.append(RowFault(*(fault.place or self.view.place(fault.column)), fault.rule, fault.mend))

    def record(self, check: Check | None) -> Record | None:
        """The typed record, or None with the faults said."""
        if self.faults:
            return None
        if any(opens_as_process_note(text) for text in _texts(self.values)):
            self.own.fault(self.own.otherwise, *CALLS_ITSELF_PROCESS_NOTE)
            return None
        try:
            record = KINDS[self.spec.kind].model_validate(self.values)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                name = ".".join(str(part) for part in fault["loc"])
                self.faults.append(RowFault(*self._place(fault["loc"], fault["msg"]), *sentences(fault, self.spec.kind, name)))
            return None
        if wrong := check(record) if check else None:
            self.faults.append(RowFault(*self._place(_steps(wrong[0]), ""), *sentence_of_check(*wrong)))
            return None
        return record

    def _place(self, loc: tuple[int | str, ...], message: str) -> Place:
        """The cell that is to blame for an error at this path."""
        if len(loc) > 1 and isinstance(at := loc[1], int) and str(loc[0]) in self.parts and at < len(self.parts[str(loc[0])]):
            part = self.parts[str(loc[0])][at]
            return part.place_of(".".join(map(str, loc[2:])), message) or part.view.place(part.otherwise)
        return self.own.place_of(".".join(map(str, loc)), message) or self.place


def _steps(path: str) -> tuple[int | str, ...]:
    """`goals[0].code` as the steps of an error's path."""
    return tuple(int(step) if step.isdigit() else step for step in path.replace("[", ".").replace("]", "").split("."))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
