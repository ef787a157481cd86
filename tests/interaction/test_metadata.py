"""/fhir/metadata is true: what it names works, everything else is refused; media types and forms."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest

from gateway.fhir.capability import SERVED
from gateway.fhir.validation import faults
from tests.fhir.samples import sample
from tests.interaction.resources import patient
from tests.store.engines import fresh
from tests.world import Caller, World

ADDRESSES = {"read": "{}/x", "vread": "{}/x/_history/1", "history-instance": "{}/x/_history", "search-type": "{}", "create": "{}", "update": "{}/x"}
METHODS = {"create": "POST", "update": "PUT"}


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


def _stated(practice: Caller) -> dict[str, Any]:
    body = practice.http.get("/fhir/metadata").get_json()
    return {one["type"]: one for one in body["rest"][0]["resource"]}


def test_the_statement_is_valid_and_open_to_all(practice: Caller) -> None:
    answer = practice.http.get("/fhir/metadata")
    assert answer.status_code == 200
    assert faults(orjson.loads(answer.data)) == []
    assert set(_stated(practice)) == set(SERVED)


@pytest.mark.parametrize("resource_type", SERVED)
def test_every_interaction_stated_works(practice: Caller, resource_type: str) -> None:
    stated = [one["code"] for one in _stated(practice)[resource_type]["interaction"]]
    if "create" in stated:
        made = practice.post(resource_type, _valid(resource_type))
        path = f"{resource_type}/{made['id']}"
        assert practice.get(path) == made
        assert practice.get(f"{path}/_history/1") == made
        assert practice.get(f"{path}/_history")["total"] == 1
        assert practice.put(path, made) == made
    assert practice.get(resource_type)["type"] == "searchset"
    assert set(stated) >= {"read", "vread", "history-instance", "search-type"}


def _valid(resource_type: str) -> dict[str, Any]:
    return {name: value for name, value in sample(resource_type).items() if name != "id"}


@pytest.mark.parametrize("resource_type", SERVED)
def test_every_parameter_stated_is_served(practice: Caller, resource_type: str) -> None:
    stated = _stated(practice)[resource_type]
    values = {"date": "2026", "token": "x", "string": "x", "reference": "x", "uri": "urn:x"}
    for parameter in stated["searchParam"]:
        assert practice.get(f"{resource_type}?{parameter['name']}={values[parameter['type']]}")["type"] == "searchset", parameter
    for include in stated.get("searchInclude", []):
        assert practice.get(f"{resource_type}?_include={include}")["type"] == "searchset"
    for include in stated["searchRevInclude"]:
        assert practice.get(f"{resource_type}?_revinclude={include}")["type"] == "searchset"


@pytest.mark.parametrize("resource_type", SERVED)
def test_what_is_not_stated_is_refused_with_what_is_allowed(practice: Caller, resource_type: str) -> None:
    stated = SERVED[resource_type].interactions
    refused = [("DELETE", "{}/x"), ("PATCH", "{}/x"), ("DELETE", "{}"), ("PUT", "{}"), ("POST", "{}/x"), ("PUT", "{}/x/_history/1"), ("DELETE", "{}/x/_history")]
    refused += [(METHODS[code], ADDRESSES[code]) for code in METHODS if code not in stated]
    for method, path in refused:
        answer = practice.ask(method, path.format(resource_type), {"resourceType": resource_type, "id": "x"})
        assert answer.status_code == 405, (method, path)
        assert answer.headers["Allow"]
        assert answer.get_json()["issue"][0]["code"] == "not-supported"


def test_a_type_not_stated_is_not_served(practice: Caller) -> None:
    for method, path in (("GET", "Device"), ("GET", "Device/x"), ("POST", "Device"), ("GET", "patient"), ("GET", "$everything")):
        assert practice.ask(method, path, {} if method == "POST" else None).status_code == 404


ACCEPTED = [
    "application/fhir+json",
    "application/json",
    "*/*",
    "text/html, application/fhir+json;q=0.5",
    "application/fhir+json; fhirVersion=4.0",
    "application/fhir+json;charset=utf-8",
]
REFUSED = ["application/fhir+xml", "text/html", "application/fhir+json;q=0", "application/xml"]


@pytest.mark.parametrize("accept", ACCEPTED)
def test_json_is_given_to_whoever_takes_it(practice: Caller, accept: str) -> None:
    answer = practice.ask("GET", "Patient", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8"


@pytest.mark.parametrize("accept", REFUSED)
def test_anything_else_is_not_acceptable(practice: Caller, accept: str) -> None:
    assert practice.ask("GET", "Patient", headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize(
    ("form", "status"), [("json", 200), ("application/fhir%2Bjson", 200), ("application/fhir+json", 200), ("xml", 406), ("application/fhir%2Bxml", 406), ("x", 406)]
)
def test_format_wins_over_accept(practice: Caller, form: str, status: int) -> None:
    assert practice.ask("GET", f"Patient?_format={form}", headers={"Accept": "text/html" if status == 200 else "application/json"}).status_code == status


def test_a_body_is_utf_8_whatever_its_label(practice: Caller) -> None:
    family = "Åström-田中-🌿"
    sent = orjson.dumps(patient(family))
    for media, body, status in (
        ("application/fhir+json; charset=utf-8", sent, 201),
        ("application/fhir+json; charset=UTF-8", sent, 201),
        ("application/json", sent, 201),
        ("application/fhir+json", patient("Å").__repr__().encode("latin-1"), 400),
        ("application/fhir+json", sent.decode().encode("utf-16"), 400),
        ("application/fhir+xml", b"<Patient/>", 415),
        ("text/plain", sent, 415),
        ("", sent, 415),
    ):
        answer = practice.http.post("/fhir/Patient", data=body, content_type=media, headers={"Authorization": f"Bearer {practice.token}"})
        assert answer.status_code == status, media
        if status == 201:
            assert orjson.loads(answer.data)["name"][0]["family"] == family


def test_a_posted_search_answers_as_the_same_search_by_get(practice: Caller) -> None:
    family = fresh("Pösted ")
    for _ in range(3):
        practice.post("Patient", patient(family))
    query = {"family": family, "_count": "2", "birthdate": "ge1990", "_sort": "-_lastUpdated"}
    got = practice.http.get("/fhir/Patient", query_string=query, headers={"Authorization": f"Bearer {practice.token}"})
    for url, form in (("/fhir/Patient/_search", query), ("/fhir/Patient/_search?_count=2", {name: value for name, value in query.items() if name != "_count"})):
        posted = practice.http.post(url, data=form, headers={"Authorization": f"Bearer {practice.token}"})
        assert posted.status_code == 200
        assert _without_links(posted.get_json()) == _without_links(got.get_json())
    assert got.get_json()["total"] == 3
    assert practice.http.post("/fhir/Patient/_search", data=b"{}", content_type="application/json", headers={"Authorization": f"Bearer {practice.token}"}).status_code == 415


def _without_links(bundle: dict[str, Any]) -> dict[str, Any]:
    """Links name the parameters in the order in which they came."""
    return bundle | {"link": [one["relation"] for one in bundle["link"]]}


def test_no_token_no_answer(practice: Caller) -> None:
    for path in ("Patient", f"Patient/{uuid.uuid4()}", "Device", "Patient?_format=xml"):
        answer = practice.http.get(f"/fhir/{path}")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
