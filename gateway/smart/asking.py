"""An authorization on its way from the app's request to the person's answer: kept here, so that no address carries it.

Held by a ticket of 256 random bits; from the moment somebody is signed in it belongs to that session alone, and it is good for one answer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.clock import Clock, to_ms
from gateway.store import single_use
from gateway.store.engine import Store

LIFE_MS = 600_000


@dataclass(frozen=True)
class Asking:
    """What the app asked, and what was chosen so far."""

    ticket: str = field(repr=False)
    asked: dict[str, str] = field(repr=False)
    pushed: bool
    asked_at: int
    session: str | None = None
    patient: str | None = None
    encounter: str | None = None
    """The empty text: none was chosen, on purpose."""
    context: dict[str, Any] = field(default_factory=dict)
    """Launch parameters that the launch brought."""

    @property
    def digest(self) -> str:
        return digest_of(self.ticket)

    @property
    def payload(self) -> dict[str, Any]:
        kept = ("asked", "pushed", "asked_at", "session", "patient", "encounter", "context")
        return {name: getattr(self, name) for name in kept}


class Gone(Exception):
    """There is no such request under way for this session: answered, run out, or somebody else's."""


def begin(store: Store, clock: Clock, asked: Mapping[str, str], *, pushed: bool) -> Asking:
    now = to_ms(clock())
    asking = Asking(new_value(), dict(asked), pushed, now)
    with store.write() as connection:
        single_use.add(connection, "authorization", asking.digest, asking.payload, now, now + LIFE_MS)
    return asking


def find(store: Store, clock: Clock, ticket: str) -> Asking:
    """Raises Gone."""
    with store.read() as connection:
        payload = single_use.look(connection, "authorization", digest_of(ticket), to_ms(clock()))
    if payload is None:
        raise Gone
    return Asking(ticket, **payload)


def bound(store: Store, clock: Clock, asking: Asking, session: str) -> Asking:
    """The same as this session's own. Raises Gone where it is another's."""
    if asking.session is None:
        return changed(store, clock, replace(asking, session=session))
    if asking.session != session:
        raise Gone
    return asking


def changed(store: Store, clock: Clock, asking: Asking) -> Asking:
    """Stored as it is now. Raises Gone."""
    with store.write() as connection:
        if not single_use.change(connection, "authorization", asking.digest, asking.payload, to_ms(clock())):
            raise Gone
    return asking


def end(store: Store, clock: Clock, ticket: str) -> None:
    """Nothing more can be done with it."""
    with store.write() as connection:
        single_use.use(connection, "authorization", digest_of(ticket), to_ms(clock()))


def new_value() -> str:
    """256 random bits in 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def digest_of(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
