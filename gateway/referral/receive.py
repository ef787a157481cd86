"""The recipient's side of our Task: what it says over FHIR becomes a step of the machine, or is refused with the reason."""

from __future__ import annotations

from typing import Any

from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.json import parse
from gateway.fhir.search_value import elements
from gateway.referral.send import advance, step
from gateway.referral.state import BUSINESS_STATUS, state_of, transition
from gateway.store import referral as referrals
from gateway.store.engine import Connection
from gateway.store.resource import Stored

_ASKED = ("intent", "code", "focus", "for", "requester", "owner", "basedOn", "groupIdentifier", "priority")
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
    actor = "initiator" if context.principal.role == "practice" else "recipient"
    step(context, connection, current.id, target, actor)


def told_by(task: dict[str, Any]) -> str | None:
    """The state that a Task's codes tell of."""
    codes = [coding.get("code") for coding in elements(task, "businessStatus.coding") if coding.get("system") == BUSINESS_STATUS]
    return state_of(str(task.get("status", "")), codes[0] if codes else None)


def follow(context: Context, connection: Connection, task: str, remote: dict[str, Any]) -> list[Stored]:
    """Take over what the Task at the partner says now; a step the table does not have is kept out and leaves ours as it is.

    Where the partner's Task went two steps between two looks (accepted, then completed) the acceptance is taken first.
    """
    one = referrals.read(connection, context.principal.practice, task)
    target = told_by(remote)
    if one is None or target is None or target == one.state or target in ("draft", "sent"):
        return []
    brought: dict[str, Any] = {name: remote[name] for name in ("statusReason", "note") if name in remote}
    written: list[Stored] = []
    if transition("recipient", one.state, target) is None and transition("recipient", one.state, "accepted") and transition("recipient", "accepted", target):
        written += advance(context, connection, task, "accepted", "recipient")
    elif transition("recipient", one.state, target) is None and not (one.state == "on-hold" and one.state_before == target):
        return []
    return written + advance(context, connection, task, target, "recipient", brought)
