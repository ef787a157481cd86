"""Cross-origin requests: who may call from a browser (SMART 2.2.0 app-launch, CORS).

Public documents are read from any origin. The addresses where apps work answer the origins that approved apps registered, and no other: never a
wildcard, never an origin merely sent back, never `null`, never with cookies. The rule looks at the origin and not at the token: a token is no
ambient credential (a browser sends none by itself), a preflight carries none, and whoever holds one needs no browser to use it.

By hand, since Flask-CORS takes its origins when the app is made; ours come and go with the clients.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from flask import Flask, Response, request

from gateway.store import oauth
from gateway.store.engine import Store, StoreAway

REMEMBERED_S = 1.0
_PREFLIGHT_KEPT_S = 600
_WORKPLACES = {
    "/oauth/token": "POST",
    "/oauth/revoke": "POST",
    "/oauth/introspect": "POST",
    "/oauth/par": "POST",
    "/oauth/userinfo": "GET, POST",
    "/fhir": "GET, HEAD, POST, PUT, PATCH, DELETE",
}
"""Where apps work (and all below /fhir), and by which methods."""

_DOCUMENTS = frozenset({"/fhir/metadata", "/fhir/.well-known/smart-configuration", "/.well-known/openid-configuration", "/oauth/jwks", "/brands", "/smart-style.json"})
"""Open to every origin, as are the key sets below /oauth/jwks."""

_REQUEST_HEADERS = "Authorization, Content-Type, Accept, If-Match, If-None-Match, If-Modified-Since, If-None-Exist, Prefer, DPoP"
_RESPONSE_HEADERS = "ETag, Location, Content-Location, Last-Modified, Retry-After, WWW-Authenticate, DPoP-Nonce, X-Request-Id"
_ORIGIN = "Access-Control-Allow-Origin"


@dataclass
class Origins:
    """The origins of the apps that may act now, remembered for a second."""

    store: Store
    _known: frozenset[str] = frozenset()
    _until: float = field(default=0.0)

    def may_call(self, origin: str) -> bool:
        """Character by character; a browser writes an origin in one way only."""
        if time.monotonic() >= self._until:
            self._known, self._until = self._read(), time.monotonic() + REMEMBERED_S
        return origin in self._known

    def _read(self) -> frozenset[str]:
        try:
            with self.store.read() as connection:
                return oauth.origins(connection)
        except StoreAway:
            return frozenset()


def add_cors(app: Flask, store: Store) -> None:
    """Answer preflights, and say on every answer who may read it."""
    origins = Origins(store)

    def preflight() -> Response | None:
        asks = request.method == "OPTIONS" and "Origin" in request.headers and "Access-Control-Request-Method" in request.headers
        methods = _methods(request.path) if asks else None
        if methods is None:
            return None
        response = Response(status=204)
        if _is_open(request.path) or origins.may_call(request.headers["Origin"]):
            response.headers["Access-Control-Allow-Methods"] = methods
            response.headers["Access-Control-Allow-Headers"] = _REQUEST_HEADERS
            response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_KEPT_S)
        return response

    def mark(response: Response) -> Response:
        if _is_open(request.path):
            response.headers[_ORIGIN] = "*"
            response.headers["Access-Control-Expose-Headers"] = _RESPONSE_HEADERS
        elif _methods(request.path) is not None:
            response.vary.add("Origin")
            _answer(response, request.headers.get("Origin", ""), origins)
        return response

    app.before_request(preflight)
    app.after_request(mark)


def _answer(response: Response, origin: str, origins: Origins) -> None:
    response.headers.pop(_ORIGIN, None)
    if origin and origins.may_call(origin):
        response.headers[_ORIGIN] = origin
        response.headers["Access-Control-Expose-Headers"] = _RESPONSE_HEADERS


def _is_open(path: str) -> bool:
    return path in _DOCUMENTS or path.startswith("/oauth/jwks/")


def _methods(path: str) -> str | None:
    """The methods that a browser may be told of; None where no other origin has any business."""
    if _is_open(path):
        return "GET, HEAD"
    return _WORKPLACES.get("/fhir" if path.startswith("/fhir/") else path)
