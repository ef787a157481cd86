"""Signed-in browsers, and the count of failed sign-ins."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from gateway.store.engine import put
from gateway.store.schema_access import attempt
from gateway.store.schema_access import session as sessions_table


class SessionRow(NamedTuple):
    """A row of `session`; the columns in their order. `expires_at`: its absolute end."""

    digest: str
    id: str
    account: str
    methods: str
    authenticated_at: int
    seen_at: int
    expires_at: int
    ended_at: int | None = None


class Attempts(NamedTuple):
    """How often it failed since when it was last quiet (`since`: the latest failure), and until when nobody may try."""

    failures: int
    since: int
    barred_until: int


def add_session(connection: Connection, row: SessionRow) -> None:
    """Store a session, and forget those that ran out a day ago."""
    connection.execute(delete(sessions_table).where(sessions_table.c.expires_at < row.authenticated_at - 86_400_000))
    connection.execute(insert(sessions_table), row._asdict())


def session(connection: Connection, digest: str) -> SessionRow | None:
    row = connection.execute(select(sessions_table).where(sessions_table.c.digest == digest)).one_or_none()
    return None if row is None else SessionRow(*row)


def sessions_of(connection: Connection, account: str, seen_since: int, now: int) -> list[SessionRow]:
    """Those of an account that have not ended, run out or idled since `seen_since`, newest first."""
    columns = sessions_table.c
    live = (columns.account == account, columns.ended_at.is_(None), columns.expires_at > now, columns.seen_at > seen_since)
    return [SessionRow(*row) for row in connection.execute(select(sessions_table).where(*live).order_by(columns.authenticated_at.desc(), columns.id))]


def see_session(connection: Connection, digest: str, now: int) -> None:
    connection.execute(update(sessions_table).where(sessions_table.c.digest == digest, sessions_table.c.seen_at < now).values(seen_at=now))


def remove_session(connection: Connection, digest: str) -> None:
    connection.execute(delete(sessions_table).where(sessions_table.c.digest == digest))


def end_session(connection: Connection, account: str, session_id: str, now: int) -> bool:
    """False where this account has no such session under way."""
    mine = (sessions_table.c.account == account, sessions_table.c.id == session_id, sessions_table.c.ended_at.is_(None))
    return connection.execute(update(sessions_table).where(*mine).values(ended_at=now).returning(sessions_table.c.id)).first() is not None


def end_sessions_of(connection: Connection, account: str, now: int) -> None:
    connection.execute(update(sessions_table).where(sessions_table.c.account == account, sessions_table.c.ended_at.is_(None)).values(ended_at=now))


def attempts(connection: Connection, key: str, now: int) -> Attempts:
    """The count of a key, held against every other transaction until this one ends; made where there was none."""
    put(connection, attempt, [{"key": key, **Attempts(0, now, 0)._asdict()}], replace=False)
    return Attempts(*connection.execute(select(attempt.c.failures, attempt.c.since, attempt.c.barred_until).where(attempt.c.key == key).with_for_update()).one())


def put_attempts(connection: Connection, key: str, counted: Attempts) -> None:
    connection.execute(update(attempt).where(attempt.c.key == key).values(**counted._asdict()))


def forget_attempts(connection: Connection, before: int) -> None:
    """Those whose latest failure is older."""
    connection.execute(delete(attempt).where(attempt.c.since < before))


def clear_attempts(connection: Connection, key: str) -> None:
    connection.execute(delete(attempt).where(attempt.c.key == key))
