"""What happens when a person says yes: the launch is used up, the grant and its code are written and put on record, all or nothing.

RFC 6749 section 4.1.2; the code is good for 60 seconds (ASVS 5.0 10.4.3) and bound to the app, its address, its challenge and its key.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from gateway.clock import Clock, instant, to_ms
from gateway.fhir.audit_event import PERSON_ACTIONS, SUCCESS, Happening, person_event
from gateway.fhir.json import render
from gateway.smart.asking import Asking, Gone, digest_of, new_value
from gateway.smart.authorize import AuthorizationRequest
from gateway.smart.launch import use_launch
from gateway.smart.scope import Scopes, without
from gateway.store import audit, single_use
from gateway.store.audit import Event
from gateway.store.engine import Connection, Store
from gateway.store.grant import GrantRow, add_grant

CODE_LIFE_MS = 60_000
OFFLINE_LIFE_MS = 90 * 86_400_000
ONLINE_LIFE_MS = 12 * 3_600_000
"""From the sign-in on: no longer than a session lasts."""
_CONTEXT = ("launch", "launch/patient")
_VISIT = frozenset({"launch", "launch/encounter"})
_IDENTITY = ("fhirUser", "profile")


@dataclass(frozen=True)
class Allowed:
    """A person's yes. `scopes`: what is left after narrowing and unticking."""

    request: AuthorizationRequest
    asking: Asking
    scopes: Scopes
    account: str
    session: str
    authenticated_at: int
    context: dict[str, Any]
    """Launch parameters that the token response tells beside patient and encounter."""


def allow(store: Store, clock: Clock, allowed: Allowed, event: Event) -> str:
    """The code. Raises Gone where the request was answered before, BadLaunch where its launch cannot be used; then nothing is written."""
    now, code = to_ms(clock()), new_value()
    row = _grant(allowed, now)
    with store.write() as connection:
        used = single_use.use(connection, "authorization", allowed.asking.digest, now)
        if used is None or not used.first or not used.live:
            raise Gone
        if allowed.request.launch is not None:
            use_launch(connection, allowed.request.launch, allowed.account, allowed.request.client, now)
        add_grant(connection, row)
        _add_code(connection, code, row, allowed.request, now)
        audit.append(connection, [event])
    return code


def _grant(allowed: Allowed, now: int) -> GrantRow:
    asking, client = allowed.asking, allowed.request.client
    special = allowed.scopes.special
    offline = "offline_access" in special
    encounter = asking.encounter or None if special & _VISIT else None
    return GrantRow(
        id=str(uuid.uuid4()),
        practice=client.practice,
        client_id=client.client_id,
        account=allowed.account,
        session=None if offline else allowed.session,
        scope=str(allowed.scopes),
        patient=_patient(allowed),
        encounter=encounter,
        context=json.dumps(allowed.context),
        nonce=allowed.request.nonce,
        authenticated_at=allowed.authenticated_at,
        created_at=now,
        expires_at=now + OFFLINE_LIFE_MS if offline else allowed.authenticated_at + ONLINE_LIFE_MS,
    )


def _add_code(connection: Connection, code: str, row: GrantRow, request: AuthorizationRequest, now: int) -> None:
    payload = {
        "grant": row.id,
        "client_id": row.client_id,
        "redirect_uri": request.redirect_uri,
        "code_challenge": request.code_challenge,
        "scope": row.scope,
        "jkt": request.jkt,
        "resource": request.resource,
    }
    single_use.add(connection, "code", digest_of(code), payload, now, now + CODE_LIFE_MS)


def kept(offered: Scopes, ticked: Collection[str]) -> Scopes:
    """What is left of the scopes that were offered: those ticked, and which client it is about for as long as anything about one is left.

    Who somebody is (`fhirUser`, `profile`) is told in an id_token, so it goes with `openid`.
    """
    rest = without(offered, [name for name in offered.names if name not in ticked])
    if rest.needs_patient:
        rest = without(offered, [name for name in offered.names if name not in ticked and name not in _CONTEXT])
    return rest if "openid" in rest.special else without(rest, _IDENTITY)


def granted_event(allowed: Allowed, now: int, request_id: str, server: str) -> Event:
    """The AuditEvent of a yes: ids only, no names."""
    event_id, client, patient = str(uuid.uuid4()), allowed.request.client, _patient(allowed)
    what = Happening("grant", instant(now), SUCCESS, allowed.account, allowed.account, server, request_id, patient, ())
    body = render(person_event(event_id, what, allowed.account, f"allowed the app {client.client_id}"))
    return Event(client.practice, event_id, now, patient, allowed.account, PERSON_ACTIONS["grant"][2], SUCCESS, body)


def _patient(allowed: Allowed) -> str | None:
    return allowed.asking.patient if allowed.scopes.needs_patient or allowed.scopes.special & _VISIT else None
