"""A token for a backend system (RFC 6749 section 4.4, SMART 2.2.0 backend-services)."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from gateway.smart import token
from gateway.smart.client import PRIVATE_KEY_JWT, granted
from gateway.smart.issuer import Issuer
from gateway.smart.proven import Proven, spend
from gateway.smart.scope import BadScope
from gateway.store import oauth


class BackendGrant(Proven, ClientCredentialsGrant):  # type: ignore[misc]  # Authlib publishes no types
    """Client credentials for SMART backend services: `private_key_jwt` alone, pre-authorized scopes alone, no refresh token."""

    TOKEN_ENDPOINT_AUTH_METHODS = (PRIVATE_KEY_JWT,)

    def validate_requested_scope(self) -> None:
        try:
            granted(self.client, self.request.payload.scope)
        except BadScope as fault:
            raise InvalidScopeError(str(fault)) from None

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """In place of Authlib's, which writes the token into its log: the assertion is spent and the token stored, both or neither."""
        issuer: Issuer = self.server.issuer
        asked, access, scope, now = self.request, token.new_token(), self.request.payload.scope, issuer.now
        with issuer.store.write() as connection:
            spend(connection, asked, now)
            ends_at = now + token.LIFE_S * 1000
            oauth.add_token(connection, token.digest_of(access), self.client.client_id, scope, now, ends_at, jkt=asked.jkt, audience=asked.audience)
        answer = {"access_token": access, "token_type": token.type_of(asked.jkt), "expires_in": token.LIFE_S, "scope": scope}
        return 200, answer, self.TOKEN_RESPONSE_HEADER
