"""All attacks, room by room."""

from __future__ import annotations

from tests.attack import assertion_claims, assertion_header

ROOMS = (assertion_header, assertion_claims)
ATTACKS = [attack for room in ROOMS for attack in room.ATTACKS]
