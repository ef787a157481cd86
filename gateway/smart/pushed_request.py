"""Pushed authorization requests (RFC 9126): the parameters come from the client itself, and the browser carries a reference to them.

A reference holds 256 random bits, is good for 60 seconds and for one use, by the client that pushed it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.clock import Clock, to_ms
from gateway.smart.asking import digest_of, new_value
from gateway.store import single_use
from gateway.store.engine import Store

LIFE_S = 60
PREFIX = "urn:ietf:params:oauth:request_uri:"
_REFERENCE = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}")


class BadReference(ValueError):
    """A request_uri that stands for nothing: unknown, used, run out, or another client's. The answer tells which to nobody."""


def push(store: Store, clock: Clock, client_id: str, parameters: Mapping[str, str]) -> str:
    """Keep the checked parameters of a request and return its request_uri."""
    reference, now = f"{PREFIX}{new_value()}", to_ms(clock())
    with store.write() as connection:
        single_use.add(connection, "pushed-request", digest_of(reference), {"client_id": client_id, "parameters": dict(parameters)}, now, now + LIFE_S * 1000)
    return reference


def take(store: Store, clock: Clock, client_id: str, request_uri: str) -> dict[str, str]:
    """Use up a request_uri and return its parameters. Raises BadReference. One who names another client changes nothing."""
    if not _REFERENCE.fullmatch(request_uri):
        raise BadReference
    digest, now = digest_of(request_uri), to_ms(clock())
    with store.write() as connection:
        held = single_use.look(connection, "pushed-request", digest, now)
        if held is None or held["client_id"] != client_id:
            raise BadReference
        used = single_use.use(connection, "pushed-request", digest, now)
    if used is None or not used.first or not used.live:
        raise BadReference
    return {str(name): str(value) for name, value in used.payload["parameters"].items()}
