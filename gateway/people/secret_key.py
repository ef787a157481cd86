"""The gateway's own secret for people's data: one-time-code secrets are sealed with it, challenges are marked with it.

A file beside the signing keys, mode 0600, made on first use. It stands apart from them because those are rotated and
what is sealed here must still open afterwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_BYTES = 32
_NONCE_BYTES = 12
_FIRST = "1."
"""The version of what is sealed: AES-256-GCM under the key for sealing, nonce before the ciphertext, hex."""


class BadSecretFile(ValueError):
    """The file cannot be used, with the mend."""


class Unsealable(Exception):
    """What is stored was not sealed by this gateway for this purpose."""


@dataclass(frozen=True)
class SecretKey:
    """32 random bytes, from which a key for each purpose is derived (HKDF, RFC 5869)."""

    root: bytes = field(repr=False)

    def seal(self, text: str, about: str) -> str:
        """Encrypt and bind to what it is about (an account's id, say)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FIRST + (nonce + AESGCM(self._derived("seal")).encrypt(nonce, text.encode(), about.encode())).hex()

    def unseal(self, sealed: str, about: str) -> str:
        """Raises Unsealable."""
        try:
            blob = bytes.fromhex(sealed.removeprefix(_FIRST))
            return AESGCM(self._derived("seal")).decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError):
            raise Unsealable from None

    def mark(self, purpose: str, *parts: str) -> bytes:
        """A MAC (HMAC-SHA-256) that only this gateway can make, over the parts and their borders."""
        return hmac.digest(self._derived(purpose), b"".join(hashlib.sha256(part.encode()).digest() for part in parts), "sha256")

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), _BYTES, salt=None, info=f"handoff people {purpose}".encode()).derive(self.root)


def beside(signing_keys: Path) -> Path:
    """Where the file lies: in the folder of the signing keys."""
    return signing_keys.with_name("people.key")


def load_or_create(path: Path) -> SecretKey:
    """The secret of this file, made on first use. Raises BadSecretFile where others may read it or it is no secret of ours."""
    if not path.exists():
        _create(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BadSecretFile(f"{path} may be read by others (mode {mode:o}); run: chmod 600 {path}")
    try:
        root = bytes.fromhex(path.read_text().strip())
    except ValueError:
        root = b""
    if len(root) != _BYTES:
        raise BadSecretFile(f"{path} does not hold 64 hexadecimal digits; put back the file from your backup")
    return SecretKey(root)


def _create(path: Path) -> None:
    """Written whole under another name and then linked, so that nobody reads half of it and the first of many processes wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
