"""Authlib's authorization server with all that is registered at it: how clients prove themselves, and what they may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer

from gateway.http.oauth_form import FormRequest
from gateway.smart.client import AUTH_METHOD, GRANT_TYPE
from gateway.smart.client_assertion import ClientKeys, authenticate_by, known_client
from gateway.smart.client_secret import BY_SECRET, PUBLIC, authenticate_by_secret, authenticate_public
from gateway.smart.code_grant import CodeGrant, Pkce
from gateway.smart.grant import BackendGrant, Introspection, Revocation, save_token_in, spend_in, token_generator
from gateway.smart.id_token import IdToken
from gateway.smart.issuer import Issuer
from gateway.smart.refresh import RefreshGrant

GRANT_TYPES = (GRANT_TYPE, CodeGrant.GRANT_TYPE, RefreshGrant.GRANT_TYPE)


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib publishes no types
    """Authlib's server for requests that were checked already."""

    issuer: Issuer
    spend: Callable[[Any], None]

    def create_oauth2_request(self, checked: FormRequest) -> FormRequest:
        return checked


def oauth_server(issuer: Issuer, keys: ClientKeys) -> Server:
    """`keys`: those of clients."""
    store, clock = issuer.store, issuer.clock
    server = Server(query_client=known_client(store, clock), save_token=save_token_in(store, clock))
    server.issuer, server.spend = issuer, spend_in(store, clock)
    server.token_url = f"{issuer.url}/oauth/token"
    server.register_client_auth_method(BY_SECRET, authenticate_by_secret)
    server.register_client_auth_method(PUBLIC, authenticate_public)
    server.register_client_auth_method(AUTH_METHOD, authenticate_by(server.token_url, clock, keys))
    server.register_token_generator(GRANT_TYPE, token_generator())
    server.register_grant(BackendGrant)
    server.register_grant(CodeGrant, [Pkce(), *([IdToken(issuer, issuer.keys)] if issuer.keys else [])])
    server.register_grant(RefreshGrant)
    server.register_endpoint(Revocation(store, clock))
    server.register_endpoint(Introspection(store, clock))
    return server
