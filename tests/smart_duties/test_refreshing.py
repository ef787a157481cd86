"""SMART 2.2.0 app-launch, refresh: who may come back for a new token, for how long, and for no more than was allowed."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.smart.token import forget
from tests.smart_duties.flow import Answers, Practice, an_app, ask_fhir, practice
from tests.token.given import DAY_MS, App, error_of, given
from tests.world import World

SCOPE = "launch/patient patient/*.rs user/Patient.rs user/Condition.rs offline_access"
ONLINE = SCOPE.replace("offline", "online")
LASTING = "user/Patient.rs user/Condition.rs offline_access"


@pytest.fixture
def office(world: World) -> Practice:
    return practice(world)


def _opens(world: World, answer: dict[str, Any], office: Practice) -> bool:
    return ask_fhir(world, answer["access_token"], f"Patient/{office.client}").status_code == 200


def test_a_refresh_token_comes_only_where_access_was_to_last(world: World, office: Practice, asker: App) -> None:
    assert "refresh_token" not in office.seat.tokens(asker, "user/Patient.rs")
    assert "refresh_token" in office.seat.tokens(asker, "user/Patient.rs offline_access")
    assert "refresh_token" in office.seat.tokens(an_app(world, ONLINE), "user/Patient.rs online_access")
    assert "refresh_token" not in office.seat.tokens(asker, "user/Patient.rs offline_access", Answers(untick=["offline_access"]))
    assert office.seat.authorize(an_app(world, "user/Patient.rs"), "user/Patient.rs offline_access").get("error") == "invalid_scope"


def test_the_answer_to_a_refresh_is_whole(world: World, office: Practice, asker: App) -> None:
    first = office.seat.tokens(asker, "launch/patient patient/*.rs offline_access", Answers(patient=office.client))
    response = asker.refresh(first["refresh_token"])
    again = given(response)
    assert (again["token_type"], again["scope"], again["patient"]) == ("Bearer", first["scope"], office.client)
    assert 0 < again["expires_in"] <= 3600
    assert again["access_token"] != first["access_token"]
    assert again["refresh_token"] != first["refresh_token"]
    assert (response.headers["Cache-Control"], response.headers["Pragma"]) == ("no-store", "no-cache")
    assert _opens(world, again, office)


def test_refreshing_without_a_scope_keeps_it(office: Practice, asker: App) -> None:
    first = office.seat.tokens(asker, LASTING)
    narrow = given(asker.refresh(first["refresh_token"], scope="user/Patient.rs"))
    assert narrow["scope"] == "user/Patient.rs"
    assert given(asker.refresh(narrow["refresh_token"]))["scope"] == LASTING


def test_what_was_unticked_stays_away_after_a_refresh(world: World, office: Practice, asker: App) -> None:
    first = office.seat.tokens(asker, LASTING, Answers(untick=["user/Condition.rs"]))
    again = given(asker.refresh(first["refresh_token"]))
    assert again["scope"] == first["scope"] == "user/Patient.rs offline_access"
    assert ask_fhir(world, again["access_token"], f"Condition?patient={office.client}").status_code == 403


@pytest.mark.parametrize("scope", ["user/*.rs", "user/Condition.rs", "user/Patient.cruds", "openid", "patient/Patient.rs", "system/Patient.rs"])
def test_refreshing_never_gives_more(office: Practice, asker: App, scope: str) -> None:
    first = office.seat.tokens(asker, "user/Patient.rs offline_access")
    assert error_of(asker.refresh(first["refresh_token"], scope=scope)) == (400, "invalid_scope")
    assert given(asker.refresh(first["refresh_token"]))["scope"] == "user/Patient.rs offline_access"


def test_a_refresh_token_serves_its_own_app_alone(world: World, office: Practice, asker: App) -> None:
    first = office.seat.tokens(asker, LASTING)
    for thief in (an_app(world, SCOPE), an_app(world, SCOPE, "client_secret_basic"), an_app(world, SCOPE, "private_key_jwt")):
        assert error_of(thief.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert given(asker.refresh(first["refresh_token"]))["access_token"]


def test_a_refresh_token_used_twice_ends_its_family(world: World, office: Practice, asker: App) -> None:
    first = office.seat.tokens(asker, LASTING)
    second = given(asker.refresh(first["refresh_token"]))
    assert error_of(asker.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert not _opens(world, first, office)
    assert not _opens(world, second, office)
    assert error_of(asker.refresh(second["refresh_token"])) == (400, "invalid_grant")


def test_online_access_lasts_as_long_as_the_person_stays(world: World, office: Practice) -> None:
    asker = an_app(world, ONLINE)
    answer = office.seat.tokens(asker, "user/Patient.rs online_access")
    answer = given(asker.refresh(answer["refresh_token"]))
    assert _opens(world, answer, office)
    office.seat.browser.post("/sign-out", {"csrf": office.seat.browser.csrf()})
    forget(world.store)  # half a second later
    assert not _opens(world, answer, office)
    assert error_of(asker.refresh(answer["refresh_token"])) == (400, "invalid_grant")


def test_offline_access_outlasts_the_person(world: World, office: Practice, asker: App) -> None:
    answer = office.seat.tokens(asker, LASTING)
    office.seat.browser.post("/sign-out", {"csrf": office.seat.browser.csrf()})
    forget(world.store)
    assert _opens(world, answer, office)
    world.clock.forward(days=3)
    assert _opens(world, given(asker.refresh(answer["refresh_token"])), office)


def test_a_refresh_token_ends_at_last_however_often_it_is_used(world: World, office: Practice, asker: App) -> None:
    answer, weeks = office.seat.tokens(asker, LASTING), 0
    while (response := asker.refresh(answer["refresh_token"])).status_code == 200:
        answer, weeks = response.get_json(), weeks + 1
        assert weeks * 7 * DAY_MS <= 366 * DAY_MS
        world.clock.forward(days=7)
    assert weeks > 1
    assert error_of(response) == (400, "invalid_grant")
