"""Key sets that a client keeps at a URL: fetched when needed, kept as long as their `Cache-Control` allows, never longer.

Whoever knows a client's id can make us look, so looking is bounded: https to public addresses only (`gateway.net`), 64 kB,
3 seconds, a pause that doubles after each failure, and so many looks a minute for one address. And so many requests may wait for one
look: a slow key set must not hold every thread of the server.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass, field

from gateway.clock import Clock
from gateway.net.client import Outgoing, Reply
from gateway.net.line import PartnerAway
from gateway.smart.jwks import BadKeySet, SigningKey, signing_keys

MAX_BYTES = 65_536
TIMEOUT_S = 3.0
DEFAULT_FRESH_S = 300
LONGEST_FRESH_S = 3600
LONGEST_PAUSE_S = 60
LOOKS_A_MINUTE = 20
MOST_WAITING = 4
"""Half the threads of a server process; whoever comes then is answered by what is held."""
REFETCH_GAP_S = 10
"""An unknown `kid` makes us look again (the client may have rotated its keys), but no sooner than this."""

_MAX_AGE = re.compile(r"max-age=\"?(\d{1,9})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"\bno-(store|cache)\b", re.IGNORECASE)


@dataclass
class _Held:
    lock: threading.Lock = field(default_factory=threading.Lock)
    room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(MOST_WAITING))
    keys: tuple[SigningKey, ...] = ()
    fetched_at: float = 0.0
    fresh_until: float = 0.0
    failures: int = 0
    not_before: float = 0.0
    looks: deque[float] = field(default_factory=lambda: deque(maxlen=LOOKS_A_MINUTE))


class KeySetUrls:
    """The key sets at the URLs of registered clients."""

    def __init__(self, outgoing: Outgoing, clock: Clock) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._held: dict[str, _Held] = {}

    def keys(self, url: str, kid: str) -> tuple[SigningKey, ...]:
        """The keys at the URL, looked up again where `kid` is not among those held. Empty where they cannot be had now."""
        held = self._held.setdefault(url, _Held())
        if not held.room.acquire(blocking=False):
            return held.keys if self._clock().timestamp() < held.fresh_until else ()
        try:
            return self._keys(url, held, kid)
        finally:
            held.room.release()

    def _keys(self, url: str, held: _Held, kid: str) -> tuple[SigningKey, ...]:
        with held.lock:
            now = self._clock().timestamp()
            if now < held.fresh_until and (any(each.kid == kid for each in held.keys) or now < held.fetched_at + REFETCH_GAP_S):
                return held.keys
            return self._looked_up(url, held, now)

    def _looked_up(self, url: str, held: _Held, now: float) -> tuple[SigningKey, ...]:
        spent = len(held.looks) == LOOKS_A_MINUTE and now < held.looks[0] + 60
        if now < held.not_before or spent:
            return held.keys if now < held.fresh_until else ()
        held.looks.append(now)
        try:
            reply = self._outgoing.request("GET", url, headers={"Accept": "application/json"}, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES)
            keys = _read(reply)
        except (PartnerAway, BadKeySet):
            held.failures += 1
            held.not_before = now + min(2.0**held.failures, LONGEST_PAUSE_S)
            return held.keys if now < held.fresh_until else ()
        held.keys, held.fetched_at, held.failures = keys, now, 0
        held.fresh_until = now + _fresh_s(reply)
        return keys


def _read(reply: Reply) -> tuple[SigningKey, ...]:
    if reply.status != 200:
        raise PartnerAway("the key set is not served", reply.status)
    return signing_keys(reply.document())


def _fresh_s(reply: Reply) -> int:
    control = reply.headers.get("Cache-Control", "")
    if _NOT_KEPT.search(control):
        return 0
    named = _MAX_AGE.search(control)
    if named is None:
        return DEFAULT_FRESH_S
    age = reply.headers.get("Age", "0")
    return max(0, min(int(named[1]) - (int(age) if age.isdecimal() else 0), LONGEST_FRESH_S))
