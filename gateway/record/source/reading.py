"""Reading an export: kinds in the order in which they refer to one another, each row a record, a fault or a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.record.source.build import Check, Draft
from gateway.record.source.fault import LeftOut, Place, RowFault
from gateway.record.source.process_note import is_process_note
from gateway.record.source.register import Held, OnFile, Register
from gateway.record.source.spec import Condition
from gateway.record.source.table import RecordSpec, SourceTable
from gateway.record.source.view import View
from gateway.record.source.when import Setting
from gateway.record.source.work import Progress, Work
from gateway.record.types import KINDS, Record


class Made(NamedTuple):
    """A record and the row it was made of."""

    record: Record
    file: str
    line: int
    cells: dict[str, str]
    """The filled cells that became the record's fields, by column."""


@dataclass
class Reading:
    """What an export holds. Either `records` or `made` is read, once and in bounded memory; the rest is complete when it is exhausted."""

    _held: Iterator[Held]
    _work: Work

    @property
    def records(self) -> Iterator[Record]:
        return (held.record for held in self._held)

    @property
    def made(self) -> Iterator[Made]:
        """The records with the rows they were made of."""
        return (Made(held.record, held.draft.view.row.file, held.draft.view.row.line, _cells(held.draft)) for held in self._held)

    @property
    def faults(self) -> list[RowFault]:
        return self._work.faults

    @property
    def left_out(self) -> list[LeftOut]:
        return self._work.left_out

    @property
    def notes(self) -> list[str]:
        """What else is worth knowing: a file's encoding, a file that is not there."""
        return self._work.notes


def read(path: Path, table: SourceTable, *, time_zone: ZoneInfo, progress: Progress | None = None, check: Check | None = None, on_file: OnFile | None = None) -> Reading:
    """Records of an export (a folder, or one file of it) in KINDS order; SourceRefused at once for a file that is not what it claims.

    `progress` is told the file, the lines read and its lines in all; `check` is asked of every record; a record that is
    `on_file` may be named without being in the export.
    """
    work = Work(path, table, progress)
    setting = Setting(time_zone, table.codes, table.dates or "", table.decimal)
    return Reading(_Walk(work, setting, Register(table, on_file), check).held(), work)


def _cells(draft: Draft) -> dict[str, str]:
    columns = dict.fromkeys(column for template in draft.spec.ids for column in template.columns)
    columns |= dict.fromkeys(column for field in draft.spec.field.values() for column in field.columns)
    cells = {column: draft.view.text(column) for column in columns}
    for into, parts in draft.parts.items():
        for number, part in enumerate(parts, start=1):
            cells |= {f"{into}[{number}] {column}": part.view.text(column) for field in part.specs.values() for column in field.columns}
    return {column: text for column, text in cells.items() if text}


class _Walk:
    def __init__(self, work: Work, setting: Setting, register: Register, check: Check | None) -> None:
        self.work = work
        self.setting = setting
        self.register = register
        self.check = check
        self.covered: set[str] = set()
        self.last_lines: dict[str, dict[tuple[str, ...], int]] = {}

    def held(self) -> Iterator[Held]:
        for kind in KINDS:
            waiting = []
            for held in (held for file, specs in self._by_file(kind).items() for held in self._of(file, specs)):
                if held.own:
                    waiting.append(held)
                else:
                    yield held
            yield from self.register.settled(waiting, kind, self._reject)
        self._leave_whole_files()
        self.work.settle_joins()

    def _by_file(self, kind: str) -> dict[str, list[RecordSpec]]:
        found: dict[str, list[RecordSpec]] = {}
        for spec in self.work.table.record:
            if spec.kind == kind:
                found.setdefault(spec.file, []).append(spec)
        return found

    def _of(self, file: str, specs: list[RecordSpec]) -> Iterator[Held]:
        """What the rows of a file become by the specs of one kind."""
        first, seen = file not in self.covered, set[tuple[int | str, ...]]()
        self.covered.add(file)
        for row in self.work.rows(file):
            view = View(row, self.work.table.files[file], self.work.index, self.work.reject)
            if self._is_left(view, first):
                continue
            for number, spec in enumerate(specs):
                if all_hold(spec.when, view) and self._right_kind_of_note(spec, view) and _is_new(spec, view, number, seen) and (held := self._make(spec, view.of(row))):
                    yield held
        if any(spec is self._last_of(file) for spec in specs):
            self.work.forget(file)

    def _last_of(self, file: str) -> RecordSpec:
        """The record that is read last from a file."""
        order, specs = list(KINDS), self.work.table.records_of(file)
        return max(reversed(specs), key=lambda spec: order.index(spec.kind))

    def _is_left(self, view: View, first: bool) -> bool:
        """Whether the row is no record by the table's own word; the first walk of its file says so in the report."""
        entry, row = view.entry, view.row
        if reason := self._reason_to_leave(view):
            if first:
                view.take_up()
                self.work.leave(row.file, None, reason, row.line)
            return True
        for check in entry.check:
            if all_hold(check.when, view):
                if first and self._agrees(view, check.column, check.sums):
                    self.work.leave(row.file, None, check.reason, row.line)
                return True
        if first and not entry_takes(self.work.table, view):
            self.work.leave(row.file, None, entry.otherwise, row.line)
        return False

    def _reason_to_leave(self, view: View) -> str | None:
        entry = view.entry
        for leave in entry.leave:
            if all_hold(leave.when, view):
                return leave.reason
        if entry.latest and view.row.line != self._last_line(view):
            return f"an earlier state; the last row with the same {', '.join(entry.latest)} counts"
        return None

    def _last_line(self, view: View) -> int:
        entry = view.entry
        if entry.name not in self.last_lines:
            self.last_lines[entry.name] = {tuple(row.text(column) for column in entry.latest): row.line for row in self.work.rows(entry.name)}
        return self.last_lines[entry.name][tuple(view.text(column) for column in entry.latest)]

    def _agrees(self, view: View, column: str, sums: tuple[str, ...]) -> bool:
        cells = [view.text(name) for name in (column, *sums)]
        if not all(cell.isascii() and cell.isdigit() for cell in cells) or sum(map(int, cells[1:])) == int(cells[0]):
            return True
        self.work.reject(view.place(column), "The total is not what its answers add up to.", "Correct the total or the answers.")
        return False

    def _right_kind_of_note(self, spec: RecordSpec, view: View) -> bool:
        """A process note only ever becomes its mark, whatever the table says; its text is dropped here (45 CFR 164.501)."""
        if spec.kind not in ("note", "process_note_mark"):
            return True
        texts = spec.also if spec.kind == "process_note_mark" else spec.field["text"].columns
        found = is_process_note([view.text(column) for column in spec.labels], " ".join(view.text(column)[:400] for column in texts))
        if found and spec.kind == "note":
            self.work.leave(view.row.file, next(iter(texts), None), "the text of a psychotherapy (process) note is never taken, only that there is one", view.row.line)
        return found is (spec.kind == "process_note_mark")

    def _make(self, spec: RecordSpec, view: View) -> Held | None:
        draft = Draft(spec, view, self.setting)
        draft.fill()
        own, nobody = self.register.check(draft)
        if not draft.faults and draft.id in self.register.known[spec.kind]:
            draft.own.fault(draft.own.otherwise, f"An earlier row gives a {spec.kind} with the same id.", "Give each its own id.")
        record = draft.record(self.check)
        for reason, places in (("a word that the source table's list does not have", draft.unknown_words), ("it names no record of the export", nobody)):
            for place in places:
                self.work.leave(place.file, place.column.rpartition(".")[2], reason, place.line)
        if record is None:
            self._reject(draft)
            return None
        self.register.accept(record, draft)
        return Held(record, draft, own)

    def _reject(self, draft: Draft) -> None:
        view = draft.view
        for fault in draft.faults:
            self.work.reject(Place(fault.file, fault.line, fault.column), fault.rule, fault.mend)
        if not any((fault.file, fault.line) == (view.row.file, view.row.line) for fault in draft.faults):
            rule = f"The row needs line {draft.faults[0].line} of {draft.faults[0].file}, which has a fault."
            self.work.reject(draft.place, rule, "Mend that line first.")
        self.register.rejected[draft.spec.kind].setdefault(draft.id, (draft.place, draft.faults[0]))
        for index, key in view.joined.values():
            if index.join.is_part:
                index.failed[key] = view.row.place("")

    def _leave_whole_files(self) -> None:
        for entry in self.work.table.file:
            if entry.left_out and entry.name in self.work.sheets:
                self.work.leave(entry.name, None, entry.left_out, count=sum(1 for _ in self.work.rows(entry.name)))


def _is_new(spec: RecordSpec, view: View, number: int, seen: set[tuple[int | str, ...]]) -> bool:
    """Whether the row is the first of those that become one record."""
    if not spec.once:
        return True
    key: tuple[int | str, ...] = (number, *(view.text(column) for column in spec.once))
    if key in seen:
        return False
    seen.add(key)
    return True


def all_hold(conditions: tuple[Condition, ...], view: View) -> bool:
    return all(condition.holds(view.text(condition.column)) for condition in conditions)


def entry_takes(table: SourceTable, view: View) -> bool:
    """Whether any record of the table takes the row."""
    return any(all_hold(spec.when, view) for spec in table.records_of(view.entry.name)) or any(all_hold(carried, view) for carried in view.entry.carried)
