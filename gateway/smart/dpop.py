"""Proof of possession (RFC 9449): whoever sends a token, or asks for one, signs this very request with a key of its own.

A proof names its key itself, so the key proves nothing but that the same one was here before: a token bound to it (`jkt`, its RFC 7638
thumbprint) is worth nothing to who steals the token alone. Every client may bind its tokens; a strict one must. A proof is good for
one request: its `jti` is spent, and at the token endpoint a nonce of ours with it, after all else was verified.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64encode

from gateway.clock import Clock, to_ms
from gateway.fhir import outcome
from gateway.fhir.outcome import OutcomeError
from gateway.smart.client import OAuthClient
from gateway.smart.dpop_nonce import Nonces
from gateway.smart.htu import normal
from gateway.smart.jwks import PRIVATE, imported
from gateway.store import oauth
from gateway.store.engine import Store

ALGORITHMS = ("ES256", "ES384", "RS384")
"""ES256 is what every DPoP client speaks; the other two are what SMART clients have keys for already."""
LONGEST_PROOF = 8192
WINDOW_S = 60
"""A proof older than this is refused, and its `jti` may then be forgotten."""
LEEWAY_S = 5

_KINDS = {"ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"), "RS384": ("RSA", None)}
_LONGEST_RSA_BITS = 4096
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

Claims = Mapping[str, Any]


class ProofRefused(OAuth2Error):  # type: ignore[misc]  # Authlib publishes no types
    """RFC 9449 section 5: the proof is missing where it is needed, or not good."""

    error = "invalid_dpop_proof"
    status_code = 400


class NonceWanted(OAuth2Error):  # type: ignore[misc]  # Authlib publishes no types
    """RFC 9449 section 8: the same again, with this nonce."""

    error = "use_dpop_nonce"
    status_code = 400

    def __init__(self, nonce: str) -> None:
        super().__init__("Repeat the request with a new proof that holds the nonce of the DPoP-Nonce header.")
        self.nonce = nonce

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("DPoP-Nonce", self.nonce)]


class _Registry(jws.JWSRegistry):
    """The three algorithms, and room in the header for a key."""

    max_header_length = 2048
    max_payload_length = 6144


_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)

HEADER_RULES: tuple[tuple[Callable[[Claims], bool], str], ...] = (
    (lambda header: header.get("typ") == "dpop+jwt", "typ must be dpop+jwt."),
    (lambda header: header.get("alg") in ALGORITHMS, f"alg must be one of {', '.join(ALGORITHMS)}."),
    (lambda header: isinstance(header.get("jwk"), dict), "jwk must be the public key."),
    (lambda header: not header.keys() & {"crit", "b64", "jku", "x5u", "x5c"}, "crit, b64, jku, x5u and x5c are not understood."),
)


@dataclass(frozen=True)
class _Expected:
    method: str
    url: str
    now: float
    ath: str | None


CLAIM_RULES: tuple[tuple[Callable[[Claims, _Expected], bool], str], ...] = (
    (
        lambda claims, _: isinstance(claims.get("jti"), str) and 0 < len(claims["jti"]) <= 255 and claims["jti"].isprintable(),
        "jti must be a text of 1 to 255 printable characters.",
    ),
    (lambda claims, expected: claims.get("htm") == expected.method, "htm must be the method of the request."),
    (lambda claims, expected: isinstance(claims.get("htu"), str) and normal(claims["htu"]) == normal(expected.url) is not None, "htu must be the address of the request."),
    (lambda claims, expected: _is_time(claims.get("iat")) and expected.now - WINDOW_S <= claims["iat"], f"iat is missing, or more than {WINDOW_S} seconds ago."),
    (lambda claims, expected: claims["iat"] <= expected.now + LEEWAY_S, "iat is in the future."),
    (lambda claims, expected: "exp" not in claims or (_is_time(claims["exp"]) and expected.now < claims["exp"] + LEEWAY_S), "exp is past."),
    (lambda claims, expected: "nbf" not in claims or (_is_time(claims["nbf"]) and claims["nbf"] <= expected.now + LEEWAY_S), "nbf is in the future."),
    (lambda claims, expected: expected.ath is None or _is_same(claims.get("ath"), expected.ath), "ath must be the SHA-256 of the access token in base64url."),
)


def sender_key(store: Store, clock: Clock, nonces: Nonces | None, headers: Any, url: str) -> str | None:
    """The thumbprint of the key that a POST to the authorization server proves; None without a proof. Raises ProofRefused, NonceWanted."""
    proof = _proof_in(headers)
    return None if proof is None else check_proof(store, clock, proof, "POST", url, nonces=nonces)


def check_sender(client: OAuthClient, jkt: str | None) -> None:
    """Raises ProofRefused for a strict client that proves no key."""
    if client.strict and jkt is None:
        raise ProofRefused("This client must prove the key of its tokens: send a DPoP proof.")


def check_bound(store: Store, clock: Clock, jkt: str | None, headers: Any, method: str, url: str) -> None:
    """May the sender of this resource request use its token? `jkt`: the key it is bound to, where it is; `url`: our public one.

    Raises an OutcomeError of 401: a bound token sent as Bearer, an unbound one sent as DPoP, a proof that is missing, bad, used, or of another key.
    """
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if jkt is None:
        if scheme.lower() != "bearer":
            raise _unproven("invalid_token", "This access token is bound to no key; send it as Bearer.")
        return
    if scheme.lower() != "dpop":
        raise _unproven("invalid_token", "This access token is bound to a key; send it as DPoP, with a proof.")
    try:
        proof = _proof_in(headers)
        if proof is None:
            raise ProofRefused("A token that is bound to a key needs a DPoP proof.")
        proven = check_proof(store, clock, proof, method, url, access_token=token.strip(), bound_to=jkt)
    except ProofRefused as refusal:
        raise _unproven(refusal.error, refusal.description) from None
    if proven != jkt:
        raise _unproven("invalid_token", "The access token is bound to another key.")


def check_proof(
    store: Store, clock: Clock, proof: str, method: str, url: str, *, access_token: str | None = None, nonces: Nonces | None = None, bound_to: str | None = None
) -> str:
    """Verify a proof by RFC 9449 section 4.3, use it up, and return the thumbprint of its key. Raises ProofRefused, NonceWanted.

    `nonces`: one of these is demanded. `bound_to`: a proof of any other key is not worth using up.
    """
    key = _key(_unverified_header(proof))
    jkt = key.thumbprint()
    try:
        claims = jwt.decode(proof, key, registry=_REGISTRY).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise ProofRefused("The DPoP proof is not signed with the key in its header.") from None
    expected = _Expected(method, url, clock().timestamp(), _digest(access_token) if access_token is not None else None)
    for holds, rule in CLAIM_RULES:
        if not holds(claims, expected):
            raise ProofRefused(f"The DPoP proof was not accepted: {rule}")
    if bound_to in (None, jkt):
        _spend(store, clock, jkt, claims, nonces)
    return jkt


def _spend(store: Store, clock: Clock, jkt: str, claims: Claims, nonces: Nonces | None) -> None:
    """Both are used up, or neither."""
    now = to_ms(clock())
    nonce_ends = nonces.ends_at(claims.get("nonce")) if nonces else None
    if nonces and nonce_ends is None:
        raise NonceWanted(nonces.new())
    kept_until = int(claims["iat"] * 1000) + (WINDOW_S + 2 * LEEWAY_S) * 1000
    with store.write() as connection:
        if nonces and nonce_ends is not None and not oauth.spend_jti(connection, "dpop-nonce", claims["nonce"], nonce_ends, now):
            raise NonceWanted(nonces.new())
        if not oauth.spend_jti(connection, f"dpop|{jkt}", claims["jti"], kept_until, now):
            raise ProofRefused("The DPoP proof was used before; sign a new one with a new jti for every request.")


def _proof_in(headers: Any) -> str | None:
    found = headers.getlist("DPoP")
    if len(found) > 1:
        raise ProofRefused("Send one DPoP header.")
    return found[0] if found else None


def _unverified_header(proof: str) -> Claims:
    """The header, for its key; its rules are checked."""
    malformed = ProofRefused(f"The DPoP header is not one signed JWT of at most {LONGEST_PROOF} characters.")
    if len(proof) > LONGEST_PROOF or not _COMPACT.fullmatch(proof):
        raise malformed
    try:
        header = jws.extract_compact(proof.encode(), registry=_REGISTRY).protected
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise malformed from None
    if not isinstance(header, dict):
        raise malformed
    for holds, rule in HEADER_RULES:
        if not holds(header):
            raise ProofRefused(f"The DPoP proof's header was not accepted: {rule}")
    return header


def _key(header: Claims) -> ECKey | RSAKey:
    """The key of the header, by its public members alone and in the one spelling that a thumbprint can be of."""
    jwk = header["jwk"]
    if jwk.keys() & PRIVATE:
        raise ProofRefused("The DPoP proof shows a private key. Replace that key; send its public part alone.")
    if (jwk.get("kty"), jwk.get("crv") if jwk.get("kty") == "EC" else None) != _KINDS[header["alg"]]:
        raise ProofRefused("The DPoP proof's jwk is no key for its alg.")
    key = imported(jwk)
    if key is None or key.raw_value.key_size > _LONGEST_RSA_BITS or any(key.dict_value[name] != part for name, part in _canonical(key).items()):
        raise ProofRefused("The DPoP proof's jwk is malformed, weak or too large.")
    return key


def _canonical(key: ECKey | RSAKey) -> Mapping[str, Any]:
    return key.binding.convert_raw_key_to_dict(key.raw_value, private=False)


def _unproven(error: str, rule: str) -> OutcomeError:
    return outcome.unproven_token(error, rule, " ".join(ALGORITHMS))


def _digest(access_token: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).decode()


def _is_same(told: object, expected: str) -> bool:
    return isinstance(told, str) and told.isascii() and hmac.compare_digest(told, expected)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e12 < value < 1e12
