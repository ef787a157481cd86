"""The practice's records as they were taken in, every version of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from gateway.store import statement
from gateway.store.engine import changed
from gateway.store.schema import record, record_history

_KEPT = ("kind", "id", "version", "digest", "body", "recorded_at", "client", "course")
_VERSION = ("practice", "kind", "id", "version", "body", "source", "recorded_at")


class Kept(NamedTuple):
    kind: str
    id: str
    version: int
    digest: str
    body: bytes
    recorded_at: int
    client: str | None
    course: str | None = None
    """The resources that its course gave, `Type/id` each, with spaces between."""


class New(NamedTuple):
    """A record on its way in."""

    kind: str
    id: str
    version: int
    client: str | None
    digest: str
    body: bytes


def read(connection: Connection, practice: str, kind: str, record_id: str) -> Kept | None:
    return kept(connection, practice, [(kind, record_id)]).get((kind, record_id))


def kept(connection: Connection, practice: str, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Kept]:
    """Those of some records, by kind and id, that are there."""
    found = {}
    for kind, ids in _by_kind(names).items():
        for row in statement.among(connection, record, {"practice": practice, "kind": kind}, "id", ids, _KEPT):
            found[kind, row.id] = Kept(*row)
    return found


def owners(connection: Connection, practice: str, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str | None]:
    """Whose each of some records is, by kind and id, where it is there; None for one of no client."""
    found = {}
    for kind, ids in _by_kind(names).items():
        for row in statement.among(connection, record, {"practice": practice, "kind": kind}, "id", ids, ("id", "client")):
            found[kind, row.id] = row.client
    return found


def exists(connection: Connection, practice: str, kind: str, record_id: str) -> bool:
    return (kind, record_id) in owners(connection, practice, [(kind, record_id)])


def write(connection: Connection, practice: str, kind: str, record_id: str, *, client: str | None, digest: str, body: bytes, source: str, now: int) -> int:
    """Store the next version; returns its number."""
    current = read(connection, practice, kind, record_id)
    version = current.version + 1 if current else 1
    write_many(connection, practice, [New(kind, record_id, version, client, digest, body)], source=source, now=now)
    return version


def write_many(connection: Connection, practice: str, given: Iterable[New], *, source: str, now: int) -> None:
    """Store each record as the version it says."""
    rows = [(practice, one.kind, one.id, one.version, one.body, source, now, one.client, one.digest) for one in given]
    if rows:
        changed(connection)
        statement.put_all(connection, record, (*_VERSION, "client", "digest"), rows)
        statement.add(connection, record_history, _VERSION, [row[:7] for row in rows])


def note_course(connection: Connection, practice: str, given: Iterable[tuple[str, str, str]]) -> None:
    """Note, by kind and id, what a record's course gives now: `Type/id` each, with spaces between."""
    statement.change(connection, record, ("course",), ("practice", "kind", "id"), [(names, practice, kind, record_id) for kind, record_id, names in given])


def of_clients(connection: Connection, practice: str, clients: Iterable[str], kinds: Iterable[str]) -> list[Kept]:
    """The records of some clients that are of some kinds, by kind and id."""
    wanted, order = set(kinds), {"practice": practice}
    found = [Kept(*row) for row in statement.among(connection, record, order, "client", clients, _KEPT) if row.kind in wanted]
    return sorted(found, key=lambda one: (one.kind, one.id))


def of_client(connection: Connection, practice: str, client: str) -> list[Kept]:
    """Every record that names this client, oldest first."""
    rows = connection.execute(select(record).where(record.c.practice == practice, record.c.client == client).order_by(record.c.recorded_at, record.c.kind, record.c.id))
    return [_kept(row) for row in rows]


def of_kind(connection: Connection, practice: str, kind: str, limit: int = 1_000) -> list[Kept]:
    """The newest records of a kind."""
    rows = connection.execute(select(record).where(record.c.practice == practice, record.c.kind == kind).order_by(record.c.recorded_at.desc(), record.c.id).limit(limit))
    return [_kept(row) for row in rows]


def counts(connection: Connection, practice: str) -> dict[str, int]:
    rows = connection.execute(select(record.c.kind, func.count()).where(record.c.practice == practice).group_by(record.c.kind).order_by(record.c.kind))
    return {kind: int(number) for kind, number in rows}


def _kept(row: Any) -> Kept:
    return Kept(*(getattr(row, name) for name in _KEPT))


def _by_kind(names: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, record_id in names:
        found.setdefault(kind, []).append(record_id)
    return found
