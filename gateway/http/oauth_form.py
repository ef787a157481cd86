"""A request to the authorization server: a form sent by POST, checked before anybody is asked who sends it."""

from __future__ import annotations

from typing import NamedTuple

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Response, jsonify, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.smart.token import SignedClaims
from gateway.store.engine import StoreAway

MAX_BODY_BYTES = 32_768
ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""Taken at the addresses of the authorization server, so that a wrong one is refused in its own form."""
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FORM = "application/x-www-form-urlencoded"


class Refusal(NamedTuple):
    status: int
    error: str
    description: str


class FormRequest(OAuth2Request):  # type: ignore[misc]  # Authlib publishes no types
    """The form of a request; nothing is ever taken from the query string. Its URI is our public one, whatever proxy stands before us."""

    def __init__(self, uri: str) -> None:
        super().__init__(request.method, uri, headers=request.headers)
        self.payload = BasicOAuth2Payload(request.form.to_dict())
        self.signed_claims: SignedClaims | None = None
        self.proven_client_id = ""
        self.jkt: str | None = None
        """The thumbprint of the key of a DPoP proof that was checked (RFC 9449)."""
        self.audiences: tuple[str, ...] = ()
        """Whom a client assertion may address here, besides the token endpoint."""
        self.audience: str | None = None
        """The server that the token is for, once it was checked (RFC 8707)."""

    @property
    def form(self) -> ImmutableMultiDict[str, str]:
        return request.form


def refusal() -> Refusal | None:
    """What is wrong with the request, whoever sends it."""
    request.max_content_length = MAX_BODY_BYTES
    if request.method != "POST":
        return Refusal(405, "invalid_request", "Use POST.")
    if request.query_string:
        return Refusal(400, "invalid_request", "Send all parameters in the body; addresses are logged on their way.")
    if request.mimetype != _FORM:
        return Refusal(400, "invalid_request", f"Send the parameters as {_FORM}.")
    try:
        repeated = any(len(values) > 1 for _, values in request.form.lists())
    except RequestEntityTooLarge:
        return Refusal(413, "invalid_request", f"The body is larger than {MAX_BODY_BYTES} bytes.")
    return Refusal(400, "invalid_request", "No parameter may be sent twice.") if repeated else None


def refused(status: int, error: str, description: str) -> Response:
    """An error of RFC 6749 section 5.2."""
    response = jsonify(error=error, error_description=description)
    response.status_code = status
    response.headers.update(NOT_KEPT)
    if status == 405:
        response.headers["Allow"] = "POST"
    return response


def store_away(_: StoreAway) -> Response:
    """For a blueprint of the authorization server."""
    response = refused(503, "temporarily_unavailable", "The store cannot be reached just now; repeat the request in a few seconds.")
    response.headers["Retry-After"] = "5"
    return response
