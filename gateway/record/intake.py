"""Records come in: each is kept, mapped to resources, labelled and stored, with audit and outbox, in one transaction a batch.

Idempotent by kind, id and content: what is there already with the same content changes nothing, a changed record makes
a new version, and the same record always becomes the same resource ids.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import mappings
from gateway.context import Context
from gateway.privacy import placing
from gateway.privacy.consent import release_row
from gateway.record import course, risk, trace
from gateway.record.change import Change, content, made_of
from gateway.record.naming import Name, client_of, name_of, named_by, ordered, strays, twin, twins
from gateway.record.report import Refusal, Report, refusal
from gateway.record.types import KINDS, Consent, Record
from gateway.store import audit, outbox
from gateway.store import record as records
from gateway.store import referral as referrals
from gateway.store import release as releases
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.record import Kept
from gateway.store.resource import Stored
from gateway.store.version import remove_many
from gateway.trail import events
from mappings.identity import Site

__all__ = ["BATCH", "Refusal", "Report", "take_in"]

BATCH = 400
"""How many records are taken in by one transaction."""

_ORDER = {kind: at for at, kind in enumerate(KINDS)}

Progress = Callable[[int, int | None], None]
"""Told how many records have been looked at, and of how many; None where nobody knows."""


class _Desk(NamedTuple):
    """What the steps of an intake share."""

    context: Context
    source: str
    site: Site
    report: Report

    @property
    def practice(self) -> str:
        return self.context.principal.practice


def take_in(context: Context, given: Iterable[Record], *, source: str, progress: Progress | None = None) -> Report:
    """Take records in. A refused record changes nothing; the rest goes in.

    A collection may come in any order. Anything else is a stream: in KINDS order, each kind and id once; of it no more than a batch is held,
    and of a kind whose records name each other those that do.
    """
    desk = _Desk(context, source, Site(context.principal.practice), Report())
    total, done = len(given) if isinstance(given, Collection) else None, 0
    is_whole = True
    for batch, is_last in _batches(ordered(_in_order(given, desk.report), _reads(context), desk.report.refused)):
        is_whole, done = is_whole and is_last, done + len(batch)
        _take_batch(desk, batch, is_whole=is_whole)
        if progress:
            progress(done, total)
    if not is_whole:
        desk.report.refused += course.settle_all(context)
    return desk.report


def _in_order(given: Iterable[Record], report: Report) -> Iterable[Record]:
    """Raises ValueError where a stream is out of order."""
    if not isinstance(given, Collection):
        return _checked(given)
    double = twins(given)
    report.refused += [twin(record) for record in given if name_of(record) in double]
    return sorted((record for record in given if name_of(record) not in double), key=lambda record: _ORDER[record.kind])


def _checked(given: Iterable[Record]) -> Iterator[Record]:
    reached = 0
    for record in given:
        if _ORDER[record.kind] < reached:
            raise ValueError("a stream of records must come in the order of KINDS; give a list instead, or sort it")
        reached = _ORDER[record.kind]
        yield record


def _reads(context: Context) -> Callable[[Iterable[Name]], Mapping[Name, Kept]]:
    def read(names: Iterable[Name]) -> Mapping[Name, Kept]:
        with context.store.read() as connection:
            return records.kept(connection, context.principal.practice, names)

    return read


def _batches(groups: Iterable[tuple[Record, ...]]) -> Iterator[tuple[list[Record], bool]]:
    """Batches, and whether it is the last; records of one group go in together."""
    batch: list[Record] = []
    for group in groups:
        if batch and len(batch) + len(group) > BATCH:
            yield batch, False
            batch = []
        batch += group
    yield batch, True


def _take_batch(desk: _Desk, batch: Sequence[Record], *, is_whole: bool) -> None:
    """`is_whole`: nothing comes after it, so that courses are settled here and now."""
    with _no_collection(), desk.context.store.change() as connection:
        changes = _planned(desk, connection, batch)
        written = _store(desk, connection, changes)
        touched = _touched(changes)
        if is_whole:
            settled, faults = course.settle(desk.context, connection, touched)
            written, desk.report.refused = written + settled, desk.report.refused + faults
        else:
            course.make_due(desk.context, connection, touched)
        desk.report.resources += len(written)
        if changes or written:
            audit.append(connection, events(desk.context, "transaction", written))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Nothing that a batch makes is circular: looking for that again and again would cost a tenth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _touched(changes: Sequence[Change]) -> set[str]:
    """The clients whose course is due: also the one that a record was taken from."""
    found = [(change.client, change.kept.client if change.kept else None) for change in changes if course.is_looked_at(change.record.kind)]
    return {client for pair in found for client in pair if client}


def _planned(desk: _Desk, connection: Connection, batch: Sequence[Record]) -> list[Change]:
    """What is to be written of a batch; what is refused, and what is unchanged, stands in the report."""
    refused: list[Refusal] = []
    changes = _mapped(desk, connection, batch, refused)
    there = records.owners(connection, desk.practice, named_by(change.record for change in changes))
    changes = _without(changes, strays([change.record for change in changes], there), refused)
    while faults := course.lay_over(connection, desk.practice, changes, desk.site):
        changes = _without(changes, faults, refused)
        changes = _without(changes, strays([change.record for change in changes], there), refused)
    desk.report.refused += refused
    desk.report.unchanged += sum(change.repeats for change in changes)
    for code in (code for change in changes for code in mappings.codes.unchecked(change.record)):
        name = f"{code.system}|{code.code}"
        desk.report.unchecked_codes[name] = desk.report.unchecked_codes.get(name, 0) + 1
    return changes


def _without(changes: list[Change], faults: Sequence[Refusal], refused: list[Refusal]) -> list[Change]:
    refused += faults
    names = {(fault.kind, fault.id) for fault in faults}
    return [change for change in changes if name_of(change.record) not in names] if names else changes


def _mapped(desk: _Desk, connection: Connection, batch: Sequence[Record], refused: list[Refusal]) -> list[Change]:
    """The records that are new or changed, with the resources they become by themselves."""
    kept = records.kept(connection, desk.practice, map(name_of, batch))
    double, changes = twins(batch), dict[Name, Change]()
    for record in batch:
        name = name_of(record)
        body, digest = content(record)
        if name in double:
            refused.append(twin(record))
        elif name in changes:
            changes[name].repeats += 1
        elif name in kept and kept[name].digest == digest:
            desk.report.unchanged += 1
        elif isinstance(made := _closed(desk, connection, record) or made_of(record, desk.site), Refusal):
            refused.append(made)
        else:
            changes[name] = Change(record, kept.get(name), client_of(record), body, digest, made)
    return list(changes.values())


def _closed(desk: _Desk, connection: Connection, record: Record) -> Refusal | None:
    """A record that the practice does not write, or no longer: one that tells of a partner's resource, a referral on its way."""
    if getattr(record, "source", None) is not None:
        return refusal(record, f"a {record.kind} with a source is written by the gateway, from what a partner sent", "leave it out; it can be read under /records")
    if record.kind == "referral" and referrals.read(connection, desk.practice, desk.site.id("referral", record.id, "task")):
        return refusal(record, "the referral has been sent and cannot be rewritten", "withdraw it, or send a new one under its own id")
    return None


def _store(desk: _Desk, connection: Connection, changes: Sequence[Change]) -> list[Stored]:
    """Everything of some changes but their courses; returns what was written."""
    practice, now = desk.practice, desk.context.now
    place = placing.Place(practice, zone_of(connection, practice))
    records.write_many(connection, practice, [change.new for change in changes], source=desk.source, now=now)
    records.note_course(connection, practice, [(*name_of(change.record), change.course) for change in changes if change.course])
    removed = remove_many(connection, practice, {name for change in changes for name in change.gone(desk.site)}, now)
    stored = iter(placing.store_many(connection, risk.as_moved(connection, practice, [one for change in changes for one in change.made]), place, now))
    written, told, letters = list[Stored](), list[trace.Traced](), list[outbox.New]()
    for change in changes:
        mine = [next(stored) for _ in change.made]
        written += [one for one in mine if one.changed]
        told += trace.of_record(desk.context, change.record, mine, desk.site, update=change.kept is not None)
        letters += [outbox.New("record-changed", f"{change.record.kind}/{change.record.id}", {})] if any(one.changed for one in mine) else []
        letters += risk.letters(change, now)
        _open(desk, connection, change, place)
        desk.report.changed, desk.report.created = desk.report.changed + bool(change.kept), desk.report.created + (not change.kept)
    outbox.add_many(connection, practice, letters, now)
    return [*removed, *written, *placing.store_beside(connection, told, place, now)]


def _open(desk: _Desk, connection: Connection, change: Change, place: placing.Place) -> None:
    """What a record opens takes effect with it: a consent its release, a partner its own entry in the directory."""
    record, practice = change.record, desk.practice
    if isinstance(record, Consent):
        _release(connection, practice, record, desk.site, place)
    if record.kind == "partner":
        releases.open_to(connection, practice, record.id, [(one["resourceType"], one["id"]) for one in change.made], reason="self")


def _release(connection: Connection, practice: str, consent: Consent, site: Site, place: placing.Place) -> None:
    """The consent takes effect in the same transaction: its row opens, its named recipient may read it."""
    consent_id, patient = site.id("consent", consent.id), site.id("client", consent.client)
    releases.drop_release(connection, practice, consent_id)
    row = release_row(consent, practice, consent_id, patient, place.zone)
    if row is not None:
        releases.put_release(connection, row)
        releases.open_to(connection, practice, row["recipient"], [("Consent", consent_id)], reason="recipient", consent=consent_id)
