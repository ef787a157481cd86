"""Sessions: a random cookie, stored as a digest; an end when idle, an absolute end, an end at once when the account is disabled."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.clock import Clock, to_ms
from gateway.people.trace import Asked, trace
from gateway.store import account as accounts
from gateway.store import session as sessions
from gateway.store.account import AccountRow
from gateway.store.engine import Connection, Store
from gateway.store.grant import revoke_grants_of
from gateway.store.session import SessionRow

ABSOLUTE_MS = 12 * 3_600_000
SEEN_EVERY_MS = 60_000
_LONGEST_COOKIE = 128


@dataclass(frozen=True)
class Begun:
    """A new session, and the cookie that is told to the browser alone."""

    id: str
    cookie: str = field(repr=False)


def begin(connection: Connection, account: AccountRow, methods: Sequence[str], asked: Asked, authenticated_at: int | None = None) -> Begun:
    """A session under a new cookie, whatever the browser brought (no fixation). `methods`: RFC 8176; `authenticated_at` (ms): now, unless it was before, elsewhere.

    Whoever signs in again goes on in the same session, and the old cookie opens nothing any more; someone else's session at this browser ends.
    """
    before = sessions.session(connection, digest_of(asked.cookie)) if asked.cookie else None
    begun = Begun(before.id if before is not None and before.account == account.id and before.ended_at is None else str(uuid.uuid4()), secrets.token_urlsafe(32))
    if before is not None and before.id == begun.id:
        sessions.remove_session(connection, before.digest)
    elif before is not None and (other := accounts.account(connection, before.account)) is not None:
        end(connection, other, before.id, asked)
    now = asked.now
    sessions.add_session(connection, SessionRow(digest_of(begun.cookie), begun.id, account.id, " ".join(methods), authenticated_at or now, now, now + ABSOLUTE_MS))
    return begun


def find(store: Store, clock: Clock, cookie: str, idle_minutes: int) -> tuple[AccountRow, SessionRow] | None:
    """Who is signed in with this cookie; None for one unknown, ended, run out, idle too long, or of a disabled account. Notes when it was seen, once a minute."""
    if not 0 < len(cookie) <= _LONGEST_COOKIE or not cookie.isascii():
        return None
    now, digest = to_ms(clock()), digest_of(cookie)
    with store.read() as connection:
        row = sessions.session(connection, digest)
        account = accounts.account(connection, row.account) if row is not None else None
    if row is None or account is None or account.disabled_at is not None or not is_live(row, now, idle_minutes):
        return None
    if now >= row.seen_at + SEEN_EVERY_MS:
        with store.write() as connection:
            sessions.see_session(connection, digest, now)
    return account, row


def is_live(row: SessionRow, now: int, idle_minutes: int) -> bool:
    return row.ended_at is None and now < row.expires_at and now < row.seen_at + idle_minutes * 60_000


def end(connection: Connection, account: AccountRow, session_id: str, asked: Asked) -> bool:
    """End one session of this account, and what apps may do while it lasts. False where there is none of this id under way."""
    if not sessions.end_session(connection, account.id, session_id, asked.now):
        return False
    revoke_grants_of(connection, asked.now, session=session_id)
    trace(connection, asked, "sign-out", account, "session ended")
    return True


def digest_of(value: str) -> str:
    """As a cookie's value is stored: SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(value.encode()).hexdigest()
