"""Logical ids: the same record of the same practice always becomes the same resource id."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID, uuid5

_HANDOFF = UUID("6c2f6c0a-5d0c-5a37-9c55-7f0f3d2b8f41")
"""Namespace of every id; changing it would rename every resource."""


class Site(NamedTuple):
    """The practice whose records are mapped."""

    practice: str

    def id(self, kind: str, record_id: str, part: str = "") -> str:
        """The logical id of (a part of) a record: a version 5 UUID (RFC 9562)."""
        return str(uuid5(_HANDOFF, "\x1f".join((self.practice, kind, record_id, part))))

    def reference(self, resource_type: str, kind: str, record_id: str, part: str = "") -> dict[str, Any]:
        return {"reference": f"{resource_type}/{self.id(kind, record_id, part)}"}

    def identifier(self, kind: str, record_id: str) -> dict[str, Any]:
        """The practice's own id as an Identifier, in a system of the practice."""
        return {"system": f"urn:handoff:{self.practice}:{kind}", "value": record_id}


REVISION = "2"
"""Raised whenever a mapping changes what leaves: an unchanged record is then mapped again at its next intake."""
