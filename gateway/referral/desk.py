"""A referral as the practice names it (its record id) at the therapist's desk: preview, send, list, withdraw."""

from __future__ import annotations

import base64
from typing import Any

from gateway.clock import instant
from gateway.context import Context
from gateway.fhir import outcome
from gateway.record.types import Referral
from gateway.referral.package import Item
from gateway.referral.send import preview, send, withdraw
from gateway.store import audit
from gateway.store import record as records
from gateway.store import referral as referrals
from gateway.store.engine import Connection
from gateway.store.referral import Open
from gateway.store.resource import Stored
from gateway.trail import events
from mappings.identity import Site


def preview_referral(context: Context, record_id: str) -> dict[str, Any]:
    """Item by item what would leave, to whom, and each resource as stored (base64); what stays, and why. On the wire ids and references are rewritten."""
    with context.store.read() as connection:
        referral = _referral(connection, context.principal.practice, record_id)
        package = preview(context, connection, *_ids(context, referral), referral.partner)
    return {"referral": record_id, "recipient": referral.partner, "sendable": package.whole, "items": [_told(item) for item in package.items]}


def send_referral(context: Context, record_id: str) -> dict[str, Any]:
    """Send it: one transaction with its audit and its outbox letter. A second send changes nothing."""
    with context.store.change() as connection:
        referral = _referral(connection, context.principal.practice, record_id)
        service_request, task = _ids(context, referral)
        written = send(context, connection, service_request, task, referral.partner)
        audit.append(connection, events(context, "update", written))
    return {"referral": record_id, "task": f"Task/{task}", "service_request": f"ServiceRequest/{service_request}", "recipient": referral.partner, "sent": bool(written)}


def withdraw_referral(context: Context, record_id: str) -> dict[str, Any]:
    """Take it back, or ask the recipient to cancel it."""
    with context.store.change() as connection:
        referral = _referral(connection, context.principal.practice, record_id)
        _, task = _ids(context, referral)
        written: list[Stored] = withdraw(context, connection, task)
        audit.append(connection, events(context, "update", written))
        now = referrals.read(connection, context.principal.practice, task)
    return {"referral": record_id, "state": now.state if now else "unknown"}


def worklist(context: Context) -> list[dict[str, Any]]:
    """Every sent referral with its state, its clock and its story, newest first."""
    with context.store.read() as connection:
        return [_open(connection, one) for one in referrals.all_of(connection, context.principal.practice)]


def _open(connection: Connection, one: Open) -> dict[str, Any]:
    story = [{"event": row.event, "by": row.actor, "to": row.to_state, "at": instant(row.happened_at)} for row in referrals.story(connection, one.practice, one.task)]
    due = instant(one.due_at) if one.due_at else None
    return {"task": f"Task/{one.task}", "recipient": one.recipient, "state": one.state, "since": instant(one.since), "news_due": due, "story": story}


def _referral(connection: Connection, practice: str, record_id: str) -> Referral:
    kept = records.read(connection, practice, Referral.kind, record_id)
    if kept is None:
        raise outcome.not_found("referral record")
    return Referral.model_validate_json(kept.body)


def _ids(context: Context, referral: Referral) -> tuple[str, str]:
    site = Site(context.principal.practice)
    return site.id("referral", referral.id), site.id("referral", referral.id, "task")


def _told(item: Item) -> dict[str, Any]:
    told = {"resource": f"{item.type}/{item.id}", "title": item.title, "goes": item.goes, "why": item.why}
    return told | ({"bytes": base64.b64encode(item.body).decode()} if item.goes else {})
