"""Signing in: name and password, then a second factor. An unknown name, a wrong password and a disabled account get one answer for about the same work."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from typing import Literal, NamedTuple

from gateway.people import passkey, recovery, session, totp
from gateway.people import password as passwords
from gateway.people.attempts import Tried, count_ahead, half_succeeded, succeeded
from gateway.people.passkey import BadPasskey
from gateway.people.secret_key import SecretKey, Unsealable
from gateway.people.session import Begun
from gateway.people.trace import Asked, trace, trace_refusal
from gateway.store import account as accounts
from gateway.store import single_use
from gateway.store.account import AccountRow
from gateway.store.engine import Connection, Store

Proof = Literal["code", "recovery", "passkey"]
BETWEEN_MS = 300_000
"""How long a sign-in may take between its steps."""
_SPARE = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_LONGEST = 128


class Refused(Exception):
    """Not this name with these proofs. Says no more, whatever was wrong."""


class HalfWay(NamedTuple):
    """A sign-in whose first step is done."""

    account: AccountRow
    next: str


def first_step(store: Store, name: str, password: str, next_path: str, what: Tried, asked: Asked) -> str:
    """Check name and password; returns the token of the sign-in on its way, for a cookie. Raises Refused, TooSoon."""
    with store.write() as connection:
        count_ahead(connection, what, asked.now)
        row = accounts.account_by_name(connection, name.strip().lower()[:_LONGEST]) if name.isprintable() else None
    known = passwords.is_password(password, row.password_hash if row is not None else None)
    with store.write() as connection:
        if row is None or not known or row.disabled_at is not None or row.password_hash is None:
            trace_refusal(connection, asked, row, "sign-in refused: name and password")
            token = None
        else:
            token = secrets.token_urlsafe(32)
            half_succeeded(connection, what, asked.now)
            single_use.add(connection, "sign-in", session.digest_of(token), {"account": row.id, "next": next_path}, asked.now, asked.now + BETWEEN_MS)
            if passwords.is_outdated(row.password_hash):
                accounts.set_password(connection, row.id, passwords.hashed(password))
    if token is None:
        raise Refused
    return token


def half_way(store: Store, token: str, now: int) -> HalfWay | None:
    """The sign-in on its way; None where it ran out or was ended."""
    with store.read() as connection:
        return half_way_in(connection, token, now)


def second_step(store: Store, key: SecretKey, token: str, proof: Proof, typed: str, what: Tried, asked: Asked) -> tuple[Begun, str]:
    """Check the second factor; returns the new session and where to go. Raises Refused (the sign-in goes on), TooSoon."""
    with store.write() as connection:
        count_ahead(connection, what, asked.now)
    with store.write() as connection:
        found = half_way_in(connection, token, asked.now)
        proven = found is not None and _PROOFS[proof](connection, key, found.account, typed, asked)
        if not proven or found is None:
            trace_refusal(connection, asked, found.account if found else None, f"sign-in refused: {proof}")
            begun = None
        else:
            begun = finish(connection, found.account, token, _METHODS[proof], what, asked)
    if begun is None or found is None:
        raise Refused
    return begun, found.next


def half_way_in(connection: Connection, token: str, now: int) -> HalfWay | None:
    """As half_way, inside a transaction."""
    held = single_use.look(connection, "sign-in", session.digest_of(token), now)
    row = accounts.account(connection, held["account"]) if held is not None and "next" in held else None
    return HalfWay(row, held["next"]) if held is not None and row is not None and row.disabled_at is None else None


def finish(connection: Connection, row: AccountRow, token: str | None, methods: tuple[str, ...], what: Tried, asked: Asked) -> Begun | None:
    """Use up the sign-in on its way and begin the session; None where another request used it first."""
    if token is not None:
        used = single_use.use(connection, "sign-in", session.digest_of(token), asked.now)
        if used is None or not used.first or not used.live:
            return None
    succeeded(connection, what, asked.now)
    begun = session.begin(connection, row, methods, asked)
    trace(connection, asked, "sign-in", row, f"signed in: {' '.join(methods)}")
    return begun


def by_passkey(store: Store, key: SecretKey, sent: str, what: Tried, asked: Asked) -> Begun:
    """Sign in by a passkey alone: it is something held, and the authenticator has verified its user. Raises Refused, TooSoon."""
    with store.write() as connection:
        count_ahead(connection, what, asked.now)
    row, begun = None, None
    with store.write() as connection:
        with contextlib.suppress(BadPasskey):
            row = accounts.account(connection, passkey.use(connection, key, passkey.party(asked.server), passkey.SIGN_IN, sent, asked.now))
        if row is None or row.disabled_at is not None:
            trace_refusal(connection, asked, row, "sign-in refused: passkey")
        else:
            begun = finish(connection, row, None, ("pop", "user", "mfa"), what, asked)
    if begun is None:
        raise Refused
    return begun


def _is_code(connection: Connection, key: SecretKey, row: AccountRow, typed: str, asked: Asked) -> bool:
    try:
        secret = key.unseal(row.totp_secret, row.id) if row.totp_secret else None
    except Unsealable:
        secret = None
    step = totp.step_of(secret or _SPARE, typed, asked.now)
    return secret is not None and step is not None and accounts.use_totp_step(connection, row.id, step)


def _is_recovery_code(connection: Connection, _key: SecretKey, row: AccountRow, typed: str, asked: Asked) -> bool:
    return len(typed) <= _LONGEST and accounts.use_recovery_code(connection, row.id, recovery.digest_of(typed), asked.now)


def _is_passkey(connection: Connection, key: SecretKey, row: AccountRow, sent: str, asked: Asked) -> bool:
    try:
        return passkey.use(connection, key, passkey.party(asked.server), passkey.second_of(row), sent, asked.now) == row.id
    except BadPasskey:
        return False


_PROOFS: dict[Proof, Callable[[Connection, SecretKey, AccountRow, str, Asked], bool]] = {"code": _is_code, "recovery": _is_recovery_code, "passkey": _is_passkey}
_METHODS: dict[Proof, tuple[str, ...]] = {"code": ("pwd", "otp", "mfa"), "recovery": ("pwd", "otp", "mfa"), "passkey": ("pwd", "pop", "user", "mfa")}
"""RFC 8176; a recovery code is a password good once."""
