"""The addresses of the authorization server: Authlib's server, adapted to Flask, with RFC 6749 errors throughout."""

from __future__ import annotations

from collections.abc import Callable

from authlib.common.security import is_secure_transport
from flask import Blueprint, Response, request

from gateway.clock import Clock
from gateway.http.oauth_form import ALL_METHODS, FormRequest, Refusal, refusal, refused, store_away
from gateway.http.oauth_server import GRANT_TYPES, Server, oauth_server
from gateway.net.client import Outgoing
from gateway.smart.client_assertion import ClientKeys
from gateway.smart.issuer import Issuer
from gateway.smart.jwks_url import KeySetUrls
from gateway.smart.key import OwnKeys
from gateway.store.engine import Store, StoreAway

Audit = Callable[[str, str, str], None]
"""Takes what was asked (token, par, revoke, introspect), the client_id where it was proven, else "", and "granted" or the error code."""


def oauth_blueprint(
    store: Store,
    clock: Clock,
    public_url: str,
    fhir_base: str,
    audit: Audit | None = None,
    allow_private_jwks: bool = False,
    keys: OwnKeys | None = None,
    outgoing: Outgoing | None = None,
) -> Blueprint:
    """`keys`: our own, without which there are no id_tokens. Raises ValueError where the public URL is neither https nor loopback (SMART 2.2.0: TLS everywhere)."""
    if not is_secure_transport(public_url):
        raise ValueError("the public URL must be https, or http on loopback")
    client_keys = ClientKeys(KeySetUrls(outgoing or Outgoing(allow_private=allow_private_jwks), clock))
    server = oauth_server(Issuer(store, clock, public_url, fhir_base, keys), client_keys)
    blueprint = Blueprint("oauth", __name__)
    for name, respond in _RESPONSES.items():
        blueprint.add_url_rule(f"/oauth/{name}", name, _route(server, name, respond, audit or _no_audit), methods=ALL_METHODS)
    blueprint.register_error_handler(StoreAway, store_away)
    return blueprint


_RESPONSES: dict[str, Callable[[Server, FormRequest], Response]] = {
    "token": lambda server, asked: server.respond(asked),
    "par": lambda server, asked: server.respond(asked),
    "revoke": lambda server, asked: server.create_endpoint_response("revocation", asked),
    "introspect": lambda server, asked: server.create_endpoint_response("introspection", asked),
}


def _route(server: Server, name: str, respond: Callable[[Server, FormRequest], Response], audit: Audit) -> Callable[[], Response]:
    def route() -> Response:
        wrong = refusal() or (_wrong_grant() if name == "token" else None)
        if wrong is not None:
            return refused(*wrong)
        asked = FormRequest(server.par_url if name == "par" else server.token_url)
        asked.audiences = (server.issuer.url, server.par_url) if name == "par" else ()
        response = respond(server, asked)
        audit(name, asked.proven_client_id, _outcome(response))
        return response

    return route


def _wrong_grant() -> Refusal | None:
    asked = request.form.get("grant_type", "")
    if not asked:
        return Refusal(400, "invalid_request", "grant_type is missing.")
    return None if asked in GRANT_TYPES else Refusal(400, "unsupported_grant_type", f"grant_type must be one of {', '.join(GRANT_TYPES)}.")


def _outcome(response: Response) -> str:
    return "granted" if response.status_code < 300 else str(response.get_json()["error"])


def _no_audit(_asked: str, _client_id: str, _outcome: str) -> None:
    """Where nobody listens."""
