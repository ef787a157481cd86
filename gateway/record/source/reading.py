"""Reading an export: kinds in the order in which they refer to one another, each row a record, a fault or a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.record.source.build import Draft
from gateway.record.source.convert import Setting
from gateway.record.source.fault import LeftOut, Place, RowFault
from gateway.record.source.process_note import is_process_note
from gateway.record.source.table import Condition, RecordSpec, SourceTable
from gateway.record.source.view import View
from gateway.record.source.work import Progress, Work
from gateway.record.types import KINDS, Record

_MIND_ROW = "Mend that row first."
_NO_CYCLES = frozenset({"practice", "clinician", "treatment_plan"})
"""Kinds whose records must not lead back to themselves; clients of a couple do."""


@dataclass
class Reading:
    """What an export holds. `records` is read once and in bounded memory; the rest is complete when it is exhausted."""

    records: Iterator[Record]
    _work: Work

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


def read(folder: Path, table: SourceTable, *, time_zone: ZoneInfo, progress: Progress | None = None) -> Reading:
    """Records of an export in KINDS order; SourceRefused at once for a file that is not what it claims.

    `progress` is told the file, the lines read and its lines in all.
    """
    work = Work(folder, table, progress)
    return Reading(_Walk(work, Setting(time_zone, table.codes)).records(), work)


class _Held(NamedTuple):
    """A record that refers to another of its own kind, perhaps to a later one."""

    record: Record
    draft: Draft
    refers_to: dict[str, str]
    """Column by the id it names."""


class _Walk:
    def __init__(self, work: Work, setting: Setting) -> None:
        self.work = work
        self.setting = setting
        self.known: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        """The client (or nobody) of every accepted record, by kind and id."""
        self.rejected: dict[str, dict[str, Place]] = {kind: {} for kind in KINDS}
        self.covered: set[str] = set()

    def records(self) -> Iterator[Record]:
        for kind in KINDS:
            specs = [spec for spec in self.work.table.record if spec.kind == kind]
            if any(_refers_to_own_kind(spec) for spec in specs):
                yield from self._settled([held for spec in specs for held in self._of(spec)], kind)
            else:
                for spec in specs:
                    yield from (held.record for held in self._of(spec))
        self._leave_whole_files()
        self.work.settle_joins()

    def _of(self, spec: RecordSpec) -> Iterator[_Held]:
        first, seen = spec.file not in self.covered, set[tuple[str, ...]]()
        self.covered.add(spec.file)
        for row in self.work.rows(spec.file):
            view = View(row, self.work.table.files[spec.file], self.work.index, self.work.reject)
            if self._is_left(view, first) or not (_all_hold(spec.when, view) and self._right_kind_of_note(spec, view)):
                continue
            if spec.once:
                key = tuple(view.text(column) for column in spec.once)
                if key in seen:
                    continue
                seen.add(key)
            if held := self._make(spec, view):
                yield held
        if spec is self._last_of(spec.file):
            self.work.forget(spec.file)

    def _last_of(self, file: str) -> RecordSpec:
        """The record that is read last from a file."""
        order, specs = list(KINDS), self.work.table.records_of(file)
        return max(reversed(specs), key=lambda spec: order.index(spec.kind))

    def _is_left(self, view: View, first: bool) -> bool:
        """Whether the row is no record by the table's own word; the first walk of its file says so in the report."""
        entry, row = view.entry, view.row
        for leave in entry.leave:
            if _all_hold(leave.when, view):
                if first:
                    view.take_up()
                    self.work.leave(row.file, None, leave.reason, row.line)
                return True
        for check in entry.check:
            if _all_hold(check.when, view):
                if first and self._agrees(view, check.column, check.sums):
                    self.work.leave(row.file, None, check.reason, row.line)
                return True
        if first and not entry_takes(self.work.table, view):
            self.work.leave(row.file, None, entry.otherwise, row.line)
        return False

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
            self.work.leave(view.row.file, texts[0], "the text of a psychotherapy (process) note is never taken, only that there is one", view.row.line)
        return found is (spec.kind == "process_note_mark")

    def _make(self, spec: RecordSpec, view: View) -> _Held | None:
        draft = Draft(spec, view, self.setting)
        draft.fill()
        own = self._check_references(draft)
        if not draft.faults and draft.id in self.known[spec.kind]:
            draft.fault(spec.id_columns[0], f"An earlier row gives a {spec.kind} with the same id.", "Give each its own id.")
        record = draft.record()
        for column in draft.unknown_words:
            self.work.leave(view.place(column).file, column.rpartition(".")[2], "a word that the source table's list does not have", view.place(column).line)
        if record is None:
            self._reject(draft)
            return None
        self.known[spec.kind][record.id] = str(getattr(record, "client", ""))
        return _Held(record, draft, own)

    def _reject(self, draft: Draft) -> None:
        view = draft.view
        places = [view.place(column) for column, _, _ in draft.faults]
        for place, (_, rule, mend) in zip(places, draft.faults, strict=True):
            self.work.reject(place, rule, mend)
        if not any((place.file, place.line) == (view.row.file, view.row.line) for place in places):
            rule = f"The row needs line {places[0].line} of {places[0].file}, which has a fault."
            self.work.reject(view.row.place(draft.spec.id_columns[0]), rule, "Mend that line first.")
        self.rejected[draft.spec.kind].setdefault(draft.id, view.row.place(draft.spec.id_columns[0]))
        for index, key in view.joined.values():
            if index.join.is_part:
                index.failed[key] = view.row.place("")

    def _check_references(self, draft: Draft) -> dict[str, str]:
        """Check what the row refers to; what it refers to within its own kind is returned, column and id, for later."""
        own: dict[str, str] = {}
        for name, field in draft.spec.field.items():
            value = draft.values.get(name)
            if field.converter not in ("ref", "maybe_ref") or not isinstance(value, str):
                continue
            column = draft.column(field)
            if field.argument == draft.spec.kind:
                own[column] = value
            elif value in self.known[field.argument]:
                self._check_client(draft, column, self.known[field.argument][value])
            elif value in self.rejected[field.argument] or field.converter == "ref":
                draft.fault(column, *self._unknown(field.argument, value))
            else:
                del draft.values[name]
                self.work.leave(draft.view.place(column).file, column.rpartition(".")[2], f"it names no {field.argument}", draft.view.place(column).line)
        for column in draft.spec.same_client:
            self._check_client(draft, column, draft.view.text(column))
        return own

    def _check_client(self, draft: Draft, column: str, client: str) -> None:
        if client and "client" in draft.values and client != draft.values["client"]:
            join = draft.view.entry.join.get(column.partition(".")[0])
            blamed = column if join is None or join.is_part else draft.column(draft.spec.field["client"])
            draft.fault(blamed, "The row points at something of another client.", "File both under one client.")

    def _unknown(self, kind: str, value: str) -> tuple[str, str]:
        if place := self.rejected[kind].get(value):
            return f"The row depends on the {kind} in line {place.line} of {place.file}, which was rejected.", _MIND_ROW
        files = sorted({spec.file for spec in self.work.table.record if spec.kind == kind})
        return f"The cell names a {kind} that {' and '.join(files) or 'the export'} does not have.", "Correct the cell, or put the missing row into its file."

    def _settled(self, held: list[_Held], kind: str) -> Iterator[Record]:
        """The records whose references within their own kind hold; those of a rejected one fall with it."""
        while bad := [one for one in held if self._broken(one, held, kind)]:
            for one in bad:
                del self.known[kind][one.record.id]
                self._reject(one.draft)
            held = [one for one in held if one not in bad]
        return (one.record for one in held)

    def _broken(self, one: _Held, held: list[_Held], kind: str) -> bool:
        for column, value in one.refers_to.items():
            if value not in self.known[kind]:
                one.draft.fault(column, *self._unknown(kind, value))
            elif kind in _NO_CYCLES and _leads_back(one, held):
                one.draft.fault(column, f"The {kind} leads back to itself through others of its kind.", "Break the circle.")
        return bool(one.draft.faults)

    def _leave_whole_files(self) -> None:
        for entry in self.work.table.file:
            if entry.left_out and entry.name in self.work.sheets:
                self.work.leave(entry.name, None, entry.left_out, count=sum(1 for _ in self.work.rows(entry.name)))


def _leads_back(one: _Held, held: list[_Held]) -> bool:
    after = {other.record.id: tuple(other.refers_to.values()) for other in held}
    seen: set[str] = set()
    ahead = list(after[one.record.id])
    while ahead:
        step = ahead.pop()
        if step == one.record.id:
            return True
        if step not in seen:
            seen.add(step)
            ahead.extend(after.get(step, ()))
    return False


def _refers_to_own_kind(spec: RecordSpec) -> bool:
    return any(field.converter in ("ref", "maybe_ref") and field.argument == spec.kind for field in spec.field.values())


def _all_hold(conditions: tuple[Condition, ...], view: View) -> bool:
    return all(condition.holds(view.text(condition.column)) for condition in conditions)


def entry_takes(table: SourceTable, view: View) -> bool:
    """Whether any record of the table takes the row."""
    return any(_all_hold(spec.when, view) for spec in table.records_of(view.entry.name)) or any(_all_hold(carried, view) for carried in view.entry.carried)
