"""A screening that found risk is told of once, when it is new, and never for history; what it opens, the practice alone works on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.clock import to_ms
from gateway.record.risk import TOPIC
from gateway.record.types import Record
from gateway.store import outbox
from tests.store.engines import client, consent, fresh, partner, patient_id, record
from tests.world import PRACTICE, Caller, World


@pytest.fixture
def practice(world: World) -> Caller:
    return world.client(practice=True)


def _screening(world: World, name: str, *, ago: timedelta = timedelta(minutes=5), found: bool = True, **changed: Any) -> Record:
    taken = (world.clock() - ago).isoformat()
    whole = {"id": fresh("risk"), "client": name, "assessed_at": taken, "answers": {"wish": found}, "level": None, "clinician": None, "session": None, "note": None}
    return record("risk_assessment", **(whole | changed))


def _told(world: World, *records: Record) -> list[str]:
    """Which of these records somebody is to be told of."""
    with world.store.read() as connection:
        letters = outbox.due(connection, to_ms(world.clock()), 100_000)
    subjects = [letter.subject for letter in letters if letter.topic == TOPIC and letter.practice == PRACTICE and letter.payload == {}]
    return [one.id for one in records for subject in subjects if subject == f"{one.kind}/{one.id}"]


def _kept(practice: Caller, name: str) -> dict[str, list[tuple[str, str]]]:
    """Status and version of each resource of the risk path."""
    return {kind: [(one["status"], one["meta"]["versionId"]) for one in practice.all(f"{kind}?patient={patient_id(name)}")] for kind in ("Flag", "Task", "Communication")}


def test_a_screening_that_found_risk_is_told_of_once(world: World, practice: Caller) -> None:
    name = fresh("client")
    screening = _screening(world, name)
    world.take_in([client(name), screening])
    world.take_in([screening])

    assert _told(world, screening) == [screening.id]
    assert _kept(practice, name) == {"Flag": [("active", "1")], "Task": [("requested", "1")], "Communication": [("in-progress", "1")]}


def test_an_answer_about_self_harm_is_told_of_too(world: World) -> None:
    name = fresh("client")
    measure = record("outcome_measure", id=fresh("m"), client=name, instrument="phq-9", answers={"self_harm": 2}, taken_at=world.clock().isoformat())
    world.take_in([client(name), measure])

    assert _told(world, measure) == [measure.id]


def test_the_next_screening_closes_what_the_one_before_opened(world: World, practice: Caller) -> None:
    name = fresh("client")
    first, second = _screening(world, name, ago=timedelta(days=2)), _screening(world, name, found=False)
    world.take_in([client(name), first])
    world.take_in([second])

    assert _told(world, first, second) == [first.id]
    assert _kept(practice, name) == {"Flag": [("inactive", "2")], "Task": [("completed", "2")], "Communication": [("completed", "2")]}


def test_of_years_of_history_only_the_last_is_open_and_nobody_is_told(world: World, practice: Caller) -> None:
    name = fresh("client")
    history = [_screening(world, name, ago=timedelta(days=30 * month)) for month in range(1, 25)]
    world.take_in([client(name), *history])

    assert _told(world, *history) == []
    assert sorted(status for status, _ in _kept(practice, name)["Task"]) == ["completed"] * 23 + ["requested"]


def test_one_that_comes_in_with_the_screening_after_it_is_not_told_of(world: World) -> None:
    name = fresh("client")
    first, second = _screening(world, name, ago=timedelta(days=1)), _screening(world, name, found=False)
    world.take_in([client(name), first, second])

    assert _told(world, first, second) == []


def test_a_correction_is_told_of_only_where_it_is_what_found_the_risk(world: World) -> None:
    name = fresh("client")
    clear, found = _screening(world, name, found=False), _screening(world, fresh("other"))
    world.take_in([client(name), client(found.client), clear, found])
    world.take_in([clear.model_copy(update={"answers": {"wish": True}}), found.model_copy(update={"answers": {"wish": True, "thoughts": True}})])

    assert _told(world, clear, found) == [clear.id, found.id]


def test_a_partner_sees_the_flag_with_the_assessments_and_neither_task_nor_alert(world: World) -> None:
    name, other = fresh("client"), fresh("partner")
    world.take_in([client(name), partner(other), consent(name, other, categories=["assessments", "referrals", "treatment_plan"]), _screening(world, name)])
    ehr = world.client(partner=other)

    assert {kind: len(found) for kind, found in _kept(ehr, name).items()} == {"Flag": 1, "Task": 0, "Communication": 0}


def _done(practice: Caller, name: str) -> None:
    """The therapist has spoken with the client and says so on the task."""
    (task,) = practice.all(f"Task?patient={patient_id(name)}")
    practice.put(f"Task/{task['id']}", task | {"status": "completed", "note": [{"text": "Spoke at nine; sister is with them."}]})


def test_what_the_therapist_did_about_it_is_not_undone_by_what_comes_in_later(world: World, practice: Caller) -> None:
    name = fresh("client")
    screening = _screening(world, name)
    world.take_in([client(name), screening])
    _done(practice, name)
    world.take_in([client(name, preferred_name="Sunny")])
    world.take_in([screening.model_copy(update={"note": "Reached by phone."})])

    (task,) = practice.all(f"Task?patient={patient_id(name)}")
    assert (task["status"], task["note"]) == ("completed", [{"text": "Spoke at nine; sister is with them."}])


def test_a_task_that_a_screening_closed_opens_again_where_that_screening_was_of_another_day(world: World, practice: Caller) -> None:
    name = fresh("client")
    first, second = _screening(world, name, ago=timedelta(days=2)), _screening(world, name, found=False)
    world.take_in([client(name), first, second])
    assert _kept(practice, name)["Task"] == [("completed", "1")]
    world.take_in([second.model_copy(update={"assessed_at": world.clock() - timedelta(days=9)})])

    assert [status for status, _ in _kept(practice, name)["Task"]] == ["requested"]
