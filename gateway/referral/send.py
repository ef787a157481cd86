"""The therapist's side: look at what would leave, send it, take it back."""

from __future__ import annotations

from typing import Any

from gateway.clock import instant, to_ms
from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.json import parse
from gateway.privacy import placing
from gateway.privacy.label import RELEASED, SUBSTANCE_USE
from gateway.referral.package import Package, compose
from gateway.referral.state import BUSINESS_STATUS, OWN_STATUS, SILENCE, STATES, TRANSITIONS, Actor, transition, way_back
from gateway.store import outbox
from gateway.store import referral as referrals
from gateway.store import release as releases
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.referral import Open
from gateway.store.resource import Stored
from gateway.store.visible import Clearance


def preview(context: Context, connection: Connection, service_request: str, task: str, recipient: str) -> Package:
    """Exactly what would leave now, and what would not, with reasons. Raises 404 where the referral is not stored."""
    try:
        return compose(connection, context.principal.practice, service_request, task, recipient, context.now)
    except LookupError:
        raise outcome.not_found("ServiceRequest") from None


def send(context: Context, connection: Connection, service_request: str, task: str, recipient: str) -> list[Stored]:
    """Open the package to the recipient, set the Task to requested, and tell the outbox; returns what was written.

    A second send changes nothing. Raises 422 where a Part 2 consent is missing for what is asked itself.
    """
    practice = context.principal.practice
    if referrals.read(connection, practice, task) is not None:
        return []
    package = preview(context, connection, service_request, task, recipient)
    if not package.whole:
        raise outcome.refused_by_workflow(
            "This referral reveals substance-use treatment, and no 42 CFR Part 2 consent in force names the recipient; record the consent first, then send.", "ServiceRequest"
        )
    _open_package(connection, practice, task, package)
    referrals.begin(connection, Open(practice, task, service_request, package.patient, recipient, "draft", None, context.now, None, None, 0, None))
    written = [_activate(context, connection, service_request), *advance(context, connection, task, "sent", "initiator")]
    outbox.add(connection, practice, "referral-send", task, {"recipient": recipient}, context.now)
    return written


def _open_package(connection: Connection, practice: str, task: str, package: Package) -> None:
    for item in package.going:
        cleared = RELEASED | (SUBSTANCE_USE if item.consent else 0)
        releases.open_to(connection, practice, package.recipient, [(item.type, item.id)], reason=f"referral:{task}", cleared=cleared, consent=item.consent)
        if item.type == "Task":
            releases.open_to(connection, practice, package.recipient, [("Task", item.id)], reason="owner", cleared=cleared, consent=item.consent)


def _activate(context: Context, connection: Connection, service_request: str) -> Stored:
    body = _body(connection, context.principal.practice, "ServiceRequest", service_request)
    return _store(context, connection, body | {"status": "active"})


def advance(context: Context, connection: Connection, task: str, target: str, actor: Actor, change: dict[str, Any] | None = None) -> list[Stored]:
    """Take one step of the machine and show it on our Task; nothing happens where it stands there already.

    `change`: elements of the Task that the step brings with it (statusReason, note). Raises 422 for a step that the
    table does not have.
    """
    reached = step(context, connection, task, target, actor)
    if reached is None:
        return []
    return [_store(context, connection, on_task(_body(connection, context.principal.practice, "Task", task) | (change or {}), reached, context))]


def step(context: Context, connection: Connection, task: str, target: str, actor: Actor) -> str | None:
    """Take one step of the machine without touching the Task; the state reached, None where it stands there already. Raises 422."""
    practice = context.principal.practice
    one = referrals.read(connection, practice, task)
    if one is None or one.state == target:
        return None
    possible = possible_step(one, target, actor, context.now)
    if possible is None:
        next_ones = ", ".join(dict.fromkeys(one_step.target for one_step in TRANSITIONS if (one_step.actor, one_step.source) == (actor, one.state))) or "nothing"
        raise outcome.refused_by_workflow(f"A referral that is {one.state} cannot become {target} by its {actor}; it may become: {next_ones}.", "Task.status")
    event, reached = possible
    patience = STATES[reached].patience
    due_at = context.now + int(patience.total_seconds() * 1000) if patience else None
    referrals.move(connection, one, state=reached, event=event, actor=actor, now=context.now, due_at=due_at)
    if reached in ("declined", "cancelled", "failed", "entered-in-error"):
        releases.close_openings(connection, practice, f"referral:{task}", context.now)
    outbox.add(connection, practice, "referral-changed", task, {"state": reached, "actor": actor}, context.now)
    return reached


def possible_step(one: Open, target: str, actor: Actor, now: int) -> tuple[str, str] | None:
    """(event, state reached) where this actor may bring the referral there now: by the table, back to what was left, or after long silence."""
    if taken := transition(actor, one.state, target):
        return taken.event, target
    if actor == "recipient" and (event := way_back(one.state, one.state_before, target)):
        return event, one.state_before or target
    if actor == "initiator" and target == "cancelled" and _silent(one, now):
        return "cancel after silence", target
    return None


def _silent(one: Open, now: int) -> bool:
    return one.state == "cancellation-requested" and now - one.since >= SILENCE.total_seconds() * 1000


def on_task(body: dict[str, Any], state: str, context: Context) -> dict[str, Any]:
    """A Task as it shows a state."""
    return {name: value for name, value in body.items() if name != "businessStatus"} | shown(state) | {"lastModified": instant(context.now)}


def shown(state: str) -> dict[str, Any]:
    """The elements of a Task by which a state is told."""
    told = STATES[state]
    if told.business_status is None:
        return {"status": told.task_status}
    system = BUSINESS_STATUS if told.business_status[0].isdigit() else OWN_STATUS
    return {"status": told.task_status, "businessStatus": {"coding": [{"system": system, "code": told.business_status}]}}


def withdraw(context: Context, connection: Connection, task: str) -> list[Stored]:
    """Take a referral back before it was delivered (or after two weeks of silence), else ask the recipient to cancel it. Raises 404, 422."""
    one = referrals.read(connection, context.principal.practice, task)
    if one is None:
        raise outcome.not_found("Task")
    alone = one.state in ("draft", "sent") or _silent(one, context.now)
    return advance(context, connection, task, "cancelled" if alone else "cancellation-requested", "initiator")


def _body(connection: Connection, practice: str, resource_type: str, resource_id: str) -> dict[str, Any]:
    stored = resources.read(connection, Clearance(practice, True, "", (), 0, 0), resource_type, resource_id)
    if stored is None or stored.deleted:
        raise outcome.not_found(resource_type)
    return parse(stored.body)


def _store(context: Context, connection: Connection, body: dict[str, Any]) -> Stored:
    place = placing.Place(context.principal.practice, zone_of(connection, context.principal.practice))
    return placing.store(connection, body, place, to_ms(context.clock()))
