"""Authlib's authorization server with all that is registered at it: how clients prove themselves, and what they may ask for."""

from __future__ import annotations

from collections.abc import Collection

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from flask import Response

from gateway.http.oauth_form import FormRequest
from gateway.smart import pushing
from gateway.smart.client import GRANT_TYPE, PRIVATE_KEY_JWT, OAuthClient
from gateway.smart.client_assertion import ClientKeys, authenticate_by, known_client
from gateway.smart.client_secret import BY_SECRET, PUBLIC, authenticate_by_secret
from gateway.smart.code_grant import CodeGrant, Pkce
from gateway.smart.dpop import check_sender, sender_key
from gateway.smart.dpop_nonce import Nonces
from gateway.smart.grant import BackendGrant
from gateway.smart.id_token import IdToken
from gateway.smart.introspection import Introspection
from gateway.smart.issuer import Issuer
from gateway.smart.pushing import PushedRequests
from gateway.smart.refresh import RefreshGrant, authenticate_public_or_refreshing
from gateway.smart.resource_indicator import check_resource
from gateway.smart.revocation import Revocation

GRANT_TYPES = (GRANT_TYPE, CodeGrant.GRANT_TYPE, RefreshGrant.GRANT_TYPE)


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib publishes no types
    """Authlib's server for requests that were checked already."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(query_client=known_client(issuer.store, issuer.clock))
        self.issuer = issuer
        self.token_url = f"{issuer.url}/oauth/token"
        self.par_url = f"{issuer.url}/oauth/{pushing.NAME}"
        self.nonces = Nonces(issuer.keys, issuer.clock) if issuer.keys else None

    def create_oauth2_request(self, checked: FormRequest) -> FormRequest:
        return checked

    def respond(self, asked: FormRequest) -> Response:
        """To a request for tokens, or one that is pushed: the sender's key is proven first (RFC 9449), and whoever proved one is given the nonce for the next time."""
        try:
            asked.jkt = sender_key(self.issuer.store, self.issuer.clock, self.nonces, asked.headers, asked.uri)
        except OAuth2Error as refusal:
            refused: Response = self.handle_error_response(asked, refusal)
            return refused
        response: Response = self.create_token_response(asked) if asked.uri == self.token_url else self.create_endpoint_response(pushing.NAME, asked)
        if asked.jkt is not None and self.nonces is not None:
            response.headers["DPoP-Nonce"] = self.nonces.new()
        return response

    def authenticate_client(self, asked: FormRequest, methods: Collection[str], endpoint: str = "token") -> OAuthClient:
        """As Authlib's; at the token endpoint, with what a strict client must bring. Raises OAuth2Error."""
        client: OAuthClient = super().authenticate_client(asked, methods, endpoint)
        if endpoint == "token":
            check_sender(client, asked.jkt)
            asked.audience = check_resource(client, self.issuer.fhir_base, asked.form.get("resource"), named_before=asked.form["grant_type"] != GRANT_TYPE)
        return client


def oauth_server(issuer: Issuer, keys: ClientKeys) -> Server:
    """`keys`: those of clients."""
    server = Server(issuer)
    server.register_client_auth_method(BY_SECRET, authenticate_by_secret)
    server.register_client_auth_method(PUBLIC, authenticate_public_or_refreshing(issuer.store))
    server.register_client_auth_method(PRIVATE_KEY_JWT, authenticate_by(server.token_url, issuer.clock, keys))
    server.register_grant(BackendGrant)
    server.register_grant(CodeGrant, [Pkce(), *([IdToken(issuer, issuer.keys)] if issuer.keys else [])])
    server.register_grant(RefreshGrant)
    server.register_endpoint(Revocation(issuer))
    server.register_endpoint(Introspection(issuer))
    server.register_endpoint(PushedRequests(issuer))
    return server
