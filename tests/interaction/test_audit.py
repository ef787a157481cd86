"""Every interaction, refused ones too, leaves its AuditEvent: valid, about the right client, without a clinical value."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from gateway.fhir.validation import faults
from gateway.store import audit
from tests.apps import caller, person
from tests.interaction.resources import entry, observation, patient, transaction
from tests.store.engines import fresh
from tests.world import PRACTICE, Caller, World

CANARIES = ("Quibblecanary", "1990-02-03", "44261-6", "Ada")


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


@pytest.fixture
def someone(practice: Caller) -> str:
    return str(practice.post("Patient", patient("Quibblecanary"))["id"])


def _newest(world: World, before: int) -> list[dict[str, Any]]:
    with world.store.read() as connection:
        rows = audit.trail(connection, PRACTICE, limit=audit.count(connection, PRACTICE) - before) if audit.count(connection, PRACTICE) > before else []
    return [orjson.loads(row.body) | {"_patient": row.patient, "_outcome": row.outcome, "_agent": row.agent, "_action": row.action} for row in rows]


def _left_by(world: World, caller: Caller, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, list[dict[str, Any]]]:
    with world.store.read() as connection:
        before = audit.count(connection, PRACTICE)
    status = caller.ask(method, path, body, headers).status_code
    return status, _newest(world, before)


def _checked(event: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The event itself is valid twice over, names its agent, and holds no value."""
    resource = {name: value for name, value in event.items() if not name.startswith("_")}
    assert faults(resource) == []
    AuditEvent.model_validate(resource)
    assert event["_agent"] == caller.client_id == event["agent"][0]["who"]["identifier"]["value"]
    assert event["_outcome"] == event["outcome"]
    assert event["_action"] == event["action"]
    assert not [word for word in CANARIES if word in orjson.dumps(resource).decode()]
    named = [one["what"]["reference"] for one in event["entity"] if one.get("role", {}).get("code") == "1"]
    assert named == ([f"Patient/{event['_patient']}"] if event["_patient"] else [])
    return resource


def _interactions(who: str, seen: str) -> list[tuple[str, str, Any, int, str, str]]:
    return [
        ("GET", f"Patient/{who}", None, 200, "read", "R"),
        ("GET", f"Patient/{who}/_history/1", None, 200, "vread", "R"),
        ("GET", f"Patient/{who}/_history", None, 200, "history-instance", "R"),
        ("GET", f"Patient?_id={who}&family=Quibblecanary", None, 200, "search-type", "E"),
        ("POST", "Observation", observation(who), 201, "create", "C"),
        ("PUT", f"Patient/{who}", patient("Quibblecanary", id=who, active=True), 200, "update", "U"),
        ("POST", "/fhir", transaction(entry("GET", f"Patient/{who}"), entry("GET", f"Observation/{seen}")), 200, "transaction", "E"),
    ]


@pytest.mark.parametrize("at", range(7))
def test_an_interaction_leaves_one_event_about_its_client(world: World, practice: Caller, someone: str, at: int) -> None:
    seen = practice.post("Observation", observation(someone))["id"]
    method, path, body, expected, interaction, action = _interactions(someone, seen)[at]
    status, left = _left_by(world, practice, method, path, body)
    assert status == expected
    (event,) = [_checked(one, practice) for one in left]
    assert (event["subtype"][0]["code"], event["action"], event["outcome"]) == (interaction, action, "0")
    assert left[0]["_patient"] == someone
    assert any(one["what"].get("reference", "").startswith(("Patient/", "Observation/")) and "/_history/" in one["what"]["reference"] for one in event["entity"])


@pytest.mark.parametrize("at", range(7))
def test_what_the_scope_refuses_leaves_its_event_too(world: World, someone: str, at: int) -> None:
    narrow = world.client("system/Goal.rs", partner=fresh("ehr"))
    method, path, body, _, interaction, action = _interactions(someone, "x")[at]
    status, left = _left_by(world, narrow, method, path, body)
    assert status == 403
    (event,) = [_checked(one, narrow) for one in left]
    assert (event["subtype"][0]["code"], event["action"], event["outcome"]) == (interaction, action, "4")


REFUSALS: list[tuple[str, str, Any, int, str]] = [
    ("GET", "Patient/{who}", None, 404, "read"),
    ("GET", "Patient/{who}/_history/1", None, 404, "vread"),
    ("GET", "Patient/{who}/_history", None, 404, "history-instance"),
    ("GET", "Patient?unheard=Quibblecanary", None, 400, "search-type"),
    ("POST", "Observation", {"resourceType": "Observation", "status": "Quibblecanary"}, 400, "create"),
    ("PUT", "Patient/{who}", {"resourceType": "Patient", "id": "other"}, 400, "update"),
    ("POST", "/fhir", {"resourceType": "Bundle", "type": "batch"}, 400, "transaction"),
]


@pytest.mark.parametrize("case", REFUSALS, ids=[one[4] for one in REFUSALS])
def test_what_is_hidden_or_wrong_leaves_an_event_that_names_no_client(world: World, someone: str, case: tuple[str, str, Any, int, str]) -> None:
    method, path, body, expected, interaction = case
    stranger = world.client(partner=fresh("nobody"))
    status, left = _left_by(world, stranger, method, path.format(who=someone), body)
    assert status == expected
    (event,) = [_checked(one, stranger) for one in left]
    assert (event["subtype"][0]["code"], event["outcome"]) == (interaction, "4")
    assert left[0]["_patient"] is None


def test_a_search_over_many_clients_leaves_one_event_for_each(world: World, practice: Caller) -> None:
    family = fresh("Manyfold")
    made = {practice.post("Patient", patient(family))["id"] for _ in range(4)}
    _, left = _left_by(world, practice, "GET", f"Patient?family={family}")
    assert {one["_patient"] for one in left} == made
    assert len(left) == 4
    _, none = _left_by(world, practice, "GET", "Patient?family=Nobodyofthatname")
    assert [one["_patient"] for one in none] == [None]


def test_each_event_names_the_request_it_belongs_to(world: World, practice: Caller, someone: str) -> None:
    answer = practice.ask("GET", f"Patient/{someone}")
    with world.store.read() as connection:
        newest = orjson.loads(audit.trail(connection, PRACTICE, someone, limit=1)[0].body)
    assert newest["entity"][-1]["what"]["identifier"]["value"] == answer.headers["X-Request-Id"]


def test_what_an_app_does_is_on_record_under_the_person_who_holds_it(world: World) -> None:
    """Or nobody could tell which therapist read a record by an app that all of them use."""
    who = person(world, "front_desk")
    for path, status in (("Patient?name=x", 200), ("Patient/none", 404)):
        theirs = caller(world, who, "user/*.rs")
        answered, events = _left_by(world, theirs, "GET", path)
        assert answered == status
        asking = [agent["who"]["identifier"]["value"] for agent in _checked(events[0], theirs)["agent"] if agent["requestor"]]
        assert asking == [who.account]
