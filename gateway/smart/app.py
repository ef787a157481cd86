"""Apps that people use: how one is registered, and the secret of those that can keep one.

SMART 2.2.0 app-launch: public apps prove themselves by PKCE alone, confidential ones by a secret (client-confidential-symmetric)
or by their own keys (client-confidential-asymmetric).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.clock import Clock, to_ms
from gateway.smart.client import PRIVATE_KEY_JWT, BadRegistration, check_keys, check_names, keys_text
from gateway.smart.client_secret import BY_SECRET
from gateway.smart.redirect_uri import is_origin, is_redirect_uri, is_web_address, origins_of
from gateway.smart.scope import check_app, parse
from gateway.store import oauth
from gateway.store.engine import Store
from gateway.store.oauth import ClientRow

AuthMethod = Literal["none", "client_secret_basic", "private_key_jwt"]
_MOST_URIS = 20
_WEB_PAGES = ("client_uri", "logo_uri", "tos_uri", "policy_uri")


class BadRedirectUri(BadRegistration):
    """An address that no browser is sent back to."""


@dataclass(frozen=True)
class NewApp:
    """What its developer is told, once."""

    client_id: str
    secret: str | None = field(repr=False)


@dataclass(frozen=True)
class Registration:
    """An app as its developer describes it. `scope`: the most that a user may ever allow it."""

    name: str
    scope: str
    redirect_uris: Sequence[str]
    auth_method: AuthMethod = "none"
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    launch_uri: str | None = None
    post_logout_redirect_uris: Sequence[str] = ()
    origins: Sequence[str] = ()
    strict: bool = False
    about: dict[str, Any] = field(default_factory=dict)


def add_app(store: Store, clock: Clock, practice: str, asked: Registration, *, allow_private_jwks: bool = False) -> NewApp:
    """Register an app. Raises BadScope, BadKeySet, BadRegistration."""
    check_registration(asked, allow_private_jwks=allow_private_jwks)
    now, secret = to_ms(clock()), new_secret() if asked.auth_method == BY_SECRET else None
    row = app_row(asked, practice, now)._replace(secret_digest=secret_digest(secret) if secret else None, approved_at=now)
    with store.write() as connection:
        oauth.add_client(connection, row)
    return NewApp(row.client_id, secret)


def app_row(asked: Registration, practice: str, now: int) -> ClientRow:
    """A registration that was checked, with a client_id of its own; not approved, and without a secret yet."""
    return ClientRow(
        client_id=str(uuid.uuid4()),
        practice=practice,
        name=asked.name,
        role="app",
        recipient=None,
        purpose="TREAT",
        scope=asked.scope,
        jwks=keys_text(asked.jwks),
        jwks_uri=asked.jwks_uri,
        created_at=now,
        revoked_at=None,
        auth_method=asked.auth_method,
        redirect_uris=json.dumps(list(asked.redirect_uris)),
        launch_uri=asked.launch_uri,
        post_logout_redirect_uris=json.dumps(list(asked.post_logout_redirect_uris)),
        origins=json.dumps(origins_of(asked.origins or asked.redirect_uris)),
        strict=int(asked.strict),
        about=json.dumps(asked.about),
    )


def check_registration(asked: Registration, *, allow_private_jwks: bool = False) -> None:
    """Raises BadScope, BadKeySet, BadRegistration."""
    check_names(asked.name, "TREAT")
    check_app(parse(asked.scope))
    if asked.auth_method == PRIVATE_KEY_JWT:
        check_keys(asked.jwks, asked.jwks_uri, allow_private_jwks)
    elif asked.jwks is not None or asked.jwks_uri is not None:
        raise BadRegistration("Keys belong to an app that authenticates by private_key_jwt.")
    if asked.strict and asked.auth_method == BY_SECRET:
        raise BadRegistration("A strict app proves itself by its keys (private_key_jwt), or by nothing but the key that its tokens are bound to; not by a secret.")
    _check_addresses(asked)


def _check_addresses(asked: Registration) -> None:
    if not 0 < len(asked.redirect_uris) <= _MOST_URIS or len(asked.post_logout_redirect_uris) > _MOST_URIS or len(asked.origins) > _MOST_URIS:
        raise BadRedirectUri(f"An app needs its redirect URIs, 1 to {_MOST_URIS}; and it has at most as many logout addresses and origins.")
    if not all(is_redirect_uri(uri) for uri in (*asked.redirect_uris, *asked.post_logout_redirect_uris)):
        raise BadRedirectUri("A redirect URI must be https, http on this machine, or a scheme of the app's own with a dot in it; without user name, wildcard or fragment.")
    if asked.launch_uri is not None and not is_web_address(asked.launch_uri):
        raise BadRegistration("A launch address must be an https URL (http only on this machine), without user name or fragment.")
    if not all(is_origin(origin) for origin in asked.origins):
        raise BadRegistration("An origin is a scheme, a host and perhaps a port, https://app.example.org say.")
    check_about(asked.about)


def check_about(about: Mapping[str, Any]) -> None:
    """Of what a client tells about itself (RFC 7591 section 2), the addresses. Raises BadRegistration."""
    if not all(is_web_address(about[name]) for name in _WEB_PAGES if name in about):
        raise BadRegistration("The addresses of an app's site, logo, terms and policy must be https URLs, without user name or fragment.")


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
