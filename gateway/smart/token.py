"""Access tokens: opaque, 256 bits, stored as SHA-256 digests, good for 300 seconds (SMART 2.2.0 backend-services).

A digest without salt is enough: what it hides is random. A token is looked up once and then remembered for half a second;
a revocation in this process is felt at once, in another one after that half second.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from gateway.clock import Clock, to_ms
from gateway.context import Principal
from gateway.fhir import outcome
from gateway.smart.bearer import principal_of_row
from gateway.store import oauth
from gateway.store.engine import Store
from gateway.store.oauth import TokenRow

LIFE_S = 300
REMEMBERED_S = 0.5
_MOST_REMEMBERED = 4096
_LONGEST = 128


@dataclass(frozen=True)
class SignedClaims:
    """What a client's assertion said, after its signature and every claim were verified. Good for one use."""

    client_id: str
    jti: str = field(repr=False)
    kept_until: int
    """When the spent `jti` may be forgotten: well after the assertion itself has run out."""


class AssertionSpent(Exception):
    """The assertion was used before."""


class Bearer(NamedTuple):
    """What a live token stands for."""

    principal: Principal
    jkt: str | None
    """The thumbprint of the key it is bound to (RFC 9449): without a proof by that key it is worth nothing."""
    audience: str | None
    expires_at: int
    until: float
    """When it must be looked up again."""


_remembered: WeakKeyDictionary[Store, dict[str, Bearer]] = WeakKeyDictionary()
_remembering = threading.Lock()


def new_token() -> str:
    return secrets.token_urlsafe(32)


def spend(store: Store, clock: Clock, claims: SignedClaims) -> None:
    """Use up an assertion that buys no token. Raises AssertionSpent."""
    with store.write() as connection:
        if not oauth.spend_jti(connection, claims.client_id, claims.jti, claims.kept_until, to_ms(clock())):
            raise AssertionSpent


def issue(store: Store, clock: Clock, claims: SignedClaims, token: str, scope: str, *, jkt: str | None = None, audience: str | None = None) -> None:
    """Use up the assertion and store the token it buys: both, or neither. Raises AssertionSpent."""
    now = to_ms(clock())
    with store.write() as connection:
        if not oauth.spend_jti(connection, claims.client_id, claims.jti, claims.kept_until, now):
            raise AssertionSpent
        oauth.add_token(connection, digest_of(token), claims.client_id, scope, now, now + LIFE_S * 1000, jkt=jkt, audience=audience)


def principal_of(store: Store, clock: Clock, token: str) -> Principal:
    """Who bears this token. Raises outcome.bad_token: unknown, run out, revoked, bound to a key, or of a client, grant, person or session that is no more."""
    found = bearer_of(store, clock, token)
    if found.jkt is not None:
        raise outcome.bad_token()
    return found.principal


def bearer_of(store: Store, clock: Clock, token: str) -> Bearer:
    """As `principal_of`, for whoever checks the proof that a bound token needs."""
    if not 0 < len(token) <= _LONGEST or not token.isascii():
        raise outcome.bad_token()
    digest, now = digest_of(token), to_ms(clock())
    shelf = _shelf(store)
    held = shelf.get(digest)
    if held is None or time.monotonic() >= held.until:
        held = _looked_up(store, digest, now)
        if len(shelf) >= _MOST_REMEMBERED:
            shelf.clear()
        shelf[digest] = held
    if now >= held.expires_at:
        raise outcome.bad_token()
    return held


def active_token(store: Store, clock: Clock, token: str) -> TokenRow | None:
    """The token's row if it would be accepted now; for introspection and revocation."""
    with store.read() as connection:
        row = oauth.token(connection, digest_of(token))
    return row if row is not None and row.is_live(to_ms(clock())) else None


def revoke(store: Store, clock: Clock, token: str) -> None:
    with store.write() as connection:
        oauth.revoke_token(connection, digest_of(token), to_ms(clock()))
    forget(store)


def forget(store: Store) -> None:
    """Remember nothing of this store's tokens. A lookup under way files its answer on the shelf it began with, which is gone."""
    with _remembering:
        _remembered[store] = {}


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _shelf(store: Store) -> dict[str, Bearer]:
    with _remembering:
        return _remembered.setdefault(store, {})


def _looked_up(store: Store, digest: str, now: int) -> Bearer:
    with store.read() as connection:
        row = oauth.token(connection, digest)
        if row is None or not row.is_live(now):
            raise outcome.bad_token()
        principal = principal_of_row(connection, row)
    return Bearer(principal, row.jkt, row.audience, min(row.ends), time.monotonic() + REMEMBERED_S)
