"""POST /oauth/register and GET, PUT, DELETE /oauth/register/{client_id}: clients that register themselves (RFC 7591, RFC 7592)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.http.oauth_form import ALL_METHODS, MAX_BODY_BYTES, NOT_KEPT, refused, store_away
from gateway.smart.registration import Asking, Manage, Register, Registry, answer
from gateway.store import registration
from gateway.store.engine import StoreAway

MOST_FROM_AN_ADDRESS = 20
SPAN_MS = 3_600_000
_LONGEST_TOKEN = 200

Mark = Callable[[str], str]
"""An address as it is kept: a digest that this gateway alone can make."""


class _Unreadable(ValueError):
    """A body that is no document; the text says why."""


def registration_blueprint(registry: Registry, mark: Mark) -> Blueprint:
    """Registered only where HANDOFF_REGISTRATION lets clients register."""
    blueprint = Blueprint("registration", __name__)
    register, manage = Register(registry), Manage(registry)

    def new() -> Response:
        if request.method != "POST":
            return _not_allowed("POST")
        return _too_soon(registry, mark) or _answered(register, "POST", "", "")

    def known(client_id: str) -> Response:
        if request.method not in ("GET", "PUT", "DELETE"):
            return _not_allowed("GET, PUT, DELETE")
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        bearer = bearer.strip() if scheme.lower() == "bearer" and len(bearer) <= _LONGEST_TOKEN else ""
        return _answered(manage, request.method, bearer, client_id if client_id.isprintable() and len(client_id) <= _LONGEST_TOKEN else "-")

    blueprint.add_url_rule("/oauth/register", "new", new, methods=ALL_METHODS)
    blueprint.add_url_rule("/oauth/register/<client_id>", "known", known, methods=ALL_METHODS)
    blueprint.register_error_handler(StoreAway, store_away)
    return blueprint


def _answered(endpoint: Any, method: str, bearer: str, client_id: str) -> Response:
    try:
        written = _document() if method in ("POST", "PUT") else {}
        status, body, headers = answer(endpoint, Asking(method, bearer, written, client_id))
    except _Unreadable as fault:
        return refused(400, "invalid_client_metadata", str(fault))
    except RequestEntityTooLarge:
        return refused(413, "invalid_client_metadata", f"The document is larger than {MAX_BODY_BYTES} bytes.")
    except RecursionError:
        return refused(400, "invalid_client_metadata", "The document is nested too deeply.")
    response = Response(json.dumps(body) if body else "", status, content_type="application/json")
    response.headers.update(headers)
    response.headers.update(NOT_KEPT)
    return response


def _document() -> dict[str, Any]:
    request.max_content_length = MAX_BODY_BYTES
    if request.mimetype != "application/json":
        raise _Unreadable("Send the document as application/json.")
    try:
        found = json.loads(request.get_data(), object_pairs_hook=_each_once, parse_constant=_no_number)
    except _Unreadable:
        raise
    except ValueError:
        raise _Unreadable("The document is not JSON.") from None
    if not isinstance(found, dict) or not found:
        raise _Unreadable("The document is a JSON object.")
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Unreadable("No member may stand twice.")
    return found


def _no_number(_: str) -> None:
    raise _Unreadable("NaN and Infinity are not JSON.")


def _too_soon(registry: Registry, mark: Mark) -> Response | None:
    """So many from one address in an hour, good ones and bad ones; an address is kept as a digest."""
    with registry.store.write() as connection:
        wait_ms = registration.count(connection, mark(request.remote_addr or ""), registry.now, MOST_FROM_AN_ADDRESS, SPAN_MS)
    if not wait_ms:
        return None
    response = refused(429, "temporarily_unavailable", "Too many registrations from this address; try again later.")
    response.headers["Retry-After"] = str(-(-wait_ms // 1000))
    return response


def _not_allowed(methods: str) -> Response:
    response = refused(405, "invalid_request", f"Use {methods}.")
    response.headers["Allow"] = methods
    return response
