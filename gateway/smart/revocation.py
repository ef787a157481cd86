"""The end of a token at the wish of its client (RFC 7009), felt within one second everywhere.

A refresh token takes its whole family with it, access tokens too (section 2.1), even one that was used before: the app wants to be
forgotten. An access token ends alone: an app may give one back early and go on refreshing.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint

from gateway.smart import token
from gateway.smart.client import OAuthClient
from gateway.smart.client_secret import AUTH_METHODS
from gateway.smart.issuer import Issuer
from gateway.smart.proven import spend_alone
from gateway.smart.shown import Shown, shown
from gateway.store import oauth
from gateway.store.grant import revoke_grant


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib publishes no types
    """For apps and backend clients of every kind. A token unknown, run out or already revoked is no error, and a hint is not needed."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def __init__(self, issuer: Issuer) -> None:
        super().__init__()
        self._issuer = issuer

    def authenticate_endpoint_client(self, request: Any) -> OAuthClient:
        client: OAuthClient = super().authenticate_endpoint_client(request)
        spend_alone(self._issuer, request)
        return client

    def authenticate_token(self, request: Any, client: OAuthClient) -> Shown | None:
        named = token_named(request)
        with self._issuer.store.read() as connection:
            found = shown(connection, named, self._issuer.now)
        if found is not None and found.client_id != client.client_id:
            raise InvalidGrantError("The token was issued to another client.")
        return found

    def revoke_token(self, found: Shown, request: Any) -> None:  # noqa: ARG002 (Authlib's signature)
        with self._issuer.store.write() as connection:
            if found.kind == "refresh" and found.grant_id is not None:
                revoke_grant(connection, found.grant_id, self._issuer.now)
            else:
                oauth.revoke_token(connection, found.digest, self._issuer.now)
        token.forget(self._issuer.store)


def token_named(request: Any) -> str:
    """Raises InvalidRequestError."""
    found: str = request.form.get("token", "")
    if not found:
        raise InvalidRequestError("The request must name the token it is about.")
    return found
