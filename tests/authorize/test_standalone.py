"""A standalone app gets its code: sign-in, the client picker, the consent page, and back."""

from __future__ import annotations

import json

from gateway.clock import to_ms
from gateway.store import audit
from tests.authorize.clinic import CHALLENGE, REDIRECT, Clinic, granted, offered, told
from tests.people.house import code_of
from tests.store.engines import SITE
from tests.world import PRACTICE


def test_a_therapist_picks_a_client_and_allows(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(), clinic.ada)
    assert "Ada Quist" in consent.text
    assert "born 1990-02-03" in consent.text
    assert "Growth Chart" in consent.text
    assert "app.example.org" in consent.text
    assert offered(consent) == ["patient/*.rs", "launch/patient"]
    answer = told(walk.allow(consent))
    assert answer == {"code": answer["code"], "state": "a state, of its own", "iss": clinic.world.settings.base_url}
    assert len(answer["code"]) == 43


def test_what_was_allowed_is_stored_under_the_code(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    answer = told(walk.allow(walk.pick(walk.ask(nonce="n-1", dpop_jkt="j" * 43, resource=clinic.world.settings.fhir_base), clinic.ada)))
    payload, row = granted(clinic, answer["code"])
    now = to_ms(clinic.world.clock())
    bound = {"client_id": clinic.app, "redirect_uri": REDIRECT, "code_challenge": CHALLENGE, "jkt": "j" * 43, "resource": clinic.world.settings.fhir_base}
    assert payload == {"grant": row.id, "scope": "launch/patient patient/*.rs", **bound}
    assert (row.practice, row.client_id, row.account, row.scope) == (PRACTICE, clinic.app, clinic.mara.account.id, "launch/patient patient/*.rs")
    assert (row.patient, row.encounter, row.nonce) == (SITE.id("client", clinic.ada), None, "n-1")
    assert row.session is not None
    assert row.authenticated_at <= now < row.expires_at <= now + 12 * 3_600_000
    style = f"{clinic.world.settings.base_url}/smart-style.json"
    assert json.loads(row.context) == {"need_patient_banner": True, "smart_style_url": style, "tenant": PRACTICE}
    with clinic.world.store.read() as connection:
        event = audit.trail(connection, PRACTICE, row.patient)[0]
    assert (event.agent, event.action) == (clinic.mara.account.id, "C")
    assert json.loads(event.body)["subtype"][0]["code"] == "110136"


def test_the_code_is_good_for_a_minute(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    answer = told(walk.allow(walk.pick(walk.ask(), clinic.ada)))
    before = clinic.world.clock.now
    clinic.world.clock.forward(seconds=59)
    granted(clinic, answer["code"])
    clinic.world.clock.forward(seconds=1)
    try:
        granted(clinic, answer["code"])
    except AssertionError:
        return
    finally:
        clinic.world.clock.now = before
    raise AssertionError


def test_offline_access_outlives_the_session_and_ends_after_ninety_days(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(scope="launch/patient patient/*.rs offline_access"), clinic.ada)
    assert "after you sign out" in consent.text
    _, row = granted(clinic, told(walk.allow(consent))["code"])
    assert row.session is None
    assert row.expires_at == row.created_at + 90 * 86_400_000


def test_who_is_not_signed_in_signs_in_and_goes_on_with_the_whole_request(clinic: Clinic) -> None:
    walk = clinic.browser()
    page = walk.ask(state="kept & whole=1 %41", nonce="n-2", scope="launch/patient patient/Observation.rs openid")
    assert page.request.path == "/sign-in"
    clinic.world.clock.forward(seconds=30)
    walk.browser.first_step(clinic.mara.name, clinic.mara.password, walk.seen[-1].partition("?next=")[2].replace("%3F", "?").replace("%3D", "="))
    picker = walk.follow(walk.browser.second_step(code=code_of(clinic.world, clinic.mara)))
    consent = walk.pick(picker, clinic.bea)
    assert set(offered(consent)) == {"launch/patient", "patient/Observation.rs", "openid"}
    answer = told(walk.allow(consent))
    assert answer["state"] == "kept & whole=1 %41"
    assert granted(clinic, answer["code"])[1].nonce == "n-2"


def test_a_client_of_the_practice_has_the_own_record_without_choosing(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.own)
    consent = walk.ask()
    assert "Choose another client" not in consent.text
    _, row = granted(clinic, told(walk.allow(consent))["code"])
    assert row.patient == SITE.id("client", clinic.ada)


def test_who_may_see_one_client_does_not_choose(clinic: Clinic) -> None:
    consent = clinic.browser(clinic.nils).ask()
    assert "Cid Quorn" in consent.text


def test_an_app_that_asks_about_no_client_gets_none(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.ask(scope="openid fhirUser user/*.rs")
    assert "For the client" not in consent.text
    _, row = granted(clinic, told(walk.allow(consent))["code"])
    assert row.patient is None
    assert "need_patient_banner" not in json.loads(row.context)


def test_a_patient_scope_alone_brings_a_client_into_context(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(scope="patient/Observation.rs"), clinic.bea)
    assert granted(clinic, told(walk.allow(consent))["code"])[1].patient == SITE.id("client", clinic.bea)
