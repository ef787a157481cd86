"""The faults that many attacks share: the library as it comes, and one rule of ours missing."""

from __future__ import annotations

import hmac
import json
import math
import sqlite3
import uuid
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from gateway.smart import client_assertion, jwks
from gateway.smart.client import OAuthClient
from gateway.smart.token import SignedClaims
from tests.attack.attack import Fault, fault, replaced, without_rule
from tests.attack.signer import unb64

EVERY_ALGORITHM = ("none", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


class _Stock(JWTBearerClientAssertion):
    """Client authentication as Authlib's documentation writes it, with our keys and our audience."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, audiences: tuple[str, ...], clock: Any, _keys: Any) -> None:
        super().__init__(validate_jti=False)
        self._audiences, self._clock = audiences, clock
        self.signed_claims: SignedClaims | None = None

    def get_audiences(self) -> list[str]:
        return list(self._audiences)

    def resolve_client_public_key(self, client: OAuthClient) -> KeySet:
        return KeySet.import_key_set(json.loads(client.jwks or ""))

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        now = int(self._clock().timestamp())
        with patch.object(jwt, "JWTClaimsRegistry", partial(jwt.JWTClaimsRegistry, now=now)):
            claims = super().process_assertion_claims(assertion, resolve_key)
        self.signed_claims = SignedClaims(claims["sub"], str(claims.get("jti", uuid.uuid4())), (now + 600) * 1000)
        return claims


class _Stock384(_Stock):
    """The same, with the two algorithms of SMART allowed, which Authlib asks one to do by handing `algorithms` on."""

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        with patch.object(jwt, "decode", partial(jwt.decode, algorithms=list(client_assertion.ALGORITHMS))):
            return super().process_assertion_claims(assertion, resolve_key)


STOCK_384 = fault("Authlib's JWTBearerClientAssertion with RS384 and ES384 allowed", replaced(client_assertion, "PrivateKeyJwt", _Stock384))
STOCK = fault("Authlib's JWTBearerClientAssertion as it comes", replaced(client_assertion, "PrivateKeyJwt", _Stock))


def decoding(name: str, decode: Any) -> Fault:
    """Another function checks the signature."""
    return fault(name, replaced(client_assertion, "jwt", SimpleNamespace(decode=decode)))


def _unverified(value: str, _key: Any, **_: Any) -> jwt.Token:
    header, payload, *_rest = value.split(".")
    return jwt.Token(json.loads(unb64(header)), json.loads(unb64(payload)))


def _header_of(value: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unb64(value.partition(".")[0]))
    return found


def _by_jwk(value: str, key: Any, **options: Any) -> jwt.Token:
    found = _header_of(value).get("jwk")
    return jwt.decode(value, ECKey.import_key(found) if found else key, **options)


def _by_x5c(value: str, key: Any, **options: Any) -> jwt.Token:
    found = _header_of(value).get("x5c")
    return jwt.decode(value, ECKey.import_key(found[0]) if found else key, **options)


def _by_public_key(value: str, key: Any, **_: Any) -> jwt.Token:
    head, _, code = value.rpartition(".")
    assert hmac.digest(key.as_pem(private=False), head.encode(), "sha256") == unb64(code)
    return _unverified(value, key)


def _by_path(value: str, _key: Any, **_: Any) -> jwt.Token:
    found = Path("/keys", _header_of(value)["kid"]).resolve().read_bytes()
    return jwt.decode(value, OctKey.import_key(found or bytes(32)), algorithms=["HS256"])


def _by_query(value: str, _key: Any, **_: Any) -> jwt.Token:
    statement = f"SELECT '{{}}' WHERE 'ec-1' = '{_header_of(value)['kid']}'"
    with closing(sqlite3.connect(":memory:")) as database:
        found = database.execute(statement).fetchone()
    return jwt.decode(value, ECKey.import_key(json.loads(found[0])), algorithms=["ES384"])


def _by_signature(value: str, key: Any, **_: Any) -> jwt.Token:
    head, _, signature = value.rpartition(".")
    assert jws.JWSRegistry.algorithms["ES384"].verify(head.encode(), unb64(signature), key)
    return _unverified(value, key)


UNVERIFIED = decoding("the signature is not verified", _unverified)
KEY_IN_JWK = decoding("a key in the header's jwk is trusted", _by_jwk)
KEY_IN_X5C = decoding("a key in the header's x5c is trusted", _by_x5c)
PUBLIC_KEY_AS_SECRET = decoding("the public key may serve as a secret", _by_public_key)


def without_header_rule(*said: str) -> Fault:
    return fault(f"a header is taken against the rule: {', '.join(said)}", without_rule(client_assertion, "_HEADER_RULES", *said))


def without_claim_rule(*said: str) -> Fault:
    return fault(f"claims are taken against the rule: {', '.join(said)}", without_rule(client_assertion, "_CLAIM_RULES", *said), replaced(client_assertion, "_signed", _lax_claims))


def _lax_claims(claims: Any, expected: Any) -> SignedClaims:
    """As the rules that are left say; what they no longer demand may be missing."""
    for holds, rule in client_assertion._CLAIM_RULES:  # noqa: SLF001 (the rules that are left)
        if not holds(claims, expected):
            raise client_assertion.ClientRefused(rule)
    exp, jti = claims.get("exp"), claims.get("jti", uuid.uuid4())
    until = exp if isinstance(exp, int | float) and math.isfinite(float(min(exp, 10**12) if exp == exp else math.nan)) else expected.now + 300
    return SignedClaims(expected.client_id, str(jti).replace("\x00", ""), int(min(until, 10**12)) * 1000)


def _first_of_kind(keys: Any, _kid: Any, algorithm: str) -> RSAKey | ECKey | None:
    return next((each.key for each in keys if each.algorithm == algorithm), None)


def _first_of_name(keys: Any, kid: str, _algorithm: str) -> RSAKey | ECKey | None:
    return next((each.key for each in keys if each.kid == kid), None)


def _any_key(keys: Any, _kid: Any, _algorithm: str) -> RSAKey | ECKey | None:
    return next((each.key for each in keys), None)


def _last_of_both(keys: Any, kid: str, algorithm: str) -> RSAKey | ECKey | None:
    return next((each.key for each in reversed(keys) if (each.kid, each.algorithm) == (kid, algorithm)), None)


ANY_KID = fault("the first key of the right kind is tried, whatever kid says", replaced(client_assertion, "find", _first_of_kind))
ANY_KEY_TYPE = fault("the key is chosen by kid alone", replaced(client_assertion, "find", _first_of_name))
ANY_KEY = fault("the first key is tried, whatever the header says", replaced(client_assertion, "find", _any_key))
AMBIGUOUS_KID = fault("of several keys with one kid the last is taken", replaced(client_assertion, "find", _last_of_both))


def _lax_registry(checks_header: bool = True) -> Any:
    class Lax(client_assertion._Registry):  # noqa: SLF001 (what is loosened here)
        def check_header(self, header: Any) -> None:
            if checks_header:
                super().check_header(header)

    return Lax(algorithms=EVERY_ALGORITHM, strict_check_header=False)


_every_algorithm = replaced(client_assertion, "_REGISTRY", _lax_registry())
ANY_ALGORITHM = Fault("every algorithm of the library is allowed", (*without_header_rule("alg must be").takes, _every_algorithm, *ANY_KEY_TYPE.takes))

_CURVES = {("RSA", None): "RS384", ("EC", "P-384"): "ES384", ("EC", "P-256"): "ES256", ("EC", "P-521"): "ES512"}
ANY_CURVE = Fault("keys of every curve are taken", (replaced(jwks, "_ALGORITHMS", _CURVES),)) & ANY_ALGORITHM


def _extracted(value: bytes, **_: Any) -> Any:
    head, body, _signature = value.split(b".")
    return SimpleNamespace(segments={"header": head, "payload": body}, payload=unb64(body.decode()))


ANY_HEADER = fault(
    "the library looks at nothing in a header",
    replaced(client_assertion, "_REGISTRY", _lax_registry(checks_header=False)),
    replaced(client_assertion, "jws", SimpleNamespace(extract_compact=_extracted)),
)
ANY_CRIT = without_header_rule("crit and b64") & ANY_HEADER & decoding("the signature is all that is checked", _by_signature)

_key_of = client_assertion.ClientKeys.key
ANY_JKU = fault("jku is not looked at", replaced(client_assertion.ClientKeys, "key", lambda keys, client, header: _key_of(keys, client, _but_for(header, "jku")))) & ANY_HEADER
NO_KID = fault("a missing kid is an empty one", replaced(client_assertion.ClientKeys, "key", lambda keys, client, header: _key_of(keys, client, {"kid": "", **header})))


def _but_for(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in members.items() if each != name}


KID_IS_A_PATH = ANY_ALGORITHM & ANY_KEY & decoding("kid names the file that holds the key", _by_path)
KID_IS_IN_A_QUERY = ANY_KEY & decoding("kid is pasted into the query for the key", _by_query)


class _NeverRaised(Exception):
    """Catches nothing."""


_CAUGHT = ("JoseError", "ValueError", "TypeError", "AttributeError", "RecursionError")
STUMBLES = fault("what is malformed is not caught", *(replaced(client_assertion, name, _NeverRaised, new=True) for name in _CAUGHT))
REPEATED_MEMBERS = fault("of members with one name the last counts", replaced(client_assertion, "once", dict))


def _longer(checks_header: bool = True) -> Any:
    lax = _lax_registry(checks_header)
    lax.max_payload_length = 128_000
    return lax


ANY_LENGTH = fault("an assertion may be of any length", replaced(client_assertion, "LONGEST_ASSERTION", 10**6), replaced(client_assertion, "_REGISTRY", _longer()))


class _AnyClaims(client_assertion.PrivateKeyJwt):
    def extract_assertion(self, assertion: str) -> Any:
        """As ours, without a look at what kind the claims and the subject are."""
        header, claims = (json.loads(unb64(part)) for part in assertion.split(".")[:2])
        self._unverified_header = header
        return header, claims


class _SubjectOfIssuer(_AnyClaims):
    def extract_assertion(self, assertion: str) -> Any:
        header, claims = super().extract_assertion(assertion)
        return header, {"sub": claims["iss"], **claims}


def _somebody(_store: Any, _clock: Any, _client_id: str) -> Any:
    return object()


CLAIMS_OF_ANY_KIND = fault("claims may be of any kind, but for what Authlib asks of them", replaced(client_assertion, "PrivateKeyJwt", _AnyClaims))
SUB_FROM_ISS = fault("a missing subject is taken from the issuer", replaced(client_assertion, "PrivateKeyJwt", _SubjectOfIssuer))
UNKNOWN_IS_A_CLIENT = fault("a client nobody knows is somebody", replaced(client_assertion, "find_client", _somebody))
