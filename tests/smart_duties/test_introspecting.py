"""SMART 2.2.0 token-introspection: what a token is worth, told to the app that holds it and to a resource server with the scope for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smart_duties.backend import Backend, backend
from tests.smart_duties.flow import Answers, Practice, an_app
from tests.token.given import App, error_of, given
from tests.world import World

SCOPE = "launch launch/patient patient/*.rs user/Patient.rs openid fhirUser offline_access"
INACTIVE = {"active": False}


@pytest.fixture(scope="module")
def asker(world: World) -> App:
    return an_app(world, SCOPE, "client_secret_basic")


@pytest.fixture(scope="module")
def resource_server(world: World) -> Backend:
    return backend(world, "__token.introspect", role="practice")


def _told(asker: App, token: str) -> dict[str, Any]:
    return given(asker.ask("/oauth/introspect", token=token))


def _told_bearer(server: Backend, token: str) -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {server.token('__token.introspect')}"}
    return given(server.world.http.post("/oauth/introspect", data={"token": token}, headers=bearer))


def test_an_app_learns_what_its_token_is_worth(office: Practice, asker: App) -> None:
    held = office.seat.tokens(asker, "user/Patient.rs")
    told = _told(asker, held["access_token"])
    assert (told["active"], told["scope"], told["client_id"]) == (True, held["scope"], asker.client_id)


def test_of_a_token_that_is_worth_nothing_nothing_is_said(world: World, office: Practice, asker: App) -> None:
    held = office.seat.tokens(asker, "user/Patient.rs")
    assert _told(asker, "unknown") == INACTIVE
    assert asker.ask("/oauth/revoke", token=held["access_token"]).status_code == 200
    assert _told(asker, held["access_token"]) == INACTIVE
    late = office.seat.tokens(asker, "user/Patient.rs")
    world.clock.forward(seconds=late["expires_in"])
    assert _told(asker, late["access_token"]) == INACTIVE


def test_the_end_that_is_told_is_the_end_that_was_promised(world: World, office: Practice, asker: App) -> None:
    held = office.seat.tokens(asker, "user/Patient.rs")
    issued = int(world.clock().timestamp())
    world.clock.forward(seconds=60)
    told = _told(asker, held["access_token"])
    assert type(told["exp"]) is int
    assert told["exp"] == issued + held["expires_in"]


def test_the_context_of_the_launch_is_told_again(office: Practice, asker: App) -> None:
    launch = office.seat.launch(asker, office.client, encounter=office.visit, about=f"CarePlan/{office.plan}", intent="reconcile")
    held = office.seat.tokens(asker, "launch patient/*.rs", launch=launch)
    told = _told(asker, held["access_token"])
    context = ("patient", "encounter", "fhirContext", "intent", "need_patient_banner", "smart_style_url", "tenant")
    assert {name: told.get(name) for name in context} == {name: held[name] for name in context}


def test_who_signed_in_is_told_as_in_the_id_token(world: World, office: Practice, asker: App) -> None:
    held = office.seat.tokens(asker, "openid fhirUser user/Patient.rs")
    told = _told(asker, held["access_token"])
    claims = office.seat.claims(held["id_token"])
    assert {name: told[name] for name in ("iss", "sub", "fhirUser")} == {name: claims[name] for name in ("iss", "sub", "fhirUser")}
    bare = _told(asker, office.seat.tokens(asker, "openid user/Patient.rs")["access_token"])
    assert (bare["sub"], "fhirUser" in bare) == (claims["sub"], False)
    assert "sub" not in _told(asker, office.seat.tokens(asker, "user/Patient.rs")["access_token"])


@pytest.mark.parametrize("method", ["none", "client_secret_basic", "private_key_jwt"])
def test_a_bearer_with_the_scope_for_it_may_ask_about_every_app(world: World, office: Practice, resource_server: Backend, method: Any) -> None:
    asker = an_app(world, SCOPE, method)
    held = office.seat.tokens(asker, "launch/patient patient/*.rs", Answers(patient=office.client))
    told = _told_bearer(resource_server, held["access_token"])
    assert (told["active"], told["client_id"], told["patient"]) == (True, asker.client_id, office.client)
    system = backend(world, "system/Patient.rs")
    assert _told_bearer(resource_server, system.token("system/Patient.rs"))["client_id"] == system.client_id


def test_nobody_unproven_introspects(world: World, office: Practice, asker: App) -> None:
    held = office.seat.tokens(asker, "user/Patient.rs")["access_token"]
    system = backend(world, "system/Patient.rs")
    for headers in ({}, {"Authorization": f"Bearer {held}"}, {"Authorization": f"Bearer {system.token('system/Patient.rs')}"}, {"Authorization": "Bearer unknown"}):
        assert error_of(world.http.post("/oauth/introspect", data={"token": held}, headers=headers)) == (401, "invalid_client")
    assert error_of(App(world, asker.client_id, "none", None).ask("/oauth/introspect", token=held)) == (401, "invalid_client")
