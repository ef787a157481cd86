"""read, vread, history-instance, create and update over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from tests.interaction.resources import observation, patient
from tests.store.engines import client, consent, fresh, partner, patient_id, plan
from tests.world import Caller, World


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


@pytest.fixture
def created(practice: Caller) -> Any:
    return practice.post("Patient", patient())


def _told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All of an answer but the id of its request."""
    return answer.status_code, answer.data, [(name, value) for name, value in answer.headers if name != "X-Request-Id"]


def test_a_created_resource_is_read_with_its_version_and_time(practice: Caller) -> None:
    answer = practice.ask("POST", "Patient", patient())
    body = answer.get_json()
    location = answer.headers["Location"]
    assert answer.status_code == 201
    assert location == f"http://127.0.0.1:8000/fhir/Patient/{body['id']}/_history/1"
    read = practice.ask("GET", f"Patient/{body['id']}")
    assert read.data == answer.data
    assert read.headers["ETag"] == 'W/"1"'
    assert read.headers["Last-Modified"] == "Fri, 30 Oct 2026 16:00:00 GMT"
    assert body["meta"]["versionId"] == "1"
    assert body["meta"]["lastUpdated"] == "2026-10-30T16:00:00.000Z"


def test_an_id_and_meta_of_the_sender_are_not_taken_over(practice: Caller) -> None:
    mine = str(uuid.uuid4())
    body = practice.post("Patient", patient(id=mine, meta={"versionId": "9", "lastUpdated": "2001-01-01T00:00:00Z"}))
    assert body["id"] != mine
    assert body["meta"]["versionId"] == "1"


def test_an_unknown_and_an_invisible_resource_are_told_apart_by_nothing(world: World, practice: Caller, created: Any) -> None:
    ehr = world.client(partner=fresh("nobody"))
    hidden, unknown = created["id"], str(uuid.uuid4())
    for path in ("Patient/{}", "Patient/{}/_history", "Patient/{}/_history/1", "Patient/{}/_history/7"):
        assert _told(ehr.ask("GET", path.format(hidden))) == _told(ehr.ask("GET", path.format(unknown)))
        assert ehr.ask("GET", path.format(hidden)).status_code == 404
    answers = [_told(ehr.ask("PUT", f"Patient/{key}", patient(id=key), {"If-Match": 'W/"1"'})) for key in (hidden, unknown)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    about = [_told(ehr.ask("POST", "Observation", observation(key))) for key in (hidden, unknown)]
    assert about[0] == about[1]
    assert about[0][0] == 422


@pytest.mark.parametrize("key", ["%00", "a%00b", "x" * 65, "é", "'", "1;drop table resource", "%F0%9F%8C%BF", "\\", "%25"])
def test_no_id_however_odd_is_more_than_not_found(practice: Caller, key: str) -> None:
    for path in (f"/fhir/Patient/{key}/_history", f"/fhir/Patient/{key}/_history/1", f"/fhir/Patient/{key}"):
        answer = practice.ask("GET", path)
        assert answer.status_code == 404, path
        assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_what_was_deleted_is_gone_and_its_history_stays(world: World, practice: Caller) -> None:
    name, goals = fresh("client"), fresh("plan")
    world.take_in([client(name), plan(goals, name)])
    goal = practice.get(f"Goal?patient={patient_id(name)}&_sort=_id")["entry"][1]["resource"]["id"]
    world.take_in([plan(goals, name, goals=("g1",))])
    assert practice.get(f"Goal/{goal}", 410)["issue"][0]["code"] == "deleted"
    assert practice.get(f"Goal/{goal}/_history/1")["id"] == goal
    assert practice.get(f"Goal/{goal}/_history/2", 410)["issue"][0]["code"] == "deleted"
    history = practice.get(f"Goal/{goal}/_history")
    assert [one["request"]["method"] for one in history["entry"]] == ["DELETE", "POST"]
    assert "resource" not in history["entry"][0]
    assert practice.put(f"Goal/{goal}", history["entry"][1]["resource"], 410)["issue"][0]["code"] == "deleted"
    assert practice.get(f"Goal?patient={patient_id(name)}")["total"] == 1


def test_each_version_is_served_as_it_was(practice: Caller, created: Any) -> None:
    second = practice.put(f"Patient/{created['id']}", created | {"active": True})
    third = practice.put(f"Patient/{created['id']}", second | {"active": False})
    versions = [created, second, third]
    assert [practice.get(f"Patient/{created['id']}/_history/{number}") for number in (1, 2, 3)] == versions
    history = practice.get(f"Patient/{created['id']}/_history")
    assert history["type"] == "history"
    assert history["total"] == 3
    assert [one["resource"] for one in history["entry"]] == versions[::-1]
    assert [one["request"] for one in history["entry"]] == [{"method": "PUT", "url": f"Patient/{created['id']}"}] * 2 + [{"method": "POST", "url": "Patient"}]
    times = [one["meta"]["lastUpdated"] for one in versions]
    assert times == sorted(set(times))


@pytest.mark.parametrize("version", ["0", "2", "-1", "abc", "1.0", "99999999999999999999", "%00", "٣"])
def test_a_version_that_is_not_there_is_not_found(practice: Caller, created: Any, version: str) -> None:
    assert practice.ask("GET", f"Patient/{created['id']}/_history/{version}").status_code == 404


def test_a_conditional_create_finds_before_it_creates(practice: Caller) -> None:
    value = fresh("mrn-")
    given = patient(identifier=[{"system": "urn:example", "value": value}])
    condition = {"If-None-Exist": f"identifier=urn:example|{value}"}
    first = practice.ask("POST", "Patient", given, condition)
    again = practice.ask("POST", "Patient", given, condition)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.data == first.data
    assert again.headers["Location"] == first.headers["Location"]
    practice.post("Patient", given)
    several = practice.ask("POST", "Patient", given, condition)
    assert several.status_code == 412
    assert several.get_json()["issue"][0]["code"] == "multiple-matches"


@pytest.mark.parametrize("condition", ["_count=1", "", "?", "unheard=of", "birthdate=never"])
def test_a_condition_that_says_nothing_is_refused(practice: Caller, condition: str) -> None:
    assert practice.ask("POST", "Patient", patient(), {"If-None-Exist": condition}).status_code == 400


def test_a_conditional_create_does_not_find_what_its_sender_may_not_see(world: World, practice: Caller) -> None:
    value = fresh("mrn-")
    given = patient(identifier=[{"system": "urn:example", "value": value}])
    practice.post("Patient", given)
    ehr = world.client(partner=fresh("ehr"))
    assert ehr.ask("POST", "Patient", given, {"If-None-Exist": f"identifier=urn:example|{value}"}).status_code == 201


def test_an_update_of_the_version_it_read_makes_the_next_one(practice: Caller, created: Any) -> None:
    path = f"Patient/{created['id']}"
    answer = practice.ask("PUT", path, created | {"active": True}, {"If-Match": 'W/"1"'})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == 'W/"2"'
    stale = practice.ask("PUT", path, created | {"active": False}, {"If-Match": 'W/"1"'})
    assert stale.status_code == 412
    assert stale.get_json()["issue"][0]["code"] == "conflict"
    assert practice.get(path)["active"] is True


def test_an_update_that_changes_nothing_makes_no_version(practice: Caller, created: Any) -> None:
    assert practice.put(f"Patient/{created['id']}", created) == created


@pytest.mark.parametrize("etag", ["*", "abc", 'W/"1", W/"2"', "W/", 'W/"-1"', 'W/"1.5"', 'W/"99999999999"'])
def test_an_if_match_that_is_no_etag_of_ours_is_refused(practice: Caller, created: Any, etag: str) -> None:
    assert practice.ask("PUT", f"Patient/{created['id']}", created, {"If-Match": etag}).status_code == 400


def test_an_update_names_the_same_id_twice_and_a_known_one(practice: Caller, created: Any) -> None:
    path = f"Patient/{created['id']}"
    differs = practice.put(path, created | {"id": "other"}, 400)
    assert differs["issue"][0]["expression"] == ["Patient.id"]
    without = {name: value for name, value in created.items() if name != "id"}
    assert practice.ask("PUT", path, without).status_code == 400
    unknown = str(uuid.uuid4())
    assert practice.ask("PUT", f"Patient/{unknown}", patient(id=unknown)).status_code == 404
    assert practice.ask("GET", f"Patient/{unknown}").status_code == 404


def test_an_invalid_body_is_refused_with_its_place_and_without_its_values(practice: Caller, created: Any) -> None:
    for method, path, given in (("POST", "Patient", patient(gender="Quibble")), ("PUT", f"Patient/{created['id']}", created | {"gender": "Quibble"})):
        answer = practice.ask(method, path, given)
        assert answer.status_code == 400
        assert answer.get_json()["issue"][0]["expression"] == ["Patient.gender"]
        assert b"Quibble" not in answer.data
    assert practice.ask("POST", "Patient", observation("x")).status_code == 400
    assert practice.ask("POST", "Patient", b"{").status_code == 400


def test_prefer_return_minimal_leaves_the_body_out(practice: Caller) -> None:
    prefer = {"Prefer": "return=minimal"}
    answer = practice.ask("POST", "Patient", patient(), prefer)
    assert (answer.status_code, answer.data) == (201, b"")
    path = answer.headers["Location"].partition("/fhir/")[2].partition("/_history")[0]
    kept = practice.get(path)
    updated = practice.ask("PUT", path, kept | {"active": True}, prefer)
    assert (updated.status_code, updated.data, updated.headers["ETag"]) == (200, b"", 'W/"2"')


def test_a_partner_changes_only_what_it_wrote(world: World, practice: Caller) -> None:
    name, other = fresh("client"), fresh("partner")
    world.take_in([client(name), partner(other), consent(name, other)])
    ehr = world.client(partner=other)
    theirs = ehr.post("Observation", observation(patient_id(name)))
    assert ehr.put(f"Observation/{theirs['id']}", theirs | {"status": "amended"})["meta"]["versionId"] == "2"
    ours = practice.post("Observation", observation(patient_id(name)))
    assert ehr.get(f"Observation/{ours['id']}") == ours
    assert ehr.put(f"Observation/{ours['id']}", ours | {"status": "amended"}, 403)["issue"][0]["code"] == "forbidden"


def test_the_practice_does_not_prescribe(practice: Caller, created: Any) -> None:
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "sertraline"},
        "subject": {"reference": f"Patient/{created['id']}"},
        "authoredOn": "2026-05-05",
        "requester": {"display": "Dr."},
    }
    assert practice.post("MedicationRequest", order, 422)["issue"][0]["code"] == "business-rule"
    assert practice.post("MedicationRequest", order | {"intent": "plan"})["intent"] == "plan"


def test_decimals_keep_their_digits(practice: Caller, created: Any) -> None:
    sent = orjson.dumps(observation(created["id"])).replace(b'"status"', b'"valueQuantity":{"value":0.0100,"unit":"1"},"status"')
    answer = practice.ask("POST", "Observation", sent)
    assert answer.status_code == 201
    assert b'"value":0.0100,' in practice.ask("GET", f"Observation/{answer.get_json()['id']}").data


def test_a_condition_in_the_address_of_a_create_is_refused_rather_than_ignored(practice: Caller) -> None:
    before = practice.get("Organization?_summary=count")["total"]

    refused = practice.post("Organization?identifier=urn:x|1", {"resourceType": "Organization", "name": "Twice"}, 400)

    assert "If-None-Exist" in refused["issue"][0]["diagnostics"]
    assert practice.get("Organization?_summary=count")["total"] == before
