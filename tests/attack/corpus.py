"""All attacks, room by room."""

from __future__ import annotations

from tests.attack import assertion_claims, assertion_header, authorize_request, bearer, client_auth, introspection, key_set, scope

ROOMS = (assertion_header, assertion_claims, client_auth, key_set, scope, introspection, bearer, authorize_request)
ATTACKS = [attack for room in ROOMS for attack in room.ATTACKS]
