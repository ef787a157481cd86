"""Client authentication by `private_key_jwt`: a client signs a short-lived assertion with its own key.

SMART 2.2.0 client-confidential-asymmetric with RFC 7523 section 3. What fails before the signature is verified depends on the
assertion alone or is answered with one sentence for all causes, so that the answer tells nobody which clients there are.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode

from gateway.clock import Clock
from gateway.fhir.json import once
from gateway.smart.client import PRIVATE_KEY_JWT, OAuthClient, find_client
from gateway.smart.jwks import SigningKey, find, signing_keys
from gateway.smart.jwks_url import KeySetUrls
from gateway.smart.token import SignedClaims
from gateway.store.engine import Store

ALGORITHMS = ("RS384", "ES384")
LONGEST_LIFE_S = 300
LEEWAY_S = 5
LONGEST_ASSERTION = 8192
_LONGEST_NAME = 255
_JTI_KEPT_S = 60

Claims = Mapping[str, Any]
_log = logging.getLogger(__name__)

_UNPROVEN = "The client is not known here, or the assertion is not signed with a key registered for it."
_MISSING = "The client must authenticate by private_key_jwt alone: client_assertion_type and client_assertion, no secret, no Authorization header."
_MALFORMED = f"The client assertion is not a signed JWT of at most {LONGEST_ASSERTION} characters."
SPENT = "The client assertion was used before; sign a new one with a new jti for every request."


class ClientRefused(OAuth2Error):  # type: ignore[misc]  # Authlib publishes no types
    """`invalid_client` of RFC 6749 section 5.2, always with 401."""

    error = "invalid_client"
    status_code = 401

    def __init__(self, description: str) -> None:
        super().__init__(description)
        _log.info("client refused: %s", description)

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("WWW-Authenticate", PRIVATE_KEY_JWT)]


class _Registry(jws.JWSRegistry):
    """The two algorithms, and room in the header for a `jku`."""

    max_header_length = 2048
    max_payload_length = 6144


_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)

_HEADER_RULES: tuple[tuple[Callable[[Claims], bool], str], ...] = (
    (lambda header: header.get("alg") in ALGORITHMS, "alg must be RS384 or ES384."),
    (lambda header: header.get("typ") == "JWT", "typ must be JWT."),
    (lambda header: _is_name(header.get("kid")), "kid must name the key that signed."),
    (lambda header: "crit" not in header and "b64" not in header, "crit and b64 are not understood."),
    (lambda header: isinstance(header.get("jku", ""), str), "jku must be a URL."),
)


@dataclass(frozen=True)
class _Expected:
    client_id: str
    audiences: tuple[str, ...]
    """The token endpoint; for a pushed request, what else names us (RFC 9126 section 2)."""
    now: float


_CLAIM_RULES: tuple[tuple[Callable[[Claims, _Expected], bool], str], ...] = (
    (lambda claims, expected: claims.get("iss") == claims.get("sub") == expected.client_id, "iss and sub must both be the client_id."),
    (lambda claims, expected: claims.get("aud") in (*expected.audiences, *([one] for one in expected.audiences)), "aud must be the URL of the token endpoint, and nothing else."),
    (lambda claims, expected: _is_number(claims.get("exp")) and claims["exp"] > expected.now - LEEWAY_S, "exp is missing or past."),
    (lambda claims, expected: claims["exp"] <= expected.now + LONGEST_LIFE_S, "exp must be at most 5 minutes ahead."),
    (lambda claims, expected: _is_begun(claims.get("nbf", 0), expected), "nbf is in the future."),
    (lambda claims, expected: _is_begun(claims.get("iat", 0), expected), "iat is in the future."),
    (lambda claims, _: _is_name(claims.get("jti")), "jti must be a text of 1 to 255 printable characters."),
)


class ClientKeys:
    """The keys of clients: those registered inline, and those at registered URLs."""

    def __init__(self, urls: KeySetUrls) -> None:
        self._urls = urls

    def key(self, client: OAuthClient, header: Claims) -> RSAKey | ECKey | None:
        """The one key that the header of an assertion means. A `jku` must be the registered URL."""
        if client.jwks_uri is None:
            keys = () if "jku" in header or client.jwks is None else _inline(client.jwks)
        else:
            keys = self._urls.keys(client.jwks_uri, header["kid"]) if header.get("jku", client.jwks_uri) == client.jwks_uri else ()
        return find(keys, header["kid"], header["alg"])


class PrivateKeyJwt(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib publishes no types
    """One authentication: made for a request, and thrown away after it. `signed_claims` is set once all has been verified."""

    CLIENT_AUTH_METHOD = PRIVATE_KEY_JWT

    def __init__(self, audiences: tuple[str, ...], clock: Clock, keys: ClientKeys) -> None:
        super().__init__(validate_jti=False, leeway=LEEWAY_S)  # the jti is spent in the transaction that issues the token
        self._audiences = audiences
        self._clock = clock
        self._keys = keys
        self._unverified_header: Claims = {}
        self.signed_claims: SignedClaims | None = None

    def get_audiences(self) -> list[str]:
        return list(self._audiences)

    def extract_assertion(self, assertion: str) -> tuple[Claims, Claims]:
        header, claims = _unverified(assertion)
        for holds, rule in _HEADER_RULES:
            if not holds(header):
                raise ClientRefused(f"The client assertion's header was not accepted: {rule}")
        if not _is_name(claims.get("sub")):
            raise ClientRefused(_UNPROVEN)
        self._unverified_header = header
        return header, claims

    def resolve_client_public_key(self, client: OAuthClient) -> OAuthClient:
        """Authlib hands on what is answered here; the key itself is chosen where the header is at hand."""
        return client

    def process_assertion_claims(self, assertion: str, resolve_key: OAuthClient) -> Claims:
        key = self._keys.key(resolve_key, self._unverified_header)
        if key is None:
            raise ClientRefused(_UNPROVEN)
        try:
            claims = jwt.decode(assertion, key, registry=_REGISTRY).claims
        except (JoseError, ValueError, RecursionError):
            raise ClientRefused(_UNPROVEN) from None
        self.signed_claims = _signed(claims, _Expected(resolve_key.client_id, self._audiences, _seconds(self._clock())))
        return claims


def authenticate_by(token_url: str, clock: Clock, keys: ClientKeys) -> Callable[[Any, Any], OAuthClient]:
    """The authentication method for Authlib's registry; leaves the verified claims on the request, still to be spent."""

    def authenticate(query_client: Callable[[str], OAuthClient], request: Any) -> OAuthClient:
        form = request.form
        if form.get("client_assertion_type") != PrivateKeyJwt.CLIENT_ASSERTION_TYPE or not form.get("client_assertion"):
            raise ClientRefused(_MISSING)
        if "client_secret" in form or "Authorization" in request.headers:
            raise ClientRefused(_MISSING)
        assertion = PrivateKeyJwt((token_url, *request.audiences), clock, keys)
        client: OAuthClient = assertion(query_client, request)
        if form.get("client_id", client.client_id) != client.client_id:
            raise ClientRefused("client_id, where it is sent, must be the client that signed the assertion.")
        request.signed_claims, request.proven_client_id = assertion.signed_claims, client.client_id
        return client

    return authenticate


def known_client(store: Store, clock: Clock) -> Callable[[str], OAuthClient]:
    """Authlib's `query_client`: one answer for a client unknown, a client revoked and a key that is wrong."""

    def query_client(client_id: str) -> OAuthClient:
        client = find_client(store, clock, client_id)
        if client is None:
            raise ClientRefused(_UNPROVEN)
        return client

    return query_client


def _unverified(assertion: str) -> tuple[Claims, Claims]:
    """Header and claims, for choosing the key and nothing else. A member that stands twice would be read differently by others (RFC 7515 section 4)."""
    if len(assertion) > LONGEST_ASSERTION:
        raise ClientRefused(_MALFORMED)
    try:
        parts = jws.extract_compact(assertion.encode(), registry=_REGISTRY)
        header, claims = (json.loads(part, object_pairs_hook=once) for part in (urlsafe_b64decode(parts.segments["header"]), parts.payload))
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise ClientRefused(_MALFORMED) from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise ClientRefused(_MALFORMED)
    return header, claims


def _signed(claims: Claims, expected: _Expected) -> SignedClaims:
    for holds, rule in _CLAIM_RULES:
        if not holds(claims, expected):
            raise ClientRefused(f"The client assertion was not accepted: {rule}")
    return SignedClaims(expected.client_id, claims["jti"], int((claims["exp"] + _JTI_KEPT_S) * 1000))


@lru_cache(maxsize=256)
def _inline(jwks: str) -> tuple[SigningKey, ...]:
    return signing_keys(json.loads(jwks))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_begun(value: Any, expected: _Expected) -> bool:
    return _is_number(value) and value <= expected.now + LEEWAY_S


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
