"""All attacks, room by room."""

from __future__ import annotations

from tests.attack import (
    assertion_claims,
    assertion_header,
    authorize_request,
    bearer,
    client_auth,
    consent,
    exchange,
    introspection,
    key_set,
    opened,
    person_token,
    possession,
    pushed,
    refreshing,
    registering,
    scope,
    sign_in,
    signed_in,
    signed_out,
)

_BACKEND = (assertion_header, assertion_claims, client_auth, key_set, scope, introspection, bearer)
_APPS = (authorize_request, consent, signed_in, opened, exchange, refreshing, person_token, possession, pushed)
_DOORS = (registering, sign_in, signed_out)
ATTACKS = [attack for room in (*_BACKEND, *_APPS, *_DOORS) for attack in room.ATTACKS]
