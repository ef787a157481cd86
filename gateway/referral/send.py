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
from gateway.referral.state import BUSINESS_STATUS, STATES, transition
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


def advance(context: Context, connection: Connection, task: str, target: str, actor: str, change: dict[str, Any] | None = None) -> list[Stored]:
    """Take one step of the machine and show it on our Task; nothing happens where it stands there already.

    `change`: elements of the Task that the step brings with it (statusReason, note). Raises 422 for a step that the
    table does not have.
    """
    if not step(context, connection, task, target, actor):
        return []
    return [_store(context, connection, on_task(_body(connection, context.principal.practice, "Task", task) | (change or {}), target, context))]


def step(context: Context, connection: Connection, task: str, target: str, actor: str) -> bool:
    """Take one step of the machine without touching the Task; False where it stands there already. Raises 422."""
    practice = context.principal.practice
    one = referrals.read(connection, practice, task)
    if one is None or one.state == target:
        return False
    taken = transition(actor, one.state, target)  # type: ignore[arg-type]
    if taken is None and not (one.state == "on-hold" and target == one.state_before):
        raise outcome.refused_by_workflow(f"A referral that is {one.state} cannot become {target} by its {actor}; /fhir/metadata and the README list the steps.", "Task.status")
    patience = STATES[target].patience
    due_at = context.now + int(patience.total_seconds() * 1000) if patience else None
    referrals.move(connection, one, state=target, event=taken.event if taken else "resume", actor=actor, now=context.now, due_at=due_at)
    if target in ("declined", "cancelled", "failed", "entered-in-error"):
        releases.close_openings(connection, practice, f"referral:{task}", context.now)
    outbox.add(connection, practice, "referral-changed", task, {"state": target}, context.now)
    return True


def on_task(body: dict[str, Any], state: str, context: Context) -> dict[str, Any]:
    """A Task as it shows a state."""
    told = STATES[state]
    shown = body | {"status": told.task_status, "lastModified": instant(context.now)}
    if told.business_status is None:
        return {name: value for name, value in shown.items() if name != "businessStatus"}
    return shown | {"businessStatus": {"coding": [{"system": BUSINESS_STATUS, "code": told.business_status}]}}


def withdraw(context: Context, connection: Connection, task: str) -> list[Stored]:
    """Take a referral back before it was delivered, or ask the recipient to cancel it. Raises 404, 422."""
    one = referrals.read(connection, context.principal.practice, task)
    if one is None:
        raise outcome.not_found("Task")
    return advance(context, connection, task, "cancelled" if one.state in ("draft", "sent") else "cancellation-requested", "initiator")


def _body(connection: Connection, practice: str, resource_type: str, resource_id: str) -> dict[str, Any]:
    stored = resources.read(connection, Clearance(practice, True, "", (), 0, 0), resource_type, resource_id)
    if stored is None or stored.deleted:
        raise outcome.not_found(resource_type)
    return parse(stored.body)


def _store(context: Context, connection: Connection, body: dict[str, Any]) -> Stored:
    place = placing.Place(context.principal.practice, zone_of(connection, context.principal.practice))
    return placing.store(connection, body, place, to_ms(context.clock()))
