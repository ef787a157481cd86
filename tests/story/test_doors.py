"""Every address asks for a token, those named here apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson
import pytest

from tests.story.small import RECORDS, taken
from tests.world import PRACTICE, World

OPEN = {
    "GET /fhir/metadata": "what the server can do, for whoever wants to know (https://hl7.org/fhir/R4/http.html#capabilities)",
    "GET /fhir/.well-known/smart-configuration": "where to get a token (SMART App Launch 2.2.0, conformance)",
    "GET /oauth/jwks": "the gateway's public keys",
    "POST /oauth/token": "asks for a signed assertion in place of a token",
    "POST /oauth/revoke": "asks for a signed assertion in place of a token",
    "POST /oauth/introspect": "asks for a signed assertion in place of a token",
    "GET /": "the start page: what this is, and counts for the sample practice alone",
    "GET /health/live": "whether the process runs",
    "GET /health/ready": "whether the store answers",
}
"""Each door that opens without a token, and why."""

GUARDED = {
    "POST /fhir",
    "POST /fhir/",
    "GET /fhir/<kind>",
    "POST /fhir/<kind>",
    "POST /fhir/<kind>/_search",
    "GET /fhir/<kind>/<key>",
    "PUT /fhir/<kind>/<key>",
    "GET /fhir/<kind>/<key>/_history",
    "GET /fhir/<kind>/<key>/_history/<version>",
    "POST /records",
    "GET /records/<kind>",
    "GET /records/<kind>/<key>",
    "PUT /records/<kind>/<key>",
    "GET /records/referral/<key>/$preview",
    "POST /records/referral/<key>/$send",
    "GET /records/referral/<key>/$ccda",
    "GET /records/treatment_plan/<key>/$ccda",
    "POST /records/ccda",
}
DESCRIBING = {"GET /records/schema/<kind>": "the shape of records: no record in it"}
SIGNED = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")
FILLED = {"<kind>": "Patient", "<key>": "c1", "<version>": "1"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("doors"))
    taken(world.client(practice=True), *RECORDS)
    yield world
    world.close()


def _doors(world: World) -> set[str]:
    """`METHOD /rule` of all that the app serves; HEAD and OPTIONS go with their rule, the token addresses answer 405 to all but POST."""
    found = set()
    for rule in world.app.url_map.iter_rules():
        methods = {"POST"} if rule.rule in SIGNED else (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found |= {f"{method} {rule.rule}" for method in methods}
    return found


def test_every_door_is_named_here(world: World) -> None:
    assert _doors(world) == set(OPEN) | GUARDED | set(DESCRIBING)


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


@pytest.mark.parametrize("door", sorted(one for one in OPEN if one.startswith("GET")) + sorted(DESCRIBING))
def test_an_open_door_shows_nobody(world: World, door: str) -> None:
    answer = world.http.get(_path(door.partition(" ")[2]))
    assert answer.status_code == 200
    shown = answer.get_data(as_text=True)
    for name in ("Halloway", "Wren", "Tamsin", "Riverbend", "Abara", PRACTICE, "Larch Street"):
        assert not re.search(rf"\b{re.escape(name)}\b", shown), name


def test_an_address_that_is_not_served_is_404_and_says_nothing_of_the_address(world: World) -> None:
    for path in ("/Zebulon-Quartermain", "/fhir/Zebulon/Quartermain/x/y/z", "/records/a/b/c/d", "/oauth/Quartermain", "/fhir/Patient/c1/$everything"):
        answer = world.http.get(path)
        assert answer.status_code in (401, 404)
        assert orjson.loads(answer.data)["resourceType"] == "OperationOutcome"
        assert "Quartermain" not in answer.get_data(as_text=True)
