"""What the partner does with its copy, and what it says directly to ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mappings.corpus import record
from tests.referral.town import CLINIC, SERVICE_REQUEST, TASK, Town, told


@pytest.fixture
def delivered(town: Town) -> Town:
    town.refer()
    town.send()
    town.worker.run_once()
    assert town.state == "delivered"
    return town


@pytest.fixture
def pulled(town: Town) -> Town:
    """Sent; the partner fetches it."""
    town.refer()
    town.send()
    return town


def steps(town: Town) -> list[str]:
    return [state for _, _, state in town.story()]


def test_accepted_and_completed_at_the_clinic_is_told_at_home(delivered: Town) -> None:
    delivered.say("accepted", "3.0")
    delivered.worker.run_once()
    assert delivered.state == "accepted"
    delivered.say("completed", "7.0", note=[{"text": "Seen twice."}])
    delivered.worker.run_once()
    own = delivered.home.client("system/*.cruds", practice=True).get(f"Task/{TASK}")
    assert (own["status"], own["businessStatus"]["coding"][0]["code"], own["note"]) == ("completed", "7.0", [{"text": "Seen twice."}])
    assert steps(delivered) == ["sent", "delivered", "accepted", "completed"]


def test_several_steps_between_two_looks_are_taken_in_their_order(delivered: Town) -> None:
    for status, code in (("accepted", "3.0"), ("in-progress", "5.1.1"), ("in-progress", "5.1.4"), ("completed", "7.0")):
        delivered.say(status, code)
    delivered.worker.run_once()
    assert steps(delivered) == ["sent", "delivered", "accepted", "scheduled", "seen", "completed"]


def test_an_outcome_without_an_acceptance_takes_the_acceptance_first(delivered: Town) -> None:
    delivered.say("completed", "7.0")
    delivered.worker.run_once()
    assert steps(delivered) == ["sent", "delivered", "accepted", "completed"]


def test_a_step_out_of_order_is_kept_out_and_shown(delivered: Town) -> None:
    delivered.say("in-progress", "5.1.2")
    delivered.worker.run_once()
    assert delivered.state == "delivered"
    assert delivered.story()[-1] == ("recipient", "told of unattended, out of order", "delivered")
    delivered.worker.run_once()
    assert len(delivered.story()) == 3, "told once"
    delivered.say("accepted", "3.0")
    delivered.worker.run_once()
    assert delivered.state == "accepted"


def test_looking_again_changes_nothing(delivered: Town) -> None:
    delivered.say("accepted", "3.0")
    delivered.worker.run_once()
    before = delivered.open()
    for _ in range(3):
        delivered.worker.run_once()
    assert delivered.open() == before


def test_a_partner_away_at_the_look_is_asked_again(delivered: Town) -> None:
    delivered.say("accepted", "3.0")
    delivered.wire.away = True
    assert delivered.worker.poll() == 0
    delivered.wire.away = False
    assert delivered.worker.poll() == 1


def test_an_ended_referral_is_followed_no_longer(delivered: Town) -> None:
    delivered.say("rejected", "4.0")
    delivered.worker.run_once()
    assert delivered.state == "declined"
    delivered.wire.asked.clear()
    delivered.worker.run_once()
    assert delivered.wire.asked == []


def test_a_decline_closes_what_was_opened(delivered: Town) -> None:
    partner = delivered.partner()
    assert partner.get("Patient?_summary=count")["total"] == 1
    delivered.say("rejected", "4.0")
    delivered.worker.run_once()
    assert partner.get("Patient?_summary=count")["total"] == 0
    assert partner.get(f"Task/{TASK}")["status"] == "rejected", "its own answer it may still read"
    partner.get(f"ServiceRequest/{SERVICE_REQUEST}", 404)


def test_a_decline_leaves_what_a_release_opened(delivered: Town) -> None:
    delivered.home.take_in([record("consent", categories=["demographics"], part2=False, period={"start": "2026-01-01"})])
    delivered.say("rejected", "4.0")
    delivered.worker.run_once()
    assert delivered.partner().get("Patient?_summary=count")["total"] == 1


def test_a_request_to_cancel_reaches_the_clinic_and_its_confirmation_comes_back(delivered: Town) -> None:
    delivered.withdraw()
    assert delivered.state == "cancellation-requested"
    delivered.worker.run_once()
    task = delivered.task_at_clinic()
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("in-progress", "5.2")
    delivered.say("cancelled", "6.0")
    delivered.worker.run_once()
    assert delivered.state == "cancelled"


def test_a_request_to_cancel_never_overwrites_an_outcome(delivered: Town) -> None:
    delivered.say("accepted", "3.0")
    delivered.worker.run_once()
    delivered.say("completed", "7.0")
    delivered.withdraw()
    delivered.worker.run_once()
    assert delivered.task_at_clinic()["status"] == "completed"
    assert delivered.state == "completed"


def test_a_cancellation_may_be_refused(delivered: Town) -> None:
    delivered.say("accepted", "3.0")
    delivered.worker.run_once()
    delivered.withdraw()
    delivered.worker.run_once()
    delivered.say("accepted", "3.0")
    delivered.worker.run_once()
    assert delivered.story()[-1] == ("recipient", "refuse the cancellation", "accepted")


def test_after_two_weeks_of_silence_the_practice_cancels_alone(delivered: Town) -> None:
    delivered.withdraw()
    delivered.clock.forward(days=13)
    assert delivered.withdraw()["state"] == "cancellation-requested"
    delivered.clock.forward(days=1)
    assert delivered.withdraw()["state"] == "cancelled"


def test_before_delivery_it_is_withdrawn_outright(town: Town) -> None:
    town.refer()
    town.send()
    assert town.withdraw()["state"] == "cancelled"
    town.worker.run_once()
    assert town.system.get("Task?_summary=count")["total"] == 0
    assert town.partner().get("Patient?_summary=count")["total"] == 0


def answer(town: Town, status: str, code: str | None, expected: int = 200, **changed: Any) -> Any:
    partner = town.partner()
    return partner.put(f"Task/{TASK}", told(partner.get(f"Task/{TASK}"), status, code) | changed, expected)


def test_a_partner_that_pulls_takes_accepts_and_completes(pulled: Town) -> None:
    for status, code in (("received", "2.0"), ("accepted", "3.0"), ("in-progress", "5.1.1"), ("completed", "7.0")):
        answer(pulled, status, code)
    assert steps(pulled) == ["sent", "delivered", "accepted", "scheduled", "completed"]
    pulled.worker.run_once()
    assert pulled.system.get("Task?_summary=count")["total"] == 0, "what was pulled is not pushed too"


def test_it_finds_its_work_by_status_and_owner(pulled: Town) -> None:
    partner = pulled.partner()
    (task,) = partner.all("Task?status=requested")
    assert task["id"] == TASK
    assert [one["id"] for one in partner.all(f"Task?owner={task['owner']['reference']}")] == [TASK]
    assert partner.get(task["focus"]["reference"])["resourceType"] == "ServiceRequest"


@pytest.mark.parametrize(
    ("status", "code"),
    [("completed", "7.0"), ("failed", None), ("entered-in-error", None), ("draft", None), ("cancelled", "6.0"), ("in-progress", "5.2"), ("in-progress", "5.1.4")],
)
def test_a_step_that_the_table_lacks_is_refused_with_422(pulled: Town, status: str, code: str | None) -> None:
    refused = answer(pulled, status, code, 422)
    assert refused["issue"][0]["expression"] == ["Task.status"]
    assert refused["issue"][0]["diagnostics"].endswith("it may become: delivered, accepted, declined.")
    assert pulled.state == "sent"
    assert pulled.partner().get(f"Task/{TASK}")["status"] == "requested"


def test_an_ended_referral_is_opened_by_nobody_again(pulled: Town) -> None:
    answer(pulled, "accepted", "3.0")
    answer(pulled, "completed", "7.0")
    answer(pulled, "accepted", "3.0", 422)


def test_the_same_answer_twice_is_one_step(pulled: Town) -> None:
    answer(pulled, "accepted", "3.0")
    answer(pulled, "accepted", "3.0", note=[{"text": "Tuesday at ten."}])
    assert steps(pulled) == ["sent", "accepted"]


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("priority", "stat"),
        ("intent", "plan"),
        ("description", "Please do something else."),
        ("for", {"reference": "Patient/someone-else"}),
        ("focus", None),
        ("owner", {"display": "Another clinic"}),
        ("requester", {"display": "Another practice"}),
        ("input", [{"type": {"text": "x"}, "valueString": "y"}]),
        ("restriction", {"repetitions": 2}),
        ("authoredOn", "2020-01-01"),
    ],
)
def test_what_is_asked_is_its_authors_alone(pulled: Town, element: str, value: Any) -> None:
    partner = pulled.partner()
    task = told(partner.get(f"Task/{TASK}"), "accepted", "3.0")
    task = {name: one for name, one in task.items() if name != element} if value is None else task | {element: value}
    refused = partner.put(f"Task/{TASK}", task, 422)
    assert refused["issue"][0]["expression"] == [f"Task.{element}"]
    assert pulled.state == "sent"


def test_the_request_itself_is_read_not_changed(pulled: Town) -> None:
    partner = pulled.partner()
    request = partner.get(f"ServiceRequest/{SERVICE_REQUEST}")
    partner.put(f"ServiceRequest/{SERVICE_REQUEST}", request | {"priority": "stat"}, 403)


def test_a_stranger_neither_sees_nor_answers_it(pulled: Town) -> None:
    task = pulled.partner().get(f"Task/{TASK}")
    for stranger in (pulled.home.client("system/*.crus", partner="cedar"), pulled.home.client("system/*.crus")):
        stranger.get(f"Task/{TASK}", 404)
        stranger.put(f"Task/{TASK}", told(task, "accepted", "3.0"), 404)
    assert pulled.state == "sent"


def test_a_scope_without_update_does_not_answer(pulled: Town) -> None:
    reader = pulled.home.client("system/*.rs", partner=CLINIC)
    reader.put(f"Task/{TASK}", told(reader.get(f"Task/{TASK}"), "accepted", "3.0"), 403)
    assert pulled.state == "sent"


def test_the_practice_does_not_answer_for_the_recipient(pulled: Town) -> None:
    own = pulled.home.client("system/*.cruds", practice=True)
    own.put(f"Task/{TASK}", told(own.get(f"Task/{TASK}"), "accepted", "3.0"), 422)
    assert pulled.state == "sent"


def test_a_question_waits_for_its_answer(pulled: Town) -> None:
    answer(pulled, "received", "2.0")
    partner = pulled.partner()
    question = told(partner.get(f"Task/{TASK}"), "received", None) | {"businessStatus": {"coding": [{"system": "urn:handoff:business-status", "code": "awaiting-information"}]}}
    partner.put(f"Task/{TASK}", question)
    assert pulled.state == "awaiting-information"
    own = pulled.home.client("system/*.cruds", practice=True)
    own.put(f"Task/{TASK}", told(own.get(f"Task/{TASK}"), "received", "2.0"))
    assert pulled.state == "delivered"


def test_a_hold_ends_where_it_began_and_only_by_who_held(pulled: Town) -> None:
    answer(pulled, "accepted", "3.0")
    answer(pulled, "on-hold", None)
    own = pulled.home.client("system/*.cruds", practice=True)
    own.put(f"Task/{TASK}", told(own.get(f"Task/{TASK}"), "accepted", "3.0"), 422)
    answer(pulled, "in-progress", "5.1.1", 422)
    answer(pulled, "accepted", "3.0")
    assert pulled.story()[-1] == ("recipient", "resume", "accepted")


def test_every_step_has_its_clock_until_it_ends(pulled: Town) -> None:
    assert pulled.open().due_at is not None
    answer(pulled, "accepted", "3.0")
    assert (pulled.open().due_at or 0) - pulled.open().since == 10 * 24 * 3_600_000
    answer(pulled, "completed", "7.0")
    assert pulled.open().due_at is None


def test_two_answers_at_once_with_if_match_let_one_win(pulled: Town) -> None:
    partner = pulled.partner()
    task = partner.get(f"Task/{TASK}")
    match = {"If-Match": f'W/"{task["meta"]["versionId"]}"'}
    partner.put(f"Task/{TASK}", told(task, "accepted", "3.0"), headers=match)
    partner.put(f"Task/{TASK}", told(task, "rejected", "4.0"), 412, headers=match)
    assert pulled.state == "accepted"
