"""What an operator does to a client that is there: a new secret, other keys, the approval of one that registered itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.clock import Clock, to_ms
from gateway.smart.app import new_secret, secret_digest
from gateway.smart.client import PRIVATE_KEY_JWT, BadRegistration, OAuthClient, UnknownClient, check_keys, client_of, keys_text
from gateway.smart.client_secret import BY_SECRET
from gateway.store import oauth
from gateway.store.engine import Connection, Store
from gateway.store.oauth import ClientRow

LONGEST_OVERLAP_S = 30 * 86_400


def rotate_secret(store: Store, clock: Clock, client_id: str, overlap_s: int) -> str:
    """A new secret; the one before stays good for the overlap, those before it do not. Raises UnknownClient, BadRegistration."""
    if not 0 <= overlap_s <= LONGEST_OVERLAP_S:
        raise BadRegistration("The overlap is at most 30 days.")
    secret, until = new_secret(), to_ms(clock()) + overlap_s * 1000

    def rotated(row: ClientRow) -> ClientRow:
        if row.auth_method != BY_SECRET:
            raise BadRegistration("This client has no secret: it brings new keys (--jwks), or is public.")
        return row._replace(secret_digest=secret_digest(secret), secret_before=row.secret_digest, secret_before_until=until)

    _change(store, client_id, rotated)
    return secret


def replace_keys(store: Store, clock: Clock, client_id: str, jwks: dict[str, Any] | None, jwks_uri: str | None, *, allow_private_jwks: bool = False) -> OAuthClient:
    """Other public keys, at once; for an overlap the key set holds both. Raises UnknownClient, BadKeySet, BadRegistration."""
    check_keys(jwks, jwks_uri, allow_private_jwks)

    def replaced(row: ClientRow) -> ClientRow:
        if row.auth_method != PRIVATE_KEY_JWT:
            raise BadRegistration("This client does not prove itself by keys.")
        return row._replace(jwks=keys_text(jwks), jwks_uri=jwks_uri)

    return client_of(_change(store, client_id, replaced), to_ms(clock()))


def approve_client(store: Store, clock: Clock, practice: str, client_id: str, partner: str | None = None) -> OAuthClient:
    """Let a client that registered itself act, for this practice. Raises UnknownClient, BadRegistration."""
    now = to_ms(clock())

    def approved(row: ClientRow) -> ClientRow:
        if row.approved_at is not None or row.registration_digest is None:
            raise BadRegistration("This client needs no approval; it may act already.")
        if (row.role == "app") != (partner is None):
            raise BadRegistration("A backend system is approved for a partner (--partner); an app acts for people and has none.")
        return row._replace(practice=practice, recipient=partner, approved_at=now)

    return client_of(_change(store, client_id, approved), now)


def _change(store: Store, client_id: str, change: Callable[[ClientRow], ClientRow]) -> ClientRow:
    with store.write() as connection:
        row = _standing(connection, client_id)
        after = change(row)
        if not oauth.change_client(connection, row, after):
            raise BadRegistration("The client was changed by somebody else at this moment; look at it and try again.")
    return after


def _standing(connection: Connection, client_id: str) -> ClientRow:
    row = oauth.client(connection, client_id)
    if row is None or row.revoked_at is not None:
        raise UnknownClient("There is no client with this id, or it was revoked.")
    return row
