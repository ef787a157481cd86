"""SMART 2.2.0 scopes: both versions, and scopes narrowed by a query, as an app in the hands of a therapist meets them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smart_duties.flow import Answers, Practice, an_app, ask_fhir
from tests.token.given import App
from tests.world import World

ALL = "launch/patient patient/*.cruds patient/*.read patient/*.write patient/*.* user/*.cruds user/*.read user/*.write user/*.*"
CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"


@pytest.fixture(scope="module")
def asker(world: World) -> App:
    return an_app(world, ALL)


def _conditions(world: World, answer: dict[str, Any], who: str, query: str = "") -> list[dict[str, Any]]:
    response = ask_fhir(world, answer["access_token"], f"Condition?patient={who}{query}")
    assert response.status_code == 200, response.text
    return [entry["resource"] for entry in response.get_json().get("entry", [])]


@pytest.mark.parametrize("scope", ["user/Patient.read", "user/Condition.read user/Condition.rs", "patient/Condition.read", "patient/*.*"])
def test_names_of_version_1_come_back_as_they_were_asked_for(office: Practice, asker: App, scope: str) -> None:
    assert office.seat.tokens(asker, scope, Answers(patient=office.client))["scope"] == scope


MEANINGS = {"user/Condition.read": "rs", "user/Condition.write": "cu", "user/Condition.*": "rscu", "user/Condition.rs": "rs", "user/Condition.cud": "cu", "user/Condition.r": "r"}
"""A scope, and the letters of it that Condition has here."""


@pytest.mark.parametrize(("scope", "letters"), MEANINGS.items(), ids=MEANINGS)
def test_version_1_means_the_letters_it_stands_for(world: World, office: Practice, asker: App, scope: str, letters: str) -> None:
    known = _conditions(world, office.seat.tokens(asker, "user/Condition.rs"), office.client)[0]
    token = office.seat.tokens(asker, scope)["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    fresh = {name: value for name, value in known.items() if name not in ("id", "meta", "identifier")}
    asked = {
        "r": world.http.get(f"/fhir/Condition/{known['id']}", headers=headers),
        "s": world.http.get(f"/fhir/Condition?patient={office.client}", headers=headers),
        "c": world.http.post("/fhir/Condition", json=fresh, headers=headers, content_type="application/fhir+json"),
        "u": world.http.put(f"/fhir/Condition/{known['id']}", json=known, headers=headers, content_type="application/fhir+json"),
    }
    refused = {letter for letter, answer in asked.items() if "insufficient_scope" in answer.headers.get("WWW-Authenticate", "")}
    assert refused == set("rscu") - set(letters)


def test_a_scope_narrowed_by_a_query_opens_what_matches_it_alone(world: World, office: Practice) -> None:
    problems, concerns = (f"user/Condition.rs?category={CATEGORY}|{code}" for code in ("problem-list-item", "encounter-diagnosis"))
    asker = an_app(world, f"{problems} {concerns}")
    matching, other = office.seat.tokens(asker, problems), office.seat.tokens(asker, concerns)
    found = _conditions(world, matching, office.client)
    assert found
    assert matching["scope"] == problems
    assert _conditions(world, other, office.client) == []
    assert ask_fhir(world, matching["access_token"], f"Condition/{found[0]['id']}").status_code == 200
    assert ask_fhir(world, other["access_token"], f"Condition/{found[0]['id']}").status_code == 404
    assert ask_fhir(world, other["access_token"], f"Condition/{found[0]['id']}/_history").status_code == 404


def test_scopes_narrowed_by_queries_add_up(world: World, office: Practice) -> None:
    both = f"user/Condition.rs?category={CATEGORY}|problem-list-item user/Condition.rs?category={CATEGORY}|encounter-diagnosis"
    assert _conditions(world, office.seat.tokens(an_app(world, both), both), office.client)


@pytest.mark.parametrize("scope", ["user/Condition.sr", "user/Condition.dus", "user/Condition.x", "user/Condition.", "user/condition.rs", "user/Pet.rs", "*/Condition.rs"])
def test_what_is_not_understood_is_never_granted(office: Practice, asker: App, scope: str) -> None:
    assert "code" not in office.seat.authorize(asker, scope)
    back = office.seat.authorize(asker, f"user/Patient.rs {scope}")
    assert back.get("error") == "invalid_scope" or "code" in back


@pytest.mark.parametrize("role", ["launch", "https://roles.example/caregiver", ""])
def test_a_launch_scope_with_a_role_is_left_out_and_the_answer_says_so(office: Practice, asker: App, role: str) -> None:
    """Roles belong to the experimental fhirContext; the client is brought by the scopes beside it."""
    answer = office.seat.tokens(asker, f"launch/patient?role={role} launch/patient patient/*.read", Answers(patient=office.client))
    assert (answer["scope"], answer["patient"]) == ("launch/patient patient/*.read", office.client)
