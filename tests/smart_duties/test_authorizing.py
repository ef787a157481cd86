"""SMART 2.2.0 app-launch, the authorization request: what an app may ask, whom it asks, and how the answer comes back."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from gateway.smart.client import revoke_client
from tests.smart_duties.flow import VERIFIER, Answers, Practice, an_app, ask_fhir, back_at_app, practice
from tests.token.given import REDIRECT, App, Code, given
from tests.world import World

SCOPE = "openid fhirUser launch/patient patient/*.rs user/Patient.rs offline_access"
NOT_BY_S256: dict[str, dict[str, str | None]] = {
    "plain": {"code_challenge_method": "plain", "code_challenge": "v" * 43},
    "no method": {"code_challenge_method": None},
    "no challenge": {"code_challenge": None},
    "neither": {"code_challenge": None, "code_challenge_method": None},
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_may_come_by_get_or_by_post(world: World, office: Practice, asker: App, method: str) -> None:
    back = office.seat.authorize(asker, "user/Patient.rs", method=method)
    assert given(asker.exchange(Code(back["code"], VERIFIER, "")))["scope"] == "user/Patient.rs"


def test_what_a_person_allows_comes_back_as_a_code_and_the_state(world: World, asker: App) -> None:
    newcomer = practice(world, signed_in=False).seat
    answer = newcomer.go_on(newcomer.ask(asker, "user/Patient.rs", state="opaque-1"), Answers())
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"].partition("?")[0] == REDIRECT
    back = back_at_app(answer)
    assert (set(back), back["state"], back["iss"]) == ({"code", "state", "iss"}, "opaque-1", world.settings.base_url)
    assert given(asker.exchange(Code(back["code"], VERIFIER, "")))["access_token"]


def test_what_a_person_denies_comes_back_as_an_error(office: Practice, asker: App) -> None:
    back = office.seat.authorize(asker, "user/Patient.rs", Answers(says="deny"), state="opaque-2")
    assert (back["error"], back["state"]) == ("access_denied", "opaque-2")
    assert "code" not in back


@pytest.mark.parametrize("state", ["a b+c&d=e%20f", " spaces around ", "~!@#$^*()_-[]{}|;:',.<>?/", "x" * 500])
def test_the_state_comes_back_character_by_character(office: Practice, asker: App, state: str) -> None:
    assert office.seat.authorize(asker, "user/Patient.rs", state=state)["state"] == state
    assert office.seat.authorize(asker, "nonsense", state=state)["state"] == state


def test_a_challenge_by_s256_is_taken(office: Practice, asker: App) -> None:
    assert "code" in office.seat.authorize(asker, "user/Patient.rs")


@pytest.mark.parametrize("changes", NOT_BY_S256.values(), ids=NOT_BY_S256)
@pytest.mark.parametrize("method", ["none", "client_secret_basic", "private_key_jwt"])
def test_a_challenge_that_is_not_by_s256_is_refused(world: World, office: Practice, method: str, changes: dict[str, str | None]) -> None:
    back = office.seat.authorize(an_app(world, SCOPE, method), "user/Patient.rs", **changes)  # type: ignore[arg-type]
    assert (back["error"], "code" in back) == ("invalid_request", False)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/callback",
        f"{REDIRECT}/",
        f"{REDIRECT}?x=1",
        REDIRECT.upper(),
        REDIRECT.replace("https", "http"),
        REDIRECT.replace("app.", "app%2e"),
        f"{REDIRECT}/../callback",
        f"{REDIRECT}#f",
        "",
        None,
    ],
)
def test_only_an_address_registered_for_the_app_gets_an_answer(office: Practice, asker: App, address: str | None) -> None:
    answer = office.seat.ask(asker, "user/Patient.rs", redirect_uri=address)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_an_app_nobody_registered_gets_no_answer(world: World, office: Practice, asker: App) -> None:
    gone = an_app(world, SCOPE)
    revoke_client(world.store, world.clock, gone.client_id)
    for stranger in ("nobody", gone.client_id):
        answer = office.seat.ask(asker, "user/Patient.rs", client_id=stranger)
        assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.parametrize("audience", ["https://other.example/fhir", "http://127.0.0.1:8000", "http://127.0.0.1:8000/fhir/Patient", None])
def test_a_request_for_another_fhir_server_is_refused(office: Practice, asker: App, audience: str | None) -> None:
    back = office.seat.authorize(asker, "user/Patient.rs", aud=audience)
    assert (back["error"], "code" in back) == ("invalid_request", False)


@pytest.mark.parametrize("response_type", ["token", "id_token", "code token", "id_token token", "code id_token", "none"])
def test_no_token_travels_through_the_browser(office: Practice, asker: App, response_type: str) -> None:
    answer = office.seat.ask(asker, "openid user/Patient.rs", response_type=response_type)
    assert back_at_app(answer)["error"] == "unsupported_response_type"
    assert not urlsplit(answer.headers["Location"]).fragment
    assert set(office.seat.authorize(asker, "openid user/Patient.rs")) == {"code", "state", "iss"}


@pytest.mark.parametrize("mode", ["fragment", "form_post", "web_message", "query.jwt"])
def test_the_answer_travels_by_redirect_alone(office: Practice, asker: App, mode: str) -> None:
    assert office.seat.authorize(asker, "user/Patient.rs", response_mode=mode)["error"] == "invalid_request"
    assert "code" in office.seat.authorize(asker, "user/Patient.rs", response_mode="query")


@pytest.mark.parametrize("scope", ["user/*.cruds", "system/*.rs", "__record.write"])
def test_an_app_gets_nothing_beyond_its_registration(office: Practice, asker: App, scope: str) -> None:
    back = office.seat.authorize(asker, scope)
    assert "code" not in back
    assert back["error"] in ("invalid_scope", "access_denied")


def test_a_person_is_asked_every_time(office: Practice, asker: App) -> None:
    for _ in range(2):
        office.seat.seen.clear()
        office.seat.authorize(asker, "user/Patient.rs")
        assert "Do not allow" in office.seat.seen[-1]
    assert office.seat.authorize(asker, "user/Patient.rs", prompt="none")["error"] == "consent_required"


def test_the_page_says_in_plain_words_what_is_asked(office: Practice, asker: App) -> None:
    office.seat.authorize(asker, "launch/patient patient/Condition.rs offline_access", Answers(patient=office.client))
    page = office.seat.seen[-1]
    for said in ("Mood Diary", "Mia Lund", "diagnoses and concerns", "app.example.org", "after you sign out"):
        assert said in page
    assert page.count('type="checkbox"') == 3


def test_a_token_of_a_grant_opens_fhir(world: World, office: Practice, asker: App) -> None:
    token = office.seat.tokens(asker, "user/Patient.rs")["access_token"]
    assert ask_fhir(world, token, f"Patient/{office.client}").status_code == 200
