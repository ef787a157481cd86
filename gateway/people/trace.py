"""What happens to accounts leaves AuditEvents: sign-ins and their failures, enrolments, changes, disablings. Ids only, no names."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from gateway.clock import instant
from gateway.fhir.audit_event import PERSON_ACTIONS, REFUSED, SUCCESS, Happening, person_event
from gateway.fhir.json import render
from gateway.store import audit
from gateway.store import practice as practices
from gateway.store.account import AccountRow
from gateway.store.audit import Event
from gateway.store.engine import Connection

UNKNOWN = "unknown"


class Asked(NamedTuple):
    """The request (or command) at hand: when (ms), which, at which gateway, by whom where it is not the person (the operator), and the session cookie it brought."""

    now: int
    request_id: str
    server: str
    by: str | None = None
    cookie: str = ""


def trace(connection: Connection, asked: Asked, interaction: str, account: AccountRow | None, description: str, outcome: str = SUCCESS) -> None:
    """Store the AuditEvent in the caller's transaction. What was tried with nobody's name concerns every practice here."""
    named = account.id if account is not None else UNKNOWN
    agent = asked.by or named
    for practice in [account.practice] if account is not None else practices.all_ids(connection):
        event_id = str(uuid.uuid4())
        what = Happening(interaction, instant(asked.now), outcome, agent, agent, asked.server, asked.request_id, None, ())
        body = render(person_event(event_id, what, named, description))
        audit.append(connection, [Event(practice, event_id, asked.now, None, agent, PERSON_ACTIONS[interaction][2], outcome, body)])


def trace_refusal(connection: Connection, asked: Asked, account: AccountRow | None, description: str) -> None:
    """A sign-in that failed."""
    trace(connection, asked, "sign-in", account, description, REFUSED)
