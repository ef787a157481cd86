"""A person opens an app for a client: the launch is for that person, that app and that client, once and for five minutes."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.authorize.clinic import LAUNCH, Clinic, Walk, granted, told
from tests.people.house import hidden, person
from tests.store.engines import SITE
from tests.world import PRACTICE

ASKED = "launch patient/*.rs"


def ask(walk: Walk, launch: str, **changes: str | None) -> TestResponse:
    return walk.ask(**{"scope": ASKED, "launch": launch} | changes)


def test_a_therapist_opens_an_app_for_a_client(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    opened = walk.open(clinic.ada)
    assert opened.status_code == 303
    assert opened.location.startswith(f"{LAUNCH}?")
    given = parse_qs(urlsplit(opened.location).query)
    assert given["iss"] == [clinic.world.settings.fhir_base]
    consent = ask(walk, given["launch"][0])
    assert "Ada Quist" in consent.text
    assert "Choose another client" not in consent.text
    _, row = granted(clinic, told(walk.allow(consent))["code"])
    assert (row.patient, row.encounter) == (SITE.id("client", clinic.ada), None)
    context = json.loads(row.context)
    assert context["need_patient_banner"] is True
    assert context["tenant"] == PRACTICE
    assert "intent" not in context


def test_the_visit_the_plan_and_the_intent_go_with_it(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    visit, plan = SITE.id("session", clinic.visit), f"CarePlan/{SITE.id('treatment_plan', clinic.plan)}"
    launch = walk.launch(clinic.ada, encounter=visit, about=plan, intent="reconcile-medications")
    _, row = granted(clinic, told(walk.allow(ask(walk, launch)))["code"])
    assert row.encounter == visit
    context = json.loads(row.context)
    assert context["intent"] == "reconcile-medications"
    assert context["fhirContext"] == [{"reference": plan}]


def test_unticked_the_visit_and_the_plan_are_not_told(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    launch = walk.launch(clinic.ada, encounter=SITE.id("session", clinic.visit), intent="x")
    _, row = granted(clinic, told(walk.allow(ask(walk, launch, scope="launch user/*.rs"), "launch"))["code"])
    assert (row.patient, row.encounter) == (None, None)
    assert "intent" not in json.loads(row.context)


def test_a_launch_is_good_once(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    launch = walk.launch(clinic.ada)
    assert "code" in told(walk.allow(ask(walk, launch)))
    again = told(ask(walk, launch))
    assert again["error"] == "invalid_request"
    assert "code" not in again


def test_two_requests_under_way_with_one_launch_get_one_code(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    launch = walk.launch(clinic.ada)
    first, second = ask(walk, launch), ask(walk, launch)
    assert "code" in told(walk.allow(first))
    late = told(walk.allow(second))
    assert late["error"] == "invalid_request"
    assert late["state"] == "a state, of its own"


def test_a_no_leaves_the_launch_as_it_was(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    launch = walk.launch(clinic.ada)
    assert told(walk.send(ask(walk, launch), "/oauth/authorize/decide", answer="deny"))["error"] == "access_denied"
    assert "code" in told(walk.allow(ask(walk, launch)))


def test_another_person_cannot_use_it_and_does_not_use_it_up(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    launch = walk.launch(clinic.ada)
    assert told(ask(clinic.browser(clinic.nils), launch))["error"] == "invalid_request"
    assert "code" in told(walk.allow(ask(walk, launch)))


def test_another_app_cannot_use_it(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    launch = walk.launch(clinic.ada)
    assert told(ask(walk, launch, client_id=clinic.new_app()))["error"] == "invalid_request"


def test_it_runs_out_after_five_minutes(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    launch = walk.launch(clinic.ada)
    clinic.world.clock.forward(minutes=5)
    assert told(ask(walk, launch))["error"] == "invalid_request"


def test_it_may_run_out_on_the_consent_page(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    launch = walk.launch(clinic.ada)
    clinic.world.clock.forward(minutes=4)
    consent = ask(walk, launch)
    clinic.world.clock.forward(minutes=1)
    assert told(walk.allow(consent))["error"] == "invalid_request"


def test_one_that_nobody_made_is_refused(clinic: Clinic) -> None:
    assert told(ask(clinic.browser(clinic.mara), "a" * 43))["error"] == "invalid_request"


def test_the_client_of_a_launch_is_not_exchanged_for_another(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = ask(walk, walk.launch(clinic.ada))
    forged = walk.browser.post("/oauth/authorize/patient", {**hidden_of(consent), "patient": SITE.id("client", clinic.bea)})
    assert told(walk.follow(forged))["error"] == "access_denied"


def test_nobody_opens_an_app_for_a_client_of_another(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    page = walk.follow(walk.browser.get("/launch"))
    response = walk.send(page, "/launch", patient=SITE.id("client", clinic.cid), app=clinic.app)
    assert response.status_code == 404
    assert "Quorn" not in response.text
    assert response.text == walk.send(page, "/launch", patient="nobody", app=clinic.app).text


@pytest.mark.parametrize(
    "fields", [{"encounter": "nothing"}, {"about": "nothing"}, {"about": "Patient/x"}, {"about": "/"}, {"intent": "x" * 101}, {"intent": "a\nb"}, {"app": "nobody"}]
)
def test_what_is_not_on_the_page_is_not_opened(clinic: Clinic, fields: dict[str, str]) -> None:
    walk = clinic.browser(clinic.mara)
    page = walk.send(walk.follow(walk.browser.get("/launch")), "/launch", patient=SITE.id("client", clinic.ada))
    response = walk.send(page, "/launch", **{"patient": SITE.id("client", clinic.ada), "app": clinic.app} | fields)
    assert response.status_code == 200
    assert 'class="error"' in response.text


def test_a_visit_of_another_client_does_not_go_with_it(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    page = walk.follow(walk.browser.get("/launch"))
    response = walk.send(page, "/launch", patient=SITE.id("client", clinic.bea), app=clinic.app, encounter=SITE.id("session", clinic.visit))
    assert response.status_code == 200
    assert "Choose one of the visits" in response.text


def test_only_apps_with_a_launch_address_are_offered(clinic: Clinic) -> None:
    clinic.new_app(name="Standalone Only", launch_uri=None)
    clinic.new_app(name="Launched Too")
    walk = clinic.browser(clinic.mara)
    page = walk.send(walk.follow(walk.browser.get("/launch")), "/launch", patient=SITE.id("client", clinic.ada))
    assert "Launched Too" in page.text
    assert "Standalone Only" not in page.text


@pytest.mark.parametrize(("duty", "may"), [("front_desk", True), ("auditor", False), ("administrator", False)])
def test_apps_are_opened_by_those_who_work_with_clients(clinic: Clinic, duty: str, may: bool) -> None:
    response = clinic.browser(person(clinic.world, duties=[duty])).browser.get("/launch")
    assert response.status_code == (200 if may else 403)


def test_a_client_opens_no_app_for_anybody(clinic: Clinic) -> None:
    assert clinic.browser(clinic.own).browser.get("/launch").status_code == 403


def test_nobody_is_sent_to_sign_in(clinic: Clinic) -> None:
    assert clinic.browser().follow(clinic.browser().browser.get("/launch")).request.path == "/sign-in"


def test_a_form_from_elsewhere_opens_nothing(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    form = {"csrf": "0" * 64, "patient": SITE.id("client", clinic.ada), "app": clinic.app}
    assert walk.browser.post("/launch", form).status_code == 403


def test_the_style_is_there_for_every_app(clinic: Clinic) -> None:
    response = clinic.browser().browser.get("/smart-style.json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    keys = {"color_background", "color_error", "color_highlight", "color_modal_backdrop", "color_success", "color_text"}
    assert keys | {"dim_border_radius", "dim_font_size", "dim_spacing_size", "font_family_body", "font_family_heading"} == set(response.get_json())


def hidden_of(page: TestResponse) -> dict[str, str]:
    return {name: hidden(page, name) for name in ("ticket", "csrf")}
