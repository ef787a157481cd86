"""Nonces for DPoP proofs (RFC 9449 section 8): the token endpoint names one, and the next proof must repeat it. Good for 60 seconds, once.

Nothing is kept of a nonce before it is used: it carries the time it was made and a MAC over it, under keys derived from our own
signing keys (HKDF, RFC 5869), so that every process knows the others' nonces. What was used is kept until its time is over.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from gateway.clock import Clock, to_ms
from gateway.smart.key import OwnKeys, SigningKey

LIFE_MS = 60_000
_AHEAD_MS = 5_000
"""The clocks of two servers may differ by so much."""
_MADE, _RANDOM, _MAC = 6, 16, 16
_ALGORITHM = "ES384"


class Nonces:
    """Makes and knows the nonces of this gateway."""

    def __init__(self, keys: OwnKeys, clock: Clock) -> None:
        self._keys, self._clock = keys, clock

    def new(self) -> str:
        text = to_ms(self._clock()).to_bytes(_MADE) + secrets.token_bytes(_RANDOM)
        return urlsafe_b64encode(text + _mac(self._keys.signing(_ALGORITHM)[0], text)).decode()

    def ends_at(self, nonce: object) -> int | None:
        """When its time is over (ms since 1970); None for one that is not ours or whose time is over already."""
        whole = _decoded(nonce) if isinstance(nonce, str) else b""
        text, mac = whole[:-_MAC], whole[-_MAC:]
        if len(whole) != _MADE + _RANDOM + _MAC or not any(hmac.compare_digest(_mac(key, text), mac) for key in self._keys.published() if key.alg == _ALGORITHM):
            return None
        made, now = int.from_bytes(text[:_MADE]), to_ms(self._clock())
        return made + LIFE_MS if made - _AHEAD_MS <= now < made + LIFE_MS else None


def _mac(key: SigningKey, text: bytes) -> bytes:
    return hmac.digest(_derived(str(key.as_dict(private=True)["d"])), text, hashlib.sha256)[:_MAC]


@lru_cache(maxsize=32)
def _derived(private: str) -> bytes:
    return HKDF(SHA256(), 32, None, b"handoff dpop nonce 1").derive(private.encode())


def _decoded(nonce: str) -> bytes:
    """Of one spelling alone; empty for what is not base64url."""
    try:
        return urlsafe_b64decode(nonce.encode("ascii"))
    except ValueError:
        return b""
