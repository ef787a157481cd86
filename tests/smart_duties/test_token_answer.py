"""SMART 2.2.0 app-launch, the token endpoint: what a code buys, for whom and for how long."""

from __future__ import annotations

import re

import pytest

from gateway.smart.app import AuthMethod
from tests.smart_duties.flow import VERIFIER, Answers, Practice, an_app, ask_fhir
from tests.token.given import METHODS, App, Code, error_of, given
from tests.world import World

SCOPE = "launch/patient patient/*.rs user/Patient.rs user/Condition.rs offline_access"
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750 section 2.1."""
_URN = "urn:ietf:params:oauth:grant-type"


@pytest.fixture
def code(office: Practice, asker: App) -> Code:
    return Code(office.seat.authorize(asker, "user/Patient.rs offline_access")["code"], VERIFIER, "")


@pytest.mark.parametrize("method", METHODS)
def test_each_way_of_proving_an_app_buys_a_token(world: World, office: Practice, method: AuthMethod) -> None:
    token = office.seat.tokens(an_app(world, SCOPE, method), "user/Patient.rs")["access_token"]
    assert ask_fhir(world, token, f"Patient/{office.client}").status_code == 200


def test_the_answer_names_the_token_its_type_its_life_and_its_scope(asker: App, code: Code) -> None:
    answer = given(asker.exchange(code))
    assert answer["access_token"]
    assert (answer["token_type"], answer["scope"]) == ("Bearer", "user/Patient.rs offline_access")
    assert type(answer["expires_in"]) is int


def test_the_answer_is_json_with_a_token_or_an_error(asker: App, code: Code) -> None:
    good, bad = asker.exchange(code), asker.exchange(Code("unknown", VERIFIER, ""))
    assert (good.status_code, good.mimetype, "access_token" in good.get_json()) == (200, "application/json", True)
    assert (bad.status_code, bad.mimetype, bad.get_json()["error"]) == (400, "application/json", "invalid_grant")
    assert "access_token" not in bad.get_json()


def test_no_answer_of_the_token_endpoint_may_be_kept(world: World, asker: App, code: Code) -> None:
    answers = [asker.exchange(code), asker.exchange(code), asker.exchange(code, grant_type="password"), world.http.get("/oauth/token")]
    assert [(answer.headers["Cache-Control"], answer.headers.get("Pragma")) for answer in answers] == [("no-store", "no-cache")] * 4


def test_the_scope_in_the_answer_is_what_the_person_left_ticked(world: World, office: Practice, asker: App) -> None:
    answer = office.seat.tokens(asker, "user/Patient.rs user/Condition.rs", Answers(untick=["user/Condition.rs"]))
    assert answer["scope"] == "user/Patient.rs"
    assert ask_fhir(world, answer["access_token"], f"Condition?patient={office.client}").status_code == 403


def test_a_code_is_worth_nothing_without_its_verifier(asker: App, code: Code) -> None:
    for wrong in (None, "", "a" * 43, VERIFIER[:-1], VERIFIER.swapcase()):
        status, error = error_of(asker.exchange(code, code_verifier=wrong))
        assert (status, error in ("invalid_request", "invalid_grant")) == (400, True)
    assert given(asker.exchange(code))["access_token"]


def test_a_code_is_good_for_a_minute(world: World, office: Practice, asker: App) -> None:
    codes = [Code(office.seat.authorize(asker, "user/Patient.rs")["code"], VERIFIER, "") for _ in range(2)]
    world.clock.forward(seconds=59)
    given(asker.exchange(codes[0]))
    world.clock.forward(seconds=1)
    assert error_of(asker.exchange(codes[1])) == (400, "invalid_grant")


def test_a_code_used_twice_ends_what_it_bought(world: World, office: Practice, asker: App, code: Code) -> None:
    bought = given(asker.exchange(code))
    assert error_of(asker.exchange(code)) == (400, "invalid_grant")
    assert ask_fhir(world, bought["access_token"], f"Patient/{office.client}").status_code == 401
    assert error_of(asker.refresh(bought["refresh_token"])) == (400, "invalid_grant")


def test_a_token_is_short_and_of_plain_characters(asker: App, code: Code) -> None:
    answer = given(asker.exchange(code))
    for token in (answer["access_token"], answer["refresh_token"]):
        assert _BEARER.fullmatch(token)
        assert 43 <= len(token) <= 128


def test_a_token_lives_at_most_an_hour_whatever_is_asked(world: World, office: Practice, asker: App, code: Code) -> None:
    answer = given(asker.exchange(code, expires_in="86400"))
    assert 0 < answer["expires_in"] <= 3600
    world.clock.forward(seconds=answer["expires_in"])
    late = ask_fhir(world, answer["access_token"], f"Patient/{office.client}")
    assert (late.status_code, 'error="invalid_token"' in late.headers["WWW-Authenticate"]) == (401, True)


@pytest.mark.parametrize(
    "grant_type", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange", "authorization_code "]
)
def test_no_grant_but_the_three_is_taken(asker: App, code: Code, grant_type: str) -> None:
    assert error_of(asker.exchange(code, grant_type=grant_type)) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("method", ["client_secret_basic", "private_key_jwt"])
@pytest.mark.parametrize("address", ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/par"])
def test_a_confidential_app_proves_itself_everywhere(world: World, method: AuthMethod, address: str) -> None:
    asker = an_app(world, SCOPE, method)
    unproven = App(world, asker.client_id, "none", None)
    form = {"grant_type": "refresh_token", "refresh_token": "unknown"} if address == "/oauth/token" else {"token": "unknown"}
    assert error_of(unproven.ask(address, **form)) == (401, "invalid_client")
    assert asker.ask(address, **form).status_code != 401
