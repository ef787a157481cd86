"""The practice's OpenID provider, as a client of it sees it: its metadata, its keys, a code's exchange, an id_token's check.

OpenID Connect Core 1.0 section 3.1, Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (the issuer in the answer), RFC 8725.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from gateway.clock import Clock
from gateway.net.client import Outgoing
from gateway.net.line import PartnerAway

_KINDS: dict[str, tuple[str, str | None]] = {"RS256": ("RSA", None), "RS384": ("RSA", None), "ES256": ("EC", "P-256"), "ES384": ("EC", "P-384")}
"""Algorithms of an id_token -> key type and curve. Neither `none` nor a symmetric one."""
_SMALLEST_RSA_BITS = 2048
_MAX_BYTES, _TIMEOUT_S = 262_144, 5.0
_METADATA_S, _LEEWAY_S = 600.0, 60
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class BadProvider(Exception):
    """The provider's answer cannot be trusted; the text names the rule it breaks and nothing it sent."""


@dataclass
class Provider:
    """One provider; its metadata are read again every ten minutes. Every method raises PartnerAway where it cannot be reached."""

    outgoing: Outgoing
    clock: Clock
    issuer: str
    client_id: str
    secret_file: Path | None
    redirect_uri: str
    _metadata: dict[str, Any] = field(default_factory=dict)
    _read_at: float = 0.0

    def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes. Raises BadProvider."""
        return str(
            prepare_grant_uri(
                self.metadata()["authorization_endpoint"],
                self.client_id,
                "code",
                self.redirect_uri,
                scope="openid",
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def check_issuer_parameter(self, iss: str | None) -> None:
        """RFC 9207 section 2.4: the answer came from this very provider. Raises BadProvider."""
        promised = self.metadata().get("authorization_response_iss_parameter_supported") is True
        if (iss is None and promised) or iss not in (None, self.issuer):
            raise BadProvider("the answer names another issuer, or none")

    def claims(self, code: str, verifier: str, nonce: str) -> dict[str, Any]:
        """Exchange the code and check the id_token; its claims. Raises BadProvider."""
        answer = self._exchange(code, verifier)
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise BadProvider("no id_token came for the code")
        try:
            return self._checked(id_token, access_token, nonce)
        except (JoseError, ValueError, KeyError, TypeError):
            raise BadProvider("the id_token does not hold") from None

    def metadata(self) -> dict[str, Any]:
        """Raises BadProvider where they are not this issuer's own."""
        now = self.clock().timestamp()
        if not self._metadata or not self._read_at <= now < self._read_at + _METADATA_S:
            found = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise BadProvider("its metadata name another issuer")
            if not all(isinstance(found.get(name), str) and self._may_reach(found[name]) for name in _ADDRESSES):
                raise BadProvider("its metadata lack an address, or name one that is not https")
            self._metadata, self._read_at = found, now
        return self._metadata

    def _may_reach(self, address: str) -> bool:
        """https; plain http only where the issuer itself is at a loopback address (its setting allows no other)."""
        parts, own = urlsplit(address), urlsplit(self.issuer)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == own.scheme == "http" and parts.hostname == own.hostname))

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri, "code_verifier": verifier}
        headers = {"Accept": "application/json"}
        if self.secret_file is None:
            form["client_id"] = self.client_id
        else:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret_file.read_text().strip())}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        reply = self.outgoing.request("POST", self.metadata()["token_endpoint"], headers=headers, data=form, timeout_s=_TIMEOUT_S, max_bytes=_MAX_BYTES)
        found = reply.document() if reply.status == 200 else None
        if not isinstance(found, dict):
            raise BadProvider("the code was not exchanged")
        return found

    def _checked(self, id_token: str, access_token: str, nonce: str) -> dict[str, Any]:
        header = jws.extract_compact(id_token.encode()).headers()
        key = _key_of(self._get(self.metadata()["jwks_uri"]), header)
        token = jwt.decode(id_token, key, algorithms=[str(header["alg"])])
        options = {"iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self.client_id}}
        claims = CodeIDToken(token.claims, token.header, options, {"nonce": nonce, "client_id": self.client_id, "access_token": access_token})
        claims.validate(now=int(self.clock().timestamp()), leeway=_LEEWAY_S)
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise BadProvider("the id_token names nobody")
        return dict(claims)

    def _get(self, address: str) -> dict[str, Any]:
        reply = self.outgoing.request("GET", address, headers={"Accept": "application/json"}, timeout_s=_TIMEOUT_S, max_bytes=_MAX_BYTES)
        found = reply.document() if reply.status == 200 else None
        if not isinstance(found, dict):
            raise PartnerAway("the provider's document is not served", reply.status)
        return found


def _key_of(key_set: dict[str, Any], header: Mapping[str, Any]) -> RSAKey | ECKey:
    """The one key that this header means. Raises BadProvider for none or several, and for an algorithm that is not taken."""
    if header.get("alg") not in _KINDS:
        raise BadProvider("the id_token is signed by an algorithm that is not taken")
    kty, curve = _KINDS[header["alg"]]
    keys = [key for key in key_set.get("keys", []) if isinstance(key, dict) and key.get("kty") == kty and key.get("crv") == curve and key.get("use", "sig") == "sig"]
    named = [key for key in keys if header.get("kid") in (None, key.get("kid")) and key.get("alg", header["alg"]) == header["alg"]]
    if len(named) != 1:
        raise BadProvider("not exactly one of its keys fits the id_token")
    public = {name: value for name, value in named[0].items() if name in ("kty", "crv", "x", "y", "n", "e", "kid")}
    key = RSAKey.import_key(public) if kty == "RSA" else ECKey.import_key(public)
    if isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA_BITS:
        raise BadProvider("its key is too small")
    return key
