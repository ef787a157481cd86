"""Enrolling: whoever holds the link sets a password, then a second factor, and is given recovery codes. The link is used up at the end alone."""

from __future__ import annotations

import secrets
from typing import Literal, NamedTuple

from gateway.people import passkey, recovery, session, totp
from gateway.people.account import link_digest
from gateway.people.password import check_password, hashed
from gateway.people.secret_key import SecretKey
from gateway.people.session import Begun
from gateway.people.sign_in import Refused
from gateway.people.trace import Asked, trace
from gateway.store import account as accounts
from gateway.store import single_use
from gateway.store.account import AccountRow
from gateway.store.engine import Connection, Store

STAGE_MS = 1_800_000
"""How long one may take from the password to the second factor."""
Factor = Literal["code", "passkey"]


class Stage(NamedTuple):
    """An enrolment whose password is chosen."""

    account: AccountRow
    link: str
    password_hash: str
    totp_secret: str


class Enrolled(NamedTuple):
    """Signed in for the first time, with the recovery codes, told once."""

    begun: Begun
    codes: list[str]


def invited(store: Store, link: str, now: int) -> AccountRow | None:
    """Whose link it is; None for one unknown, used, run out, or of a disabled account."""
    with store.read() as connection:
        return _invited(connection, link_digest(link), now)


def choose_password(store: Store, key: SecretKey, link: str, password: str, now: int) -> str:
    """The first step; returns the token of the second, for a cookie. Raises Refused, BadPassword."""
    row = invited(store, link, now)
    if row is None:
        raise Refused
    check_password(password, row.name)
    token, password_hash = secrets.token_urlsafe(32), hashed(password)
    held = {"account": row.id, "link": link_digest(link), "password_hash": password_hash, "totp": key.seal(totp.new_secret(), row.id)}
    with store.write() as connection:
        single_use.add(connection, "sign-in", session.digest_of(token), held, now, now + STAGE_MS)
    return token


def stage(store: Store, key: SecretKey, token: str, now: int) -> Stage | None:
    """The enrolment on its way; None where it ran out or is done."""
    with store.read() as connection:
        return _stage(connection, key, token, now)


def finish(store: Store, key: SecretKey, token: str, factor: Factor, proof: str, asked: Asked) -> Enrolled:
    """Check the second factor and enrol: all of it or nothing. Raises Refused (wrong code or passkey: the enrolment goes on)."""
    with store.write() as connection:
        found = _stage(connection, key, token, asked.now)
        if found is None:
            raise Refused
        _FACTORS[factor](connection, key, found, proof, asked)
        if not _used(connection, token, found, asked.now):
            raise Refused
        codes = recovery.new_codes()
        accounts.set_password(connection, found.account.id, found.password_hash)
        accounts.replace_recovery_codes(connection, found.account.id, [recovery.digest_of(code) for code in codes])
        trace(connection, asked, "account", found.account, f"enrolled: password and {factor}")
        return Enrolled(session.begin(connection, found.account, _METHODS[factor], asked), codes)


def _used(connection: Connection, token: str, found: Stage, now: int) -> bool:
    uses = [single_use.use(connection, "sign-in", session.digest_of(token), now), single_use.use(connection, "enrolment", found.link, now)]
    return all(use is not None and use.first and use.live for use in uses)


def _with_code(connection: Connection, key: SecretKey, found: Stage, proof: str, asked: Asked) -> None:
    step = totp.step_of(found.totp_secret, proof, asked.now)
    if step is None:
        raise Refused
    accounts.set_totp(connection, found.account.id, key.seal(found.totp_secret, found.account.id), step)


def _with_passkey(connection: Connection, key: SecretKey, found: Stage, proof: str, asked: Asked) -> None:
    try:
        passkey.add(connection, key, passkey.party(asked.server), found.account, proof, "", asked.now)
    except passkey.BadPasskey:
        raise Refused from None


_FACTORS = {"code": _with_code, "passkey": _with_passkey}
_METHODS: dict[str, tuple[str, ...]] = {"code": ("pwd", "otp", "mfa"), "passkey": ("pwd", "pop", "user", "mfa")}


def _invited(connection: Connection, digest: str, now: int) -> AccountRow | None:
    held = single_use.look(connection, "enrolment", digest, now)
    row = accounts.account(connection, held["account"]) if held is not None else None
    return row if row is not None and row.disabled_at is None else None


def _stage(connection: Connection, key: SecretKey, token: str, now: int) -> Stage | None:
    held = single_use.look(connection, "sign-in", session.digest_of(token), now)
    if held is None or "link" not in held or (row := _invited(connection, held["link"], now)) is None:
        return None
    return Stage(row, held["link"], held["password_hash"], key.unseal(held["totp"], row.id))
