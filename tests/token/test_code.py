"""An authorization code becomes tokens, once, for the app and the person it stands for."""

from __future__ import annotations

import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gateway.smart.app import AuthMethod
from tests.token.given import METHODS, REDIRECT, allow, app, error_of, given, is_live, person, sign_in
from tests.world import World

CONTEXT = {"need_patient_banner": True, "intent": "reconcile", "smart_style_url": "https://gateway.example.org/style.json", "tenant": "test-practice"}
FHIR_CONTEXT = [{"reference": "Observation/o1"}]


@pytest.mark.parametrize("method", METHODS)
def test_an_app_of_every_kind_gets_tokens_for_its_code(world: World, method: AuthMethod) -> None:
    asker = app(world, method)
    response = asker.exchange(allow(world, asker, "patient/*.rs offline_access", patient="pat-1"))
    body = given(response)
    assert (body["token_type"], body["expires_in"], body["scope"], body["patient"]) == ("Bearer", 3600, "patient/*.rs offline_access", "pat-1")
    assert set(body) == {"access_token", "token_type", "expires_in", "scope", "patient", "refresh_token"}
    assert (response.headers["Cache-Control"], response.headers["Pragma"]) == ("no-store", "no-cache")
    assert is_live(world, body["access_token"])


def test_the_launch_context_comes_with_the_tokens(world: World) -> None:
    asker = app(world)
    body = asker.tokens(allow(world, asker, "patient/*.rs launch", patient="pat-1", encounter="enc-1", context={**CONTEXT, "fhirContext": FHIR_CONTEXT}))
    assert {name: body[name] for name in CONTEXT} == CONTEXT
    assert (body["patient"], body["encounter"], body["fhirContext"]) == ("pat-1", "enc-1", FHIR_CONTEXT)


def test_names_of_version_1_are_given_back_as_they_were_granted(world: World) -> None:
    asker = app(world)
    assert asker.tokens(allow(world, asker, "user/Patient.read"))["scope"] == "user/Patient.read"


@pytest.mark.parametrize(("scope", "has_one"), [("user/*.rs", False), ("user/*.rs offline_access", True), ("user/*.rs online_access", True)])
def test_only_an_app_that_may_come_back_gets_a_refresh_token(world: World, scope: str, has_one: bool) -> None:
    asker = app(world)
    assert ("refresh_token" in asker.tokens(allow(world, asker, scope))) is has_one


def test_a_code_is_good_for_one_use_and_a_replay_ends_all_that_it_gave(world: World) -> None:
    asker = app(world)
    code = allow(world, asker, "user/*.rs offline_access")
    body = asker.tokens(code)
    assert error_of(asker.exchange(code)) == (400, "invalid_grant")
    assert not is_live(world, body["access_token"])
    assert error_of(asker.refresh(body["refresh_token"])) == (400, "invalid_grant")


WRONG = {
    "another redirect URI": {"redirect_uri": "https://app.example.org/callback/"},
    "no redirect URI": {"redirect_uri": None},
    "another verifier": {"code_verifier": "a" * 43},
    "no verifier": {"code_verifier": None},
    "a verifier too short": {"code_verifier": "a" * 42},
    "a verifier too long": {"code_verifier": "a" * 129},
    "a verifier with a line end": {"code_verifier": "a" * 43 + "\n"},
    "a verifier beyond ASCII": {"code_verifier": "é" * 43},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_whoever_lacks_a_part_gets_nothing_and_takes_nothing_from_the_app(world: World, changes: dict[str, str | None]) -> None:
    asker = app(world)
    code = allow(world, asker, "user/*.rs")
    status, error = error_of(asker.exchange(code, **changes))
    assert (status, error) == (400, "invalid_request" if "code_verifier" in changes and changes["code_verifier"] != "a" * 43 else "invalid_grant")
    assert is_live(world, asker.tokens(code)["access_token"])


@pytest.mark.parametrize("method", METHODS)
def test_a_code_of_another_app_is_worth_nothing_and_stays_whole(world: World, method: AuthMethod) -> None:
    asker, thief = app(world), app(world, method)
    code = allow(world, asker, "user/*.rs")
    assert error_of(thief.exchange(code)) == (400, "invalid_grant")
    body = asker.tokens(code)
    assert error_of(thief.exchange(code)) == (400, "invalid_grant")
    assert is_live(world, body["access_token"]), "no replay: it was not the app that asked"


def test_a_replay_without_the_verifier_ends_nothing(world: World) -> None:
    asker = app(world)
    code = allow(world, asker, "user/*.rs")
    body = asker.tokens(code)
    assert error_of(asker.exchange(code, code_verifier="b" * 43)) == (400, "invalid_grant")
    assert is_live(world, body["access_token"])


def test_a_code_is_good_for_sixty_seconds(world: World) -> None:
    asker = app(world)
    early, late = allow(world, asker, "user/*.rs"), allow(world, asker, "user/*.rs")
    world.clock.forward(seconds=59)
    given(asker.exchange(early))
    world.clock.forward(seconds=1)
    assert error_of(asker.exchange(late)) == (400, "invalid_grant")


def test_the_wrong_proof_of_a_confidential_app_leaves_the_code_whole(world: World) -> None:
    asker = app(world, "client_secret_basic")
    code, right = allow(world, asker, "user/*.rs"), asker.secret
    asker.secret = "wrong"
    assert error_of(asker.exchange(code)) == (401, "invalid_client")
    asker.secret = right
    given(asker.exchange(code))


def test_an_assertion_is_spent_where_the_code_was_not_good(world: World) -> None:
    asker = app(world, "private_key_jwt")
    code, once = allow(world, asker, "user/*.rs"), asker.assertion()
    assert error_of(asker.exchange(code, code_verifier="a" * 43, client_assertion=once)) == (400, "invalid_grant")
    assert error_of(asker.exchange(code, client_assertion=once)) == (401, "invalid_client")
    given(asker.exchange(code))


def test_online_tokens_end_with_the_session_at_the_latest(world: World) -> None:
    asker, who = app(world), person(world)
    code = allow(world, asker, "user/*.rs online_access", who, session=sign_in(world, who, life_s=600))
    assert asker.tokens(code)["expires_in"] == 600


def test_no_token_outlives_the_grant(world: World) -> None:
    asker = app(world)
    assert asker.tokens(allow(world, asker, "user/*.rs", life_ms=90_000))["expires_in"] == 90
    assert error_of(asker.exchange(allow(world, asker, "user/*.rs", life_ms=500))) == (400, "invalid_grant")


def test_an_id_token_says_who_signed_in(world: World) -> None:
    asker, who = app(world), person(world)
    seat = sign_in(world, who)
    body = asker.tokens(allow(world, asker, "openid fhirUser profile", who, session=seat, nonce="n-1"))
    keys = KeySet.import_key_set(world.http.get("/oauth/jwks").get_json())
    read = jwt.decode(body["id_token"], keys, algorithms=["RS256"])
    now = int(world.clock().timestamp())
    assert read.header["kid"] in {key.kid for key in keys}
    assert read.claims == {
        "iss": world.settings.base_url,
        "sub": who,
        "aud": asker.client_id,
        "exp": now + 300,
        "iat": now,
        "auth_time": now - 60,
        "nonce": "n-1",
        "sid": seat,
        "amr": ["pwd", "otp"],
        "fhirUser": f"{world.settings.fhir_base}/Practitioner/p-1",
        "name": "Dana Okafor",
        "at_hash": read.claims["at_hash"],
    }


@pytest.mark.parametrize(("scope", "absent"), [("openid", {"fhirUser", "name"}), ("openid profile", {"fhirUser"}), ("openid fhirUser", {"name"})])
def test_an_id_token_says_no_more_than_its_scopes(world: World, scope: str, absent: set[str]) -> None:
    asker = app(world)
    claims = _claims(asker.tokens(allow(world, asker, scope))["id_token"])
    assert not absent & set(claims)
    assert {"fhirUser", "name"} - absent <= set(claims)


def test_a_person_without_a_resource_has_no_fhir_user(world: World) -> None:
    asker = app(world)
    assert "fhirUser" not in _claims(asker.tokens(allow(world, asker, "openid fhirUser", person(world, fhir_user=None)))["id_token"])


def test_without_openid_nobody_is_named(world: World) -> None:
    asker = app(world)
    assert "id_token" not in asker.tokens(allow(world, asker, "user/*.rs"))


def test_the_redirect_uri_is_compared_character_by_character(world: World) -> None:
    asker = app(world)
    assert error_of(asker.exchange(allow(world, asker, "user/*.rs"), redirect_uri=REDIRECT.upper())) == (400, "invalid_grant")


def _claims(id_token: str) -> dict[str, object]:
    part = id_token.split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims
