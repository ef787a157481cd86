"""The practice's records as they were taken in, every version of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from gateway.store.engine import changed, put
from gateway.store.schema import record, record_history


class Kept(NamedTuple):
    kind: str
    id: str
    version: int
    digest: str
    body: bytes
    recorded_at: int
    client: str | None


def read(connection: Connection, practice: str, kind: str, record_id: str) -> Kept | None:
    row = connection.execute(select(record).where(record.c.practice == practice, record.c.kind == kind, record.c.id == record_id)).one_or_none()
    return _kept(row) if row else None


def exists(connection: Connection, practice: str, kind: str, record_id: str) -> bool:
    return connection.scalar(select(record.c.version).where(record.c.practice == practice, record.c.kind == kind, record.c.id == record_id)) is not None


def write(connection: Connection, practice: str, kind: str, record_id: str, *, client: str | None, digest: str, body: bytes, source: str, now: int) -> int:
    """Store the next version; returns its number."""
    current = read(connection, practice, kind, record_id)
    version = current.version + 1 if current else 1
    common: dict[str, Any] = {"practice": practice, "kind": kind, "id": record_id, "version": version, "body": body, "source": source, "recorded_at": now}
    changed(connection)
    put(connection, record, [common | {"client": client, "digest": digest}])
    connection.execute(insert(record_history), common)
    return version


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
    return Kept(row.kind, row.id, row.version, row.digest, row.body, row.recorded_at, row.client)
