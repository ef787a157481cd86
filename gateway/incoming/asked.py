"""A partner asks the practice to see someone: its ServiceRequest, with the Task on which it waits, becomes one entry of the work list."""

from __future__ import annotations

from typing import Any

from gateway.clock import from_ms
from gateway.context import Context
from gateway.fhir.search_value import elements
from gateway.incoming.ground import client_of, found_at, keep, partner_of, resolver, source_of, who
from gateway.record.types import IncomingReferral, Referral
from gateway.store import record as records
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from mappings.from_fhir import Held, Resolve, left_out, reading, service_request, shown_in

_ASKING = ("order", "original-order", "proposal", "plan", "directive")
"""Intents by which someone is asked for something (https://hl7.org/fhir/R4/valueset-request-intent.html)."""
_STATUSES = ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown")
_OF_TASK: dict[str, Any] = {"cancelled": "revoked", "entered-in-error": "entered-in-error", "completed": "completed", "on-hold": "on-hold"}
"""Where a Task stands, as it tells of the request."""
_OURS = ("practice", "clinician")
_SHOWN = frozenset(
    [f"ServiceRequest.{place}" for place in ("status", "priority", "subject.reference", "authoredOn", "requester.display", "code.text", "code.coding.display", "note.text")]
    + [f"ServiceRequest.reasonCode.{place}" for place in ("text", "coding.system", "coding.code")]
    + [f"Task.{place}" for place in ("for.reference", "priority", "requester.display", "note.text", "description")]
)
"""Places whose words stand in the record."""
_READ = frozenset(["ServiceRequest.intent", "Task.intent", "Task.status", "Task.focus.reference", "Task.for.reference"])
"""Places that decided what the record says."""


def receive_request(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """Keep a request for the practice; one addressed to others is theirs, and stays a resource only."""
    known = records.read(connection, context.principal.practice, IncomingReferral.kind, f"ServiceRequest-{stored.id}")
    addressed = _addressed(resource)
    if resource.get("intent") in _ASKING and (known or not addressed or _for_us(resolver(connection, context.principal.practice), addressed)):
        task = IncomingReferral.model_validate_json(known.body).task if known else None
        _keep(context, connection, (stored, resource), _by_source(context, connection, task))


def receive_asking_task(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """A Task that asks the practice to carry out a request which the partner wrote before or with it."""
    practice = context.principal.practice
    focus = str(next(elements(resource, "focus.reference"), ""))
    owner = [str(found) for found in elements(resource, "owner.reference")]
    request = found_at(connection, practice, focus) if focus.startswith("ServiceRequest/") else None
    resolve = resolver(connection, practice)
    if request is None or request[0].patient != stored.patient or resolve(focus, Referral.kind) or (owner and not _for_us(resolve, owner)):
        return
    _keep(context, connection, request, (stored, resource))


def _for_us(resolve: Resolve, references: list[str]) -> bool:
    return any(resolve(reference, kind) for reference in references for kind in _OURS)


def _keep(context: Context, connection: Connection, request: tuple[Stored, dict[str, Any]], task: tuple[Stored, dict[str, Any]] | None) -> None:
    (stored, resource), resolve = request, resolver(connection, context.principal.practice)
    asked_on = task[1] if task else {}
    record = IncomingReferral(
        id=f"ServiceRequest-{stored.id}",
        client=client_of(connection, context.principal.practice, stored.patient),
        patient=f"Patient/{stored.patient}" if stored.patient else "not stated",
        partner=partner_of(context, connection),
        to=next((found for one in _addressed(resource) if (found := resolve(one, "clinician"))), None),
        requester=who(context, connection, resource.get("requester", asked_on.get("requester", {}))),
        requested_at=reading.moment(resource.get("authoredOn")),
        service=reading.title_of(resource.get("code")) or reading.line(asked_on.get("description")),
        reason=reading.joined(text for text in elements(resource, "reasonCode.text")),
        diagnoses=service_request.diagnoses(resource),
        priority=service_request.priority(asked_on if "priority" in asked_on else resource),
        status=_OF_TASK.get(asked_on.get("status", ""), reading.one_of(_STATUSES, resource.get("status")) or "unknown"),
        task=source_of(task[0]) if task else None,
        note=reading.joined(text for one in (resource, asked_on) for text in elements(one, "note.text")),
        source=source_of(stored),
        received_at=from_ms(context.now),
    )
    held = _held(record, resolve)
    unheld = [path for one in (resource, asked_on) if one for path in left_out(one, held)]
    told = {"patient": stored.patient, "priority": record.priority, "status": record.status}
    keep(context, connection, record.model_copy(update={"unheld": tuple(unheld)}), topic="referral-received", told=told)


def _addressed(resource: dict[str, Any]) -> list[str]:
    return [str(reference) for reference in elements(resource, "performer.reference")]


def _held(record: IncomingReferral, resolve: Resolve) -> Held:
    shown = shown_in(record, _SHOWN)
    whom = ("ServiceRequest.performer.reference", "Task.owner.reference")
    return lambda place, value: place in _READ or shown(place, value) or (place in whom and (resolve(value, "clinician") or "") == record.to)


def _by_source(context: Context, connection: Connection, source: str | None) -> tuple[Stored, dict[str, Any]] | None:
    return found_at(connection, context.principal.practice, source.partition("/_history/")[0]) if source else None
