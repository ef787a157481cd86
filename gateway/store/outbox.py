"""What must still be told to someone: rows written with the change they tell of, taken up by the worker.

A row is delivered at least once: it stays until `done`, and a delivery that failed is due again later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select, update

from gateway.store import statement
from gateway.store.schema import COURSE_DUE, outbox, waiting_for_course

_NEW = ("practice", "topic", "subject", "payload", "created_at", "due_at", "attempts")
_OR_WAIT_LONGER = f" ON CONFLICT (practice, subject) WHERE {waiting_for_course} DO UPDATE SET due_at = excluded.due_at"


class Letter(NamedTuple):
    seq: int
    practice: str
    topic: str
    subject: str
    payload: dict[str, Any]
    attempts: int


class New(NamedTuple):
    """A letter to be written: what it tells of, of whom, and what a reader needs beside the store."""

    topic: str
    subject: str
    payload: dict[str, Any]


def add(connection: Connection, practice: str, topic: str, subject: str, payload: dict[str, Any], now: int) -> None:
    add_many(connection, practice, [New(topic, subject, payload)], now)


def add_many(connection: Connection, practice: str, letters: Iterable[New], now: int) -> None:
    rows = [(practice, one.topic, one.subject, orjson.dumps(one.payload), now, now, 0) for one in letters]
    statement.add(connection, outbox, _NEW, rows)


def course_due(connection: Connection, practice: str, clients: Iterable[str], now: int, due_at: int) -> None:
    """The course of these clients is to be worked out again: one undelivered letter each, due then, also where one waits already."""
    rows = [(practice, COURSE_DUE, client, b"{}", now, due_at, 0) for client in sorted(set(clients))]
    statement.run(connection, statement.insert(connection, outbox, _NEW) + _OR_WAIT_LONGER, rows)


def clients_due(connection: Connection, practice: str, limit: int) -> list[str]:
    """Clients whose course is to be worked out, due or not, oldest first."""
    return list(connection.scalars(select(outbox.c.subject).where(outbox.c.practice == practice, waiting_for_course).order_by(outbox.c.seq).limit(limit)))


def course_settled(connection: Connection, practice: str, clients: Collection[str], now: int) -> None:
    """The course of these clients has been worked out."""
    connection.execute(update(outbox).where(outbox.c.practice == practice, outbox.c.subject.in_(clients), waiting_for_course).values(done_at=now, fault=None))


def due(connection: Connection, now: int, limit: int = 100) -> list[Letter]:
    """Letters whose time has come, oldest first."""
    rows = connection.execute(select(outbox).where(outbox.c.done_at.is_(None), outbox.c.due_at <= now).order_by(outbox.c.seq).limit(limit))
    return [Letter(row.seq, row.practice, row.topic, row.subject, orjson.loads(row.payload), row.attempts) for row in rows]


def done(connection: Connection, seq: int, now: int) -> None:
    connection.execute(update(outbox).where(outbox.c.seq == seq).values(done_at=now, fault=None))


def postpone(connection: Connection, seq: int, until: int, fault: str) -> None:
    """Try again at `until`; `fault` is one sentence without any value of a client."""
    connection.execute(update(outbox).where(outbox.c.seq == seq).values(due_at=until, fault=fault, attempts=outbox.c.attempts + 1))


def waiting(connection: Connection, practice: str) -> list[Any]:
    """Undelivered letters: seq, topic, subject, attempts, due_at, fault."""
    return list(connection.execute(select(outbox).where(outbox.c.practice == practice, outbox.c.done_at.is_(None)).order_by(outbox.c.seq)))
