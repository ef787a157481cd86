"""AuditEvents of what was just done: one for each client concerned, or one for none."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from gateway.clock import instant
from gateway.context import Context
from gateway.fhir.audit_event import ACTIONS, SUCCESS, Happening, audit_event
from gateway.fhir.json import render
from gateway.store.audit import Event
from gateway.store.resource import Stored

_MAX_ENTITIES = 100


def events(context: Context, interaction: str, found: Iterable[Stored], outcome: str = SUCCESS) -> list[Event]:
    """The events of one interaction over the resources it touched."""
    by_patient: dict[str | None, list[str]] = {}
    for stored in found:
        by_patient.setdefault(stored.patient, []).append(f"{stored.type}/{stored.id}/_history/{stored.version}")
    return about(context, interaction, by_patient, outcome)


def about(context: Context, interaction: str, by_patient: dict[str | None, list[str]], outcome: str = SUCCESS) -> list[Event]:
    """The same from what was touched of each patient, `Type/id` references or none."""
    return [_event(context, interaction, patient, references, outcome) for patient, references in (by_patient or {None: []}).items()]


def _event(context: Context, interaction: str, patient: str | None, references: list[str], outcome: str) -> Event:
    event_id, principal = str(uuid.uuid4()), context.principal
    account = principal.user.account if principal.user is not None else principal.client_id
    user = account if account != principal.client_id else None  # on our own pages the person is the agent
    named = tuple(references[:_MAX_ENTITIES])
    what = Happening(interaction, instant(context.now), outcome, principal.client_id, principal.name, context.base_url, context.request_id, patient, named, user)
    return Event(principal.practice, event_id, context.now, patient, principal.client_id, ACTIONS[interaction], outcome, render(audit_event(event_id, what)))
