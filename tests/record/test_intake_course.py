"""What hangs on a client's other records: settled with them, told with a Provenance, taken away when it no longer holds, never lost by a crash."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mappings
from gateway.record import course, intake
from gateway.record.types import Record
from gateway.store import outbox
from gateway.worker import Worker
from tests.store.engines import SITE, client, fresh, patient_id, plan, record
from tests.world import PRACTICE, Caller, World

pytestmark = pytest.mark.usefixtures("courses")


@pytest.fixture
def practice(world: World) -> Caller:
    return world.client(practice=True)


def score(record_id: str, client_id: str, day: int, total: int, **values: Any) -> Record:
    return record("outcome_measure", **{"id": record_id, "client": client_id, "instrument": "phq-9", "taken_at": f"2026-03-{day:02}T10:00:00-05:00", "total": total} | values)


def measured_plan(record_id: str, client_id: str, target: int = 9) -> Record:
    return record("treatment_plan", id=record_id, client=client_id, written_on="2026-02-01", goals=[{"id": "g", "description": "Less", "measure": "phq-9", "target_score": target}])


def changes(practice: Caller, name: str) -> dict[str, tuple[int, str]]:
    """By day: the difference to the score before, and its version."""
    found = practice.all(f"Observation?patient={patient_id(name)}&_count=200")
    return {one["effectiveDateTime"][8:10]: (one["valueInteger"], one["meta"]["versionId"]) for one in found if "valueInteger" in one}


def goal(practice: Caller, plan_id: str) -> tuple[str | None, str]:
    one = practice.get(f"Goal/{SITE.id('treatment_plan', plan_id, 'goal:g')}")
    return one.get("achievementStatus", {}).get("coding", [{}])[0].get("code"), one["meta"]["versionId"]


def due(world: World) -> list[str]:
    with world.store.read() as connection:
        return outbox.clients_due(connection, PRACTICE, 1000)


def told(practice: Caller, target: str) -> list[tuple[str, str]]:
    """What was done and by whom, of every Provenance of a resource."""
    found = practice.all(f"Provenance?target={target}")
    return sorted((one["activity"]["coding"][0]["code"], one["agent"][0]["type"]["coding"][0]["code"]) for one in found)


def test_what_goes_in_together_stands_at_its_first_version(world: World, practice: Caller) -> None:
    name, planned = fresh("client"), fresh("plan")
    world.take_in([client(name), measured_plan(planned, name), score(fresh("m"), name, 20, 8), score(fresh("m"), name, 10, 15)])
    assert changes(practice, name) == {"20": (-7, "1")}
    assert goal(practice, planned) == ("achieved", "1")
    assert due(world) == []
    assert told(practice, f"Goal/{SITE.id('treatment_plan', planned, 'goal:g')}") == [("CREATE", "author")]


def test_a_later_score_changes_what_hangs_on_it_and_says_so(world: World, practice: Caller) -> None:
    name, planned = fresh("client"), fresh("plan")
    world.take_in([client(name), measured_plan(planned, name), score(fresh("m"), name, 10, 15)])
    assert goal(practice, planned) == ("in-progress", "1")
    world.take_in([score(fresh("m"), name, 20, 7)])
    assert goal(practice, planned) == ("achieved", "2")
    assert told(practice, f"Goal/{SITE.id('treatment_plan', planned, 'goal:g')}") == [("CREATE", "author"), ("UPDATE", "assembler")]


def test_a_score_between_two_moves_the_one_after_it(world: World, practice: Caller) -> None:
    name = fresh("client")
    world.take_in([client(name), score(fresh("m"), name, 1, 20), score(fresh("m"), name, 20, 5)])
    assert changes(practice, name) == {"20": (-15, "1")}
    world.take_in([score(fresh("m"), name, 10, 12)])
    assert changes(practice, name) == {"10": (-8, "1"), "20": (-7, "2")}


def test_what_no_longer_holds_is_taken_away_and_comes_back_as_itself(world: World, practice: Caller) -> None:
    name, first, second = fresh("client"), fresh("m"), fresh("m")
    world.take_in([client(name), score(first, name, 1, 20), score(second, name, 20, 5)])
    path = f"Observation/{SITE.id('outcome_measure', second, 'change')}"
    world.take_in([score(first, name, 1, 20, instrument="gad-7")])
    assert practice.ask("GET", path).status_code == 410
    assert ("DELETE", "assembler") in told(practice, path)
    world.take_in([score(first, name, 1, 18)])
    assert (practice.get(path)["valueInteger"], practice.get(path)["meta"]["versionId"]) == (-13, "3")


def test_where_the_course_gives_nothing_any_more_the_plain_resource_comes_back(world: World, practice: Caller) -> None:
    name, planned, only = fresh("client"), fresh("plan"), fresh("m")
    world.take_in([client(name), measured_plan(planned, name), score(only, name, 1, 5)])
    assert goal(practice, planned) == ("achieved", "1")
    world.take_in([score(only, name, 1, 5, instrument="gad-7")])
    assert goal(practice, planned) == (None, "2")


def test_a_changed_record_loses_what_its_course_gave_before(world: World, practice: Caller) -> None:
    name, first, second = fresh("client"), fresh("m"), fresh("m")
    world.take_in([client(name), score(first, name, 10, 20), score(second, name, 20, 5)])
    world.take_in([score(second, name, 5, 5)])
    assert changes(practice, name) == {"10": (15, "1")}


def test_a_score_filed_under_another_client_changes_both(world: World, practice: Caller) -> None:
    one, other, first, second = fresh("client"), fresh("client"), fresh("m"), fresh("m")
    world.take_in([client(one), client(other), score(first, one, 1, 20), score(second, one, 20, 5), score(fresh("m"), other, 10, 9)])
    world.take_in([score(first, other, 1, 20)])
    assert (changes(practice, one), changes(practice, other)) == ({}, {"10": (-11, "1")})


def test_the_same_again_changes_nothing(world: World, practice: Caller) -> None:
    name, planned = fresh("client"), fresh("plan")
    given = [client(name), measured_plan(planned, name), score(fresh("m"), name, 20, 8), score(fresh("m"), name, 10, 15)]
    world.take_in(given)
    again = world.take_in(given)
    assert (again.unchanged, again.resources) == (4, 0)
    assert changes(practice, name) == {"20": (-7, "1")}


def test_a_course_that_no_intake_came_to_is_settled_by_the_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name, planned = fresh("client"), fresh("plan")
    world.take_in([client(name), measured_plan(planned, name)])
    monkeypatch.setattr(intake, "BATCH", 1)
    with monkeypatch.context() as broken:
        broken.setattr(course, "settle_all", _breaks_off)
        with pytest.raises(RuntimeError):
            world.take_in([score(fresh("m"), name, 20, 8), score(fresh("m"), name, 10, 15)])
    assert due(world) == [name]
    worker = Worker(world.settings, world.store, None, world.clock)  # type: ignore[arg-type] - no letter of this test goes to a partner
    while worker.deliver():
        pass
    assert due(world) == [name], "for a while it is left to the intake that may still be at work"
    world.clock.forward(minutes=16)
    while worker.deliver():
        pass
    assert due(world) == []
    practice = world.client(practice=True)  # the other's token has expired
    assert goal(practice, planned) == ("achieved", "2")
    assert changes(practice, name) == {"20": (-7, "1")}


def _breaks_off(*_: Any) -> None:
    raise RuntimeError


def test_the_next_intake_settles_what_the_last_one_left(world: World, practice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    name, planned = fresh("client"), fresh("plan")
    given = [client(name), measured_plan(planned, name), score(fresh("m"), name, 10, 15), score(fresh("m"), name, 5, 22)]
    monkeypatch.setattr(intake, "BATCH", 2)
    with monkeypatch.context() as broken:
        broken.setattr(course, "settle_all", _breaks_off)
        with pytest.raises(RuntimeError):
            world.take_in(given)
    assert world.take_in(given).unchanged == 4
    assert due(world) == []
    assert changes(practice, name)["10"][0] == -7
    assert goal(practice, planned)[0] == "in-progress"


def test_a_course_with_a_fault_is_named_and_changes_nothing(world: World, practice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    name, planned = fresh("client"), fresh("plan")
    monkeypatch.setitem(mappings.COURSE, "treatment_plan", lambda *_: [{"resourceType": "Goal", "id": "g"}])
    refused = world.take_in([client(name), measured_plan(planned, name)]).refused
    assert [(one.kind, one.id) for one in refused] == [("treatment_plan", planned)]
    assert "Goal.description" in refused[0].rule or "Goal.lifecycleStatus" in refused[0].rule
    assert practice.ask("GET", f"CarePlan/{SITE.id('treatment_plan', planned)}").status_code == 404


SCORES = st.lists(st.tuples(st.integers(1, 28), st.integers(0, 27)), min_size=1, max_size=5, unique_by=lambda one: one[0])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=max(20, settings().max_examples // 20))
@given(scores=SCORES, order=st.randoms(use_true_random=False), batch=st.integers(1, 7), split=st.booleans())
def test_neither_order_nor_number_of_batches_makes_a_difference(world: World, practice: Caller, scores: list[tuple[int, int]], order: Any, batch: int, split: bool) -> None:
    name, planned = fresh("client"), fresh("plan")
    given_records = [measured_plan(planned, name), plan(fresh("plan"), name), *(score(fresh("m"), name, day, total) for day, total in scores)]
    order.shuffle(given_records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "BATCH", batch)
        for part in ([client(name)], given_records[:2], given_records[2:]) if split else ([client(name), *given_records],):
            assert world.take_in(part).refused == []
    by_day = sorted(scores)
    expected = {f"{day:02}": total - before for (_, before), (day, total) in pairwise(by_day)}
    assert {day: value for day, (value, _) in changes(practice, name).items()} == expected
    assert goal(practice, planned)[0] == ("achieved" if by_day[-1][1] <= 9 else "in-progress")
    assert due(world) == []
