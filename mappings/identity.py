"""Logical ids: the same record of the same practice always becomes the same resource id."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha1
from typing import Any, NamedTuple
from uuid import UUID

_HANDOFF = UUID("6c2f6c0a-5d0c-5a37-9c55-7f0f3d2b8f41")
"""Namespace of every id; changing it would rename every resource."""


class Site(NamedTuple):
    """The practice whose records are mapped."""

    practice: str

    def id(self, kind: str, record_id: str, part: str = "") -> str:
        """The logical id of (a part of) a record: a version 5 UUID (RFC 9562)."""
        return _uuid5("\x1f".join((self.practice, kind, record_id, part)))

    def reference(self, resource_type: str, kind: str, record_id: str, part: str = "") -> dict[str, Any]:
        return {"reference": f"{resource_type}/{self.id(kind, record_id, part)}"}

    def canonical(self, kind: str, record_id: str) -> str:
        """The canonical address of a definition of the practice's own."""
        return f"urn:uuid:{self.id(kind, record_id)}"

    def identifier(self, kind: str, record_id: str) -> dict[str, Any]:
        """The practice's own id as an Identifier, in a system of the practice."""
        return {"system": f"urn:handoff:{self.practice}:{kind}", "value": record_id}


@lru_cache(maxsize=16_384)
def _uuid5(name: str) -> str:
    """As uuid.uuid5 writes it, in half the time; one resource names many."""
    digest = bytearray(sha1(_HANDOFF.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


REVISION = "2"
"""Raised whenever a mapping changes what leaves: an unchanged record is then mapped again at its next intake."""
