"""Clients that registered themselves: how many wait for approval; and how often one address makes us keep something."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from gateway.store.schema_access import oauth_client
from gateway.store.session import Attempts, attempts, put_attempts


def waiting(connection: Connection, practice: str, since: int) -> int:
    """Those that came in since then and were neither approved nor revoked."""
    unapproved = (oauth_client.c.registration_digest.is_not(None), oauth_client.c.approved_at.is_(None), oauth_client.c.revoked_at.is_(None))
    return connection.scalar(select(func.count()).where(oauth_client.c.practice == practice, oauth_client.c.created_at >= since, *unapproved)) or 0


def count(connection: Connection, key: str, now: int, most: int, span_ms: int) -> int:
    """Count one more under a key; ms to wait where there were too many in the span (which `barred_until` ends), and then nothing was counted."""
    found = attempts(connection, key, now)
    if found.barred_until <= now:
        put_attempts(connection, key, Attempts(1, now, now + span_ms))
        return 0
    if found.failures >= most:
        return found.barred_until - now
    put_attempts(connection, key, found._replace(failures=found.failures + 1, since=now))
    return 0
