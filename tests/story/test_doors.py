"""Every address asks for a token, those named here apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson
import pytest

from gateway.http.access import ACCESS
from tests.story.small import RECORDS, taken
from tests.world import PRACTICE, World

TOLD_IN_OAUTH = ("/oauth/userinfo",)
"""Refuses in the words of RFC 6750, without an OperationOutcome."""
GUARDED = {f"{method} {rule}" for rule, methods in ACCESS.items() for method, decided in methods.items() if decided.who == "bearer" and rule not in TOLD_IN_OAUTH}
PUBLIC = {f"GET {rule}" for rule, methods in ACCESS.items() if methods.get("GET") is not None and methods["GET"].who == "anyone"} - {"GET /oauth/register"}
PAGES = {f"GET {rule}" for rule, methods in ACCESS.items() if methods.get("GET") is not None and methods["GET"].who == "person"}
SIGNED = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")
FILLED = {"<kind>": "Patient", "<key>": "c1", "<version>": "1", "<practice>": PRACTICE, "<link>": "x"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("doors"))
    taken(world.client(practice=True), *RECORDS)
    yield world
    world.close()


def _path(rule: str) -> str:
    path = rule
    for placeholder, value in FILLED.items():
        path = path.replace(placeholder, "client" if placeholder == "<kind>" and rule.startswith("/records") else value)
    return path


@pytest.mark.parametrize("authorization", ["", "Bearer nonsense", "Basic cHJhY3RpY2U6cHJhY3RpY2U="])
@pytest.mark.parametrize("door", sorted(GUARDED))
def test_a_guarded_door_answers_401_without_a_token_whatever_is_sent(world: World, door: str, authorization: str) -> None:
    method, _, rule = door.partition(" ")
    for body, media in ((None, None), (b"{}", "application/fhir+json"), (b"not json", "text/plain"), (b"[]", "application/json")):
        answer = world.http.open(_path(rule), method=method, data=body, content_type=media, headers={"Authorization": authorization} if authorization else {})
        assert answer.status_code == 401, (door, media)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert orjson.loads(answer.data)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("door", sorted(one for one in GUARDED if one.startswith("GET")))
def test_neither_head_nor_options_tells_more_without_a_token(world: World, door: str) -> None:
    path = _path(door.partition(" ")[2])
    assert world.http.head(path).status_code == 401
    assert world.http.options(path).data == b""


@pytest.mark.parametrize("rule", SIGNED)
def test_a_token_address_gives_nothing_without_a_signed_assertion(world: World, rule: str) -> None:
    for form in ({}, {"grant_type": "client_credentials"}, {"grant_type": "client_credentials", "client_id": world.client().client_id}, {"token": world.client().token}):
        answer = world.http.post(rule, data=form, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (400, 401)
        assert "access_token" not in answer.get_data(as_text=True)
        assert "active" not in answer.get_json()


@pytest.mark.parametrize("door", sorted(PUBLIC | PAGES))
def test_an_open_door_shows_nobody(world: World, door: str) -> None:
    answer = world.http.get(_path(door.partition(" ")[2]))
    assert answer.status_code == 200 or door in PAGES
    shown = answer.get_data(as_text=True)
    its_own = () if door == "GET /brands" else ("Larch Street",)  # a brand is what the practice wants known of itself
    for name in ("Halloway", "Wren", "Tamsin", "Riverbend", "Abara", *its_own):
        assert not re.search(rf"\b{re.escape(name)}\b", shown), name


def test_an_address_that_is_not_served_is_404_and_says_nothing_of_the_address(world: World) -> None:
    for path in ("/Zebulon-Quartermain", "/fhir/Zebulon/Quartermain/x/y/z", "/records/a/b/c/d", "/oauth/Quartermain", "/fhir/Patient/c1/$everything"):
        answer = world.http.get(path)
        assert answer.status_code in (401, 404)
        assert orjson.loads(answer.data)["resourceType"] == "OperationOutcome"
        assert "Quartermain" not in answer.get_data(as_text=True)
