"""An authenticator as WebAuthn Level 3 describes one: it makes passkeys (ES256, attestation none) and signs what browsers ask it to."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """`verifies`: whether it asks its user for a finger or PIN; `origin`: the page that the browser says asks."""

    origin: str
    verifies: bool = True
    counts: bool = True
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""
    rp_id: str = ""
    count: int = 0

    def make(self, options: str, **changed: Any) -> str:
        """navigator.credentials.create()"""
        asked = json.loads(options)
        self.rp_id, self.handle = asked["rp"]["id"], unpadded(asked["user"]["id"])
        attested = b"\0" * 16 + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._cose()
        data = self._data(_ATTESTED) + attested
        client = self._client("webauthn.create", asked["challenge"], changed)
        response = {"clientDataJSON": padless(client), "attestationObject": padless(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}))}
        return self._credential(response)

    def use(self, options: str, **changed: Any) -> str:
        """navigator.credentials.get()"""
        asked = json.loads(options)
        data = self._data(0)
        client = self._client("webauthn.get", asked["challenge"], changed)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        response = {"clientDataJSON": padless(client), "authenticatorData": padless(data), "signature": padless(signature), "userHandle": padless(self.handle)}
        return self._credential(response)

    def _data(self, flags: int) -> bytes:
        self.count += self.counts
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([_PRESENT | flags | (_VERIFIED if self.verifies else 0)]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, changed: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False} | changed).encode()

    def _cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def _credential(self, response: dict[str, str]) -> str:
        name = padless(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def padless(blob: bytes) -> str:
    return urlsafe_b64encode(blob).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
