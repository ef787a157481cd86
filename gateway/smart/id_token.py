"""Who signed in, told to the app (OpenID Connect Core 1.0 section 2, SMART 2.2.0 scopes-and-launch-context section 3.0.4).

Signed with RS256, which every client must be able to check. Only the exchange of a code gives one; a refresh tells nothing new about
the sign-in, so it gives none (OpenID Connect Core 1.0 section 12.2).
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oidc.core.grants.code import OpenIDToken

from gateway.smart import userinfo
from gateway.smart.client import OAuthClient
from gateway.smart.issuer import Issuer
from gateway.smart.key import OwnKeys, SigningKey, signing_key
from gateway.store.grant import Living

ALGORITHM = "RS256"
LIFE_S = 300


class IdToken(OpenIDToken):  # type: ignore[misc]  # Authlib publishes no types
    """Adds the id_token to the answer for a code whose scope has `openid`."""

    def __init__(self, issuer: Issuer, keys: OwnKeys) -> None:
        self._issuer = issuer
        self._keys = keys

    def resolve_client_private_key(self, client: OAuthClient) -> SigningKey:  # noqa: ARG002 (Authlib's signature)
        return signing_key(self._keys, ALGORITHM)

    def get_encode_header(self, client: OAuthClient) -> dict[str, Any]:
        return {"alg": ALGORITHM, "kid": self.resolve_client_private_key(client).kid}

    def get_compatible_claims(self, request: OAuth2Request) -> dict[str, Any]:
        """In place of Authlib's, which asks the system what time it is."""
        now, found = self._issuer.now // 1000, request.user
        claims = {"iss": self._issuer.url, "aud": request.client.client_id, "iat": now, "exp": now + LIFE_S}
        told = {"auth_time": found.grant.authenticated_at // 1000, "nonce": found.grant.nonce, "sid": found.grant.session}
        claims |= {name: value for name, value in told.items() if value is not None}
        return claims | ({"amr": found.methods.split(" ")} if found.methods else {})

    def get_authorization_code_claims(self, authorization_code: object) -> dict[str, Any]:  # noqa: ARG002 (Authlib's signature)
        """None: what the code stood for is told from its grant."""
        return {}

    def generate_user_info(self, user: Living, scope: str) -> dict[str, Any]:
        return userinfo.told(user.grant.account, user.display, user.fhir_user, scope, self._issuer.fhir_base)
