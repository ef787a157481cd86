"""The table of steps against the design's, written out here a second time."""

from __future__ import annotations

import pytest

from gateway.referral.receive import told_by
from gateway.referral.send import shown
from gateway.referral.state import ENDED, STATES, TRANSITIONS, Actor, transition, way_back

BSER: tuple[tuple[str, Actor, str, str], ...] = (
    ("02", "recipient", "delivered", "accepted"),
    ("03", "recipient", "delivered", "declined"),
    ("04", "initiator", "delivered", "cancellation-requested"),
    ("05", "recipient", "accepted", "declined"),
    ("06", "recipient", "accepted", "scheduled"),
    ("07", "initiator", "accepted", "cancellation-requested"),
    ("08", "recipient", "accepted", "seen"),
    ("09", "recipient", "accepted", "completed"),
    ("10", "recipient", "scheduled", "declined"),
    ("11", "recipient", "scheduled", "scheduled"),
    ("12", "recipient", "scheduled", "unattended"),
    ("13", "recipient", "scheduled", "appointment-cancelled"),
    ("14", "initiator", "scheduled", "cancellation-requested"),
    ("15", "recipient", "scheduled", "seen"),
    ("16", "recipient", "scheduled", "completed"),
    ("17", "recipient", "unattended", "declined"),
    ("18", "recipient", "unattended", "scheduled"),
    ("19", "recipient", "unattended", "appointment-cancelled"),
    ("20", "initiator", "unattended", "cancellation-requested"),
    ("21", "recipient", "appointment-cancelled", "scheduled"),
    ("22", "initiator", "appointment-cancelled", "cancellation-requested"),
    ("23", "recipient", "cancellation-requested", "cancelled"),
    ("24", "recipient", "cancellation-requested", "completed"),
    ("25", "recipient", "seen", "declined"),
    ("26", "recipient", "seen", "scheduled"),
    ("27", "recipient", "seen", "appointment-cancelled"),
    ("28", "initiator", "seen", "cancellation-requested"),
    ("29", "recipient", "seen", "seen"),
    ("30", "recipient", "seen", "completed"),
    ("31", "recipient", "accepted", "active"),
    ("33", "recipient", "active", "declined"),
    ("34", "initiator", "active", "cancellation-requested"),
)
"""BSeR's transitions. 01 (send) is two steps here; 32 is the coarse form of 31 and 08."""

OURS: tuple[tuple[str, Actor, str, str], ...] = (
    ("", "initiator", "draft", "sent"),
    ("01", "gateway", "sent", "delivered"),
    ("", "gateway", "sent", "failed"),
    ("", "recipient", "sent", "delivered"),
    ("", "recipient", "sent", "accepted"),
    ("", "recipient", "sent", "declined"),
    ("", "initiator", "draft", "cancelled"),
    ("", "initiator", "sent", "cancelled"),
    ("", "recipient", "delivered", "awaiting-information"),
    ("", "initiator", "awaiting-information", "delivered"),
    ("", "recipient", "awaiting-information", "accepted"),
    ("", "recipient", "awaiting-information", "declined"),
    ("", "initiator", "awaiting-information", "cancellation-requested"),
    ("", "recipient", "active", "completed"),
    ("", "recipient", "active", "scheduled"),
    ("", "recipient", "active", "seen"),
    ("", "recipient", "unattended", "completed"),
    ("", "recipient", "appointment-cancelled", "completed"),
    ("", "recipient", "appointment-cancelled", "declined"),
    ("", "recipient", "accepted", "on-hold"),
    ("", "recipient", "active", "on-hold"),
    ("", "recipient", "scheduled", "on-hold"),
    *(("", "initiator", name, "entered-in-error") for name in STATES if name != "entered-in-error"),
)
"""What the gateway adds: delivery, pulling partners, awaiting-information, on-hold, entered-in-error."""

EXPECTED = {(actor, source, target): tid for tid, actor, source, target in (*BSER, *OURS)}
ACTORS: tuple[Actor, ...] = ("initiator", "recipient", "gateway")


def test_the_table_holds_every_step_of_the_design_and_no_other() -> None:
    assert {(step.actor, step.source, step.target): step.tid for step in TRANSITIONS} == EXPECTED


def test_no_step_stands_twice() -> None:
    assert len({(step.actor, step.source, step.target) for step in TRANSITIONS}) == len(TRANSITIONS)


@pytest.mark.parametrize("actor", ACTORS)
def test_each_actor_takes_its_own_steps_and_is_refused_every_other(actor: Actor) -> None:
    for source in STATES:
        for target in STATES:
            taken = transition(actor, source, target)
            assert (taken is not None) == ((actor, source, target) in EXPECTED), (actor, source, target)


def test_nothing_leaves_an_ended_state_but_an_entry_in_error() -> None:
    assert {step.target for step in TRANSITIONS if step.source in ENDED} == {"entered-in-error"}


def test_every_state_can_be_reached_and_every_open_one_left() -> None:
    assert {step.target for step in TRANSITIONS} | {"draft"} == set(STATES)
    assert {step.source for step in TRANSITIONS} | {"entered-in-error"} == set(STATES)


@pytest.mark.parametrize("state", [name for name in STATES if name != "active"])
def test_a_state_told_by_a_task_is_read_back_as_itself(state: str) -> None:
    assert told_by(shown(state)) == state


def test_active_is_told_as_seen_and_understood_by_bsers_own_code() -> None:
    assert told_by(shown("active")) == "seen"
    assert told_by({"status": "in-progress", "businessStatus": {"coding": [{"system": "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS", "code": "5.1"}]}}) == "active"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("requested", "sent"),
        ("received", "delivered"),
        ("accepted", "accepted"),
        ("rejected", "declined"),
        ("in-progress", "active"),
        ("on-hold", "on-hold"),
        ("completed", "completed"),
    ],
)
def test_a_partner_without_business_statuses_is_understood_by_the_status_alone(status: str, state: str) -> None:
    assert told_by({"status": status}) == state
    foreign = {"coding": [{"system": "http://other.example/steps", "code": "4.0"}]}
    assert told_by({"status": status, "businessStatus": foreign}) == state


def test_a_status_that_no_referral_has_tells_nothing() -> None:
    assert told_by({"status": "ready"}) is None


@pytest.mark.parametrize(
    ("state", "before", "target", "event"),
    [
        ("on-hold", "accepted", "accepted", "resume"),
        ("on-hold", "active", "seen", "resume"),
        ("on-hold", "accepted", "scheduled", None),
        ("cancellation-requested", "scheduled", "scheduled", "refuse the cancellation"),
        ("cancellation-requested", "accepted", "delivered", None),
        ("declined", "accepted", "accepted", None),
        ("on-hold", None, "accepted", None),
    ],
)
def test_a_recipient_goes_back_only_to_the_state_it_left(state: str, before: str | None, target: str, event: str | None) -> None:
    assert way_back(state, before, target) == event
