"""An app ends what it was given, and whatever a token hangs on ends the token: within one second, here and in other processes."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.app import create_app
from gateway.smart import token
from gateway.smart.app import AuthMethod
from gateway.smart.client import revoke_client
from gateway.store.engine import Store
from gateway.store.grant import revoke_grants_of
from tests.token.given import METHODS, App, Code, allow, app, disable, error_of, given, is_live, person, sign_in
from tests.world import World


@pytest.mark.parametrize("method", METHODS)
def test_a_refresh_token_takes_its_family_with_it(world: World, method: AuthMethod) -> None:
    asker = app(world, method)
    first = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
    second = given(asker.refresh(first["refresh_token"]))
    given(asker.ask("/oauth/revoke", token=second["refresh_token"]))
    assert not is_live(world, first["access_token"])
    assert not is_live(world, second["access_token"])
    assert error_of(asker.refresh(second["refresh_token"])) == (400, "invalid_grant")


def test_a_refresh_token_that_was_used_still_ends_its_family(world: World) -> None:
    asker = app(world)
    first = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
    second = given(asker.refresh(first["refresh_token"]))
    given(asker.ask("/oauth/revoke", token=first["refresh_token"]))
    assert not is_live(world, second["access_token"])


@pytest.mark.parametrize("method", METHODS)
def test_an_access_token_ends_alone(world: World, method: AuthMethod) -> None:
    asker = app(world, method)
    first = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
    assert is_live(world, first["access_token"])
    given(asker.ask("/oauth/revoke", token=first["access_token"]))
    assert not is_live(world, first["access_token"])
    assert is_live(world, given(asker.refresh(first["refresh_token"]))["access_token"])


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "something"])
def test_a_hint_changes_nothing_and_a_token_unknown_is_no_error(world: World, hint: str | None) -> None:
    asker = app(world)
    first = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
    given(asker.ask("/oauth/revoke", token="unknown", token_type_hint=hint))
    given(asker.ask("/oauth/revoke", token=first["access_token"], token_type_hint=hint))
    assert not is_live(world, first["access_token"])


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_nobody_ends_the_token_of_another_app(world: World, kind: str) -> None:
    asker, other = app(world), app(world, "client_secret_basic")
    first = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
    assert error_of(other.ask("/oauth/revoke", token=first[kind])) == (400, "invalid_grant")
    assert is_live(world, first["access_token"])
    given(asker.refresh(first["refresh_token"]))


def _by_the_app(world: World, asker: App, who: str, held: dict[str, Any]) -> None:
    given(asker.ask("/oauth/revoke", token=held["refresh_token"]))


def _by_the_person(world: World, asker: App, who: str, held: dict[str, Any]) -> None:
    with world.store.write() as connection:
        revoke_grants_of(connection, 1, account=who)


def _by_the_end_of_the_session(world: World, asker: App, who: str, held: dict[str, Any]) -> None:
    world.clock.forward(seconds=600)


def _by_disabling_the_person(world: World, asker: App, who: str, held: dict[str, Any]) -> None:
    disable(world, who)


def _by_revoking_the_app(world: World, asker: App, who: str, held: dict[str, Any]) -> None:
    revoke_client(world.store, world.clock, asker.client_id)


@pytest.mark.parametrize("end", [_by_the_app, _by_the_person, _by_the_end_of_the_session, _by_disabling_the_person, _by_revoking_the_app])
def test_another_process_feels_every_end_within_one_second(world: World, monkeypatch: pytest.MonkeyPatch, end: Any) -> None:
    """The other process remembers what it looked up, for less than a second; its clock is moved by hand."""
    asker, who = app(world), person(world)
    code: Code = allow(world, asker, "user/*.rs online_access", who, session=sign_in(world, who, life_s=600))
    held = asker.tokens(code)
    moment = [1000.0]
    monkeypatch.setattr(token.time, "monotonic", lambda: moment[0])
    elsewhere = Store(str(world.settings.database_url))
    app_elsewhere = create_app(world.settings, store=elsewhere, clock=world.clock)
    browser = app_elsewhere.test_client()
    headers = {"Authorization": f"Bearer {held['access_token']}"}
    assert browser.get("/fhir/Patient", headers=headers).status_code == 200
    end(world, asker, who, held)
    moment[0] += 0.99
    assert browser.get("/fhir/Patient", headers=headers).status_code == 401
    app_elsewhere.extensions["handoff"].journal.close()
    elsewhere.close()
