"""Apps that people use: how one is registered, and the secret of those that can keep one.

SMART 2.2.0 app-launch: public apps prove themselves by PKCE alone, confidential ones by a secret (client-confidential-symmetric)
or by their own keys (client-confidential-asymmetric).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from gateway.clock import Clock, to_ms
from gateway.smart.client import PRIVATE_KEY_JWT, BadRegistration, check_keys, check_names
from gateway.smart.scope import parse
from gateway.store import oauth
from gateway.store.engine import Store
from gateway.store.oauth import ClientRow

AuthMethod = Literal["none", "client_secret_basic", "private_key_jwt"]
_LOOPBACK = ("127.0.0.1", "[::1]", "localhost")
_CUSTOM_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_MOST_URIS = 20


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


def add_app(
    store: Store, clock: Clock, practice: str, asked: Registration, *, allow_private_jwks: bool = False, registration_digest: str | None = None, approved: bool = True
) -> NewApp:
    """Register an app. Raises BadScope, BadKeySet, BadRegistration."""
    check_registration(asked, allow_private_jwks=allow_private_jwks)
    now, secret = to_ms(clock()), new_secret() if asked.auth_method == "client_secret_basic" else None
    row = ClientRow(
        client_id=str(uuid.uuid4()),
        practice=practice,
        name=asked.name,
        role="app",
        recipient=None,
        purpose="TREAT",
        scope=asked.scope,
        jwks=json.dumps(asked.jwks, separators=(",", ":")) if asked.jwks is not None else None,
        jwks_uri=asked.jwks_uri,
        created_at=now,
        revoked_at=None,
        auth_method=asked.auth_method,
        secret_digest=secret_digest(secret) if secret else None,
        redirect_uris=json.dumps(list(asked.redirect_uris)),
        launch_uri=asked.launch_uri,
        post_logout_redirect_uris=json.dumps(list(asked.post_logout_redirect_uris)),
        origins=json.dumps(origins_of(asked)),
        strict=int(asked.strict),
        about=json.dumps(asked.about),
        registration_digest=registration_digest,
        approved_at=now if approved else None,
    )
    with store.write() as connection:
        oauth.add_client(connection, row)
    return NewApp(row.client_id, secret)


def check_registration(asked: Registration, *, allow_private_jwks: bool = False) -> None:
    """Raises BadScope, BadKeySet, BadRegistration."""
    check_names(asked.name, "TREAT")
    parse(asked.scope)
    if asked.auth_method == PRIVATE_KEY_JWT:
        check_keys(asked.jwks, asked.jwks_uri, allow_private_jwks)
    elif asked.jwks is not None or asked.jwks_uri is not None:
        raise BadRegistration("Keys belong to an app that authenticates by private_key_jwt.")
    _check_addresses(asked)


def _check_addresses(asked: Registration) -> None:
    if not 0 < len(asked.redirect_uris) <= _MOST_URIS:
        raise BadRegistration(f"An app needs its redirect URIs, 1 to {_MOST_URIS}.")
    for uri in asked.redirect_uris:
        if not is_redirect_uri(uri):
            raise BadRegistration("A redirect URI must be https, http on this machine, or a scheme of the app's own with a dot in it; without user name or fragment.")
    for uri in (*([asked.launch_uri] if asked.launch_uri else []), *asked.post_logout_redirect_uris):
        if not is_redirect_uri(uri):
            raise BadRegistration("A launch or logout address must be an https URL (http only on this machine), without user name or fragment.")
    for origin in asked.origins:
        if not _is_origin(origin):
            raise BadRegistration("An origin is a scheme, a host and perhaps a port, https://app.example.org say.")


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_redirect_uri(uri: str) -> bool:
    """https; http on loopback (RFC 8252 section 7.3); or a private-use scheme with a dot (section 7.1). No user name, no fragment, nothing unprintable."""
    try:
        parts = urlsplit(uri)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = uri.isascii() and uri.isprintable() and " " not in uri and "\\" not in uri and "#" not in uri and "*" not in uri and 0 < len(uri) <= 1000
    if not plain or not port_is_number or "@" in parts.netloc:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":
        return parts.netloc.rpartition(":")[0] in _LOOPBACK or parts.netloc in _LOOPBACK
    return bool(_CUSTOM_SCHEME.fullmatch(parts.scheme)) and bool(parts.path or parts.netloc)


def origins_of(asked: Registration) -> list[str]:
    """From where its pages call, as a browser writes it: what was said, or else where it is sent back to."""
    named = asked.origins or [uri for uri in asked.redirect_uris if urlsplit(uri).scheme in ("http", "https")]
    return list(dict.fromkeys(_origin_of(uri) for uri in named))


def _origin_of(uri: str) -> str:
    """RFC 6454 section 6.2: lower case, and no port where it is the scheme's own."""
    parts = urlsplit(uri)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _is_origin(origin: str) -> bool:
    return is_redirect_uri(origin) and not urlsplit(origin).path and "?" not in origin and urlsplit(origin).scheme in ("http", "https")
