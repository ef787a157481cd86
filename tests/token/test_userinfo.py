"""Who signed in is told to the app that holds a token of that sign-in, and to nobody else."""

from __future__ import annotations

import pytest

from tests.token.given import allow, app, disable, given, person
from tests.world import World


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_app_learns_who_signed_in(world: World, method: str) -> None:
    asker, who = app(world), person(world)
    held = asker.tokens(allow(world, asker, "openid fhirUser profile", who))
    response = world.http.open("/oauth/userinfo", method=method, headers={"Authorization": f"Bearer {held['access_token']}"})
    assert given(response) == {"sub": who, "fhirUser": f"{world.settings.fhir_base}/Practitioner/p-1", "name": "Dana Okafor"}
    assert response.headers["Cache-Control"] == "no-store"


def test_it_is_told_no_more_than_its_scopes(world: World) -> None:
    asker, who = app(world), person(world)
    held = asker.tokens(allow(world, asker, "openid", who))
    assert given(world.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {held['access_token']}"})) == {"sub": who}


def test_a_token_of_no_sign_in_says_nothing_of_anybody(world: World) -> None:
    asker = app(world)
    for bearer in (asker.tokens(allow(world, asker, "user/*.rs"))["access_token"], world.client("system/*.rs", practice=True).token):
        response = world.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {bearer}"})
        assert (response.status_code, response.get_json()["error"]) == (403, "insufficient_scope")
        assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("header", [None, "Bearer unknown", "Basic eDp5", "Bearer"])
def test_without_a_good_token_nothing_is_told(world: World, header: str | None) -> None:
    response = world.http.get("/oauth/userinfo", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_token")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.headers["Cache-Control"] == "no-store"


def test_a_token_in_the_address_counts_for_nothing(world: World) -> None:
    asker = app(world)
    held = asker.tokens(allow(world, asker, "openid"))
    assert world.http.get(f"/oauth/userinfo?access_token={held['access_token']}").status_code == 401


def test_a_disabled_person_is_told_of_no_more(world: World) -> None:
    asker, who = app(world), person(world)
    held = asker.tokens(allow(world, asker, "openid", who))
    disable(world, who)
    assert world.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {held['access_token']}"}).status_code == 401
