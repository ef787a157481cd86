"""What only shows over time: change from the baseline, cut-offs by the client's sex, goals by their scores, a plan replaced."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.validation import faults
from gateway.record.types import INSTRUMENTS, Record
from mappings import COURSE, LOOKED_AT, course_of, resources_of
from mappings.course import meanings
from mappings.element import pruned
from tests.mappings.corpus import SITE, record
from tests.mappings.drawn import measures

START = datetime.fromisoformat("2025-01-06T10:00:00-05:00")


def _at(week: float) -> str:
    return (START + timedelta(weeks=week)).isoformat()


def _score(week: float, total: float, instrument: str = "phq-9", **changed: Any) -> Record:
    alone: dict[str, Any] = {"id": f"{instrument}-{week}", "instrument": instrument, "taken_at": _at(week), "answers": {}, "total": total, "difficulty": None, "session": None}
    return record("outcome_measure", **(alone | changed))


def _course(*totals: float, instrument: str = "phq-9") -> list[Record]:
    return [_score(week, total, instrument) for week, total in enumerate(totals)]


def _change(measure: Record, beside: list[Record]) -> dict[str, Any] | None:
    return next((each for each in course_of(measure, beside, SITE) if each["id"] == SITE.id("outcome_measure", measure.id, "change")), None)


def _called(change: dict[str, Any] | None) -> list[str]:
    return [concept["coding"][0]["code"] for concept in change.get("interpretation", ())] if change else ["no change"]


def _plan(goal: dict[str, Any], **changed: Any) -> Record:
    whole = {"id": "g", "description": "x", "measure": "PHQ-9", "target_score": 9, "start": "2025-01-07"} | goal
    return record("treatment_plan", **({"written_on": "2025-01-07", "goals": [whole], "activities": []} | changed))


def _goal(goal: dict[str, Any], beside: list[Record], **changed: Any) -> dict[str, Any]:
    plan = _plan(goal, **changed)
    return next(each for each in course_of(plan, [plan, *beside], SITE) if each["resourceType"] == "Goal")


def _standing(goal: dict[str, Any], *totals: float, instrument: str = "phq-9", **changed: Any) -> str | None:
    found = _goal(goal, _course(*totals, instrument=instrument), **changed).get("achievementStatus")
    return found["coding"][0]["code"] if found else None


def test_the_course_looks_at_the_kinds_it_maps_and_at_the_client() -> None:
    assert set(LOOKED_AT) == {*COURSE, "client"}


def test_the_first_score_of_all_has_no_change() -> None:
    first, second = _course(18, 12)

    assert _change(first, [first, second]) is None
    assert _change(second, [first, second]) is not None


def test_a_change_says_by_how_much_from_which_score_to_which_and_on_whose_word() -> None:
    course = _course(18, 16, 12)
    change = _change(course[2], course)

    assert change
    assert faults(change) == []
    assert change["code"] == {"coding": [{"system": "urn:handoff:instrument", "code": "phq-9.change", "display": "PHQ-9 change of score"}], "text": "PHQ-9 change of score"}
    assert change["valueQuantity"]["value"] == -6
    assert change["derivedFrom"] == [SITE.reference("Observation", "outcome_measure", course[at].id, "score") for at in (0, 2)]
    assert change["interpretation"] == [
        {"coding": [{"system": "urn:handoff:score-change", "code": "reliable-improvement", "display": "Reliable improvement"}], "text": "Reliable improvement"}
    ]
    assert "CMS159" in change["note"][0]["text"]


@pytest.mark.parametrize(
    ("instrument", "before", "now", "words"),
    [
        ("phq-9", 18, 14, ["no-reliable-change"]),
        ("phq-9", 18, 13, ["reliable-improvement"]),
        ("phq-9", 18, 9, ["reliable-improvement", "response"]),
        ("phq-9", 18, 4, ["reliable-improvement", "response", "remission"]),
        ("phq-9", 10, 5, ["reliable-improvement", "response"]),
        ("phq-9", 10, 4, ["reliable-improvement", "response", "remission"]),
        ("phq-9", 9, 4, ["reliable-improvement", "response"]),
        ("phq-9", 4, 2, ["no-reliable-change", "response"]),
        ("phq-9", 0, 0, ["no-reliable-change"]),
        ("phq-9", 10, 15, ["reliable-deterioration"]),
        ("gad-7", 14, 11, ["no-reliable-change"]),
        ("gad-7", 14, 10, ["reliable-improvement"]),
        ("gad-7", 14, 18, ["reliable-deterioration"]),
        ("pcl-5", 40, 35, ["reliable-improvement"]),
        ("ors", 18.2, 23.2, ["reliable-improvement"]),
        ("ors", 18.2, 23.1, ["no-reliable-change"]),
        ("ors", 30, 24.9, ["reliable-deterioration"]),
        ("isi", 20, 2, []),
    ],
)
def test_a_change_is_called_what_the_table_says(instrument: str, before: float, now: float, words: list[str]) -> None:
    assert meanings(INSTRUMENTS[instrument], before, now) == words
    course = _course(before, now, instrument=instrument)
    assert _called(_change(course[1], course)) == words


def test_an_episode_begins_anew_after_more_than_a_year_and_sixty_days_without_a_score() -> None:
    course = [_score(0, 20), _score(10, 8), _score(80, 12), _score(90, 6)]

    assert [_called(_change(each, course)) for each in course] == [["no change"], ["reliable-improvement", "response"], ["no change"], ["reliable-improvement", "response"]]
    year_on = [_score(0, 20), _score(60, 4)]
    assert "remission" in _called(_change(year_on[1], year_on))


def test_a_score_that_comes_in_late_becomes_the_baseline() -> None:
    early, later, last = _course(20, 12, 11)

    assert _called(_change(last, [last, later])) == ["no-reliable-change"]
    assert _called(_change(last, [later, last, early])) == ["reliable-improvement"]


def test_another_client_another_instrument_and_a_form_left_open_are_no_baseline() -> None:
    last = _score(9, 6)
    beside = [_score(1, 20, client="bo"), _score(2, 20, "gad-7"), _score(3, 20).model_copy(update={"total": None, "answers": {"mood": 3}}), last]

    assert _change(last, beside) is None


@pytest.mark.parametrize(("first", "second", "level"), [("normal", "restricted", ["restricted"]), ("restricted", "restricted", ["restricted"]), ("normal", "normal", [])])
def test_a_change_is_as_sensitive_as_the_scores_it_shows(first: str, second: str, level: list[str]) -> None:
    course = [_score(0, 20, sensitivity=first), _score(1, 10, sensitivity=second)]
    change = _change(course[1], course)

    assert change
    assert [tag["code"] for tag in change["meta"].get("tag", ())] == level


def test_a_score_that_the_practice_tightened_does_not_show_through_one_it_did_not() -> None:
    course = [_score(0, 20, sensitivity="restricted"), _score(1, 10), _score(2, 4)]

    assert _change(course[1], course) is None
    assert _called(_change(course[2], course)) == ["reliable-improvement", "response", "remission"]


@given(st.lists(measures(client="ana"), max_size=6, unique_by=lambda each: each.id), st.randoms())
def test_the_order_in_which_records_come_changes_nothing(drawn: list[Record], dice: Any) -> None:
    beside = [record("client"), *drawn, record("risk_assessment"), record("treatment_plan")]
    shuffled = list(beside)
    dice.shuffle(shuffled)

    for each in beside:
        made = course_of(each, beside, SITE)
        assert made == course_of(each, shuffled, SITE)
        assert [faults(resource) for resource in made] == [[] for _ in made]


@pytest.mark.parametrize(("sex", "total", "side"), [("male", 3, "NEG"), ("male", 4, "POS"), ("female", 2, "NEG"), ("female", 3, "POS"), ("unknown", 9, None)])
def test_an_audit_c_screens_by_the_clients_sex(sex: str, total: int, side: str | None) -> None:
    measure = _score(0, total, "audit-c")
    (score,) = course_of(measure, [record("client", sex=sex), measure], SITE)

    assert score["id"] == resources_of(measure, SITE)[0]["id"]
    assert [concept["coding"][0]["code"] for concept in score.get("interpretation", ())] == ([side] if side else [])
    assert {name: value for name, value in score.items() if name != "interpretation"} == resources_of(measure, SITE)[0]


@pytest.mark.parametrize(
    ("totals", "standing"),
    [
        ([18], "in-progress"),
        ([18, 15], "no-change"),
        ([18, 13], "improving"),
        ([18, 23], "worsening"),
        ([18, 9], "achieved"),
        ([18, 9, 8], "sustaining"),
        ([18, 9, 8, 12], "improving"),
        ([18, 9, 12, 9], "achieved"),
        ([8], "in-progress"),
    ],
)
def test_a_goal_stands_as_its_scores_say(totals: list[float], standing: str) -> None:
    assert _standing({}, *totals) == standing


@pytest.mark.parametrize(
    ("measure", "instrument", "totals", "target", "standing"),
    [
        ("ors", "ors", [18, 26], 26, "achieved"),
        ("ors", "ors", [18, 24], 26, "improving"),
        ("ors", "ors", [18, 12], 26, "worsening"),
        ("isi", "isi", [20, 15], 7, "in-progress"),
        ("PHQ-9", "gad-7", [20, 4], 9, None),
        ("phq-9", "phq-9", [18, 4], None, "improving"),
    ],
)
def test_a_goal_follows_its_own_instrument_in_its_own_direction(measure: str, instrument: str, totals: list[float], target: int | None, standing: str | None) -> None:
    assert _standing({"measure": measure, "target_score": target}, *totals, instrument=instrument) == standing


def test_a_goal_is_measured_from_the_last_score_before_it_began() -> None:
    assert _standing({"start": "2025-01-25"}, 24, 23, 22, 17, 16) == "improving"
    assert _standing({"start": "2025-01-25"}, 24, 23, 22, 18, 18) == "no-change"
    assert _standing({"start": "2025-01-20"}, 24, 23, 22, 18) == "no-change"
    assert _standing({"start": "2024-12-01"}, 24, 18) == "improving"


def test_the_therapists_own_word_stands_until_a_score_is_newer_than_the_plan() -> None:
    said = {"achievement": "not-achieved"}

    assert _standing(said, 18, 9, written_on="2025-01-13") == "not-achieved"
    assert _standing(said, 18, 9, written_on="2025-01-12") == "achieved"
    assert _standing(said, written_on="2025-01-12") == "not-achieved"
    assert _standing(said | {"status": "cancelled"}, 18, 9) == "not-achieved"
    assert _standing(said, 18, 9, status="completed") == "not-achieved"


def test_a_goal_names_the_score_it_stands_by() -> None:
    course = _course(18, 9)

    assert _goal({}, course)["outcomeReference"] == [SITE.reference("Observation", "outcome_measure", course[1].id, "score")]
    assert "outcomeReference" not in _goal({"measure": "Sleeps through"}, course)


@pytest.mark.parametrize(("goal", "score", "follows"), [("normal", "restricted", False), ("restricted", "restricted", True), ("restricted", "normal", True)])
def test_a_goal_rests_on_no_score_that_its_reader_may_not_see(goal: str, score: str, follows: bool) -> None:
    found = _goal({"sensitivity": goal}, [_score(0, 18), _score(1, 4, sensitivity=score)])

    assert (found["achievementStatus"]["coding"][0]["code"] == "achieved") is follows


def test_a_goal_of_an_instrument_that_is_better_when_higher_is_met_from_its_target_up() -> None:
    target = _goal({"measure": "ors", "target_score": 26}, [])["target"][0]

    assert target["detailQuantity"]["comparator"] == ">="
    assert target["measure"]["coding"] == [{"system": "urn:handoff:instrument", "code": "ors.score", "display": "ORS total score"}]


@pytest.mark.parametrize(
    ("status", "by", "served"),
    [
        ("active", {}, "revoked"),
        ("on-hold", {}, "revoked"),
        ("completed", {}, "completed"),
        ("active", {"status": "draft"}, "active"),
        ("active", {"replaces": "tp7"}, "active"),
        ("active", {"sensitivity": "restricted"}, "active"),
    ],
)
def test_a_plan_in_whose_place_another_stands_is_served_as_revoked(status: str, by: dict[str, Any], served: str) -> None:
    plan = record("treatment_plan", status=status)
    other = record("treatment_plan", **({"id": "tp2", "replaces": "tp1"} | by))

    assert course_of(plan, [plan, other], SITE)[0]["status"] == served
    assert course_of(other, [plan, other], SITE) == [pruned(each) for each in resources_of(other, SITE)]


def test_a_plan_without_scores_is_what_it_is_by_itself() -> None:
    plan = record("treatment_plan")

    assert course_of(plan, [plan, record("client")], SITE) == resources_of(plan, SITE)
