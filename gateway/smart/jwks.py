"""Public keys of clients as JSON Web Key Sets (RFC 7517): which of them may prove a client, and which one proves this assertion.

SMART 2.2.0 client-confidential-asymmetric: RSA keys for RS384, P-384 keys for ES384; a key is chosen by `kid` and by the
key type that the algorithm needs, and anything but exactly one match is a failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

SMALLEST_RSA_BITS = 2048
LARGEST_RSA_BITS = 8192
MOST_KEYS = 32
_EXPONENT = 65537
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members of a JWK that nobody may show."""
_ALGORITHMS: dict[tuple[Any, Any], str] = {("RSA", None): "RS384", ("EC", "P-384"): "ES384"}
"""Key type and curve -> the one algorithm it serves here."""


class BadKeySet(ValueError):
    """A key set that may not be used, with the rule it breaks. The text never repeats a key."""


class SigningKey(NamedTuple):
    """A public key that may prove its holder."""

    kid: str
    algorithm: str
    key: RSAKey | ECKey


def signing_keys(document: Any) -> tuple[SigningKey, ...]:
    """The usable keys of a key set; keys of other kinds are passed over (RFC 7517 section 5). Raises BadKeySet."""
    entries = _entries(document)
    if any(PRIVATE & entry.keys() for entry in entries):
        raise BadKeySet("The key set holds a private or symmetric key; publish the public keys alone, and replace the key that was shown.")
    return tuple(found for entry in entries if (found := _signing_key(entry)) is not None)


def check_key_set(document: Any) -> None:
    """May this key set be registered? Stricter than `signing_keys`: every key is named, once. Raises BadKeySet."""
    keys = signing_keys(document)
    kids = [entry.get("kid") for entry in _entries(document)]
    if not all(isinstance(kid, str) and kid for kid in kids):
        raise BadKeySet("Every key needs a kid, which the client then names in its assertions.")
    if len(set(kids)) < len(kids):
        raise BadKeySet("Two keys have the same kid; each needs its own.")
    if not keys:
        raise BadKeySet(f"No key can be used: one must be RSA of {SMALLEST_RSA_BITS} bits or more (RS384) or EC P-384 (ES384), for signatures.")


def find(keys: Sequence[SigningKey], kid: str, algorithm: str) -> RSAKey | ECKey | None:
    """The one key of this name for this algorithm; None where there is none, or more than one."""
    found = [each.key for each in keys if each.kid == kid and each.algorithm == algorithm]
    return found[0] if len(found) == 1 else None


def _entries(document: Any) -> list[Mapping[str, Any]]:
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadKeySet('A key set is a JSON object with a list named "keys".')
    if len(entries) > MOST_KEYS:
        raise BadKeySet(f"The key set holds more than {MOST_KEYS} keys.")
    return entries


def _signing_key(entry: Mapping[str, Any]) -> SigningKey | None:
    kind = entry.get("kty")
    curve = entry.get("crv") if kind == "EC" else None
    algorithm = _ALGORITHMS.get((kind, curve)) if isinstance(curve, str | None) and isinstance(kind, str) else None
    kid = entry.get("kid")
    if algorithm is None or not isinstance(kid, str) or not _may_verify(entry, algorithm):
        return None
    key = imported(entry)
    return SigningKey(kid, algorithm, key) if key is not None else None


def _may_verify(entry: Mapping[str, Any], algorithm: str) -> bool:
    operations = entry.get("key_ops", ["verify"])
    return entry.get("use", "sig") == "sig" and entry.get("alg", algorithm) == algorithm and isinstance(operations, list) and "verify" in operations


def imported(entry: Mapping[str, Any]) -> RSAKey | ECKey | None:
    """An RSA or EC key by its public members alone; None for one that is malformed or weak."""
    names = ("kty", "n", "e") if entry["kty"] == "RSA" else ("kty", "crv", "x", "y")
    parts = {name: entry.get(name) for name in names}
    if not all(isinstance(part, str) and len(part) <= LARGEST_RSA_BITS // 4 for part in parts.values()):
        return None
    try:
        if entry["kty"] == "EC":
            return ECKey.import_key(parts)  # type: ignore[arg-type]
        return RSAKey.import_key(parts) if _is_strong(entry["n"], entry["e"]) else None  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError):
        return None


def _is_strong(modulus: str, exponent: str) -> bool:
    return SMALLEST_RSA_BITS <= base64_to_int(modulus).bit_length() <= LARGEST_RSA_BITS and base64_to_int(exponent) == _EXPONENT
