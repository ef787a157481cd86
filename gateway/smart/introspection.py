"""What a token is worth (RFC 7662, SMART 2.2.0 token-introspection), to those who may know.

A client that authenticates asks about tokens of its own; whoever bears a token with the scope `__token.introspect`, about those of
every client of its practice. Whatever may not be told is inactive, and of an inactive token nothing else is said.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from gateway.context import Principal
from gateway.fhir.outcome import OutcomeError
from gateway.smart import token
from gateway.smart.client import PRIVATE_KEY_JWT, OAuthClient
from gateway.smart.client_assertion import ClientRefused
from gateway.smart.client_secret import BY_SECRET
from gateway.smart.issuer import Issuer
from gateway.smart.proven import spend_alone
from gateway.smart.revocation import token_named
from gateway.smart.scope import INTROSPECT, parse
from gateway.smart.shown import Shown, shown
from gateway.smart.token_response import launch_context
from gateway.smart.userinfo import told
from gateway.store.grant import Living

_INACTIVE = {"active": False}


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib publishes no types
    """For access and refresh tokens alike; a hint is not needed."""

    CLIENT_AUTH_METHODS = (BY_SECRET, PRIVATE_KEY_JWT)

    def __init__(self, issuer: Issuer) -> None:
        super().__init__()
        self._issuer = issuer

    def authenticate_endpoint_client(self, request: Any) -> OAuthClient | Principal:
        bearer = _bearer(request)
        if bearer is None:
            client: OAuthClient = super().authenticate_endpoint_client(request)
            spend_alone(self._issuer, request)
            return client
        try:
            principal = token.principal_of(self._issuer.store, self._issuer.clock, bearer)
        except OutcomeError:
            raise ClientRefused("The bearer token is unknown, run out or revoked.") from None
        if not parse(principal.scope).allows_extension(INTROSPECT):
            raise ClientRefused(f"The bearer token needs the scope {INTROSPECT}.")
        request.proven_client_id = principal.client_id
        return principal

    def authenticate_token(self, request: Any, client: OAuthClient | Principal) -> Shown | None:
        named = token_named(request)
        with self._issuer.store.read() as connection:
            found = shown(connection, named, self._issuer.now)
        if found is None or not found.is_live:
            return None
        may_know = found.practice == client.practice if isinstance(client, Principal) else found.client_id == client.client_id
        return found if may_know else None

    def create_introspection_payload(self, found: Shown | None) -> dict[str, Any]:
        if found is None:
            return _INACTIVE
        answer: dict[str, Any] = {"active": True, "scope": found.scope, "client_id": found.client_id, "exp": found.expires_at // 1000, "iat": found.issued_at // 1000}
        if found.kind == "access":
            answer["token_type"] = token.type_of(found.jkt)
        if found.jkt:
            answer["cnf"] = {"jkt": found.jkt}
        if found.audience:
            answer["aud"] = found.audience
        return answer | (self._of_person(found.living) if found.living else {})

    def _of_person(self, living: Living) -> dict[str, Any]:
        """The launch context, and who signed in where an id_token said so."""
        granted = living.grant.scope
        if "openid" not in granted.split(" "):
            return launch_context(living.grant)
        person = told(living.grant.account, living.display, living.fhir_user, granted, self._issuer.fhir_base)
        person.pop("name", None)
        return launch_context(living.grant) | {"iss": self._issuer.url} | person


def _bearer(request: Any) -> str | None:
    scheme, _, found = request.headers.get("Authorization", "").partition(" ")
    return found.strip() if scheme.lower() == "bearer" else None
