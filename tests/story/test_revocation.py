"""A release ends when the client ends it, when its last day is over, and for what a client's new label no longer opens: at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.story.imported import OF_PRACTICE, name_of
from tests.story.small import CONSENT, ICD10, PARTNER, PROBLEM, RECORDS, taken
from tests.world import Caller, World

DIRECTORY = ("Practitioner", "PractitionerRole", "Organization", "Endpoint")
PATHS = ("", "/_history", "/_history/1")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture
def practice(world: World) -> Caller:
    caller = world.client(practice=True)
    taken(caller, *RECORDS)
    return caller


def _seen(caller: Caller) -> set[str]:
    """`Type/id` of everything about clients that a caller finds."""
    return {name_of(one) for kind in OF_PRACTICE if kind not in DIRECTORY for one in caller.all(kind)}


def _kinds(names: set[str]) -> set[str]:
    return {name.partition("/")[0] for name in names}


OPENED = {"Patient", "Condition", "Observation", "QuestionnaireResponse", "CarePlan", "Goal", "CareTeam", "ServiceRequest", "Consent", "Provenance"}


def _check_all_gone(caller: Caller, names: set[str]) -> None:
    assert _seen(caller) == set()
    for name in names:
        for path in PATHS:
            assert caller.ask("GET", name + path).status_code == 404, name + path


def test_a_release_opens_its_categories_of_its_client(world: World, practice: Caller) -> None:
    partner = world.client(partner=PARTNER)
    assert _kinds(_seen(partner)) == OPENED
    assert [one["birthDate"] for one in partner.all("Patient")] == ["1991-04-02"]


def test_a_revoked_release_closes_at_once_for_a_token_that_lives_on(world: World, practice: Caller) -> None:
    partner = world.client(partner=PARTNER)
    before = _seen(partner)
    assert before
    report = taken(practice, CONSENT | {"revoked_on": "2026-10-30"})
    assert (report["created"], report["changed"]) == (0, 1)
    _check_all_gone(partner, before)


def test_a_page_asked_for_before_the_revocation_is_not_continued_after_it(world: World, practice: Caller) -> None:
    more = [{"kind": "problem", "id": f"extra-{at}", "client": "c1", "title": f"Concern {at}", "codes": [{"system": ICD10, "code": "F41.1"}]} for at in range(4)]
    taken(practice, *more)
    partner = world.client(partner=PARTNER)
    first = partner.get("Condition?_count=2")
    following = next(link["url"] for link in first["link"] if link["relation"] == "next").partition("/fhir/")[2]
    assert partner.get(following)["entry"]
    taken(practice, CONSENT | {"revoked_on": "2026-10-30"})
    refused = partner.get(following, 400)
    assert refused["resourceType"] == "OperationOutcome"
    assert "entry" not in partner.get("Condition?_count=2")


def test_a_release_given_again_opens_again(world: World, practice: Caller) -> None:
    partner = world.client(partner=PARTNER)
    before = _seen(partner)
    taken(practice, CONSENT | {"revoked_on": "2026-10-30"})
    taken(practice, CONSENT)
    assert _kinds(_seen(partner)) == _kinds(before)


def test_a_release_narrowed_closes_what_it_no_longer_names(world: World, practice: Caller) -> None:
    partner = world.client(partner=PARTNER)
    before = _seen(partner)
    taken(practice, CONSENT | {"categories": ["demographics"]})
    after = _seen(partner)
    assert _kinds(after) == {"Patient", "Consent", "Provenance"}
    for name in before - after:
        partner.get(name, 404)


@pytest.mark.parametrize(("moment", "open_"), [("2026-11-30T23:59:59-05:00", True), ("2026-12-01T00:00:00-05:00", False)])
def test_a_release_ends_with_its_last_day_in_the_practices_zone(world: World, practice: Caller, moment: str, open_: bool) -> None:
    before = _seen(world.client(partner=PARTNER))
    world.clock.now = datetime.fromisoformat(moment).astimezone(UTC)
    partner = world.client(partner=PARTNER)
    if open_:
        assert _seen(partner) == before
    else:
        _check_all_gone(partner, before)


@pytest.mark.parametrize(("moment", "open_"), [("2026-09-30T23:59:59-04:00", False), ("2026-10-01T00:00:00-04:00", True)])
def test_a_release_begins_with_its_first_day(world: World, practice: Caller, moment: str, open_: bool) -> None:
    world.clock.now = datetime.fromisoformat(moment).astimezone(UTC)
    assert bool(_seen(world.client(partner=PARTNER))) is open_


def test_a_release_expires_for_a_token_that_was_given_before(world: World, practice: Caller) -> None:
    world.clock.now = datetime(2026, 12, 1, 4, 58, tzinfo=UTC)
    partner = world.client(partner=PARTNER)
    before = _seen(partner)
    assert before
    world.clock.forward(minutes=2)
    _check_all_gone(partner, before)


@pytest.mark.parametrize(
    "changed",
    [{"direction": "obtain"}, {"purpose": "legal"}, {"purpose": "payment"}, {"purpose": "other"}, {"partner": "elsewhere"}, {"client": "c2", "categories": ["safety_plan"]}],
    ids=["obtain", "legal", "payment", "other", "another partner", "another client"],
)
def test_a_release_for_something_else_opens_nothing_here(world: World, practice: Caller, changed: dict[str, Any]) -> None:
    taken(practice, {"kind": "partner", "id": "elsewhere", "organization": "Elsewhere Clinic"}, CONSENT | changed)
    assert _kinds(_seen(world.client(partner=PARTNER))) <= {"Consent", "Provenance"}
    assert not any(world.client(partner=PARTNER).all(kind) for kind in OPENED - {"Consent", "Provenance"})


def test_the_first_sign_of_substance_use_treatment_closes_the_story_told_before_it(world: World, practice: Caller) -> None:
    """The plan was an ordinary record when it was opened; with the diagnosis it is one of 42 CFR Part 2, its trace included."""
    partner = world.client(partner=PARTNER)
    before = _seen(partner)
    taken(practice, {"kind": "problem", "id": "d3", "client": "c1", "title": "Alcohol dependence", "codes": [{"system": ICD10, "code": "F10.20"}]})
    after = _seen(partner)
    assert _kinds(after) == {"Patient", "Condition", "Observation", "QuestionnaireResponse", "Consent", "Provenance"}
    for name in before - after:
        for path in PATHS:
            assert partner.ask("GET", name + path).status_code == 404, name + path
    for trace in partner.all("Provenance"):
        assert {target["reference"] for target in trace["target"]} <= after, "a Provenance tells of what is withheld"


def test_a_record_tightened_by_the_practice_is_gone_in_every_version(world: World, practice: Caller) -> None:
    partner = world.client(partner=PARTNER)
    before = {name for name in _seen(partner) if name.startswith("Condition/")}
    taken(practice, PROBLEM | {"sensitivity": "restricted"})
    assert not partner.all("Condition")
    for name in before:
        for path in PATHS:
            partner.get(name + path, 404)
    for trace in partner.all("Provenance"):
        assert not {target["reference"] for target in trace["target"]} & before
