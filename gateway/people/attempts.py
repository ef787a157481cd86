"""Failed sign-ins are counted by account and by address, and each more must wait longer: never a lock for ever.

An attempt is counted before it is looked at, so that a thousand at once gain nothing; a success takes the count back.
What was tried is found by a mark of it (HMAC), not by name or address. ASVS 5.0 6.3.1.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import NamedTuple

from gateway.people.secret_key import SecretKey
from gateway.store import session as store
from gateway.store.engine import Connection
from gateway.store.session import Attempts

FREE_OF_ACCOUNT, FREE_OF_ADDRESS = 5, 20
"""The failure from which on one must wait. An office of many people has one address."""
LONGEST_WAIT_S = 900
FORGOTTEN_AFTER_MS = 86_400_000
"""A day without a failure."""


class TooSoon(Exception):
    """Nobody may try yet."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("too soon")
        self.wait_s = wait_s


class Tried(NamedTuple):
    """The marks of what was tried, with the failure from which each must wait."""

    account: str | None
    address: str


def tried(key: SecretKey, name: str | None, address: str) -> Tried:
    """`name` as typed (None for a passkey alone, which cannot be guessed); `address` of the browser, a /64 of IPv6."""
    return Tried(key.mark("attempt", "account", name).hex() if name is not None else None, key.mark("attempt", "address", network_of(address)).hex())


def count_ahead(connection: Connection, what: Tried, now: int) -> None:
    """Count an attempt as failed until it succeeds. Raises TooSoon, and then nothing was counted."""
    store.forget_attempts(connection, now - FORGOTTEN_AFTER_MS)
    limits = [(what.address, FREE_OF_ADDRESS)] + ([(what.account, FREE_OF_ACCOUNT)] if what.account is not None else [])
    counted = [(key, store.attempts(connection, key, now), free) for key, free in sorted(limits)]
    wait_ms = max(found.barred_until - now for _, found, _ in counted)
    if wait_ms > 0:
        raise TooSoon(-(-wait_ms // 1000))
    for key, found, free in counted:
        wait = wait_s(found.failures + 1, free) * 1000
        store.put_attempts(connection, key, Attempts(found.failures + 1, now, now + wait if wait else 0))


def half_succeeded(connection: Connection, what: Tried, now: int) -> None:
    """The first of two steps is done: this attempt was no failure, and those before still count."""
    for key in sorted(filter(None, what)):
        found = store.attempts(connection, key, now)
        store.put_attempts(connection, key, Attempts(max(0, found.failures - 1), found.since, 0))


def succeeded(connection: Connection, what: Tried, now: int) -> None:
    """The account's count is cleared; the address loses this attempt's own alone, or one good account would open all others."""
    half_succeeded(connection, what, now)
    if what.account is not None:
        store.clear_attempts(connection, what.account)


def wait_s(failures: int, free: int) -> int:
    """1 s at the first failure that counts, twice as long at each that follows, LONGEST_WAIT_S at most."""
    return 0 if failures < free else min(LONGEST_WAIT_S, 1 << min(failures - free, 20))


def network_of(address: str) -> str:
    """Of IPv6 the /64, which is one household or office, in one spelling; of IPv4 the address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))
