"""EHR launch: an opaque value that stands for "this person opened this app for this client", good once and for five minutes.

SMART 2.2.0 app-launch, EHR launch; scopes-and-launch-context, launch context.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.clock import Clock, to_ms
from gateway.smart.answer import with_parameters
from gateway.smart.asking import digest_of, new_value
from gateway.smart.client import OAuthClient
from gateway.store import single_use
from gateway.store.engine import Connection, Store

LIFE_MS = 300_000
LONGEST_INTENT = 100


class BadLaunch(Exception):
    """A launch that this person may not use with this app now: unknown, used, run out, another's. The answer tells which to nobody."""

    def __str__(self) -> str:
        return "The launch was used, has run out, or was made for another app or person; open the app again."


class Launch(NamedTuple):
    """What a launch stands for. `context`: launch parameters that go with it as they are (`intent`, `fhirContext`)."""

    account: str
    client_id: str
    practice: str
    patient: str
    encounter: str | None
    context: dict[str, Any]


def launch_address(store: Store, clock: Clock, client: OAuthClient, launch: Launch, fhir_base: str) -> str:
    """Make a launch; where the browser goes with it. The app must have a launch address."""
    value, now = new_value(), to_ms(clock())
    with store.write() as connection:
        single_use.add(connection, "launch", digest_of(value), launch._asdict(), now, now + LIFE_MS)
    return with_parameters(client.launch_uri or "", {"iss": fhir_base, "launch": value})


def launch_of(store: Store, clock: Clock, value: str, account: str, client: OAuthClient) -> Launch:
    """What a launch stands for, not used up. Raises BadLaunch."""
    with store.read() as connection:
        payload = single_use.look(connection, "launch", digest_of(value), to_ms(clock()))
    return _of(payload, account, client)


def use_launch(connection: Connection, value: str, account: str, client: OAuthClient, now: int) -> Launch:
    """As `launch_of`, and it is used up: one of many parallel callers gets it. Raises BadLaunch (and the caller's transaction must not stand)."""
    used = single_use.use(connection, "launch", digest_of(value), now)
    return _of(used.payload if used is not None and used.first and used.live else None, account, client)


def _of(payload: dict[str, Any] | None, account: str, client: OAuthClient) -> Launch:
    found = Launch(**payload) if payload is not None else None
    if found is None or (found.account, found.client_id, found.practice) != (account, client.client_id, client.practice):
        raise BadLaunch
    return found
