"""All attacks, room by room."""

from __future__ import annotations

from tests.attack import (
    assertion_claims,
    assertion_header,
    authorize_request,
    bearer,
    client_auth,
    exchange,
    introspection,
    key_set,
    person_token,
    possession,
    pushed,
    refreshing,
    scope,
)

ROOMS = (assertion_header, assertion_claims, client_auth, key_set, scope, introspection, bearer, authorize_request, exchange, refreshing, person_token, possession, pushed)
ATTACKS = [attack for room in ROOMS for attack in room.ATTACKS]
