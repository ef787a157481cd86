"""A token that somebody shows, to ask about it or to end it: what it is, and whose."""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.smart.token import digest_of
from gateway.store import oauth
from gateway.store.engine import Connection
from gateway.store.grant import Living, living, refresh_of
from gateway.store.grant import grant as grant_of


class Shown(NamedTuple):
    """An access or a refresh token. Times in ms since 1970."""

    kind: Literal["access", "refresh"]
    digest: str
    client_id: str
    practice: str
    scope: str
    issued_at: int
    expires_at: int
    is_live: bool
    """Whether it would be accepted now."""
    grant_id: str | None
    living: Living | None
    """The grant behind it, in force; None for a backend client's token."""
    jkt: str | None
    audience: str | None


def shown(connection: Connection, token: str, now: int) -> Shown | None:
    """None for a token that we do not know (any more)."""
    digest = digest_of(token)
    return _access(connection, digest, now) or _refresh(connection, digest, now)


def _access(connection: Connection, digest: str, now: int) -> Shown | None:
    row = oauth.token(connection, digest)
    if row is None:
        return None
    held = living(connection, row.grant_id, now) if row.grant_id else None
    return Shown("access", digest, row.client_id, row.practice, row.scope, row.issued_at, row.expires_at, row.is_live(now), row.grant_id, held, row.jkt, row.audience)


def _refresh(connection: Connection, digest: str, now: int) -> Shown | None:
    row = refresh_of(connection, digest)
    grant = grant_of(connection, row.grant_id) if row is not None else None
    if row is None or grant is None:
        return None
    held, client = living(connection, grant.id, now), oauth.client(connection, grant.client_id)
    is_live = held is not None and row.used_at is None and now < row.expires_at and client is not None and client.revoked_at is None
    return Shown("refresh", digest, grant.client_id, grant.practice, row.scope, row.issued_at, row.expires_at, is_live, grant.id, held, row.jkt, None)
