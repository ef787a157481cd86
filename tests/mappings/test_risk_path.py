"""A screening that found risk opens a flag, a stat task and an alert; the next screening closes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.validation import faults
from gateway.privacy.category import BITS, category_of
from gateway.privacy.label import BH, RESTRICTED, labels_of
from gateway.record.types import INSTRUMENTS, RISK_ITEMS, Record
from mappings import course_of, resources_of
from tests.mappings.corpus import SITE, record

_NO: dict[str, bool] = dict.fromkeys(RISK_ITEMS, False)


def _phq(day: int, self_harm: int | None, **changed: Any) -> Record:
    answers = dict.fromkeys(INSTRUMENTS["phq-9"].items, 1) | {"self_harm": self_harm}
    return record("outcome_measure", **({"id": f"phq-{day}", "taken_at": f"2025-03-{day:02}T10:00:00-05:00", "answers": answers, "total": None} | changed))


def _columbia(day: int, *yes: str, **changed: Any) -> Record:
    return record("risk_assessment", **({"id": f"risk-{day}", "assessed_at": f"2025-03-{day:02}T10:20:00-05:00", "answers": _NO | dict.fromkeys(yes, True)} | changed))


def _path(screening: Record, *beside: Record) -> list[dict[str, Any]]:
    """What the screening opened: flag, task, alert."""
    made = course_of(screening, [record("client"), screening, *beside], SITE)
    return [each for each in made if each["resourceType"] in ("Flag", "Task", "Communication")]


def _standing(screening: Record, *beside: Record) -> list[str]:
    return [each["status"] for each in _path(screening, *beside)]


OPEN, CLOSED = ["active", "requested", "in-progress"], ["inactive", "completed", "completed"]


@pytest.mark.parametrize(
    "screening",
    [
        _phq(1, 1),
        _phq(1, 3),
        _columbia(1, "wish"),
        _columbia(1, "behavior_lifetime"),
        _columbia(1, level="low"),
        _columbia(1, "wish", level="none"),
        record("risk_assessment", instrument="clinical-judgement", answers={}, level="high"),
        record("outcome_measure", instrument="phq-9m", answers={"self_harm": 1}, total=8),
        record("outcome_measure", instrument="epds", answers={"self_harm": 1}, total=None),
        record("outcome_measure", instrument="asq", answers={"wish": 0, "now": 1}, total=None),
    ],
    ids=lambda each: each.kind,
)
def test_a_screening_that_found_risk_opens_the_path(screening: Record) -> None:
    path = _path(screening)

    assert _standing(screening) == OPEN
    assert [faults(each) for each in path] == [[], [], []]


@pytest.mark.parametrize(
    "screening",
    [
        _phq(1, 0),
        _phq(1, None),
        _columbia(1),
        _columbia(1, level="none"),
        record("outcome_measure", instrument="gad-7", answers={}, total=21),
        record("outcome_measure", answers={}, total=27),
        record("session"),
    ],
    ids=lambda each: each.kind,
)
def test_nothing_else_opens_it(screening: Record) -> None:
    assert _path(screening) == []


def test_the_task_is_the_therapists_has_a_clock_of_minutes_and_says_whom_to_call() -> None:
    _, task, alert = _path(_phq(1, 2))

    assert (task["priority"], task["intent"], alert["priority"]) == ("stat", "order", "stat")
    assert task["owner"] == SITE.reference("PractitionerRole", "clinician", "imani", "role")
    assert alert["recipient"] == [SITE.reference("Practitioner", "clinician", "imani")]
    assert task["restriction"]["period"] == {"start": "2025-03-01T10:00:00-05:00", "end": "2025-03-01T10:15:00-05:00"}
    assert task["focus"] == SITE.reference("Observation", "outcome_measure", "phq-1", "item:self_harm")
    for words in (task["description"], alert["payload"][0]["contentString"]):
        assert all(call in words for call in ("988", "safety plan", "911", "by phone"))


def test_the_therapist_of_the_client_is_asked_and_where_there_is_none_who_took_the_screening() -> None:
    screening = _columbia(1, "plan", clinician="adaeze")

    assert _path(screening)[1]["owner"] == SITE.reference("PractitionerRole", "clinician", "imani", "role")
    alone = course_of(screening, [screening], SITE)
    assert next(each["owner"] for each in alone if each["resourceType"] == "Task") == SITE.reference("PractitionerRole", "clinician", "adaeze", "role")


def test_what_was_found_is_what_the_record_itself_sent() -> None:
    for screening in (_phq(1, 2), _columbia(1, "plan")):
        sent = {f"{each['resourceType']}/{each['id']}" for each in resources_of(screening, SITE)}
        _, task, alert = _path(screening)
        assert task["focus"]["reference"] in sent
        assert [about["reference"] for about in alert["about"]] == [task["focus"]["reference"], f"Task/{task['id']}"]


@pytest.mark.parametrize("after", [_phq(9, 0), _phq(9, 2), _columbia(9), _columbia(9, "wish")], ids=["clear", "found", "no", "yes"])
def test_the_next_screening_closes_it_whatever_it_finds(after: Record) -> None:
    screening = _columbia(2, "thoughts")
    flag, task, _ = _path(screening, after, _phq(20, 0))

    assert _standing(screening, after) == CLOSED
    assert flag["period"]["end"][:10] == task["executionPeriod"]["end"][:10] == "2025-03-09"


@pytest.mark.parametrize(
    "other",
    [
        _phq(1, 0),
        _phq(9, None),
        _phq(9, 0, client="bo"),
        _phq(9, 0, answers={}, total=3),
        _columbia(2, id="same-moment"),
        record("outcome_measure", id="gad", instrument="gad-7", answers={}, total=3, taken_at="2025-03-09T10:00:00-05:00"),
    ],
    ids=["earlier", "left open", "another client", "a total alone", "at the same moment", "asks nothing of it"],
)
def test_nothing_but_a_later_screening_closes_it(other: Record) -> None:
    assert _standing(_columbia(2, "thoughts"), other) == OPEN


@given(st.permutations([(day, found) for day in range(1, 9) for found in [day % 3]]))
def test_of_years_of_history_only_the_latest_is_open(came: list[tuple[int, int]]) -> None:
    beside = [_phq(day, found) for day, found in came]
    found = sorted((each for each in beside if _path(each, *beside)), key=lambda each: each.id)

    assert [each.id for each in found] == ["phq-1", "phq-2", "phq-4", "phq-5", "phq-7", "phq-8"]
    assert [_standing(each, *beside) for each in found] == [*([CLOSED] * 5), OPEN]


def test_a_screening_that_the_practice_tightened_closes_the_task_and_does_not_show_in_the_flag() -> None:
    assert _standing(_columbia(2, "thoughts"), _phq(9, 0, sensitivity="restricted")) == ["active", "completed", "completed"]
    assert _standing(_columbia(2, "thoughts", sensitivity="restricted"), _phq(9, 0, sensitivity="restricted")) == CLOSED


def test_task_and_alert_leave_for_nobody_and_the_flag_goes_with_the_assessments() -> None:
    flag, task, alert = _path(_columbia(2, "thoughts"))

    assert [category_of(each) for each in (flag, task, alert)] == [BITS["assessments"], 0, 0]
    assert labels_of(flag, in_sud_treatment=False) == BH
    assert labels_of(_path(_columbia(2, "plan", sensitivity="restricted"))[0], in_sud_treatment=False) == BH | RESTRICTED
    assert category_of(resources_of(record("referral"), SITE)[1]) == BITS["referrals"]
