"""What a person sees and changes about the own account."""

from __future__ import annotations

from typing import NamedTuple

from gateway.people import passkey, recovery, session
from gateway.people import password as passwords
from gateway.people.attempts import Tried, count_ahead, succeeded
from gateway.people.secret_key import SecretKey
from gateway.people.sign_in import Refused
from gateway.people.trace import Asked, trace
from gateway.store import account as accounts
from gateway.store import oauth
from gateway.store import session as sessions
from gateway.store.account import AccountRow, PasskeyRow
from gateway.store.engine import Connection, Store
from gateway.store.grant import GrantRow, grants_of
from gateway.store.session import SessionRow


class LastFactor(Exception):
    """Without this passkey nobody could sign in any more."""


class App(NamedTuple):
    """An app that may see records in this person's name."""

    name: str
    grant: GrantRow


class Kept(NamedTuple):
    """What there is of an account."""

    passkeys: list[PasskeyRow]
    codes_left: int
    sessions: list[SessionRow]
    apps: list[App]


def kept(store: Store, row: AccountRow, idle_minutes: int, now: int) -> Kept:
    with store.read() as connection:
        apps = [App(client.name if (client := oauth.client(connection, grant.client_id)) else grant.client_id, grant) for grant in grants_of(connection, row.id, now)]
        live = sessions.sessions_of(connection, row.id, now - idle_minutes * 60_000, now)
        return Kept(accounts.passkeys_of(connection, row.id), accounts.recovery_codes_left(connection, row.id), live, apps)


def add_passkey(store: Store, key: SecretKey, row: AccountRow, sent: str, name: str, asked: Asked) -> None:
    """Raises BadPasskey."""
    with store.write() as connection:
        passkey.add(connection, key, passkey.party(asked.server), row, sent, name, asked.now)
        trace(connection, asked, "account", row, "passkey added")


def remove_passkey(store: Store, row: AccountRow, credential_id: str, asked: Asked) -> None:
    """One that is not there stays so. Raises LastFactor."""
    with store.write() as connection:
        held = {one.credential_id for one in accounts.passkeys_of(connection, row.id)}
        if held == {credential_id} and row.totp_secret is None:
            raise LastFactor
        if accounts.remove_passkey(connection, row.id, credential_id):
            trace(connection, asked, "account", row, "passkey removed")


def new_recovery_codes(store: Store, row: AccountRow, asked: Asked) -> list[str]:
    """Ten new ones; those before are good for nothing any more."""
    codes = recovery.new_codes()
    with store.write() as connection:
        accounts.replace_recovery_codes(connection, row.id, [recovery.digest_of(code) for code in codes])
        trace(connection, asked, "account", row, "new recovery codes")
    return codes


def change_password(store: Store, row: AccountRow, current: str, new: str, session_id: str, what: Tried, asked: Asked) -> None:
    """Every other session ends. Raises Refused (the present one is wrong), BadPassword, TooSoon."""
    with store.write() as connection:
        count_ahead(connection, what, asked.now)
    if not passwords.is_password(current, row.password_hash):
        raise Refused
    passwords.check_password(new, row.name)
    password_hash = passwords.hashed(new)
    with store.write() as connection:
        succeeded(connection, what, asked.now)
        accounts.set_password(connection, row.id, password_hash)
        for other in sessions.sessions_of(connection, row.id, 0, asked.now):
            if other.id != session_id:
                session.end(connection, row, other.id, asked)
        trace(connection, asked, "account", row, "password changed")


def note_app_ended(connection: Connection, row: AccountRow, asked: Asked) -> None:
    trace(connection, asked, "account", row, "app ended")
