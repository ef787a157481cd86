"""What hangs on a client's other records: how a goal stands by the scores, what a score means after the one before.

`mappings.COURSE` says which kinds have such a course, `mappings.LOOKED_AT` what it looks at. That a client's course is due
is written with the record that makes it so (outbox topic `course-due`, one letter a client) and cleared with what settles it,
so that a crash between the two loses nothing: whoever settles next, an intake or the worker, takes it up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import mappings
from gateway.context import Context
from gateway.privacy import placing
from gateway.record import risk, trace
from gateway.record.change import Change, Resource, course_of, made_of, name_of, names, overlaid
from gateway.record.naming import client_of
from gateway.record.report import Refusal
from gateway.record.types import KINDS, Record
from gateway.store import audit, outbox
from gateway.store import record as records
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.record import Kept
from gateway.store.resource import Stored
from gateway.store.version import remove_many
from gateway.trail import events
from mappings.identity import Site

CLIENTS = 50
"""How many clients' courses are settled in one transaction."""
_PATIENCE_MS = 15 * 60_000
"""How long the worker leaves a due course to the intake that is at work."""

_Beside = dict[str, list[Record]]
"""The records of LOOKED_AT by client."""


class _Step(NamedTuple):
    """A record of a course, what its course gives now, and what it gave before and gives no longer."""

    record: Record
    kept: Kept
    given: list[Resource]
    gone: set[str]
    plain: list[Resource]
    """What the record by itself becomes, in the place of what is gone."""


def is_looked_at(kind: str) -> bool:
    """Whether a record of this kind makes its client's course due."""
    return kind in mappings.LOOKED_AT or kind in mappings.COURSE


def lay_over(connection: Connection, practice: str, changes: Sequence[Change], site: Site) -> list[Refusal]:
    """Map records that have a course with what stands beside them, so that none needs a second version right away."""
    with_course = [change for change in changes if change.record.kind in mappings.COURSE and change.client]
    if not with_course:
        return []
    beside = _beside(connection, practice, {change.client for change in with_course if change.client}, [change.record for change in changes])
    refused = []
    for change in with_course:
        given = course_of(change.record, beside.get(change.client or "", []), site)
        if isinstance(given, Refusal):
            refused.append(given)
        else:
            change.made, change.course = overlaid(change.made, given), names(given)
    return refused


def make_due(context: Context, connection: Connection, clients: Iterable[str]) -> None:
    """Note, in the transaction of the records, that the course of these clients is to be settled."""
    outbox.course_due(connection, context.principal.practice, clients, context.now, context.now + _PATIENCE_MS)


def settle_all(context: Context) -> list[Refusal]:
    """Settle every client's course that is due, some clients in a transaction."""
    practice, refused = context.principal.practice, list[Refusal]()
    while True:
        with context.store.read() as connection:
            clients = outbox.clients_due(connection, practice, CLIENTS)
        if not clients:
            return refused
        refused += settle_some(context, clients)


def settle_some(context: Context, clients: Collection[str]) -> list[Refusal]:
    """Settle the course of these clients and clear what asked for it, in one transaction with its audit."""
    with context.store.change() as connection:
        written, refused = settle(context, connection, clients)
        outbox.course_settled(connection, context.principal.practice, clients, context.now)
        if written:
            audit.append(connection, events(context, "transaction", written))
    return refused


def settle(context: Context, connection: Connection, clients: Collection[str]) -> tuple[list[Stored], list[Refusal]]:
    """Store what the course of these clients gives now, take away what it gave and gives no longer. What was touched, and what has a fault."""
    if not (clients and mappings.COURSE):
        return [], []
    practice, site = context.principal.practice, Site(context.principal.practice)
    kept = records.of_clients(connection, practice, clients, {*mappings.LOOKED_AT, *mappings.COURSE})
    beside = _by_client(kept)
    found = [_step(one, beside.get(one.client or "", []), site) for one in kept if one.kind in mappings.COURSE]
    steps = [one for one in found if isinstance(one, _Step)]
    return _store(context, connection, steps, site), [one for one in found if isinstance(one, Refusal)]


def _step(kept: Kept, beside: list[Record], site: Site) -> _Step | Refusal:
    record = _record(kept)
    given = course_of(record, beside, site)
    if isinstance(given, Refusal):
        return given
    gone = set((kept.course or "").split()) - {name_of(one) for one in given}
    made = made_of(record, site) if gone else []
    return made if isinstance(made, Refusal) else _Step(record, kept, given, gone, [one for one in made if name_of(one) in gone])


def _store(context: Context, connection: Connection, steps: Sequence[_Step], site: Site) -> list[Stored]:
    practice, now = context.principal.practice, context.now
    place = placing.Place(practice, zone_of(connection, practice))
    plain = {name_of(one) for step in steps for one in step.plain}
    removed = {f"{one.type}/{one.id}": one for one in remove_many(connection, practice, {name for step in steps for name in step.gone} - plain, now)}
    stored = iter(placing.store_many(connection, risk.as_moved(connection, practice, [one for step in steps for one in (*step.given, *step.plain)]), place, now))
    touched, told = list(removed.values()), []
    for step in steps:
        mine = [next(stored) for _ in (*step.given, *step.plain)]
        touched += [one for one in mine if one.changed]
        told += trace.of_course(context, step.record, mine, [removed[name] for name in sorted(step.gone) if name in removed], site)
    changed = [(step.kept.kind, step.kept.id, names(step.given)) for step in steps if names(step.given) != (step.kept.course or "")]
    records.note_course(connection, practice, changed)
    return [*touched, *placing.store_beside(connection, told, place, now)]


def _beside(connection: Connection, practice: str, clients: Collection[str], entering: Sequence[Record]) -> _Beside:
    """As it will be once those entering are there."""
    own = {(record.kind, record.id) for record in entering}
    found = _by_client(one for one in records.of_clients(connection, practice, clients, mappings.LOOKED_AT) if (one.kind, one.id) not in own)
    for record in entering:
        if record.kind in mappings.LOOKED_AT and (client := client_of(record)) in clients:
            found.setdefault(str(client), []).append(record)
    return found


def _by_client(kept: Iterable[Kept]) -> _Beside:
    found: _Beside = {}
    for one in kept:
        if one.kind in mappings.LOOKED_AT and one.client:
            found.setdefault(one.client, []).append(_record(one))
    return found


def _record(kept: Kept) -> Record:
    return KINDS[kept.kind].model_validate_json(kept.body)
