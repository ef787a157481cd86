"""What a proven client may ask of the authorization server: a token (RFC 6749 section 4.4), its end (RFC 7009), what it is worth (RFC 7662).

An assertion is good for one request. The token endpoint spends it in the transaction that stores the token; the other two,
and a request that fails after the client was proven, spend it by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from gateway.clock import Clock
from gateway.context import Principal
from gateway.fhir.outcome import OutcomeError
from gateway.smart import token
from gateway.smart.client import AUTH_METHOD, OAuthClient, granted
from gateway.smart.client_assertion import SPENT, ClientRefused
from gateway.smart.scope import INTROSPECT, BadScope, parse
from gateway.store.engine import Store
from gateway.store.oauth import TokenRow


class BackendGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib publishes no types
    """Client credentials for SMART backend services: `private_key_jwt` alone, pre-authorized scopes alone, no refresh token."""

    TOKEN_ENDPOINT_AUTH_METHODS = (AUTH_METHOD,)

    def validate_requested_scope(self) -> None:
        try:
            granted(self.client, self.request.payload.scope)
        except BadScope as fault:
            self.server.spend(self.request)
            raise InvalidScopeError(str(fault)) from None

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """As Authlib's, without its debug line, which holds the token."""
        issued = self.generate_token(scope=self.request.payload.scope, include_refresh_token=False)
        issued["token_type"] = "DPoP" if self.request.jkt else "Bearer"
        self.save_token(issued)
        return 200, issued, self.TOKEN_RESPONSE_HEADER


def token_generator() -> BearerTokenGenerator:
    return BearerTokenGenerator(access_token_generator=lambda **_: token.new_token(), expires_generator=token.LIFE_S)


def save_token_in(store: Store, clock: Clock) -> Callable[[dict[str, Any], Any], None]:
    """Authlib's `save_token`: the assertion is spent and the token stored in one transaction."""

    def save_token(issued: dict[str, Any], request: Any) -> None:
        try:
            token.issue(store, clock, request.signed_claims, issued["access_token"], issued["scope"], jkt=request.jkt, audience=request.audience)
        except token.AssertionSpent:
            raise ClientRefused(SPENT) from None

    return save_token


def spend_in(store: Store, clock: Clock) -> Callable[[Any], None]:
    """Use up the assertion, where there is one, of a request that stores no token. Raises ClientRefused where it was used before."""

    def spend(request: Any) -> None:
        if request.signed_claims is None:
            return
        try:
            token.spend(store, clock, request.signed_claims)
        except token.AssertionSpent:
            raise ClientRefused(SPENT) from None

    return spend


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib publishes no types
    """RFC 7009: a client ends a token of its own. A token unknown, run out or already revoked is no error."""

    CLIENT_AUTH_METHODS = (AUTH_METHOD,)

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._clock = clock

    def authenticate_endpoint_client(self, request: Any) -> OAuthClient:
        return _spent(super().authenticate_endpoint_client(request), self.server, request)

    def authenticate_token(self, request: Any, client: OAuthClient) -> str | None:
        row = token.active_token(self._store, self._clock, _token_of(request))
        if row is None:
            return None
        if row.client_id != client.client_id:
            raise InvalidGrantError("The token was issued to another client.")
        return _token_of(request)

    def revoke_token(self, revoked: str, request: Any) -> None:  # noqa: ARG002 (Authlib's signature)
        token.revoke(self._store, self._clock, revoked)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib publishes no types
    """RFC 7662 and SMART 2.2.0 token-introspection.

    By its assertion a client asks about tokens of its own; by a bearer token with the scope `__token.introspect`, about those of
    every client of its practice. Whatever may not be told is inactive.
    """

    CLIENT_AUTH_METHODS = (AUTH_METHOD,)

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._clock = clock

    def authenticate_endpoint_client(self, request: Any) -> OAuthClient | Principal:
        bearer = _bearer(request)
        if bearer is None:
            return _spent(super().authenticate_endpoint_client(request), self.server, request)
        try:
            principal = token.principal_of(self._store, self._clock, bearer)
        except OutcomeError:
            raise ClientRefused("The bearer token is unknown, run out or revoked.") from None
        if not parse(principal.scope).allows_extension(INTROSPECT):
            raise ClientRefused(f"The bearer token needs the scope {INTROSPECT}.")
        request.proven_client_id = principal.client_id
        return principal

    def authenticate_token(self, request: Any, client: OAuthClient | Principal) -> TokenRow | None:
        row = token.active_token(self._store, self._clock, _token_of(request))
        if row is None:
            return None
        may_know = row.practice == client.practice if isinstance(client, Principal) else row.client_id == client.client_id
        return row if may_know else None

    def create_introspection_payload(self, row: TokenRow | None) -> dict[str, Any]:
        if row is None:
            return {"active": False}
        times = {"exp": row.expires_at // 1000, "iat": row.issued_at // 1000}
        return {"active": True, "scope": row.scope, "client_id": row.client_id, "token_type": "Bearer", **times}


def _spent(client: OAuthClient, server: Any, request: Any) -> OAuthClient:
    server.spend(request)
    return client


def _token_of(request: Any) -> str:
    found: str = request.form.get("token", "")
    if not found:
        raise InvalidRequestError("The request must name the token it is about.")
    return found


def _bearer(request: Any) -> str | None:
    scheme, _, found = request.headers.get("Authorization", "").partition(" ")
    return found.strip() if scheme.lower() == "bearer" else None
