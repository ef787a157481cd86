"""How a client's proof is used up: a client assertion is good for one request.

The token endpoint spends it in the transaction that stores the token; a request that fails after the client was proven, and those
that ask for something else, spend it by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError

from gateway.smart import token
from gateway.smart.client_assertion import SPENT, ClientRefused
from gateway.smart.issuer import Issuer
from gateway.store import oauth
from gateway.store.engine import Connection

Exchange = Callable[[Connection, Issuer, Any], "dict[str, Any] | None"]
"""What a request is given for its code or refresh token; None where that is no longer good."""


class Proven:
    """Comes before a grant of Authlib: an assertion is spent whatever comes of the request."""

    request: Any
    server: Any
    TOKEN_RESPONSE_HEADER: Any

    def validate_token_request(self) -> None:
        try:
            super().validate_token_request()  # type: ignore[misc]  # Authlib's grant stands behind this
        except OAuth2Error:
            spend_alone(self.server.issuer, self.request)
            raise

    def answered(self, exchange: Exchange, refusal: str) -> tuple[int, dict[str, Any], Any]:
        """The token response of an exchange, in the one transaction that also spends the assertion. Raises InvalidGrantError where it gives none.

        What it stored stays even then: a replay has ended the grant.
        """
        issuer: Issuer = self.server.issuer
        with issuer.store.write() as connection:
            spend(connection, self.request, issuer.now)
            answer = exchange(connection, issuer, self.request)
        if answer is None:
            token.forget(issuer.store)
            raise InvalidGrantError(refusal)
        return 200, answer, self.TOKEN_RESPONSE_HEADER


def spend(connection: Connection, request: Any, now: int) -> None:
    """Use up the request's client assertion, where it brought one, in this transaction. Raises ClientRefused where it was used before."""
    claims = request.signed_claims
    if claims is not None and not oauth.spend_jti(connection, claims.client_id, claims.jti, claims.kept_until, now):
        raise ClientRefused(SPENT)


def spend_alone(issuer: Issuer, request: Any) -> None:
    """As `spend`, in a transaction of its own."""
    if request.signed_claims is not None:
        with issuer.store.write() as connection:
            spend(connection, request, issuer.now)
