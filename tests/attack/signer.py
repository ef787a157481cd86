"""A client's own system, honest or not: it signs whatever it is told to, byte by byte."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.world import StillClock

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "system/Patient.rs"

Key = ECKey | RSAKey
Json = dict[str, Any] | bytes


def b64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def changed(whole: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`None` takes a member away."""
    return {name: value for name, value in (whole | changes).items() if value is not None}


@cache
def ec_key(kid: str = "ec-1", curve: str = "P-384") -> ECKey:
    return ECKey.generate_key(curve, {"kid": kid})


@cache
def rsa_key(kid: str = "rsa-1") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid})


def public(*keys: Key) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def signed_bytes(header: Json, claims: Json, algorithm: str, key: Key | OctKey | None) -> str:
    """A compact JWS of this very header and payload, whatever they say."""
    parts = [b64(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, claims)]
    head = ".".join(parts)
    signature = b"" if key is None else jws.JWSRegistry.algorithms[algorithm].sign(head.encode(), key)
    return f"{head}.{b64(signature)}"


@dataclass
class Signer:
    """`token_url`: the audience it was told to name."""

    client_id: str
    key: Key
    clock: StillClock
    token_url: str

    @property
    def now(self) -> int:
        return int(self.clock().timestamp())

    @property
    def algorithm(self) -> str:
        return "ES384" if isinstance(self.key, ECKey) else "RS384"

    def header(self, **changes: Any) -> dict[str, Any]:
        return changed({"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"}, changes)

    def claims(self, **changes: Any) -> dict[str, Any]:
        whole = {"iss": self.client_id, "sub": self.client_id, "aud": self.token_url, "exp": self.now + 240, "iat": self.now, "jti": uuid.uuid4().hex}
        return changed(whole, changes)

    def assertion(self, header: Json | None = None, claims: Json | None = None, key: Key | OctKey | None = None, algorithm: str | None = None) -> str:
        """Changes to the header and the claims, or (as bytes) all of them."""
        head = header if isinstance(header, bytes) else self.header(**(header or {}))
        body = claims if isinstance(claims, bytes) else self.claims(**(claims or {}))
        return signed_bytes(head, body, algorithm or self.algorithm, key or self.key)

    def proof(self, assertion: str | None = None, **more: Any) -> dict[str, Any]:
        return changed({"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion or self.assertion()}, more)

    def form(self, assertion: str | None = None, **changes: Any) -> dict[str, Any]:
        """A request for a token."""
        return self.proof(assertion, **({"grant_type": "client_credentials", "scope": SCOPE} | changes))
