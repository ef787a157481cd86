"""Our own keys, with which we prove ourselves to partners: one for ES384, one for RS384, in one file that only its owner may read."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

RSA_BITS = 3072
_PRIVATE_MODE = 0o600


class BadKeyFile(ValueError):
    """The key file cannot be used, with the mend."""


def create(path: Path) -> KeySet:
    """Make a new key set and its file, mode 0600. Raises FileExistsError where the file is there: keys are never overwritten."""
    keys = KeySet(
        [
            ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"}, auto_kid=True),
            RSAKey.generate_key(RSA_BITS, {"use": "sig", "alg": "RS384"}, auto_kid=True),
        ]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_MODE), "w") as file:
        json.dump(keys.as_dict(private=True), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return keys


def load(path: Path) -> KeySet:
    """Raises BadKeyFile where others may read the file or it holds no private keys."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BadKeyFile(f"{path} may be read by others (mode {mode:o}); run: chmod 600 {path}")
    try:
        keys = KeySet.import_key_set(json.loads(path.read_text()))
    except (JoseError, ValueError, KeyError, TypeError):
        raise BadKeyFile(f"{path} is not a JSON Web Key Set") from None
    if not all(key.is_private for key in keys):
        raise BadKeyFile(f"{path} holds a key without its private part; it cannot sign")
    return keys


def load_or_create(path: Path) -> KeySet:
    """The key set of this file, made on first use. Raises BadKeyFile."""
    return load(path) if path.exists() else create(path)


def public_jwks(keys: KeySet) -> dict[str, Any]:
    """What partners may see."""
    return {"keys": [key.as_dict(private=False) for key in keys]}
