"""The recipient's side of our Task: what it says over FHIR becomes a step of the machine, or is refused with the reason."""

from __future__ import annotations

from typing import Any

from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.json import parse
from gateway.fhir.search_value import elements
from gateway.referral.send import advance, possible_step, step
from gateway.referral.state import BUSINESS_STATUS, OWN_STATUS, Actor, state_of, transition
from gateway.store import referral as referrals
from gateway.store.engine import Connection
from gateway.store.referral import Open
from gateway.store.resource import Stored

_ASKED = (
    *("identifier", "intent", "code", "description", "focus", "for", "requester", "owner", "basedOn", "partOf", "groupIdentifier", "priority"),
    *("authoredOn", "reasonCode", "reasonReference", "restriction", "input"),
)
"""What was asked: only its author may change it."""


def receive_task(context: Context, connection: Connection, current: Stored, resource: dict[str, Any]) -> None:
    """Check an update of a Task that is one of our referrals, and take the step it tells of. Raises 422.

    Tasks that are not referrals of this practice (received ones, say) are the caller's to change.
    """
    one = referrals.read(connection, context.principal.practice, current.id)
    if one is None:
        return
    before = parse(current.body)
    for element in _ASKED:
        if before.get(element) != resource.get(element):
            raise outcome.refused_by_workflow(
                "Only the author of a referral changes what is asked; send back the Task with its other elements as they were read.", f"Task.{element}"
            )
    target = told_by(resource)
    if target is None:
        raise outcome.refused_by_workflow("The Task's status and businessStatus tell of no state of a referral.", "Task.status")
    actor: Actor = "recipient" if context.principal.role == "partner" else "initiator"
    step(context, connection, current.id, target, actor)


def told_by(task: dict[str, Any]) -> str | None:
    """The state that a Task's codes tell of."""
    codes = [coding.get("code") for coding in elements(task, "businessStatus.coding") if coding.get("system") in (BUSINESS_STATUS, OWN_STATUS)]
    return state_of(str(task.get("status", "")), codes[0] if codes else None)


def follow(context: Context, connection: Connection, task: str, remote: dict[str, Any]) -> list[Stored]:
    """Take over what the Task at the partner says now; a step the table does not have leaves ours as it is and is kept in its story.

    Where the partner's Task went two steps between two looks (accepted, then completed) the acceptance is taken first.
    """
    one = referrals.read(connection, context.principal.practice, task)
    target = told_by(remote)
    if one is None or target is None or target == one.state or target in ("draft", "sent"):
        return []
    steps = _steps_to(one, target, context.now)
    if not steps:
        referrals.remark(connection, one, event=f"told of {target}, out of order", actor="recipient", now=context.now)
    brought: dict[str, Any] = {name: remote[name] for name in ("statusReason", "note") if name in remote}
    return [stored for state in steps for stored in advance(context, connection, task, state, "recipient", brought if state == target else None)]


def _steps_to(one: Open, target: str, now: int) -> list[str]:
    if possible_step(one, target, "recipient", now):
        return [target]
    return ["accepted", target] if transition("recipient", one.state, "accepted") and transition("recipient", "accepted", target) else []
