"""What must still be told to someone: rows written with the change they tell of, taken up by the worker.

A row is delivered at least once: it stays until `done`, and a delivery that failed is due again later.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, insert, select, update

from gateway.store.schema import outbox


class Letter(NamedTuple):
    seq: int
    practice: str
    topic: str
    subject: str
    payload: dict[str, Any]
    attempts: int


def add(connection: Connection, practice: str, topic: str, subject: str, payload: dict[str, Any], now: int) -> None:
    row = {"practice": practice, "topic": topic, "subject": subject, "payload": orjson.dumps(payload), "created_at": now, "due_at": now, "attempts": 0}
    connection.execute(insert(outbox), row)


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
