"""Clients of every kind as they are looked up, listed and revoked; and how a backend client is registered, which proves itself with its own keys.

SMART 2.2.0 client-confidential-asymmetric, registration: the public keys as a key set, or the https URL of one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from gateway.clock import Clock, to_ms
from gateway.smart import token
from gateway.smart.jwks import MOST_KEYS, check_key_set
from gateway.smart.redirect_uri import is_sent_to
from gateway.smart.scope import BadScope, Scopes, check_backend, parse, within
from gateway.store import grant as grants
from gateway.store import oauth
from gateway.store.engine import Store
from gateway.store.oauth import ClientRow

PRIVATE_KEY_JWT = "private_key_jwt"
GRANT_TYPE = "client_credentials"
APP_GRANT_TYPES = ("authorization_code", "refresh_token")

_OF_NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
"""The digest of a secret that nobody was told."""

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
    """`practice` or `partner`: a backend system. `app`: what people use, by authorization code."""
    recipient: str | None
    purpose: str
    scope: str = field(repr=False)
    jwks: str | None = field(repr=False)
    jwks_uri: str | None = field(repr=False)
    created_at: int
    revoked_at: int | None
    auth_method: str = PRIVATE_KEY_JWT
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Digests of the secrets that are good now: two while one is being replaced."""
    redirect_uris: tuple[str, ...] = ()
    launch_uri: str | None = None
    post_logout_redirect_uris: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    """From where a browser may call (CORS)."""
    strict: bool = False
    """DPoP (RFC 9449), pushed authorization requests (RFC 9126) and resource indicators (RFC 8707) are demanded."""
    about: dict[str, Any] = field(default_factory=dict)
    """client_uri, logo_uri, tos_uri, policy_uri, contacts, software_id, software_version, as registered (RFC 7591)."""
    approved: bool = True

    @property
    def is_app(self) -> bool:
        return self.role == "app"

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 (Authlib names the endpoint; one method serves all)
        return method == self.auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in (APP_GRANT_TYPES if self.is_app else (GRANT_TYPE,))

    def check_response_type(self, response_type: str) -> bool:
        return self.is_app and response_type == "code"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Character by character (RFC 9700 section 2.1), but for the port of an app on this person's own machine."""
        return is_sent_to(redirect_uri, self.redirect_uris, native=self.auth_method == "none")

    def check_client_secret(self, secret: str) -> bool:
        """In the time of two comparisons, however many secrets are good."""
        shown = hashlib.sha256(secret.encode()).hexdigest()
        matches = [hmac.compare_digest(shown, digest) for digest in (*self.secrets, _OF_NOBODY, _OF_NOBODY)[:2]]
        return bool(self.secrets) and any(matches)

    def get_client_id(self) -> str:
        """Authlib's management of a registration compares it with the document (RFC 7592)."""
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str:
        return str(granted(self, scope))


def client_of(row: ClientRow, now: int) -> OAuthClient:
    """A row as a client; a secret that was replaced counts until its time is over."""
    before = row.secret_before if row.secret_before is not None and now < (row.secret_before_until or 0) else None
    return OAuthClient(
        *row[:11],
        auth_method=row.auth_method,
        secrets=tuple(one for one in (row.secret_digest, before) if one),
        redirect_uris=tuple(json.loads(row.redirect_uris)),
        launch_uri=row.launch_uri,
        post_logout_redirect_uris=tuple(json.loads(row.post_logout_redirect_uris)),
        origins=tuple(json.loads(row.origins)),
        strict=bool(row.strict),
        about=json.loads(row.about),
        approved=row.approved_at is not None or row.registration_digest is None,
    )


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
    strict: bool = False,
    allow_private_jwks: bool = False,
) -> str:
    """Register a client and return its client_id. Raises BadScope, BadKeySet, BadRegistration."""
    check_backend_client(name, scope, jwks, jwks_uri, role, purpose=purpose, allow_private_jwks=allow_private_jwks)
    row = backend_row(practice, name, scope, jwks, jwks_uri, role, to_ms(clock()))._replace(recipient=recipient, purpose=purpose, strict=int(strict))
    with store.write() as connection:
        oauth.add_client(connection, row)
    return row.client_id


def check_backend_client(name: str, scope: str, jwks: dict[str, Any] | None, jwks_uri: str | None, role: str, *, purpose: str = "TREAT", allow_private_jwks: bool = False) -> None:
    """Raises BadScope, BadKeySet, BadRegistration."""
    check_names(name, purpose)
    if role not in ("practice", "partner"):
        raise BadRegistration("The role of a backend client is practice or partner.")
    check_backend(parse(scope), role)
    check_keys(jwks, jwks_uri, allow_private_jwks)


def backend_row(practice: str, name: str, scope: str, jwks: dict[str, Any] | None, jwks_uri: str | None, role: str, now: int) -> ClientRow:
    """A backend client that was checked, with a client_id of its own."""
    return ClientRow(str(uuid.uuid4()), practice, name, role, None, "TREAT", scope, keys_text(jwks), jwks_uri, now, None)


def list_clients(store: Store, clock: Clock, practice: str) -> list[OAuthClient]:
    """Oldest first, those revoked among them."""
    with store.read() as connection:
        return [client_of(row, to_ms(clock())) for row in oauth.clients(connection, practice)]


def find_client(store: Store, clock: Clock, client_id: str) -> OAuthClient | None:
    """A client that may still act; None for one unknown, revoked, or registered by itself and not yet approved."""
    with store.read() as connection:
        row = oauth.client(connection, client_id)
    found = client_of(row, to_ms(clock())) if row is not None and row.revoked_at is None else None
    return found if found is not None and found.approved else None


def any_client(store: Store, clock: Clock, client_id: str) -> OAuthClient:
    """A client, however it stands. Raises UnknownClient."""
    with store.read() as connection:
        row = oauth.client(connection, client_id)
    if row is None:
        raise UnknownClient("There is no client with this id.")
    return client_of(row, to_ms(clock()))


def revoke_client(store: Store, clock: Clock, client_id: str) -> None:
    """Revoke a client, what people allowed it, and its tokens, with effect at once. Raises UnknownClient."""
    with store.write() as connection:
        known = oauth.revoke_client(connection, client_id, to_ms(clock()))
        grants.revoke_grants_of(connection, to_ms(clock()), client_id=client_id)
    token.forget(store)
    if not known:
        raise UnknownClient("There is no client with this id.")


def keys_text(jwks: dict[str, Any] | None) -> str | None:
    return json.dumps(jwks, separators=(",", ":")) if jwks is not None else None


def check_names(name: str, purpose: str) -> None:
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise BadRegistration("A client needs a name of at most 200 printable characters.")
    if not _PURPOSE.fullmatch(purpose):
        raise BadRegistration("The purpose is a code of PurposeOfUse, TREAT say.")


def check_keys(jwks: dict[str, Any] | None, jwks_uri: str | None, allow_private_jwks: bool) -> None:
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
