"""What an app in the hands of a person is given: an access token, perhaps a refresh token, and the launch context.

SMART 2.2.0 app-launch section 2.0.11 (response members) and scopes-and-launch-context (context members). Both tokens belong to a
grant and end with it; for online access, also with the session of the person.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from gateway.smart import token
from gateway.smart.client_secret import PUBLIC
from gateway.smart.issuer import Issuer
from gateway.smart.scope import LASTING
from gateway.store import oauth
from gateway.store.engine import Connection
from gateway.store.grant import GrantRow, Living, RefreshRow, add_refresh_token

LONGEST_S = 3600
CONTEXT = ("fhirContext", "need_patient_banner", "intent", "smart_style_url", "tenant")
"""The members of a grant's `context` that an app is told; patient and encounter have columns of their own."""


class Asked(NamedTuple):
    """What the new tokens are bound to."""

    scope: str
    jkt: str | None = None
    """The thumbprint of the DPoP key (RFC 9449)."""
    audience: str | None = None
    """The resource (RFC 8707)."""
    refresh_jkt: str | None = None
    """The key of the refresh token."""


def bound_by(request: Any, scope: str) -> Asked:
    """By what the request proved. An app that authenticates may change its key, so that only a public app's refresh token is bound (RFC 9449 section 5)."""
    return Asked(scope, request.jkt, request.audience, request.jkt if request.client.auth_method == PUBLIC else None)


def issue(connection: Connection, issuer: Issuer, living: Living, asked: Asked) -> dict[str, Any] | None:
    """Store the tokens in this transaction and return the response of the token endpoint; None where the grant is all but over."""
    grant, now, access = living.grant, issuer.now, token.new_token()
    life_s = min(LONGEST_S, (living.ends_at - now) // 1000)
    if life_s < 1:
        return None
    oauth.add_token(connection, token.digest_of(access), grant.client_id, asked.scope, now, now + life_s * 1000, grant_id=grant.id, jkt=asked.jkt, audience=asked.audience)
    answer: dict[str, Any] = {"access_token": access, "token_type": token.type_of(asked.jkt), "expires_in": life_s, "scope": asked.scope}
    if LASTING & set(grant.scope.split(" ")):
        answer["refresh_token"] = token.new_token()
        add_refresh_token(connection, RefreshRow(token.digest_of(answer["refresh_token"]), grant.id, grant.scope, now, living.ends_at, jkt=asked.refresh_jkt))
    return answer | launch_context(grant)


def launch_context(grant: GrantRow) -> dict[str, Any]:
    """The launch context as members of a token response, and of an introspection response."""
    held = json.loads(grant.context)
    found = {"patient": grant.patient, "encounter": grant.encounter, **{name: held.get(name) for name in CONTEXT}}
    return {name: value for name, value in found.items() if value is not None}
