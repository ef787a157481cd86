"""SMART 2.2.0 scopes-and-launch-context: which client an app works on, how that is chosen, and how the app is told."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.smart_duties.flow import Answers, Practice, an_app, ask_fhir, practice
from tests.token.given import App, given
from tests.world import PRACTICE, World

SCOPE = "launch launch/patient launch/encounter patient/*.rs user/Patient.rs openid fhirUser offline_access"
ALONE = "launch/patient patient/*.rs"


def test_a_launch_from_here_brings_the_client_and_the_visit(world: World, office: Practice, asker: App) -> None:
    launch = office.seat.launch(asker, office.client, encounter=office.visit)
    answer = office.seat.tokens(asker, "launch patient/*.rs", launch=launch)
    assert (answer["patient"], answer["encounter"]) == (office.client, office.visit)
    assert answer["need_patient_banner"] is True
    assert ask_fhir(world, answer["access_token"], f"Encounter/{answer['encounter']}").status_code == 200


def test_a_launch_without_a_visit_tells_none(office: Practice, asker: App) -> None:
    answer = office.seat.tokens(asker, "launch patient/*.rs", launch=office.seat.launch(asker, office.client))
    assert answer["patient"] == office.client
    assert "encounter" not in answer


def test_an_app_started_alone_has_its_client_picked(world: World, office: Practice, asker: App) -> None:
    for chosen in (office.client, office.other_client):
        answer = office.seat.tokens(asker, ALONE, Answers(patient=chosen))
        assert (answer["patient"], answer["need_patient_banner"]) == (chosen, True)
        assert ask_fhir(world, answer["access_token"], f"Patient/{chosen}").status_code == 200


def test_an_app_started_alone_has_its_visit_picked(office: Practice, asker: App) -> None:
    wanted = "launch/patient launch/encounter patient/*.rs"
    answer = office.seat.tokens(asker, wanted, Answers(patient=office.client, encounter=office.visit))
    assert (answer["patient"], answer["encounter"]) == (office.client, office.visit)
    assert "encounter" not in office.seat.tokens(asker, wanted, Answers(patient=office.client))


@pytest.mark.parametrize("scope", ["patient/*.rs", "patient/Condition.read", ALONE])
def test_a_patient_scope_never_comes_without_a_client(office: Practice, asker: App, scope: str) -> None:
    """Without launch/patient too; and nothing comes of it where nobody is picked, or somebody whom the person may not see."""
    assert office.seat.tokens(an_app(office.seat.world, f"{SCOPE} patient/*.read"), scope, Answers(patient=office.client))["patient"] == office.client
    for nobody in (Answers(patient="none"), Answers(patient=office.foreign_client)):
        assert "code" not in office.seat.authorize(asker, "patient/*.rs", nobody)


def test_the_picker_offers_no_client_of_somebody_else(office: Practice, asker: App) -> None:
    office.seat.authorize(asker, ALONE, Answers(patient=office.foreign_client))
    assert office.client in office.seat.seen[-1]
    assert office.foreign_client not in office.seat.seen[-1]


def test_what_a_launch_tells_comes_in_its_kind(office: Practice, asker: App) -> None:
    answer = office.seat.tokens(asker, "launch patient/*.rs", launch=office.seat.launch(asker, office.client, intent="reconcile", about=f"CarePlan/{office.plan}"))
    assert answer["intent"] == "reconcile"
    assert answer["fhirContext"] == [{"reference": f"CarePlan/{office.plan}"}]
    assert answer["tenant"] == PRACTICE


def test_only_what_is_the_clients_own_goes_along(office: Practice, asker: App) -> None:
    """Neither a Patient nor an Encounter stands in fhirContext, nor anything of another client, and nothing has a role."""
    for about in (f"Patient/{office.client}", f"Encounter/{office.visit}", "CarePlan/unknown", "https://evil.example/CarePlan/1", "CarePlan"):
        assert office.seat.try_launch(asker, office.client, about=about) is None
    assert office.seat.try_launch(asker, office.other_client, about=f"CarePlan/{office.plan}") is None
    assert office.seat.try_launch(asker, office.other_client, encounter=office.visit) is None


def test_the_style_is_served_where_the_answer_says(world: World, office: Practice, asker: App) -> None:
    address = office.seat.tokens(asker, ALONE, Answers(patient=office.client))["smart_style_url"]
    assert address.startswith(f"{world.settings.base_url}/")
    style = world.http.get(urlsplit(address).path, headers={"Origin": "https://app.example.org"})
    assert (style.status_code, style.mimetype, style.headers["Access-Control-Allow-Origin"]) == (200, "application/json", "*")
    assert {"color_background", "font_family_body"} <= style.get_json().keys()


def test_the_same_context_comes_again_with_every_refresh(office: Practice, asker: App) -> None:
    launch = office.seat.launch(asker, office.client, encounter=office.visit, intent="reconcile")
    first = office.seat.tokens(asker, "launch patient/*.rs offline_access", launch=launch)
    again = given(asker.refresh(first["refresh_token"]))
    fleeting = {"access_token", "refresh_token"}
    assert {name: value for name, value in again.items() if name not in fleeting} == {name: value for name, value in first.items() if name not in fleeting}


def test_a_launch_is_good_once_for_its_person_and_its_app(world: World, office: Practice, asker: App) -> None:
    launch = office.seat.launch(asker, office.client)
    somebody_else = practice(world).seat
    assert "code" not in somebody_else.authorize(asker, "launch patient/*.rs", launch=launch)
    assert "code" not in office.seat.authorize(an_app(world, SCOPE), "launch patient/*.rs", launch=launch)
    assert "code" in office.seat.authorize(asker, "launch patient/*.rs", launch=launch)
    assert "code" not in office.seat.authorize(asker, "launch patient/*.rs", launch=launch)
    for unknown in ("unknown", "", None):
        assert "code" not in office.seat.authorize(asker, "launch patient/*.rs", launch=unknown)
