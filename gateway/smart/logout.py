"""An app asks that its user be signed out here too (OpenID Connect RP-Initiated Logout 1.0): what it asks, and whether it may.

An id_token of ours, also one that has run out, shows that the request comes from an app this person signed in to. Without one the
person is asked first, and is never sent on to an address: anybody can write such a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oidc.rpinitiated import EndSessionEndpoint
from authlib.oidc.rpinitiated.end_session import EndSessionRequest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.clock import Clock
from gateway.smart.client import OAuthClient, find_client
from gateway.smart.id_token import ALGORITHM
from gateway.smart.key import OwnKeys
from gateway.store.engine import Store

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
_LONGEST_HINT = 8192


class EndSession(EndSessionEndpoint):  # type: ignore[misc]  # Authlib publishes no types
    """Authlib's check of the request; the session itself is ended by the page that asks."""

    def __init__(self, store: Store, clock: Clock, keys: OwnKeys, issuer: str) -> None:
        super().__init__(server=self)
        self._store, self._clock, self._keys, self._issuer = store, clock, keys, issuer
        self.url = f"{issuer}/oauth/logout"

    def read(self, values: Mapping[str, str]) -> EndSessionRequest:
        """What is asked for. Raises InvalidRequestError where the hint is of another app than `client_id` says."""
        asked = OAuth2Request("POST", self.url)
        asked.payload = BasicOAuth2Payload({name: values[name] for name in PARAMETERS if values.get(name)})
        return self.validate_request(asked)

    def query_client(self, client_id: str) -> OAuthClient | None:
        return find_client(self._store, self._clock, client_id)

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any] | None:
        """The claims of an id_token of ours, whenever it ran out; None for anything else, which is then no hint at all."""
        keys = KeySet([key for key in self._keys.published() if key.alg == ALGORITHM])
        try:
            if len(id_token_hint) > _LONGEST_HINT:
                raise InvalidRequestError
            claims = jwt.decode(id_token_hint, keys, algorithms=[ALGORITHM]).claims
        except (JoseError, InvalidRequestError, ValueError, TypeError, RecursionError):
            return None
        return dict(claims) if claims.get("iss") == self._issuer else None

    def _is_valid_post_logout_redirect_uri(self, client: OAuthClient, post_logout_redirect_uri: str) -> bool:
        """Character by character."""
        return post_logout_redirect_uri in client.post_logout_redirect_uris
