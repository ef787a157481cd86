"""The address that takes pushed authorization requests (RFC 9126): the client proves itself, and its request is checked as if a browser brought it.

What is wrong is said to the client at once, in JSON, and never by way of a browser. A DPoP proof sent with the request binds the code
to its key, as `dpop_jkt` would (RFC 9449 section 10.1).
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, TokenEndpoint

from gateway.smart.authorize import Asked, check_request, understood
from gateway.smart.client_secret import AUTH_METHODS
from gateway.smart.dpop import ProofRefused
from gateway.smart.issuer import Issuer
from gateway.smart.proven import spend_alone
from gateway.smart.pushed_request import LIFE_S, push

NAME = "par"
_HEADERS = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]


class PushedRequests(TokenEndpoint):  # type: ignore[misc]  # Authlib publishes no types
    """For apps of every kind, those without a secret too."""

    ENDPOINT_NAME = NAME
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def __init__(self, issuer: Issuer) -> None:
        super().__init__()
        self._issuer = issuer

    def create_endpoint_response(self, request: Any) -> tuple[int, dict[str, Any], Any]:
        client = self.authenticate_endpoint_client(request)
        spend_alone(self._issuer, request)
        asked = Asked(_parameters(request, client.client_id))
        try:
            check_request(self._issuer.store, self._issuer.clock, self._issuer.fhir_base, asked, pushed=True)
        except OAuth2Error as refusal:
            refusal.redirect_uri = refusal.state = None
            raise
        reference = push(self._issuer.store, self._issuer.clock, client.client_id, understood(asked))
        return 201, {"request_uri": reference, "expires_in": LIFE_S}, _HEADERS


def _parameters(request: Any, client_id: str) -> dict[str, str]:
    """The request's parameters with a value; with the key that was proven."""
    values = {str(name): str(value) for name, value in request.form.items() if value}
    if "request_uri" in values:
        raise InvalidRequestError("A pushed request holds no request_uri.")
    if request.jkt is not None and values.get("dpop_jkt", request.jkt) != request.jkt:
        raise ProofRefused("dpop_jkt is not the key of the DPoP proof.")
    return values | {"client_id": client_id} | ({"dpop_jkt": request.jkt} if request.jkt else {})
