"""A refresh token buys the next tokens, once; whoever uses an old one ends the family."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from gateway.smart.app import AuthMethod
from gateway.smart.client import revoke_client
from gateway.store.schema_access import refresh_token
from tests.token.given import DAY_MS, METHODS, allow, app, disable, error_of, given, is_live, person, sign_in
from tests.world import World

OFFLINE = "patient/*.rs offline_access"
BAD = (400, "invalid_grant")


@pytest.mark.parametrize("method", METHODS)
def test_an_app_of_every_kind_refreshes_and_hears_its_launch_context_again(world: World, method: AuthMethod) -> None:
    asker = app(world, method)
    first = asker.tokens(allow(world, asker, OFFLINE, patient="pat-1", context={"need_patient_banner": False}))
    response = asker.refresh(first["refresh_token"])
    second = given(response)
    assert {**second, "access_token": "", "refresh_token": ""} == {**first, "access_token": "", "refresh_token": ""}
    assert (second["patient"], second["need_patient_banner"], second["expires_in"]) == ("pat-1", False, 3600)
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (response.headers["Cache-Control"], response.headers["Pragma"]) == ("no-store", "no-cache")
    assert is_live(world, first["access_token"])
    assert is_live(world, second["access_token"])


def test_an_old_refresh_token_ends_the_whole_family(world: World) -> None:
    asker = app(world)
    first = asker.tokens(allow(world, asker, OFFLINE))
    second = given(asker.refresh(first["refresh_token"]))
    assert error_of(asker.refresh(first["refresh_token"])) == BAD
    assert error_of(asker.refresh(second["refresh_token"])) == BAD
    assert not is_live(world, first["access_token"])
    assert not is_live(world, second["access_token"])


def test_an_old_refresh_token_ends_the_family_whatever_scope_comes_with_it(world: World) -> None:
    asker = app(world)
    first = asker.tokens(allow(world, asker, OFFLINE))
    second = given(asker.refresh(first["refresh_token"]))
    assert error_of(asker.refresh(first["refresh_token"], scope="system/*.cruds")) == BAD
    assert not is_live(world, second["access_token"])


@pytest.mark.parametrize("method", METHODS)
def test_a_refresh_token_of_another_app_is_worth_nothing_and_stays_whole(world: World, method: AuthMethod) -> None:
    asker, thief = app(world), app(world, method)
    first = asker.tokens(allow(world, asker, OFFLINE))
    assert error_of(thief.refresh(first["refresh_token"])) == BAD
    given(asker.refresh(first["refresh_token"]))


@pytest.mark.parametrize("value", ["x", "x" * 20_000, "é"], ids=["unknown", "endless", "beyond ASCII"])
def test_a_refresh_token_that_is_none_is_refused(world: World, value: str) -> None:
    assert error_of(app(world).refresh(value)) == BAD


def test_a_refresh_without_a_refresh_token_is_refused(world: World) -> None:
    assert error_of(app(world).ask("/oauth/token", grant_type="refresh_token")) == (400, "invalid_request")


def test_a_narrower_scope_by_meaning_is_given_and_the_next_refresh_has_all_again(world: World) -> None:
    asker = app(world)
    first = asker.tokens(allow(world, asker, "patient/*.rs user/Patient.read"))
    assert "refresh_token" not in first
    first = asker.tokens(allow(world, asker, "patient/*.rs user/Patient.read offline_access"))
    second = given(asker.refresh(first["refresh_token"], scope="patient/Observation.r user/Patient.rs"))
    assert second["scope"] == "patient/Observation.r user/Patient.rs"
    assert given(asker.refresh(second["refresh_token"]))["scope"] == first["scope"]


@pytest.mark.parametrize("scope", ["patient/Observation.u", "user/Observation.rs", "system/*.rs", "patient/Observation.sr", '"<x>'])
def test_a_scope_beyond_what_was_allowed_is_refused_and_the_token_stays_whole(world: World, scope: str) -> None:
    asker = app(world)
    first = asker.tokens(allow(world, asker, OFFLINE))
    assert error_of(asker.refresh(first["refresh_token"], scope=scope)) == (400, "invalid_scope")
    given(asker.refresh(first["refresh_token"]))


def test_the_end_of_a_grant_is_absolute(world: World) -> None:
    asker = app(world)
    held = asker.tokens(allow(world, asker, OFFLINE, life_ms=DAY_MS))
    for _ in range(3):
        world.clock.forward(hours=7, minutes=59)
        held = given(asker.refresh(held["refresh_token"]))
    assert held["expires_in"] == 180
    world.clock.forward(seconds=180)
    assert error_of(asker.refresh(held["refresh_token"])) == BAD
    assert not is_live(world, held["access_token"])


def test_online_access_ends_with_the_session(world: World) -> None:
    asker, who = app(world), person(world)
    held = asker.tokens(allow(world, asker, "user/*.rs online_access", who, session=sign_in(world, who, life_s=7200)))
    world.clock.forward(seconds=5400)
    held = given(asker.refresh(held["refresh_token"]))
    assert held["expires_in"] == 1800
    world.clock.forward(seconds=1800)
    assert error_of(asker.refresh(held["refresh_token"])) == BAD


def test_offline_access_outlives_every_session(world: World) -> None:
    asker = app(world)
    held = asker.tokens(allow(world, asker, OFFLINE))
    world.clock.forward(days=20)
    given(asker.refresh(held["refresh_token"]))


def test_a_disabled_person_lets_no_app_come_back(world: World) -> None:
    asker, who = app(world), person(world)
    held = asker.tokens(allow(world, asker, OFFLINE, who))
    disable(world, who)
    assert error_of(asker.refresh(held["refresh_token"])) == BAD


def test_a_revoked_app_proves_nothing_any_more(world: World) -> None:
    asker = app(world)
    held = asker.tokens(allow(world, asker, OFFLINE))
    revoke_client(world.store, world.clock, asker.client_id)
    assert error_of(asker.refresh(held["refresh_token"])) == (401, "invalid_client")


def test_a_refresh_tells_nothing_new_of_the_sign_in(world: World) -> None:
    asker = app(world)
    held = asker.tokens(allow(world, asker, "openid fhirUser offline_access", nonce="n"))
    assert "id_token" in held
    assert "id_token" not in given(asker.refresh(held["refresh_token"]))


def test_an_assertion_is_spent_where_the_refresh_token_was_not_good(world: World) -> None:
    asker = app(world, "private_key_jwt")
    held, once = asker.tokens(allow(world, asker, OFFLINE)), asker.assertion()
    assert error_of(asker.refresh("unknown", client_assertion=once)) == BAD
    assert error_of(asker.refresh(held["refresh_token"], client_assertion=once)) == (401, "invalid_client")
    given(asker.refresh(held["refresh_token"]))


def test_only_digests_of_refresh_tokens_are_stored(world: World) -> None:
    asker = app(world)
    held = asker.tokens(allow(world, asker, OFFLINE))["refresh_token"]
    with world.store.write() as connection:
        assert not connection.execute(update(refresh_token).where(refresh_token.c.digest == held).values(used_at=1)).rowcount


def test_a_public_app_refreshes_without_its_name_as_smarts_own_client_for_browsers_does(world: World) -> None:
    asker = app(world)
    first = asker.tokens(allow(world, asker, OFFLINE))
    second = given(asker.refresh(first["refresh_token"], client_id=None))
    assert error_of(asker.refresh(first["refresh_token"], client_id=None)) == BAD
    assert not is_live(world, second["access_token"])


@pytest.mark.parametrize("method", METHODS[1:])
def test_an_app_that_can_prove_itself_must_also_where_it_leaves_its_name_out(world: World, method: AuthMethod) -> None:
    asker = app(world, method)
    first = asker.tokens(allow(world, asker, OFFLINE))
    unproven = replace(asker, auth_method="none")
    assert error_of(unproven.refresh(first["refresh_token"], client_id=None)) == (401, "invalid_client")
    given(asker.refresh(first["refresh_token"]))


@pytest.mark.parametrize("value", ["x", None], ids=["unknown", "none"])
def test_who_brings_neither_a_name_nor_a_refresh_token_of_ours_is_nobody(world: World, value: str | None) -> None:
    assert error_of(app(world).ask("/oauth/token", grant_type="refresh_token", refresh_token=value, client_id=None)) == (401, "invalid_client")
