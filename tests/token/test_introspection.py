"""What a token is worth is told to those who may know, in full; to anybody else it is worth nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.smart.client import revoke_client
from gateway.store.grant import revoke_grant
from tests.token.given import App, allow, app, disable, error_of, given, person, sign_in
from tests.world import World

SCOPE = "openid fhirUser profile launch/patient patient/*.rs offline_access"
CONTEXT = {"need_patient_banner": True, "intent": "reconcile", "smart_style_url": "https://gateway.example.org/style.json", "tenant": "t", "fhirContext": [{"reference": "Task/1"}]}
INACTIVE = {"active": False}


def _asked(world: World, token: str, bearer: str) -> Any:
    return given(world.http.post("/oauth/introspect", data={"token": token}, headers={"Authorization": f"Bearer {bearer}"}))


def _own(asker: App, token: str) -> Any:
    return given(asker.ask("/oauth/introspect", token=token))


@pytest.mark.parametrize("method", ["client_secret_basic", "private_key_jwt"])
def test_an_app_hears_all_that_its_token_response_said(world: World, method: Any) -> None:
    asker, who = app(world, method), person(world)
    held = asker.tokens(allow(world, asker, SCOPE, who, patient="pat-1", encounter="enc-1", context=CONTEXT))
    now = int(world.clock().timestamp())
    assert _own(asker, held["access_token"]) == {
        "active": True,
        "client_id": asker.client_id,
        "scope": SCOPE,
        "token_type": "Bearer",
        "aud": world.settings.fhir_base,
        "iat": now,
        "exp": now + held["expires_in"],
        "patient": "pat-1",
        "encounter": "enc-1",
        "iss": world.settings.base_url,
        "sub": who,
        "fhirUser": f"{world.settings.fhir_base}/Practitioner/p-1",
        **CONTEXT,
    }


def test_without_an_id_token_nobody_is_named(world: World) -> None:
    asker = app(world, "client_secret_basic")
    held = asker.tokens(allow(world, asker, "user/*.rs"))
    assert not {"iss", "sub", "fhirUser", "name"} & set(_own(asker, held["access_token"]))


def test_a_refresh_token_can_be_asked_about_too(world: World) -> None:
    asker = app(world, "client_secret_basic")
    first = asker.tokens(allow(world, asker, "patient/*.rs offline_access", patient="pat-1"))
    told = _own(asker, first["refresh_token"])
    assert (told["active"], told["scope"], told["patient"]) == (True, first["scope"], "pat-1")
    assert "token_type" not in told
    given(asker.refresh(first["refresh_token"]))
    assert _own(asker, first["refresh_token"]) == INACTIVE


def test_the_bearer_of_the_right_scope_asks_about_every_token_of_its_practice(world: World) -> None:
    asker = app(world)
    held = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
    resource_server = world.client("__token.introspect", practice=True).token
    assert _asked(world, held["access_token"], resource_server)["active"] is True
    assert _asked(world, held["refresh_token"], resource_server)["active"] is True
    without = world.client("system/*.rs", practice=True).token
    assert error_of(world.http.post("/oauth/introspect", data={"token": held["access_token"]}, headers={"Authorization": f"Bearer {without}"})) == (401, "invalid_client")


def test_an_app_hears_nothing_of_another_apps_token(world: World) -> None:
    asker, other = app(world), app(world, "client_secret_basic")
    held = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
    assert _own(other, held["access_token"]) == INACTIVE
    assert _own(other, held["refresh_token"]) == INACTIVE
    assert _own(other, "unknown") == INACTIVE


def test_an_app_that_cannot_authenticate_may_not_ask(world: World) -> None:
    asker = app(world)
    held = asker.tokens(allow(world, asker, "user/*.rs"))
    assert error_of(asker.ask("/oauth/introspect", token=held["access_token"])) == (401, "invalid_client")


def test_what_has_run_out_is_inactive(world: World) -> None:
    asker = app(world, "client_secret_basic")
    held = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
    world.clock.forward(seconds=3600)
    assert _own(asker, held["access_token"]) == INACTIVE
    assert _own(asker, held["refresh_token"])["active"] is True
    world.clock.forward(days=30)
    assert _own(asker, held["refresh_token"]) == INACTIVE


def _end_grant(world: World, asker: App, who: str, code_grant: str) -> None:
    with world.store.write() as connection:
        revoke_grant(connection, code_grant, 1)


def _end_app(world: World, asker: App, who: str, code_grant: str) -> None:
    revoke_client(world.store, world.clock, asker.client_id)


def _end_person(world: World, asker: App, who: str, code_grant: str) -> None:
    disable(world, who)


def _end_session(world: World, asker: App, who: str, code_grant: str) -> None:
    world.clock.forward(seconds=601)


@pytest.mark.parametrize("end", [_end_grant, _end_app, _end_person, _end_session])
def test_a_token_is_inactive_as_soon_as_anything_that_it_hangs_on_ends(world: World, end: Any) -> None:
    asker, who = app(world), person(world)
    code = allow(world, asker, "user/*.rs online_access", who, session=sign_in(world, who, life_s=600))
    held = asker.tokens(code)
    end(world, asker, who, code.grant)
    resource_server = world.client("__token.introspect", practice=True).token
    assert _asked(world, held["access_token"], resource_server) == INACTIVE
    assert _asked(world, held["refresh_token"], resource_server) == INACTIVE
