"""Client authentication by a secret (`client_secret_basic`) and of apps that have none (`none`).

RFC 6749 section 2.3.1 and SMART 2.2.0 client-confidential-symmetric: HTTP Basic alone. A secret in the body is refused (RFC 6749 calls it NOT
RECOMMENDED), and so is a request that proves itself in two ways. A client unknown and a secret that is wrong get one answer in one time.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from gateway.smart.client import PRIVATE_KEY_JWT, OAuthClient
from gateway.smart.client_assertion import ClientRefused

BY_SECRET, PUBLIC = "client_secret_basic", "none"
AUTH_METHODS = (BY_SECRET, PUBLIC, PRIVATE_KEY_JWT)
"""In the order in which Authlib must try them: the first two pass on what is not meant for them, the last one refuses what is left."""

_NOBODY = OAuthClient("", "", "", "app", None, "TREAT", "", None, None, 0, None, auth_method=BY_SECRET)
"""Whose secret is looked at where the client is unknown, so that both take the same time."""

_LONGEST_NAME = 255
_LONGEST_HEADER = 2048
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

_UNPROVEN = "The client is not known here, or its secret is wrong."
_NOT_PUBLIC = "The client is not known here, or it must authenticate."
_TWICE = "The client must prove itself in one way: either the Authorization header, or a client_assertion."
_IN_BODY = "The secret belongs in the Authorization header (client_secret_basic), not in the body."
_UNREADABLE = "The Authorization header is not HTTP Basic with the form-encoded client_id and secret."
_OTHER_CLIENT = "client_id, where it is sent, must be the client that the Authorization header names."

QueryClient = Callable[[str], OAuthClient | None]


class SecretRefused(ClientRefused):
    """`invalid_client`, with the challenge of the scheme that was tried (RFC 6749 section 5.2)."""

    def get_headers(self) -> list[tuple[str, str]]:
        own = [(name, value) for name, value in super().get_headers() if name != "WWW-Authenticate"]
        return [*own, ("WWW-Authenticate", 'Basic realm="Handoff", charset="UTF-8"')]


def authenticate_by_secret(query_client: QueryClient, request: Any) -> OAuthClient | None:
    """`client_secret_basic` for Authlib's registry; None where the request does not try it. Raises SecretRefused."""
    form, header = request.form, request.headers.get("Authorization", "")
    if header.partition(" ")[0].lower() != "basic":
        if "client_secret" in form and "client_assertion" not in form and not header:
            raise SecretRefused(_IN_BODY)
        return None
    _check_alone(form)
    client_id, secret = _credentials(header)
    client = _found(query_client, client_id)
    if not (client or _NOBODY).check_client_secret(secret) or client is None:
        raise SecretRefused(_UNPROVEN)
    if form.get("client_id", client_id) != client_id:
        raise SecretRefused(_OTHER_CLIENT)
    request.proven_client_id = client.client_id
    return client


def authenticate_public(query_client: QueryClient, request: Any) -> OAuthClient | None:
    """`none` for Authlib's registry: an app names itself and PKCE proves the rest; None where the request tries another method. Raises ClientRefused."""
    if _tries_another(request) or "client_id" not in request.form:
        return None
    client = _found(query_client, request.form["client_id"])
    if client is None or client.auth_method != PUBLIC:
        raise ClientRefused(_NOT_PUBLIC)
    request.proven_client_id = client.client_id
    return client


def names_nobody(request: Any) -> bool:
    """Nothing in the request says which client it is from."""
    return "client_id" not in request.form and not _tries_another(request)


def _tries_another(request: Any) -> bool:
    return "Authorization" in request.headers or any(name in request.form for name in ("client_secret", "client_assertion", "client_assertion_type"))


def _check_alone(form: Any) -> None:
    if "client_assertion" in form or "client_assertion_type" in form:
        raise SecretRefused(_TWICE)
    if "client_secret" in form:
        raise SecretRefused(_IN_BODY)


def _credentials(header: str) -> tuple[str, str]:
    """Client id and secret: each form-encoded (RFC 6749 appendix B), joined by a colon, in base64."""
    try:
        if len(header) > _LONGEST_HEADER:
            raise ValueError
        text = base64.b64decode(header.partition(" ")[2].strip(" "), validate=True).decode("ascii")
        client_id, colon, secret = text.partition(":")
        return _decoded(client_id), _decoded(secret if colon else "")
    except (binascii.Error, ValueError):
        raise SecretRefused(_UNREADABLE) from None


def _decoded(text: str) -> str:
    found = unquote_plus(text, errors="strict")
    if _ESCAPE.search(text) or not 0 < len(found) <= _LONGEST_NAME or not found.isprintable():
        raise ValueError
    return found


def _found(query_client: QueryClient, client_id: str) -> OAuthClient | None:
    if not 0 < len(client_id) <= _LONGEST_NAME or not client_id.isprintable():
        return None
    try:
        return query_client(client_id)
    except ClientRefused:
        return None
