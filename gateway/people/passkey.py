"""Passkeys (WebAuthn Level 3): the user is verified by the authenticator, the challenge is ours, fresh, for this purpose, and good once.

A challenge says itself when it ends and carries our mark, so that nothing is stored until one comes back.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticatorSelectionCriteria, PublicKeyCredentialDescriptor, ResidentKeyRequirement, UserVerificationRequirement

from gateway.people.secret_key import SecretKey
from gateway.store import account as accounts
from gateway.store.account import AccountRow, PasskeyRow
from gateway.store.engine import Connection
from gateway.store.oauth import spend_jti

LIFE_MS = 300_000
_RANDOM, _END, _MARK = 16, 8, 32
_LONGEST_SENT, _LONGEST_NAME = 16_384, 60
_VERIFIED = UserVerificationRequirement.REQUIRED
_TITLE = "Handoff"
SIGN_IN = "sign-in"
"""What a challenge is for, where nobody has said yet who they are."""


class BadPasskey(Exception):
    """What came from the authenticator proves nothing. Says no more."""


class Party(NamedTuple):
    """We, as authenticators know us."""

    rp_id: str
    origin: str


def party(base_url: str) -> Party | None:
    """None where the public address has no name: passkeys belong to a domain (WebAuthn section 5.1.3)."""
    parts = urlsplit(base_url)
    try:
        ip_address(parts.hostname or "")
    except ValueError:
        return Party(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")
    return None


def creation_options(key: SecretKey, us: Party, row: AccountRow, held: Sequence[PasskeyRow], now: int) -> str:
    """For navigator.credentials.create(), as JSON."""
    options = generate_registration_options(
        rp_id=us.rp_id,
        rp_name=_TITLE,
        user_id=row.id.encode(),
        user_name=row.name,
        user_display_name=row.display,
        challenge=_challenge(key, _adding(row), now),
        timeout=LIFE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED),
        exclude_credentials=_described(held),
    )
    return options_to_json(options)


def request_options(key: SecretKey, us: Party, purpose: str, held: Sequence[PasskeyRow], now: int) -> str:
    """For navigator.credentials.get(), as JSON. `held` empty: any passkey of this gateway that the authenticator finds."""
    options = generate_authentication_options(
        rp_id=us.rp_id, challenge=_challenge(key, purpose, now), timeout=LIFE_MS, allow_credentials=_described(held) or None, user_verification=_VERIFIED
    )
    return options_to_json(options)


def second_of(row: AccountRow) -> str:
    """The purpose of a challenge for the second step of this account."""
    return f"second {row.id}"


def add(connection: Connection, key: SecretKey, us: Party | None, row: AccountRow, sent: str, name: str, now: int) -> PasskeyRow:
    """Check what create() gave and store the passkey. Raises BadPasskey."""
    credential, challenge = _read(sent)
    _check_challenge(connection, key, challenge, _adding(row), now)
    try:
        made = verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=_known(us).rp_id, expected_origin=_known(us).origin, require_user_verification=True
        )
    except _WRONG:
        raise BadPasskey from None
    passkey = PasskeyRow(bytes_to_base64url(made.credential_id), row.id, _title(name), made.credential_public_key, made.sign_count, now)
    if accounts.passkey(connection, passkey.credential_id) is not None:
        raise BadPasskey
    accounts.add_passkey(connection, passkey)
    return passkey


def use(connection: Connection, key: SecretKey, us: Party | None, purpose: str, sent: str, now: int) -> str:
    """Check what get() gave; returns the id of the account it signs in. Raises BadPasskey."""
    credential, challenge = _read(sent)
    held = accounts.passkey(connection, credential["id"]) if _is_id(credential.get("id")) else None
    if held is None:
        raise BadPasskey
    _check_challenge(connection, key, challenge, purpose, now)
    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_known(us).rp_id,
            expected_origin=_known(us).origin,
            credential_public_key=held.public_key,
            credential_current_sign_count=held.sign_count,
            require_user_verification=True,
        )
        handle = credential["response"].get("userHandle")
        is_whose_it_says = base64url_to_bytes(handle) == held.account.encode() if handle else purpose != SIGN_IN
    except _WRONG:
        raise BadPasskey from None
    if not is_whose_it_says or not accounts.use_passkey(connection, held.credential_id, found.new_sign_count, now):
        raise BadPasskey
    return held.account


_WRONG = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What the library raises over what an authenticator would never send."""


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _known(us: Party | None) -> Party:
    if us is None:
        raise BadPasskey
    return us


def _adding(row: AccountRow) -> str:
    return f"add {row.id}"


def _title(name: str) -> str:
    plain = " ".join("".join(character for character in name if character.isprintable()).split())
    return plain[:_LONGEST_NAME] or "Passkey"


def _described(held: Sequence[PasskeyRow]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id)) for passkey in held]


def _challenge(key: SecretKey, purpose: str, now: int) -> bytes:
    fresh = secrets.token_bytes(_RANDOM) + (now + LIFE_MS).to_bytes(_END, "big")
    return fresh + key.mark("passkey", purpose, fresh.hex())


def _check_challenge(connection: Connection, key: SecretKey, challenge: bytes, purpose: str, now: int) -> None:
    """Ours, for this purpose, not run out, and used for the first time."""
    fresh, mark = challenge[: _RANDOM + _END], challenge[_RANDOM + _END :]
    ends = int.from_bytes(fresh[_RANDOM:], "big")
    if len(mark) != _MARK or not hmac.compare_digest(mark, key.mark("passkey", purpose, fresh.hex())) or now >= ends:
        raise BadPasskey
    if not spend_jti(connection, "passkey challenge", fresh.hex(), ends, now):
        raise BadPasskey


def _read(sent: str) -> tuple[dict[str, Any], bytes]:
    """The credential, and the challenge that it says it answers."""
    try:
        credential = json.loads(sent) if len(sent) <= _LONGEST_SENT else None
        said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"])) if isinstance(credential, dict) else None
        challenge = base64url_to_bytes(said["challenge"]) if isinstance(said, dict) else b""
    except _WRONG:
        raise BadPasskey from None
    if not isinstance(credential, dict):
        raise BadPasskey
    return credential, challenge
