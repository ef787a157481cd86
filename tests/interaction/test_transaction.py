"""Transactions: all of it or nothing, references between entries, conditions, scopes, searches inside."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.interaction.resources import condition, entry, observation, patient, transaction
from tests.store.engines import fresh
from tests.world import Caller, World


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


def _urn() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


def _count(caller: Caller, resource_type: str) -> int:
    return int(caller.get(f"{resource_type}?_summary=count")["total"])


def _about(urn: str, made: dict[str, Any]) -> dict[str, Any]:
    return made | {"subject": {"reference": urn}}


def test_entries_name_each_other_by_their_full_url_in_any_order(practice: Caller) -> None:
    who, what = _urn(), _urn()
    measured = _about(who, observation("")) | {"hasMember": [{"reference": what}]}
    body = transaction(entry("POST", "Observation", measured), entry("POST", "Observation", _about(who, observation("")), what), entry("POST", "Patient", patient(), who))
    answer = practice.post("/fhir", body, 200)
    assert answer["type"] == "transaction-response"
    assert [one["response"]["status"] for one in answer["entry"]] == ["201 Created"] * 3
    first, second, third = [one["response"]["location"].partition("/fhir/")[2].partition("/_history")[0] for one in answer["entry"]]
    stored = practice.get(first)
    assert stored["subject"] == {"reference": third}
    assert stored["hasMember"] == [{"reference": second}]
    assert third.startswith("Patient/")
    assert "resource" not in answer["entry"][0]


def test_the_answer_carries_the_resources_where_they_are_preferred(practice: Caller) -> None:
    answer = practice.ask("POST", "/fhir/", transaction(entry("POST", "Patient", patient())), {"Prefer": "return=representation"}).get_json()
    made = answer["entry"][0]["resource"]
    assert practice.get(f"Patient/{made['id']}") == made


def test_a_conditional_create_in_a_transaction_links_to_what_is_there(practice: Caller) -> None:
    value, who = fresh("mrn-"), _urn()
    there = practice.post("Patient", patient(identifier=[{"system": "urn:x", "value": value}]))
    body = transaction(
        entry("POST", "Patient", patient(identifier=[{"system": "urn:x", "value": value}]), who, ifNoneExist=f"identifier=urn:x|{value}"),
        entry("POST", "Condition", _about(who, condition(""))),
    )
    answer = practice.post("/fhir", body, 200)
    assert [one["response"]["status"] for one in answer["entry"]] == ["200 OK", "201 Created"]
    made = practice.get(answer["entry"][1]["response"]["location"].partition("://127.0.0.1:8000")[2])
    assert made["subject"] == {"reference": f"Patient/{there['id']}"}
    practice.post("Patient", patient(identifier=[{"system": "urn:x", "value": value}]))
    assert practice.post("/fhir", body, 412)["issue"][0]["expression"] == ["Bundle.entry[0]"]


BAD_THIRD: dict[str, tuple[dict[str, Any], int, str]] = {
    "an invalid code": (entry("POST", "Patient", patient(gender="Quibble")), 400, "Bundle.entry[2].resource.gender"),
    "an unknown id": (entry("PUT", "Patient/nobody", patient(id="nobody")), 404, "Bundle.entry[2]"),
    "two ids": (entry("PUT", "Patient/one", patient(id="other")), 400, "Bundle.entry[2].resource.id"),
    "another type": (entry("POST", "Observation", patient()), 400, "Bundle.entry[2].resource"),
    "a type not served": (entry("POST", "Device", {"resourceType": "Device"}), 404, ""),
    "a type only read": (entry("POST", "Consent", {"resourceType": "Consent"}), 405, "Bundle.entry[2]"),
    "a delete": (entry("DELETE", "Patient/x"), 400, "Bundle.entry[2].request"),
    "no request": ({"resource": patient()}, 400, "Bundle.entry[2].request"),
    "nothing": ({}, 400, "Bundle.entry[2].request"),
    "a bad ETag": (entry("PUT", "Patient/x", patient(id="x"), ifMatch="abc"), 400, "Bundle.entry[2]"),
    "a read of nothing": (entry("GET", "Patient/nobody"), 404, "Bundle.entry[2]"),
    "a search by nothing served": (entry("GET", "Patient?unheard=of"), 400, "Bundle.entry[2]"),
}


@pytest.mark.parametrize("case", BAD_THIRD.values(), ids=BAD_THIRD)
def test_a_bad_entry_is_named_and_undoes_those_before_it(practice: Caller, case: tuple[dict[str, Any], int, str]) -> None:
    bad, status, place = case
    before = _count(practice, "Patient")
    told = practice.post("/fhir", transaction(entry("POST", "Patient", patient()), entry("POST", "Patient", patient()), bad), status)
    assert told["issue"][0].get("expression", [""]) == [place]
    assert _count(practice, "Patient") == before


def test_a_lost_update_undoes_the_creates_beside_it(practice: Caller) -> None:
    there = practice.post("Patient", patient())
    before = _count(practice, "Patient")
    update = entry("PUT", f"Patient/{there['id']}", there | {"active": True}, ifMatch='W/"7"')
    assert practice.post("/fhir", transaction(entry("POST", "Patient", patient()), update), 412)["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert _count(practice, "Patient") == before
    assert practice.post("/fhir", transaction(update | {"request": update["request"] | {"ifMatch": 'W/"1"'}}), 200)["entry"][0]["response"]["etag"] == 'W/"2"'


def test_each_entry_needs_its_scope(world: World) -> None:
    ehr = world.client("system/Patient.cs system/Condition.rs", partner=fresh("ehr"))
    who = _urn()
    allowed = entry("POST", "Patient", patient(), who)
    assert ehr.post("/fhir", transaction(allowed), 200)["entry"][0]["response"]["status"] == "201 Created"
    for refused in (
        entry("POST", "Condition", _about(who, condition(""))),
        entry("PUT", "Patient/x", patient(id="x")),
        entry("GET", "Patient/x"),
        entry("GET", "Goal?status=active"),
    ):
        told = ehr.post("/fhir", transaction(allowed, refused), 403)
        assert told["issue"][0]["expression"] == ["Bundle.entry[1]"]


def test_reads_and_searches_see_what_the_same_transaction_wrote(practice: Caller) -> None:
    family = fresh("Zyx")
    body = transaction(entry("GET", f"Patient?family={family}"), entry("POST", "Patient", patient(family)))
    found = practice.post("/fhir", body, 200)["entry"][0]["resource"]
    assert found["type"] == "searchset"
    assert found["total"] == 1
    one = found["entry"][0]["resource"]
    assert practice.post("/fhir", transaction(entry("GET", f"Patient/{one['id']}")), 200)["entry"][0]["resource"] == one


def test_five_hundred_entries_are_taken_and_one_more_is_not(practice: Caller) -> None:
    many = [entry("GET", "Patient?_summary=count")] * 500
    assert len(practice.post("/fhir", transaction(*many), 200)["entry"]) == 500
    assert practice.post("/fhir", transaction(*many, many[0]), 413)["issue"][0]["code"] == "too-long"


@pytest.mark.parametrize("body", [{"resourceType": "Bundle", "type": "batch"}, {"resourceType": "Patient"}, {"resourceType": "Bundle", "type": "transaction", "entry": [7]}])
def test_anything_but_a_transaction_is_refused_at_the_base(practice: Caller, body: dict[str, Any]) -> None:
    assert practice.post("/fhir", body, 400)["resourceType"] == "OperationOutcome"


def test_an_empty_transaction_changes_nothing(practice: Caller) -> None:
    assert practice.post("/fhir", {"resourceType": "Bundle", "type": "transaction"}, 200) == {"resourceType": "Bundle", "type": "transaction-response"}
