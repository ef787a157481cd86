"""Access tokens: opaque, 256 bits, stored as SHA-256 digests.

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

LIFE_S = 300
"""Of a backend client's token (SMART 2.2.0 backend-services)."""
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


def type_of(jkt: str | None) -> str:
    """What a token response calls an access token: bound to a key or not (RFC 9449 section 5)."""
    return "DPoP" if jkt else "Bearer"


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
