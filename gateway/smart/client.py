"""Backend clients: how one is registered, listed and revoked. A client holds no secret of ours; it proves itself with its own keys.

SMART 2.2.0 client-confidential-asymmetric, registration: the public keys as a key set, or the https URL of one.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from gateway.clock import Clock, to_ms
from gateway.smart import token
from gateway.smart.jwks import MOST_KEYS, check_key_set
from gateway.smart.scope import BadScope, Scopes, check_backend, parse, within
from gateway.store import oauth
from gateway.store.engine import Store
from gateway.store.oauth import ClientRow

AUTH_METHOD = "private_key_jwt"
GRANT_TYPE = "client_credentials"

_PURPOSE = re.compile(r"[A-Z]{2,20}")
_LONGEST_KEY_SET = MOST_KEYS * 4096


class BadRegistration(ValueError):
    """A client that cannot be registered so, with the mend."""


class UnknownClient(LookupError):
    """There is no client with this id."""


@dataclass(frozen=True)
class OAuthClient:
    """A registered client, with the questions that Authlib asks of one (its `check_...` answer with a boolean)."""

    client_id: str
    practice: str
    name: str
    role: str
    recipient: str | None
    purpose: str
    scope: str = field(repr=False)
    jwks: str | None = field(repr=False)
    jwks_uri: str | None = field(repr=False)
    created_at: int
    revoked_at: int | None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 (Authlib names the endpoint; one method serves all)
        return method == AUTH_METHOD

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT_TYPE

    def get_allowed_scope(self, scope: str | None) -> str:
        return str(granted(self, scope))


def granted(client: OAuthClient, requested: str | None) -> Scopes:
    """What is requested, under the names it was requested by, if all of it was registered. Raises BadScope."""
    if not requested:
        raise BadScope("The request must name the scope it wants.")
    scopes = parse(requested)
    if not within(scopes, parse(client.scope)):
        raise BadScope("The scope goes beyond what this client is registered for.")
    return scopes


def add_client(
    store: Store,
    clock: Clock,
    *,
    practice: str,
    name: str,
    scope: str,
    jwks: dict[str, Any] | None,
    jwks_uri: str | None,
    role: Literal["practice", "partner"],
    recipient: str | None,
    purpose: str = "TREAT",
    allow_private_jwks: bool = False,
) -> str:
    """Register a client and return its client_id. Raises BadScope, BadKeySet, BadRegistration."""
    _check_names(name, role, purpose)
    check_backend(parse(scope), role)
    _check_keys(jwks, jwks_uri, allow_private_jwks)
    text = json.dumps(jwks, separators=(",", ":")) if jwks is not None else None
    row = ClientRow(str(uuid.uuid4()), practice, name, role, recipient, purpose, scope, text, jwks_uri, to_ms(clock()), None)
    with store.write() as connection:
        oauth.add_client(connection, row)
    return row.client_id


def list_clients(store: Store, practice: str) -> list[OAuthClient]:
    """Oldest first, those revoked among them."""
    with store.read() as connection:
        return [OAuthClient(*row) for row in oauth.clients(connection, practice)]


def find_client(store: Store, client_id: str) -> OAuthClient | None:
    """A client that may still act; None for one unknown or revoked."""
    with store.read() as connection:
        row = oauth.client(connection, client_id)
    return OAuthClient(*row) if row is not None and row.revoked_at is None else None


def revoke_client(store: Store, clock: Clock, client_id: str) -> None:
    """Revoke a client and its tokens, with effect at once. Raises UnknownClient."""
    with store.write() as connection:
        known = oauth.revoke_client(connection, client_id, to_ms(clock()))
    token.forget(store)
    if not known:
        raise UnknownClient("There is no client with this id.")


def _check_names(name: str, role: str, purpose: str) -> None:
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise BadRegistration("A client needs a name of at most 200 printable characters.")
    if role not in ("practice", "partner"):
        raise BadRegistration("The role of a client is practice or partner.")
    if not _PURPOSE.fullmatch(purpose):
        raise BadRegistration("The purpose is a code of PurposeOfUse, TREAT say.")


def _check_keys(jwks: dict[str, Any] | None, jwks_uri: str | None, allow_private_jwks: bool) -> None:
    if (jwks is None) == (jwks_uri is None):
        raise BadRegistration("A client brings its public keys or the URL of its key set: one of the two.")
    if jwks is not None:
        if len(json.dumps(jwks)) > _LONGEST_KEY_SET:
            raise BadRegistration("The key set is too large.")
        check_key_set(jwks)
    if jwks_uri is not None and not _is_plain_url(jwks_uri, {"https", "http"} if allow_private_jwks else {"https"}):
        raise BadRegistration("The URL of a key set must be a plain https URL, without user name, password or fragment.")


def _is_plain_url(url: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= 1000
    return plain and parts.scheme in schemes and bool(parts.hostname) and parts.username is None and "#" not in url
