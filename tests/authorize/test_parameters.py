"""Every rule of an authorization request as a table: what was changed, what is answered, and whether the app may be told."""

from __future__ import annotations

import string
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.authorize.clinic import CHALLENGE, REDIRECT, Clinic, offered, told

TOLD: dict[str, tuple[dict[str, str | None], str]] = {
    "no response_type": ({"response_type": None}, "invalid_request"),
    "an implicit response_type": ({"response_type": "token"}, "unsupported_response_type"),
    "a hybrid response_type": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "response_mode fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "response_mode form_post": ({"response_mode": "form_post"}, "invalid_request"),
    "no code_challenge": ({"code_challenge": None}, "invalid_request"),
    "no PKCE at all": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "no code_challenge_method, which means plain": ({"code_challenge_method": None}, "invalid_request"),
    "code_challenge_method plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "code_challenge_method in small letters": ({"code_challenge_method": "s256"}, "invalid_request"),
    "a short code_challenge": ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
    "a padded code_challenge": ({"code_challenge": f"{CHALLENGE}="}, "invalid_request"),
    "a code_challenge in plain base64": ({"code_challenge": f"{CHALLENGE[:-1]}+"}, "invalid_request"),
    "a long code_challenge": ({"code_challenge": "a" * 64}, "invalid_request"),
    "a code_challenge with a line break": ({"code_challenge": f"{CHALLENGE}\n"}, "invalid_request"),
    "no aud": ({"aud": None}, "invalid_request"),
    "the aud of another server": ({"aud": "https://fhir.evil.example/r4"}, "invalid_request"),
    "an aud that only begins like ours": ({"aud": "http://127.0.0.1:8000/fhir/other"}, "invalid_request"),
    "an aud with two slashes": ({"aud": "http://127.0.0.1:8000/fhir//"}, "invalid_request"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "a scope that means nothing": ({"scope": "everything please"}, "invalid_scope"),
    "a system scope": ({"scope": "system/*.rs"}, "invalid_scope"),
    "an extension scope of the practice's own system": ({"scope": "__record.write"}, "invalid_scope"),
    "online and offline access at once": ({"scope": "online_access offline_access openid"}, "invalid_scope"),
    "a scope of 9000 characters": ({"scope": " ".join(["patient/Observation.rs"] * 400)}, "invalid_scope"),
    "the scope launch without a launch": ({"scope": "launch patient/*.rs"}, "invalid_request"),
    "a launch without the scope launch": ({"launch": "a" * 43}, "invalid_scope"),
    "a launch that is no launch": ({"scope": "launch patient/*.rs", "launch": "../x"}, "invalid_request"),
    "prompt none with another": ({"prompt": "none login"}, "invalid_request"),
    "an unknown prompt": ({"prompt": "create"}, "invalid_request"),
    "a negative max_age": ({"max_age": "-1"}, "invalid_request"),
    "a max_age in words": ({"max_age": "soon"}, "invalid_request"),
    "a max_age with other digits": ({"max_age": "\u0661"}, "invalid_request"),
    "a nonce of 1025 characters": ({"nonce": "n" * 1025}, "invalid_request"),
    "a request object": ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    "a request_uri elsewhere": ({"request_uri": "https://evil.example/request.jwt"}, "request_uri_not_supported"),
    "a bad dpop_jkt": ({"dpop_jkt": "short"}, "invalid_request"),
    "the resource of another server": ({"resource": "https://fhir.evil.example/r4"}, "invalid_target"),
}
"""What the app is told at its registered address."""

UNTOLD: dict[str, dict[str, str | None]] = {
    "no client_id": {"client_id": None},
    "an unknown client_id": {"client_id": "nobody"},
    "a client_id with a null": {"client_id": "a\x00b"},
    "a client_id that is only control characters": {"client_id": "\n"},
    "no redirect_uri": {"redirect_uri": None},
    "another redirect_uri": {"redirect_uri": "https://evil.example/back"},
    "a redirect_uri with a slash more": {"redirect_uri": f"{REDIRECT}/"},
    "a redirect_uri with a query": {"redirect_uri": f"{REDIRECT}?next=x"},
    "a redirect_uri with a fragment": {"redirect_uri": f"{REDIRECT}#x"},
    "a redirect_uri in capitals": {"redirect_uri": REDIRECT.replace("app", "APP")},
    "a redirect_uri on another port": {"redirect_uri": REDIRECT.replace(".org", ".org:8443")},
    "a redirect_uri by http": {"redirect_uri": REDIRECT.replace("https", "http")},
    "a redirect_uri with dots": {"redirect_uri": REDIRECT.replace("/back", "/x/../back")},
    "a redirect_uri with a user name": {"redirect_uri": REDIRECT.replace("app.", "app.example.org@")},
    "a redirect_uri with a space at the end": {"redirect_uri": f"{REDIRECT} "},
    "a redirect_uri that is encoded twice": {"redirect_uri": REDIRECT.replace("/", "%2F")},
    "a script": {"redirect_uri": "javascript:alert(1)"},
    "a pushed request that is none": {"request_uri": f"urn:ietf:params:oauth:request_uri:{'a' * 43}"},
}
"""What only a page may say: whoever asked is not known, or not where the browser would go."""

STATELESS: dict[str, str | None] = {"none": None, "empty": "", "too long": "s" * 1025, "a line break": "a\nb", "not ASCII": "\u00e9tat"}
"""A state that cannot be given back."""


@pytest.mark.parametrize(("changes", "error"), TOLD.values(), ids=TOLD)
def test_the_app_is_told_what_is_wrong_with_its_request(clinic: Clinic, changes: dict[str, str | None], error: str) -> None:
    answer = told(clinic.browser().ask(**changes))
    assert answer["error"] == error
    assert answer["error_description"].isascii()
    assert answer["error_description"].endswith(".")
    assert answer["state"] == "a state, of its own"
    assert answer["iss"] == clinic.world.settings.base_url
    assert "code" not in answer


@pytest.mark.parametrize("changes", UNTOLD.values(), ids=UNTOLD)
def test_nobody_is_redirected_for_a_client_or_an_address_that_is_not_registered(clinic: Clinic, changes: dict[str, str | None]) -> None:
    walk = clinic.browser()
    response = walk.ask(**changes)
    assert response.status_code == 400
    assert response.mimetype == "text/html"
    assert walk.seen == []


@pytest.mark.parametrize("state", STATELESS.values(), ids=STATELESS)
def test_without_a_state_that_can_be_given_back_the_error_comes_without_one(clinic: Clinic, state: str | None) -> None:
    answer = told(clinic.browser().ask(state=state))
    assert answer["error"] == "invalid_request"
    assert "state" not in answer


@pytest.mark.parametrize("name", ["response_type", "scope", "state", "aud", "code_challenge", "nonce", "launch", "resource", "unheard_of"])
def test_no_parameter_may_come_twice(clinic: Clinic, name: str) -> None:
    parameters = clinic.parameters()
    query = urlencode([*parameters.items(), (name, parameters.get(name, "")), (name, parameters.get(name, "x"))])
    response = clinic.browser().browser.get(f"/oauth/authorize?{query}")
    assert told(response)["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_second_client_or_address_is_said_on_a_page(clinic: Clinic, name: str) -> None:
    query = urlencode([*clinic.parameters().items(), (name, clinic.parameters()[name])])
    response = clinic.browser().browser.get(f"/oauth/authorize?{query}")
    assert response.status_code == 400
    assert "Location" not in response.headers


@pytest.mark.parametrize(
    "changes", [{"aud": "http://127.0.0.1:8000/fhir/"}, {"response_mode": "query"}, {"resource": "http://127.0.0.1:8000/fhir"}, {"unheard_of": "1"}, {"login_hint": "ada"}]
)
def test_what_may_be_said_is_let_pass(clinic: Clinic, changes: dict[str, str | None]) -> None:
    assert "/sign-in" in clinic.browser().ask(**changes).request.path


def test_a_form_is_as_good_as_a_query(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    picker = walk.follow(walk.browser.http.post("/oauth/authorize", data=clinic.parameters(), headers={"Origin": "https://app.example.org", "Sec-Fetch-Site": "cross-site"}))
    assert "Ada Quist" in picker.text


def test_a_form_and_a_query_at_once_are_neither(clinic: Clinic) -> None:
    response = clinic.browser().browser.http.post(f"/oauth/authorize?client_id={clinic.app}", data=clinic.parameters())
    assert response.status_code == 400
    assert "Location" not in response.headers


def test_scopes_for_types_that_are_not_served_are_left_out(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(scope="launch/patient patient/Observation.rs patient/Immunization.rs patient/Observation.sr"), clinic.ada)
    assert sorted(offered(consent)) == ["launch/patient", "patient/Observation.rs"]


def test_a_scope_beyond_the_registration_is_refused(clinic: Clinic) -> None:
    narrow = clinic.new_app(scope="launch/patient patient/Observation.rs")
    for scope in ("patient/*.rs", "patient/Observation.crs", "user/Observation.rs", "openid"):
        assert told(clinic.browser().ask(client_id=narrow, scope=scope))["error"] == "invalid_scope"


def test_a_backend_system_cannot_ask_here(clinic: Clinic) -> None:
    backend = clinic.world.client("system/*.rs")
    walk = clinic.browser()
    assert walk.ask(client_id=backend.client_id).status_code == 400
    assert walk.seen == []


def test_a_query_that_was_registered_stays_byte_by_byte(clinic: Clinic) -> None:
    address = "https://app.example.org/back?tenant=a%2fb&flag"
    app = clinic.new_app(redirect_uris=[address])
    response = clinic.browser().ask(client_id=app, redirect_uri=address, response_type="token")
    assert response.location.startswith(f"{address}&error=unsupported_response_type&")


def test_a_strict_app_must_push_its_request(clinic: Clinic) -> None:
    strict = clinic.new_app(strict=True)
    assert told(clinic.browser().ask(client_id=strict))["error"] == "invalid_request"


_NAMES = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "aud",
    "code_challenge",
    "code_challenge_method",
    "launch",
    "prompt",
    "max_age",
    "request_uri",
    "resource",
]
_TEXTS = st.one_of(
    st.text(max_size=30),
    st.text(string.printable, max_size=30),
    st.sampled_from([REDIRECT, "https://evil.example", "\x00", "none", "S256", "patient/*.rs", "urn:ietf:params:oauth:request_uri:x"]),
)
_CHANGES = st.lists(st.tuples(st.sampled_from(_NAMES), st.one_of(st.none(), _TEXTS)), max_size=4)


@given(changes=_CHANGES, twice=st.lists(st.sampled_from(_NAMES), max_size=2), posted=st.booleans())
def test_whatever_is_sent_the_browser_goes_nowhere_else_and_nothing_breaks(clinic: Clinic, changes: list[tuple[str, Any]], twice: list[str], posted: bool) -> None:
    asked = clinic.parameters(**dict(changes))
    pairs = [*asked.items(), *((name, asked[name]) for name in twice if name in asked)]
    http = clinic.browser().browser.http
    response = (
        http.post("/oauth/authorize", data=urlencode(pairs), content_type="application/x-www-form-urlencoded") if posted else http.get(f"/oauth/authorize?{urlencode(pairs)}")
    )
    check_answer(response)


@given(query=st.text(max_size=200))
def test_no_query_however_broken_breaks_the_page(clinic: Clinic, query: str) -> None:
    sent = query.encode("utf-8", "surrogatepass").decode("latin-1")
    check_answer(clinic.browser().browser.http.get("/oauth/authorize", environ_overrides={"QUERY_STRING": sent}))


def check_answer(response: TestResponse) -> None:
    assert response.status_code in (303, 400, 413)
    place = response.headers.get("Location")
    if place is not None and place.startswith("/"):
        assert urlsplit(place).path == "/oauth/authorize/next"
    elif place is not None:
        assert place.partition("?")[0] == REDIRECT
        assert "error" in parse_qs(urlsplit(place).query)
