"""From where a browser may call: documents from anywhere, the addresses of apps from the origins of approved apps, nothing else from anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from gateway.http import cors
from gateway.smart.client import revoke_client
from tests.registry.house import ORIGIN, House

DOCUMENTS = ["/fhir/metadata", "/fhir/.well-known/smart-configuration", "/oauth/jwks", "/brands", "/smart-style.json"]
WORKPLACES = {
    "/oauth/token": "POST",
    "/oauth/revoke": "POST",
    "/oauth/introspect": "POST",
    "/fhir": "POST",
    "/fhir/Patient": "GET",
    "/fhir/Patient/1": "PUT",
    "/fhir/Observation": "POST",
    "/fhir/Patient/1/_history/1": "GET",
    "/fhir/Nonsense": "GET",
    "/fhir/no/such/address/at/all": "DELETE",
}
ELSEWHERE = ["/", "/records", "/records/client/1", "/oauth/authorize", "/oauth/register", "/oauth/register/x", "/oauth/logout", "/sign-in", "/fhirs", "/oauth/tokens"]
STRANGERS = {
    "another": "https://evil.example",
    "null": "null",
    "a part of it": "https://app.example.or",
    "more than it": "https://app.example.org.evil.example",
    "below it": "https://sub.app.example.org",
    "without TLS": "http://app.example.org",
    "another port": "https://app.example.org:8443",
    "in capitals": "HTTPS://APP.EXAMPLE.ORG",
    "with a slash": "https://app.example.org/",
    "with a path": "https://app.example.org/back",
    "two of them": f"{ORIGIN}, {ORIGIN}",
    "star": "*",
    "empty": "",
}


@pytest.fixture(scope="module")
def house(shared: House) -> House:
    shared.add()
    return shared


def preflight(house: House, path: str, method: str, origin: str) -> TestResponse:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization, content-type"}
    return house.http.open(path, method="OPTIONS", headers=asked)


def allowed(response: TestResponse) -> str | None:
    assert "Access-Control-Allow-Credentials" not in response.headers
    return response.headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example", "null"])
@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_public_document_is_read_from_any_origin(house: House, path: str, origin: str) -> None:
    answer = house.http.get(path, headers={"Origin": origin})
    assert (answer.status_code, allowed(answer)) == (200, "*")
    asked = preflight(house, path, "GET", origin)
    assert (asked.status_code, allowed(asked), asked.headers["Access-Control-Allow-Methods"]) == (204, "*", "GET, HEAD")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_public_document_is_as_open_where_no_origin_is_named(house: House, path: str) -> None:
    assert allowed(house.http.get(path)) == "*"


@pytest.mark.parametrize(("path", "method"), WORKPLACES.items(), ids=WORKPLACES)
def test_a_registered_origin_may_call_where_apps_work(house: House, path: str, method: str) -> None:
    asked = preflight(house, path, method, ORIGIN)
    assert (asked.status_code, allowed(asked)) == (204, ORIGIN)
    assert method in asked.headers["Access-Control-Allow-Methods"].split(", ")
    assert {"Authorization", "Content-Type", "Accept", "If-Match", "If-None-Match", "If-None-Exist", "Prefer", "DPoP"} <= set(
        asked.headers["Access-Control-Allow-Headers"].split(", ")
    )
    answer = house.http.open(path, method=method, headers={"Origin": ORIGIN})
    assert allowed(answer) == ORIGIN, "an answer that refuses is read by its app too"
    assert "Origin" in answer.headers["Vary"]
    assert {"ETag", "Location", "Last-Modified", "WWW-Authenticate", "DPoP-Nonce", "X-Request-Id"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/fhir/Patient", "/fhir/Patient/1"])
def test_any_other_origin_is_never_sent_back(house: House, path: str, stranger: str) -> None:
    asked = preflight(house, path, "GET", stranger)
    assert allowed(asked) is None
    assert "Access-Control-Allow-Methods" not in asked.headers
    answer = house.http.get(path, headers={"Origin": stranger})
    assert allowed(answer) is None
    assert "Origin" in answer.headers["Vary"]


@given(origin=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_no_origin_but_a_registered_one_is_sent_back(house: House, origin: str) -> None:
    assert allowed(house.http.get("/fhir/Patient", headers={"Origin": origin})) in (None, ORIGIN if origin == ORIGIN else None)


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
def test_where_no_app_works_no_origin_is_let_in(house: House, path: str, method: str) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    assert allowed(house.http.open(path, method=method, headers=asked)) is None


@pytest.mark.parametrize("path", ["/fhir/Patient", "/fhir/Patient/1", "/fhir/metadata", "/fhir/Patient/_search"])
def test_options_without_an_origin_is_no_error(house: House, path: str) -> None:
    assert house.http.options(path).status_code == 200


def test_an_origin_that_was_revoked_is_refused_within_a_second(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(folder)
    app, passed = house.add(), [100.0]
    monkeypatch.setattr(cors.time, "monotonic", lambda: passed[0])
    assert allowed(house.http.get("/fhir/Patient", headers={"Origin": ORIGIN})) == ORIGIN
    revoke_client(house.store, house.clock, app.client_id)
    passed[0] += 1.0
    assert allowed(house.http.get("/fhir/Patient", headers={"Origin": ORIGIN})) is None
    house.close()


@pytest.mark.parametrize(
    ("redirect_uri", "origin"),
    [
        ("https://app.example.org/back", "https://app.example.org"),
        ("https://APP.example.org:443/back", "https://app.example.org"),
        ("https://app.example.org:8443/back?x=1", "https://app.example.org:8443"),
        ("http://127.0.0.1:80/back", "http://127.0.0.1"),
        ("http://[::1]:3000/back", "http://[::1]:3000"),
        ("http://localhost/back", "http://localhost"),
    ],
)
def test_an_app_that_names_no_origin_calls_from_where_it_is_sent_back_to(folder: Path, redirect_uri: str, origin: str) -> None:
    house = House(folder)
    house.add(redirect_uris=(redirect_uri,))
    assert allowed(house.http.get("/fhir/Patient", headers={"Origin": origin})) == origin
    house.close()


def test_an_app_of_a_phone_has_no_origin_and_an_app_that_names_one_has_no_other(folder: Path) -> None:
    house = House(folder)
    house.add(redirect_uris=("org.example.app:/back",))
    house.add(origins=("https://cdn.example.org",))
    told = [allowed(house.http.get("/fhir/Patient", headers={"Origin": origin})) for origin in ("org.example.app:", "https://cdn.example.org", ORIGIN)]
    assert told == [None, "https://cdn.example.org", None]
    house.close()
