"""What is good for one use: an authorization code, a launch, a pushed request, an enrolment link. Found by its digest alone.

Whoever uses it first gets it, in one statement; what was used stays until it runs out, so that a second use is recognised.
"""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gateway.store.schema_access import single_use

Kind = Literal["code", "launch", "pushed-request", "sign-in", "openid-state", "enrolment", "authorization"]

_OF_STRANGERS: tuple[Kind, ...] = ("authorization", "openid-state")


class Used(NamedTuple):
    """What was found. `first`: this use is the one that counts; `live`: it had not run out."""

    payload: dict[str, Any]
    first: bool
    live: bool


_MINE = (single_use.c.kind == bindparam("of_kind"), single_use.c.digest == bindparam("of_digest"))
_HELD = (single_use.c.payload, single_use.c.expires_at)
_KNOWN = select(*_HELD).where(*_MINE)
_USE = update(single_use).where(*_MINE, single_use.c.used_at.is_(None)).values(used_at=bindparam("at")).returning(*_HELD)
"""Built once: every exchange of a code runs both."""


def add(connection: Connection, kind: Kind, digest: str, payload: dict[str, Any], now: int, expires_at: int) -> None:
    """Store something for one use, and forget what ran out an hour ago (until then a replay is still told from a stranger).

    What strangers can make us keep, and nobody asks for afterwards, is forgotten as soon as it has run out.
    """
    is_of_strangers = single_use.c.kind.in_(_OF_STRANGERS) & (single_use.c.expires_at <= now)
    connection.execute(delete(single_use).where(is_of_strangers | (single_use.c.expires_at < now - 3_600_000)))
    connection.execute(insert(single_use).values(kind=kind, digest=digest, payload=json.dumps(payload), expires_at=expires_at))


def use(connection: Connection, kind: Kind, digest: str, now: int) -> Used | None:
    """Use it up; None where there never was one. Exactly one of many parallel callers sees `first`."""
    mine = {"of_kind": kind, "of_digest": digest}
    won = connection.execute(_USE, mine | {"at": now}).first()
    row = won or connection.execute(_KNOWN, mine).first()
    return None if row is None else Used(json.loads(row.payload), won is not None, now < row.expires_at)


def withdraw(connection: Connection, kind: Kind, account: str, now: int) -> None:
    """Use up everything of this kind that was made for an account."""
    unused = select(single_use.c.digest, single_use.c.payload).where(single_use.c.kind == kind, single_use.c.used_at.is_(None))
    for row in list(connection.execute(unused)):
        if json.loads(row.payload).get("account") == account:
            use(connection, kind, row.digest, now)


def look(connection: Connection, kind: Kind, digest: str, now: int) -> dict[str, Any] | None:
    """What it holds, without using it; None for one unknown, used or run out."""
    row = connection.execute(select(single_use).where(single_use.c.kind == kind, single_use.c.digest == digest)).first()
    return json.loads(row.payload) if row is not None and row.used_at is None and now < row.expires_at else None


def known(connection: Connection, kind: Kind, digest: str) -> dict[str, Any] | None:
    """What it holds, even when it was used or has run out; None for one unknown."""
    payload = connection.scalar(_KNOWN, {"of_kind": kind, "of_digest": digest})
    return None if payload is None else json.loads(payload)


def change(connection: Connection, kind: Kind, digest: str, payload: dict[str, Any], now: int) -> bool:
    """Store what it holds from now on; False, and nothing changes, where it is unknown, used or run out."""
    mine = (single_use.c.kind == kind, single_use.c.digest == digest, single_use.c.used_at.is_(None), single_use.c.expires_at > now)
    return connection.execute(update(single_use).where(*mine).values(payload=json.dumps(payload)).returning(single_use.c.digest)).first() is not None
