"""Scope by interaction: what a letter allows, it allows for its type alone."""

from __future__ import annotations

import pytest

from tests.interaction.resources import condition, observation, patient
from tests.store.engines import client, consent, fresh, partner, patient_id
from tests.world import Caller, World

LETTERS = {"read": "r", "vread": "r", "history-instance": "r", "search-type": "s", "create": "c", "update": "u"}
SCOPES: dict[str, dict[str, str]] = {
    "system/*.cruds": {"Observation": "crus", "Condition": "crus"},
    "system/*.rs": {"Observation": "rs", "Condition": "rs"},
    "system/*.read": {"Observation": "rs", "Condition": "rs"},
    "system/Observation.r": {"Observation": "r"},
    "system/Observation.s": {"Observation": "s"},
    "system/Observation.c": {"Observation": "c"},
    "system/Observation.u": {"Observation": "u"},
    "system/Observation.d": {},
    "system/Observation.write": {"Observation": "cu"},
    "system/Condition.cruds system/Observation.rs": {"Observation": "rs", "Condition": "crus"},
    "system/Patient.cruds": {},
}
"""A token's scope -> the letters it allows for each type of the matrix."""


@pytest.fixture(scope="module")
def ehr(world: World) -> tuple[Caller, str]:
    name, other = fresh("client"), fresh("partner")
    world.take_in([client(name), partner(other), consent(name, other)])
    return world.client(partner=other), patient_id(name)


@pytest.mark.parametrize("resource_type", ["Observation", "Condition"])
@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_allows_what_it_says_and_no_more(world: World, ehr: tuple[Caller, str], scope: str, resource_type: str) -> None:
    caller, who = ehr
    body = {"Observation": observation, "Condition": condition}[resource_type](who)
    made = caller.post(resource_type, body)
    narrow = Caller(caller.http, world.token(caller.client_id, scope), caller.client_id)
    path = f"{resource_type}/{made['id']}"
    asked = {
        "read": narrow.ask("GET", path).status_code,
        "vread": narrow.ask("GET", f"{path}/_history/1").status_code,
        "history-instance": narrow.ask("GET", f"{path}/_history").status_code,
        "search-type": narrow.ask("GET", f"{resource_type}?patient={who}").status_code,
        "create": narrow.ask("POST", resource_type, body).status_code,
        "update": narrow.ask("PUT", path, made).status_code,
    }
    allowed = SCOPES[scope].get(resource_type, "")
    assert {name: status != 403 for name, status in asked.items()} == {name: letter in allowed for name, letter in LETTERS.items()}
    assert {status for status in asked.values() if status != 403} <= {200, 201}


@pytest.mark.parametrize(
    ("path", "method", "needed"), [("Observation/x", "GET", "system/Observation.r"), ("Goal", "GET", "system/Goal.s"), ("Condition", "POST", "system/Condition.c")]
)
def test_a_refusal_says_which_scope_is_needed(world: World, path: str, method: str, needed: str) -> None:
    narrow = world.client("system/Patient.rs", partner=fresh("ehr"))
    answer = narrow.ask(method, path, {"resourceType": path} if method == "POST" else None)
    assert answer.status_code == 403
    assert needed in answer.get_json()["issue"][0]["diagnostics"]
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]


def test_a_condition_on_a_create_needs_the_right_to_search(world: World) -> None:
    narrow = world.client("system/Patient.c", partner=fresh("ehr"))
    assert narrow.ask("POST", "Patient", patient(), {"If-None-Exist": "identifier=x"}).status_code == 403
    assert narrow.ask("POST", "Patient", patient()).status_code == 201
