"""The referral's state machine as tables: states with their Task codes and clocks, and who may take which step.

Transitions and their ids are BSeR's (HL7/bser 2.0.0-ballot); those without an id are additions of this gateway.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, NamedTuple

Actor = Literal["initiator", "recipient", "gateway"]

# Checked in HL7/bser, input/fsh/codesystems/TaskBusinessStatusCS.fsh.
BUSINESS_STATUS = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"
OWN_STATUS = "urn:handoff:business-status"
"""The system of the one code that BSeR lacks: awaiting-information."""
SILENCE = timedelta(days=14)
"""After so long without an answer to a cancellation request, the initiator may cancel alone."""


class State(NamedTuple):
    """How a state is told on the wire, and how long it may last without news (None: it ends here)."""

    task_status: str
    business_status: str | None
    patience: timedelta | None


STATES: dict[str, State] = {
    "draft": State("draft", None, timedelta(days=7)),
    "sent": State("requested", "2.0", timedelta(hours=24)),
    "delivered": State("received", "2.0", timedelta(days=7)),
    "awaiting-information": State("received", "awaiting-information", timedelta(days=2)),
    "accepted": State("accepted", "3.0", timedelta(days=10)),
    "scheduled": State("in-progress", "5.1.1", timedelta(days=30)),
    "unattended": State("in-progress", "5.1.2", timedelta(days=2)),
    "appointment-cancelled": State("in-progress", "5.1.3", timedelta(days=5)),
    "seen": State("in-progress", "5.1.4", timedelta(days=10)),
    "active": State("in-progress", "5.1.4", timedelta(days=30)),
    "cancellation-requested": State("in-progress", "5.2", timedelta(days=2)),
    "on-hold": State("on-hold", None, timedelta(days=30)),
    "declined": State("rejected", "4.0", None),
    "cancelled": State("cancelled", "6.0", None),
    "completed": State("completed", "7.0", None),
    "failed": State("failed", None, None),
    "entered-in-error": State("entered-in-error", None, None),
}

ENDED = tuple(name for name, state in STATES.items() if state.patience is None)


class Transition(NamedTuple):
    """One step: BSeR's id (empty for our own), who takes it, from where to where."""

    tid: str
    actor: Actor
    event: str
    source: str
    target: str


def _steps(actor: Actor, event: str, target: str, *sources: tuple[str, str]) -> list[Transition]:
    return [Transition(tid, actor, event, source, target) for tid, source in sources]


TRANSITIONS: tuple[Transition, ...] = (
    *_steps("initiator", "send", "sent", ("", "draft")),
    *_steps("gateway", "deliver", "delivered", ("01", "sent")),
    *_steps("recipient", "receive", "delivered", ("", "sent")),
    *_steps("gateway", "give up", "failed", ("", "sent")),
    *_steps("recipient", "accept", "accepted", ("02", "delivered"), ("", "sent"), ("", "awaiting-information")),
    *_steps("recipient", "ask for information", "awaiting-information", ("", "delivered")),
    *_steps("initiator", "give information", "delivered", ("", "awaiting-information")),
    *_steps(
        "recipient",
        "decline",
        "declined",
        *(("03", "delivered"), ("", "sent"), ("", "awaiting-information"), ("05", "accepted"), ("10", "scheduled"), ("17", "unattended")),
        *(("", "appointment-cancelled"), ("25", "seen"), ("33", "active")),
    ),
    *_steps("recipient", "schedule", "scheduled", ("06", "accepted"), ("11", "scheduled"), ("18", "unattended"), ("21", "appointment-cancelled"), ("26", "seen"), ("", "active")),
    *_steps("recipient", "no-show", "unattended", ("12", "scheduled")),
    *_steps("recipient", "cancel the appointment", "appointment-cancelled", ("13", "scheduled"), ("19", "unattended"), ("27", "seen")),
    *_steps("recipient", "interim note", "seen", ("08", "accepted"), ("15", "scheduled"), ("29", "seen"), ("", "active")),
    *_steps("recipient", "visit", "active", ("31", "accepted")),
    *_steps(
        "recipient",
        "outcome",
        "completed",
        *(("09", "accepted"), ("16", "scheduled"), ("30", "seen"), ("24", "cancellation-requested"), ("", "active"), ("", "unattended"), ("", "appointment-cancelled")),
    ),
    *_steps(
        "initiator",
        "ask to cancel",
        "cancellation-requested",
        *(
            ("04", "delivered"),
            ("07", "accepted"),
            ("14", "scheduled"),
            ("20", "unattended"),
            ("22", "appointment-cancelled"),
            ("28", "seen"),
            ("34", "active"),
            ("", "awaiting-information"),
        ),
    ),
    *_steps("initiator", "withdraw", "cancelled", ("", "draft"), ("", "sent")),
    *_steps("recipient", "confirm the cancellation", "cancelled", ("23", "cancellation-requested")),
    *_steps("recipient", "hold", "on-hold", ("", "accepted"), ("", "active"), ("", "scheduled")),
    *_steps("initiator", "mark as entered in error", "entered-in-error", *(("", name) for name in STATES if name != "entered-in-error")),
)

_BY_CODES: dict[tuple[str, str | None], str] = {(state.task_status, state.business_status): name for name, state in reversed(STATES.items())} | {("in-progress", "5.1"): "active"}
"""BSeR's picture has 5.1 (active), its code system has not: 5.1.4 is sent for it, 5.1 is understood."""
_BY_STATUS = {"requested": "sent", "received": "delivered", "accepted": "accepted", "rejected": "declined", "in-progress": "active", "on-hold": "on-hold", "cancelled": "cancelled"}
_BY_STATUS |= {"completed": "completed", "failed": "failed", "entered-in-error": "entered-in-error", "draft": "draft"}


def state_of(task_status: str, business_status: str | None) -> str | None:
    """The state that a Task's codes tell of; an unknown businessStatus falls back on the status alone."""
    return _BY_CODES.get((task_status, business_status)) or _BY_STATUS.get(task_status)


def transition(actor: Actor, source: str, target: str) -> Transition | None:
    """The step by which this actor goes from one state to another, or None where there is none."""
    return next((step for step in TRANSITIONS if (step.actor, step.source, step.target) == (actor, source, target)), None)


def way_back(state: str, state_before: str | None, target: str) -> str | None:
    """The event by which a recipient takes up what it held, or refuses a cancellation; None where the target is not the state that was left."""
    left = STATES.get(state_before or "")
    if left is None or left[:2] != STATES[target][:2]:  # active and seen look the same on the wire
        return None
    return {"on-hold": "resume", "cancellation-requested": "refuse the cancellation"}.get(state)
