"""The accounts of people who sign in, and what they prove themselves with: passkeys and recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from gateway.store.schema_access import account as accounts_table
from gateway.store.schema_access import passkey as passkeys_table
from gateway.store.schema_access import recovery_code


class AccountRow(NamedTuple):
    """A row of `account`; the columns in their order."""

    id: str
    practice: str
    name: str
    display: str
    roles: str
    fhir_user: str | None
    password_hash: str | None
    totp_secret: str | None
    totp_step: int | None
    openid_subject: str | None
    created_at: int
    disabled_at: int | None = None

    def __repr__(self) -> str:
        return f"AccountRow({self.id})"


class PasskeyRow(NamedTuple):
    """A row of `passkey`; the columns in their order. `credential_id` in base64url."""

    credential_id: str
    account: str
    name: str
    public_key: bytes
    sign_count: int
    created_at: int
    used_at: int | None = None


def add_account(connection: Connection, row: AccountRow) -> None:
    connection.execute(insert(accounts_table), row._asdict())


def account(connection: Connection, account_id: str) -> AccountRow | None:
    row = connection.execute(select(accounts_table).where(accounts_table.c.id == account_id)).one_or_none()
    return None if row is None else AccountRow(*row)


def account_by_name(connection: Connection, name: str) -> AccountRow | None:
    """By the name that is typed, in lower case."""
    row = connection.execute(select(accounts_table).where(accounts_table.c.name == name)).one_or_none()
    return None if row is None else AccountRow(*row)


def account_by_subject(connection: Connection, subject: str) -> AccountRow | None:
    """By `issuer|sub` of an OpenID provider."""
    row = connection.execute(select(accounts_table).where(accounts_table.c.openid_subject == subject)).one_or_none()
    return None if row is None else AccountRow(*row)


def accounts(connection: Connection, practice: str) -> list[AccountRow]:
    """The practice's accounts by name, those disabled among them."""
    return [AccountRow(*row) for row in connection.execute(select(accounts_table).where(accounts_table.c.practice == practice).order_by(accounts_table.c.name))]


def set_password(connection: Connection, account_id: str, password_hash: str | None) -> None:
    connection.execute(update(accounts_table).where(accounts_table.c.id == account_id).values(password_hash=password_hash))


def set_totp(connection: Connection, account_id: str, sealed_secret: str | None, step: int | None) -> None:
    """`step`: the last time step that was used and may not be again."""
    connection.execute(update(accounts_table).where(accounts_table.c.id == account_id).values(totp_secret=sealed_secret, totp_step=step))


def use_totp_step(connection: Connection, account_id: str, step: int) -> bool:
    """True for the first who uses this time step; exactly one of many parallel callers (RFC 6238 section 5.2)."""
    unused = or_(accounts_table.c.totp_step.is_(None), accounts_table.c.totp_step < step)
    claim = update(accounts_table).where(accounts_table.c.id == account_id, unused).values(totp_step=step)
    return connection.execute(claim.returning(accounts_table.c.id)).first() is not None


def set_disabled(connection: Connection, account_id: str, at: int | None) -> None:
    connection.execute(update(accounts_table).where(accounts_table.c.id == account_id).values(disabled_at=at))


def add_passkey(connection: Connection, row: PasskeyRow) -> None:
    connection.execute(insert(passkeys_table), row._asdict())


def passkey(connection: Connection, credential_id: str) -> PasskeyRow | None:
    row = connection.execute(select(passkeys_table).where(passkeys_table.c.credential_id == credential_id)).one_or_none()
    return None if row is None else PasskeyRow(*row)


def passkeys_of(connection: Connection, account_id: str) -> list[PasskeyRow]:
    """Oldest first."""
    rows = connection.execute(select(passkeys_table).where(passkeys_table.c.account == account_id).order_by(passkeys_table.c.created_at, passkeys_table.c.credential_id))
    return [PasskeyRow(*row) for row in rows]


def use_passkey(connection: Connection, credential_id: str, sign_count: int, now: int) -> bool:
    """True where the count has grown, or the authenticator keeps none (WebAuthn section 6.1.1): one of many parallel callers with one count."""
    grown = or_(passkeys_table.c.sign_count < sign_count, passkeys_table.c.sign_count + sign_count == 0)
    claim = update(passkeys_table).where(passkeys_table.c.credential_id == credential_id, grown).values(sign_count=sign_count, used_at=now)
    return connection.execute(claim.returning(passkeys_table.c.credential_id)).first() is not None


def remove_passkey(connection: Connection, account_id: str, credential_id: str) -> bool:
    """False where this account has no such passkey."""
    gone = delete(passkeys_table).where(passkeys_table.c.account == account_id, passkeys_table.c.credential_id == credential_id)
    return connection.execute(gone.returning(passkeys_table.c.credential_id)).first() is not None


def remove_passkeys(connection: Connection, account_id: str) -> None:
    connection.execute(delete(passkeys_table).where(passkeys_table.c.account == account_id))


def replace_recovery_codes(connection: Connection, account_id: str, digests: Sequence[str]) -> None:
    """These, and none of those before."""
    connection.execute(delete(recovery_code).where(recovery_code.c.account == account_id))
    if digests:
        connection.execute(insert(recovery_code), [{"account": account_id, "digest": digest} for digest in digests])


def use_recovery_code(connection: Connection, account_id: str, digest: str, now: int) -> bool:
    """True for the first who uses it; exactly one of many parallel callers."""
    mine = (recovery_code.c.account == account_id, recovery_code.c.digest == digest, recovery_code.c.used_at.is_(None))
    return connection.execute(update(recovery_code).where(*mine).values(used_at=now).returning(recovery_code.c.digest)).first() is not None


def recovery_codes_left(connection: Connection, account_id: str) -> int:
    unused = select(func.count()).select_from(recovery_code).where(recovery_code.c.account == account_id, recovery_code.c.used_at.is_(None))
    return int(connection.scalar(unused) or 0)
