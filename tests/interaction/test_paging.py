"""Sorting, counting, paging and includes: nothing skipped, nothing twice, nothing that the reader may not see."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from mappings.identity import Site
from tests.interaction.resources import observation, patient
from tests.store.engines import client, consent, fresh, partner, patient_id, plan, problem
from tests.world import PRACTICE, Caller, World


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


@pytest.fixture(scope="module")
def someone(practice: Caller) -> str:
    """A patient with 23 observations on 4 days and 2 without a day."""
    who = str(practice.post("Patient", patient())["id"])
    for at in range(23):
        practice.post("Observation", observation(who, effectiveDateTime=f"2026-05-0{at % 4 + 1}"))
    for _ in range(2):
        practice.post("Observation", {name: value for name, value in observation(who).items() if name != "effectiveDateTime"})
    return who


def _pages(caller: Caller, path: str) -> Iterator[dict[str, Any]]:
    url = f"/fhir/{path}"
    while url:
        page = caller.get(url)
        yield page
        url = next((link["url"].partition("://127.0.0.1:8000")[2] for link in page["link"] if link["relation"] == "next"), "")


def _matches(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["resource"] for one in page.get("entry", []) if one["search"]["mode"] == "match"]


@pytest.mark.parametrize("sort", ["", "&_sort=_id", "&_sort=-_id", "&_sort=_lastUpdated", "&_sort=-_lastUpdated", "&_sort=date", "&_sort=-date"])
@pytest.mark.parametrize("count", [1, 4, 5, 25, 26])
def test_pages_hold_every_match_once_in_one_order(practice: Caller, someone: str, sort: str, count: int) -> None:
    whole = practice.get(f"Observation?patient={someone}{sort}&_count=1000")
    pages = list(_pages(practice, f"Observation?patient={someone}{sort}&_count={count}"))
    assert [one["id"] for page in pages for one in _matches(page)] == [one["id"] for one in _matches(whole)]
    assert len({one["id"] for one in _matches(whole)}) == 25
    assert all(page["total"] == 25 for page in pages)
    assert [len(_matches(page)) for page in pages] == [count] * (25 // count) + ([25 % count] if 25 % count else [])


@pytest.mark.parametrize(("sort", "sign"), [("date", 1), ("-date", -1)])
def test_a_sort_by_date_is_in_order_both_ways(practice: Caller, someone: str, sort: str, sign: int) -> None:
    dates = [one.get("effectiveDateTime", "") for one in practice.all(f"Observation?patient={someone}&_sort={sort}&_count=7")]
    assert dates == sorted(dates)[::sign]
    there = practice.all(f"Observation?patient={someone}&_sort={sort}")
    assert [one["id"] for one in there] == [one["id"] for one in practice.all(f"Observation?patient={someone}&_sort={sort.removeprefix('-') if sign < 0 else '-date'}")][::-1]


@pytest.mark.parametrize("sort", ["_id", "-_id", "date", "-date", "_lastUpdated"])
def test_what_comes_in_meanwhile_makes_nobody_skip_or_repeat(practice: Caller, sort: str) -> None:
    who = practice.post("Patient", patient())["id"]
    first = {practice.post("Observation", observation(who, effectiveDateTime=f"2026-05-1{at % 3}"))["id"] for at in range(9)}
    seen: list[str] = []
    for page in _pages(practice, f"Observation?patient={who}&_sort={sort}&_count=2"):
        seen += [one["id"] for one in _matches(page)]
        if len(seen) < 8:
            practice.post("Observation", observation(who, effectiveDateTime="2026-05-11"))
    assert len(seen) == len(set(seen))
    assert first <= set(seen)


def test_a_page_that_ends_with_something_deleted_since_goes_on(world: World, practice: Caller) -> None:
    name, written = fresh("client"), fresh("plan")
    world.take_in([client(name), plan(written, name, ("a", "b", "c", "d"))])
    path = f"Goal?patient={patient_id(name)}&_count=2"
    pages = _pages(practice, path)
    first = [one["id"] for one in _matches(next(pages))]
    kept = [goal for goal in ("a", "b", "c", "d") if _goal_id(written, goal) != first[-1]]
    world.take_in([plan(written, name, tuple(kept))])
    rest = [one["id"] for page in pages for one in _matches(page)]
    assert len(rest) == 2
    assert not set(first) & set(rest)


def _goal_id(written: str, goal: str) -> str:
    return Site(PRACTICE).id("treatment_plan", written, f"goal:{goal}")


def test_counts_are_of_what_is_asked(practice: Caller, someone: str) -> None:
    path = f"Observation?patient={someone}"
    for query in ("&_summary=count", "&_count=0"):
        counted = practice.get(path + query)
        assert (counted["total"], "entry" in counted) == (25, False)
    assert "total" not in practice.get(f"{path}&_total=none&_count=2")
    assert practice.get(f"{path}&_total=accurate&_count=2")["total"] == 25
    assert len(_matches(practice.get(f"{path}&_count=999999999"))) == 25


def test_links_repeat_the_search_and_page_on(practice: Caller, someone: str) -> None:
    page = practice.get(f"Observation?patient={someone}&date=ge2026-05-01&_sort=-date&_count=3")
    links = {link["relation"]: link["url"] for link in page["link"]}
    asked = f"http://127.0.0.1:8000/fhir/Observation?patient={someone}&date=ge2026-05-01&_sort=-date&_count=3"
    assert links["self"] == asked
    assert links["next"].startswith(f"{asked}&_cursor=")


@pytest.fixture(scope="module")
def shared(world: World) -> tuple[Caller, str]:
    """A reader who may see a client's treatment plan and diagnoses but not who the client is, nor substance use."""
    name, other = fresh("client"), fresh("partner")
    world.take_in([client(name), partner(other)])
    world.take_in([problem(fresh("problem"), name), problem(fresh("problem"), name, "F10.20", title="A use")])
    world.take_in([plan(fresh("plan"), name), consent(name, other, categories=["treatment_plan", "diagnoses", "sud_records"], part2=True)])
    return world.client(partner=other), name


def _included(page: dict[str, Any]) -> list[str]:
    return [one["resource"]["resourceType"] for one in page.get("entry", []) if one["search"]["mode"] == "include"]


def test_includes_bring_what_matches_name_and_only_what_is_visible(world: World, practice: Caller, shared: tuple[Caller, str]) -> None:
    ehr, name = shared
    path = f"CarePlan?patient={patient_id(name)}&_include=CarePlan:goal&_include=CarePlan:subject&_revinclude=Provenance:target"
    assert sorted(set(_included(practice.get(path)))) == ["Goal", "Patient", "Provenance"]
    mine = _included(ehr.get(path))
    assert sorted(set(mine)) == ["Goal", "Provenance"]
    assert mine.count("Goal") == 2
    assert ehr.get(path)["total"] == 1


def test_includes_need_their_own_scope(world: World, shared: tuple[Caller, str]) -> None:
    ehr, name = shared
    narrow = Caller(ehr.http, world.token(ehr.client_id, "system/CarePlan.rs system/Goal.s"), ehr.client_id)
    page = narrow.get(f"CarePlan?patient={patient_id(name)}&_include=CarePlan:goal&_revinclude=Provenance:target")
    assert page["total"] == 1
    assert _included(page) == []


def test_an_include_of_one_target_type_leaves_the_others_out(practice: Caller, shared: tuple[Caller, str]) -> None:
    page = practice.get(f"CarePlan?patient={patient_id(shared[1])}&_include=CarePlan:subject:Patient&_include=CarePlan:goal:Condition")
    assert set(_included(page)) == {"Patient"}


def test_a_match_is_not_included_again(practice: Caller, shared: tuple[Caller, str]) -> None:
    who = practice.post("Patient", patient())["id"]
    part = practice.post("Observation", observation(who))
    practice.post("Observation", observation(who) | {"hasMember": [{"reference": f"Observation/{part['id']}"}]})
    page = practice.get(f"Observation?patient={who}&_include=Observation:has-member")
    ids = [one["resource"]["id"] for one in page["entry"]]
    assert len(ids) == len(set(ids)) == 2
    assert [one["search"]["mode"] for one in page["entry"]] == ["match", "match"]


def test_a_cursor_tells_nothing_of_what_stands_between(world: World, practice: Caller, someone: str) -> None:
    """The same pages, whether or not another client's resources came in between."""
    who = practice.post("Patient", patient())["id"]
    made = []
    for _ in range(3):
        made.append(practice.post("Observation", observation(who))["id"])
        practice.post("Observation", observation(someone))
    link = practice.get(f"Observation?patient={who}&_count=1")["link"][1]["url"].partition("_cursor=")[2]
    assert base64.urlsafe_b64decode(link + "=" * (-len(link) % 4)).decode() == f'[0, "{made[0]}"]'
    other = world.client(partner=fresh("nobody"))
    assert other.ask("GET", f"Observation?patient={who}&_count=1&_cursor={link}").status_code == 400
