"""Accounts: who gets one, what they may do here, the link with which they enrol, and the end of it all."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, get_args

from gateway.people.password import check_password, hashed
from gateway.people.secret_key import SecretKey
from gateway.people.trace import Asked, trace
from gateway.privacy.principal import Duty
from gateway.store import account as accounts
from gateway.store import record as records
from gateway.store import session as sessions
from gateway.store import single_use
from gateway.store.account import AccountRow
from gateway.store.engine import Connection, Store
from gateway.store.grant import revoke_grants_of
from mappings.identity import Site

ENROLMENT_MS = 72 * 3_600_000
DUTIES: tuple[str, ...] = get_args(Duty)
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_NEED_CLINICIAN = ("therapist", "supervisor")


class BadAccount(ValueError):
    """The account cannot be made or changed so; its text says what to do."""


class Proofs(NamedTuple):
    """What a sample account signs in with from the start; everyone else chooses while enrolling."""

    password: str
    totp_secret: str


@dataclass(frozen=True)
class NewAccount:
    """A person as the practice describes them. `clinician` and `client` are ids of its own records."""

    name: str
    display: str
    duties: Sequence[str]
    clinician: str | None = None
    client: str | None = None
    openid_subject: str | None = None
    """`issuer|sub` at the practice's OpenID provider."""


@dataclass(frozen=True)
class Added:
    """The account, and the token of its enrolment link, told once."""

    account: AccountRow
    enrolment: str = field(repr=False)
    good_until: int
    """Of the link, in ms since 1970."""


def add_account(store: Store, practice: str, person: NewAccount, asked: Asked, *, proofs: Proofs | None = None, key: SecretKey | None = None) -> Added:
    """Make an account; the person enrols with the link. With `proofs` (and the key that seals them) it can sign in at once. Raises BadAccount, BadPassword."""
    _check(person)
    if proofs is not None:
        check_password(proofs.password, person.name)
    account_id = str(uuid.uuid4())
    with store.write() as connection:
        _check_free(connection, person)
        row = AccountRow(
            id=account_id,
            practice=practice,
            name=person.name.lower(),
            display=person.display.strip(),
            roles=" ".join(duty for duty in DUTIES if duty in person.duties),
            fhir_user=_fhir_user(connection, practice, person),
            password_hash=hashed(proofs.password) if proofs is not None else None,
            totp_secret=key.seal(proofs.totp_secret, account_id) if proofs is not None and key is not None else None,
            totp_step=None,
            openid_subject=person.openid_subject,
            created_at=asked.now,
        )
        accounts.add_account(connection, row)
        trace(connection, asked, "account", row, "account added")
        return Added(row, _new_link(connection, row, asked.now), asked.now + ENROLMENT_MS)


def reset(store: Store, name: str, asked: Asked) -> Added:
    """Take away the password, second factors and sessions of an account, and give it a new enrolment link. Raises BadAccount."""
    with store.write() as connection:
        row = named(connection, name)
        accounts.set_password(connection, row.id, None)
        accounts.set_totp(connection, row.id, None, None)
        accounts.remove_passkeys(connection, row.id)
        accounts.replace_recovery_codes(connection, row.id, [])
        _end_all(connection, row, asked.now)
        trace(connection, asked, "account", row, "account reset")
        return Added(row, _new_link(connection, row, asked.now), asked.now + ENROLMENT_MS)


def disable(store: Store, name: str, asked: Asked) -> AccountRow:
    """From now on nobody signs in with it; its sessions, and what apps may do in its name, end. Raises BadAccount."""
    with store.write() as connection:
        row = named(connection, name)
        accounts.set_disabled(connection, row.id, row.disabled_at or asked.now)
        _end_all(connection, row, asked.now)
        trace(connection, asked, "account", row, "account disabled")
        return row


def enable(store: Store, name: str, asked: Asked) -> AccountRow:
    """It may sign in again, with what it had. Raises BadAccount."""
    with store.write() as connection:
        row = named(connection, name)
        accounts.set_disabled(connection, row.id, None)
        trace(connection, asked, "account", row, "account enabled")
        return row


def named(connection: Connection, name: str) -> AccountRow:
    """Raises BadAccount."""
    row = accounts.account_by_name(connection, name.lower())
    if row is None:
        raise BadAccount("There is no account of this name; see: handoff user list")
    return row


def link_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new_link(connection: Connection, row: AccountRow, now: int) -> str:
    """A new link; one given before opens nothing any more."""
    token = secrets.token_urlsafe(32)
    single_use.withdraw(connection, "enrolment", row.id, now)
    single_use.add(connection, "enrolment", link_digest(token), {"account": row.id}, now, now + ENROLMENT_MS)
    return token


def _end_all(connection: Connection, row: AccountRow, now: int) -> None:
    single_use.withdraw(connection, "sign-in", row.id, now)
    sessions.end_sessions_of(connection, row.id, now)
    revoke_grants_of(connection, now, account=row.id)


def _check(person: NewAccount) -> None:
    if not _NAME.fullmatch(person.name.lower()):
        raise BadAccount("A name to sign in with has 2 to 64 letters (a to z), digits, dots, dashes, underscores or @, and begins with a letter or digit.")
    if not person.display.strip() or len(person.display) > 200 or not person.display.isprintable():
        raise BadAccount("Give the person's name as it is shown, up to 200 characters.")
    if "guardian" in person.duties:
        raise BadAccount("Guardians cannot be given an account yet: what a guardian may see is not decided in a policy table so far.")
    unknown = [duty for duty in person.duties if duty not in DUTIES]
    if unknown or not person.duties:
        raise BadAccount(f"Name the person's duties; there are: {', '.join(DUTIES)}.")
    _check_records(person)


def _check_records(person: NewAccount) -> None:
    if "client" in person.duties and (len(set(person.duties)) > 1 or person.clinician):
        raise BadAccount("A client's account is for the client's own record alone; give someone who also works here a second account.")
    if "client" in person.duties and not person.client:
        raise BadAccount("A client's account needs --client with the id of the client's record.")
    if person.client and "client" not in person.duties:
        raise BadAccount("Only an account of the duty client belongs to a client's record.")
    if not person.clinician and any(duty in person.duties for duty in _NEED_CLINICIAN):
        raise BadAccount("A therapist or supervisor needs --clinician with the id of their own record.")


def _check_free(connection: Connection, person: NewAccount) -> None:
    if accounts.account_by_name(connection, person.name.lower()) is not None:
        raise BadAccount("There is an account of this name already; names are used once, also across practices.")
    if person.openid_subject and accounts.account_by_subject(connection, person.openid_subject) is not None:
        raise BadAccount("Another account is linked to this subject of the OpenID provider already.")


def _fhir_user(connection: Connection, practice: str, person: NewAccount) -> str | None:
    for resource_type, kind, record_id in (("Patient", "client", person.client), ("Practitioner", "clinician", person.clinician)):
        if record_id:
            if not records.exists(connection, practice, kind, record_id):
                raise BadAccount(f"This {kind} is not on file at the practice; import the record first")
            return f"{resource_type}/{Site(practice).id(kind, record_id)}"
    return None
