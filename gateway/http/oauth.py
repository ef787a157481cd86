"""The addresses of the authorization server: Authlib's server, adapted to Flask, with RFC 6749 errors throughout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from authlib.common.security import is_secure_transport
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.clock import Clock
from gateway.net.client import Outgoing
from gateway.smart.client import AUTH_METHOD, GRANT_TYPE
from gateway.smart.client_assertion import ClientKeys, authenticate_by, known_client
from gateway.smart.discovery import smart_configuration
from gateway.smart.grant import BackendGrant, Introspection, Revocation, save_token_in, spend_in, token_generator
from gateway.smart.jwks_url import KeySetUrls
from gateway.smart.token import SignedClaims
from gateway.store.engine import Store, StoreAway

MAX_BODY_BYTES = 32_768
_FORM = "application/x-www-form-urlencoded"
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

Audit = Callable[[str, str, str], None]
"""Takes what was asked (token, revoke, introspect), the client_id where it was proven, else "", and "granted" or the error code."""


class _Refusal(NamedTuple):
    status: int
    error: str
    description: str


def oauth_blueprint(
    store: Store,
    clock: Clock,
    public_url: str,
    fhir_base: str,
    audit: Audit | None = None,
    allow_private_jwks: bool = False,
    outgoing: Outgoing | None = None,
) -> Blueprint:
    """Raises ValueError where the public URL is neither https nor loopback (SMART 2.2.0: TLS everywhere)."""
    if not is_secure_transport(public_url):
        raise ValueError("the public URL must be https, or http on loopback")
    keys = ClientKeys(KeySetUrls(outgoing or Outgoing(allow_private=allow_private_jwks), clock))
    server = _server(store, clock, f"{public_url}/oauth/token", keys)
    blueprint = Blueprint("oauth", __name__)
    for name, respond in _RESPONSES.items():
        blueprint.add_url_rule(f"/oauth/{name}", name, _route(server, name, respond, audit or _no_audit), methods=_ALL_METHODS)
    _add_documents(blueprint, fhir_base.removeprefix(public_url), smart_configuration(public_url))
    blueprint.register_error_handler(StoreAway, _store_away)
    return blueprint


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib publishes no types
    """The form of a request; nothing is ever taken from the query string. Its URI is our public one, whatever proxy stands before us."""

    def __init__(self, uri: str) -> None:
        super().__init__(request.method, uri, headers=request.headers)
        self.payload = BasicOAuth2Payload(request.form.to_dict())
        self.signed_claims: SignedClaims | None = None
        self.proven_client_id = ""

    @property
    def form(self) -> ImmutableMultiDict[str, str]:
        return request.form


class _Server(AuthorizationServer):  # type: ignore[misc]  # Authlib publishes no types
    """Authlib's server for requests that were checked already."""

    spend: Callable[[Any], None]

    def create_oauth2_request(self, checked: _Request) -> _Request:
        return checked


def _server(store: Store, clock: Clock, token_url: str, keys: ClientKeys) -> _Server:
    server = _Server(query_client=known_client(store, clock), save_token=save_token_in(store, clock))
    server.spend = spend_in(store, clock)
    server.token_url = token_url
    server.register_client_auth_method(AUTH_METHOD, authenticate_by(token_url, clock, keys))
    server.register_token_generator(GRANT_TYPE, token_generator())
    server.register_grant(BackendGrant)
    server.register_endpoint(Revocation(store, clock))
    server.register_endpoint(Introspection(store, clock))
    return server


_RESPONSES: dict[str, Callable[[_Server, _Request], Response]] = {
    "token": lambda server, asked: server.create_token_response(asked),
    "revoke": lambda server, asked: server.create_endpoint_response("revocation", asked),
    "introspect": lambda server, asked: server.create_endpoint_response("introspection", asked),
}


def _route(server: _Server, name: str, respond: Callable[[_Server, _Request], Response], audit: Audit) -> Callable[[], Response]:
    def route() -> Response:
        refusal = _refusal(name)
        if refusal is not None:
            return _refused(*refusal)
        asked = _Request(server.token_url)
        response = respond(server, asked)
        audit(name, asked.proven_client_id, _outcome(response))
        return response

    return route


def _refusal(name: str) -> _Refusal | None:
    """What is wrong with the request before anybody is asked who sends it."""
    request.max_content_length = MAX_BODY_BYTES
    if request.method != "POST":
        return _Refusal(405, "invalid_request", "Use POST.")
    if request.query_string:
        return _Refusal(400, "invalid_request", "Send all parameters in the body; addresses are logged on their way.")
    if request.mimetype != _FORM:
        return _Refusal(400, "invalid_request", f"Send the parameters as {_FORM}.")
    try:
        repeated = any(len(values) > 1 for _, values in request.form.lists())
    except RequestEntityTooLarge:
        return _Refusal(413, "invalid_request", f"The body is larger than {MAX_BODY_BYTES} bytes.")
    if repeated:
        return _Refusal(400, "invalid_request", "No parameter may be sent twice.")
    return _wrong_grant() if name == "token" else None


def _wrong_grant() -> _Refusal | None:
    asked = request.form.get("grant_type", "")
    if not asked:
        return _Refusal(400, "invalid_request", "grant_type is missing.")
    return None if asked == GRANT_TYPE else _Refusal(400, "unsupported_grant_type", f"The only grant_type here is {GRANT_TYPE}.")


def _refused(status: int, error: str, description: str) -> Response:
    response = jsonify(error=error, error_description=description)
    response.status_code = status
    response.headers.update(_NOT_KEPT)
    if status == 405:
        response.headers["Allow"] = "POST"
    return response


def _outcome(response: Response) -> str:
    return "granted" if response.status_code == 200 else str(response.get_json()["error"])


def _store_away(_: StoreAway) -> Response:
    response = _refused(503, "temporarily_unavailable", "The store cannot be reached just now; repeat the request in a few seconds.")
    response.headers["Retry-After"] = "5"
    return response


def _add_documents(blueprint: Blueprint, fhir_path: str, configuration: dict[str, Any]) -> None:
    """Documents open to everyone, from any origin: JSON whatever Accept says."""
    documents = {"smart_configuration": (f"{fhir_path}/.well-known/smart-configuration", configuration)}
    for name, (path, document) in documents.items():
        blueprint.add_url_rule(path, name, _document(document), methods=["GET"])


def _document(document: dict[str, Any]) -> Callable[[], Response]:
    def route() -> Response:
        response = jsonify(document)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = "public, max-age=300"
        return response

    return route


def _no_audit(_asked: str, _client_id: str, _outcome: str) -> None:
    """Where nobody listens."""
