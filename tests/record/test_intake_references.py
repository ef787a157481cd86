"""Records that name others: what is named is there and of the same client, nothing leads back to itself, no id means two things."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import func, select

from gateway.record import intake
from gateway.record.intake import Report, take_in
from gateway.record.naming import ordered
from gateway.record.types import Record
from gateway.store import schema
from tests.store.engines import client, fresh, plan, problem, record
from tests.world import World


def _rows(world: World) -> int:
    with world.store.read() as connection:
        return sum(int(connection.scalar(select(func.count()).select_from(table)) or 0) for table in (schema.record_history, schema.resource_history, schema.outbox))


def _refused(report: Report) -> list[tuple[str, str]]:
    return [(one.kind, one.id) for one in report.refused]


def _session(record_id: str, client_id: str, **values: Any) -> Record:
    return record("session", **{"id": record_id, "client": client_id, "start": "2026-03-03T10:00:00-05:00"} | values)


def _measure(record_id: str, client_id: str) -> Record:
    return record("outcome_measure", id=record_id, client=client_id, instrument="phq-9", taken_at="2026-03-03T10:00:00-05:00", total=9)


OWNED: dict[str, tuple[Callable[[str, str], Record], Callable[[str, str], Record]]] = {
    "problems[0]": (problem, lambda mine, theirs: _session(fresh("session"), mine, problems=[theirs])),
    "session": (_session, lambda mine, theirs: record("note", id=fresh("note"), client=mine, session=theirs, written_at="2026-03-03T11:00:00-05:00", text="x")),
    "replaces": (plan, lambda mine, theirs: plan(fresh("plan"), mine, replaces=theirs)),
    "goals[0].problems[0]": (problem, lambda mine, theirs: plan(fresh("plan"), mine, goals=(), status="draft").model_copy(update={"goals": (_goal(theirs),)})),
    "measures[0]": (
        _measure,
        lambda mine, theirs: record("progress_review", id=fresh("review"), client=mine, reviewed_at="2026-03-04T10:00:00Z", summary="x", measures=[theirs]),
    ),
    "members[0].guardian": (
        lambda key, of: record("guardian", id=key, client=of, name={"family": "Quist"}, relationship="MTH"),
        lambda mine, theirs: record("care_team", id=fresh("team"), client=mine, members=[{"guardian": theirs}]),
    ),
}
"""Where a client's record names another: what is named, and what names it."""


def _goal(problem_id: str) -> Any:
    return record("treatment_plan", id="x", client="x", written_on="2026-01-01", goals=[{"id": "g", "description": "d", "problems": [problem_id]}]).goals[0]  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", OWNED)
def test_what_is_another_clients_cannot_be_named(world: World, path: str) -> None:
    make, naming = OWNED[path]
    mine, other, theirs = fresh("client"), fresh("client"), fresh("their")
    world.take_in([client(mine), client(other), make(theirs, other)])
    before = _rows(world)
    report = world.take_in([naming(mine, theirs)])
    assert [(one.rule, one.mend) for one in report.refused] == [(f"{path} names a {make(theirs, other).kind} of another client", f"file both under one client, or correct {path}")]
    assert _rows(world) == before
    ours = fresh("our")
    assert world.take_in([make(ours, mine), naming(mine, ours)]).refused == []


@pytest.mark.parametrize("path", OWNED)
def test_what_is_nowhere_cannot_be_named(world: World, path: str) -> None:
    mine = fresh("client")
    report = world.take_in([client(mine), OWNED[path][1](mine, fresh("nothing"))])
    assert [one.rule.partition(" names ")[0] for one in report.refused] == [path]
    assert report.created == 1


def test_what_names_a_refused_record_falls_with_it(world: World) -> None:
    name, visit = fresh("client"), fresh("session")
    note = record("note", id=fresh("note"), client=name, session=visit, written_at="2026-03-03T11:00:00-05:00", text="x")
    report = world.take_in([client(name), _session(visit, name, problems=["nothing"]), note])
    assert _refused(report) == [("session", visit), ("note", note.id)]


def test_a_refusal_repeats_no_value(world: World) -> None:
    name = fresh("client")
    report = world.take_in([client(name), problem("Marsh.secret", name), _session("Marsh.visit", fresh("client"), problems=["Marsh.secret"])])
    assert all("Marsh" not in one.rule + one.mend for one in report.refused)
    assert report.refused


def test_a_record_may_name_one_of_its_kind_that_comes_after_it(world: World) -> None:
    name, first, second = fresh("client"), fresh("plan"), fresh("plan")
    assert world.take_in([client(name), plan(second, name, replaces=first), plan(first, name)]).created == 3


@pytest.mark.parametrize("length", [2, 3, 5])
def test_a_circle_is_refused_whole_and_whatever_names_it_too(world: World, length: int) -> None:
    name, names = fresh("client"), [fresh("plan") for _ in range(length)]
    world.take_in([client(name)])
    before = _rows(world)
    circle = [plan(one, name, replaces=next_one) for one, next_one in zip(names, names[1:] + names[:1], strict=True)]
    report = world.take_in([plan(fresh("plan"), name, replaces=names[0]), *circle])
    assert {one for one in _refused(report) if "leads back" in _rule(report, one)} == {("treatment_plan", one) for one in names}
    assert len(report.refused) == length + 1
    assert _rows(world) == before


def _rule(report: Report, name: tuple[str, str]) -> str:
    return next(one.rule for one in report.refused if (one.kind, one.id) == name)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_circle_that_closes_through_what_is_stored_is_refused(world: World, at_once: bool) -> None:
    name, first, second, third = fresh("client"), fresh("plan"), fresh("plan"), fresh("plan")
    world.take_in([client(name), plan(first, name), plan(second, name, replaces=first), plan(third, name, replaces=second)])
    before = _rows(world)
    report = world.take_in([plan(first, name, replaces=third)] + [plan(second, name, title="Second", replaces=first)] * at_once)
    assert set(_refused(report)) == {("treatment_plan", first)} | ({("treatment_plan", second)} if at_once else set())
    assert _rows(world) == before
    assert world.take_in([plan(first, name, title="First"), plan(second, name, title="Second", replaces=first)]).changed == 2


@pytest.mark.parametrize(
    ("kind", "field", "values"),
    [("practice", "part_of", {"name": "A place"}), ("clinician", "supervisor", {"name": {"family": "Reed"}, "practice": "home"})],
)
def test_no_place_is_part_of_itself_and_nobody_supervises_themselves(world: World, kind: str, field: str, values: dict[str, Any]) -> None:
    world.take_in([record("practice", id="home", name="Home")])
    one, other = fresh(kind), fresh(kind)
    circle = [record(kind, id=one, **values, **{field: other}), record(kind, id=other, **values, **{field: one})]
    assert set(_refused(world.take_in(circle))) == {(kind, one), (kind, other)}
    assert _refused(world.take_in([record(kind, id=one, **values, **{field: one})])) == [(kind, one)]


def test_the_clients_of_a_couple_name_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH", 1)
    one, other = fresh("client"), fresh("client")
    assert world.take_in([client(one, partner_of=other), client(fresh("client")), client(other, partner_of=one)]).created == 3
    lone, gone = fresh("client"), fresh("client")
    report = world.take_in([client(lone, partner_of=gone), client(gone, partner_of=lone, therapist="nobody")])
    assert set(_refused(report)) == {("client", lone), ("client", gone)}


def test_one_id_for_two_clients_is_refused_and_neither_goes_in(world: World) -> None:
    name = fresh("client")
    before = _rows(world)
    report = world.take_in([client(name), client(name, sex="male"), problem(fresh("problem"), name)])
    assert [(one.kind, one.id) for one in report.refused][:2] == [("client", name)] * 2
    assert report.refused[0].rule == "id is given to two client records of different content"
    assert _rows(world) == before


def test_the_same_record_twice_at_once_goes_in_once(world: World) -> None:
    name = fresh("client")
    report = world.take_in([client(name), client(name)])
    assert (report.created, report.unchanged, report.refused) == (1, 1, [])


def _stream(*given: Record) -> Iterator[Record]:
    yield from given


def test_a_stream_is_taken_batch_by_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH", 3)
    name, told = fresh("client"), list[tuple[int, int | None]]()
    first, second = fresh("plan"), fresh("plan")
    given = [client(name), *(problem(fresh("problem"), name) for _ in range(7)), plan(second, name, replaces=first), plan(first, name)]
    report = take_in(world.context(), _stream(*given), source="test", progress=lambda done, total: told.append((done, total)))
    assert (report.created, report.refused) == (10, [])
    assert told == [(3, None), (6, None), (9, None), (10, None)]


def test_of_a_stream_no_more_than_a_batch_is_held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH", 5)
    name, alive, most = fresh("client"), set[int](), list[int]()

    def made() -> Iterator[Record]:
        yield client(name)
        for at in range(60):
            one = problem(fresh("problem"), name)
            alive.add(at)
            weakref.finalize(one, alive.discard, at)
            yield one
            del one

    take_in(world.context(), made(), source="test", progress=lambda done, total: most.append(len(alive)))
    assert len(most) > 10
    assert max(most) <= 5 + 1


def test_a_stream_out_of_order_is_a_fault_of_the_caller(world: World) -> None:
    name = fresh("client")
    with pytest.raises(ValueError, match="KINDS"):
        take_in(world.context(), _stream(problem(fresh("problem"), name), client(name)), source="test")


@given(st.lists(st.sampled_from("abcdef"), min_size=6, max_size=6), st.permutations("abcdef"), st.sets(st.sampled_from("abcdef")))
@example(targets=list("acbabe"), order=list("abcfed"), without=set())
def test_exactly_the_members_of_circles_are_refused(targets: list[str], order: list[str], without: set[str]) -> None:
    steps = {one: target for one, target in zip("abcdef", targets, strict=True) if one not in without and one != target}
    plans = [plan(one, "c", replaces=steps.get(one)) for one in order]
    refused: list[Any] = []
    passed = [one.id for group in ordered(plans, lambda _: {}, refused) for one in group]
    assert {one.id for one in refused} == {one for one in steps if _comes_back(one, steps)}
    assert sorted([*passed, *(one.id for one in refused)]) == list("abcdef")
    for one in passed:
        target = steps.get(one)
        assert target is None or target not in passed or passed.index(target) < passed.index(one)


def _comes_back(start: str, steps: dict[str, str]) -> bool:
    at: str | None = start
    for _ in steps:
        at = steps.get(at or "")
        if at == start:
            return True
    return False
