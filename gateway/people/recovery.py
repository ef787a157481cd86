"""Recovery codes: ten, each good once in place of the second factor, shown once and stored as digests.

120 random bits each, so that a plain digest hides them (ASVS 5.0 6.5.2).
"""

from __future__ import annotations

import hashlib
import secrets

COUNT = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_GROUPS, _GROUP = 6, 4


def new_codes() -> list[str]:
    return ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS)) for _ in range(COUNT)]


def digest_of(code: str) -> str:
    """Of a code as typed: case, spaces and dashes do not count, and letters that look like a digit are taken for it."""
    plain = "".join(character for character in code.lower() if character.isalnum()).translate(str.maketrans("oil", "011"))
    return hashlib.sha256(plain.encode()).hexdigest()
