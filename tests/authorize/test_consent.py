"""The person's answer: yes to all of it, to a part of it, to none of it; once, and from our own page alone."""

from __future__ import annotations

import pytest

from gateway.fhir.capability import SERVED
from gateway.smart.allowing import kept
from gateway.smart.client import revoke_client
from gateway.smart.plain_words import TYPES, in_plain_words
from gateway.smart.scope import SPECIAL, parse
from tests.authorize.clinic import Clinic, granted, offered, told
from tests.store.engines import SITE

ALL = "launch/patient openid fhirUser profile offline_access patient/Observation.rs patient/Condition.rs user/Practitioner.r"


@pytest.mark.parametrize("left_out", ["patient/Observation.rs", "patient/Condition.rs", "user/Practitioner.r", "offline_access", "profile"])
def test_what_was_unticked_is_not_granted(clinic: Clinic, left_out: str) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(scope=ALL), clinic.ada)
    assert set(offered(consent)) == set(ALL.split())
    payload, row = granted(clinic, told(walk.allow(consent, left_out))["code"])
    assert set(row.scope.split()) == set(ALL.split()) - {left_out}
    assert payload["scope"] == row.scope


@pytest.mark.parametrize(
    ("asked", "ticked", "left"),
    [
        ("launch/patient patient/*.rs", "patient/*.rs", "launch/patient patient/*.rs"),
        ("launch patient/*.rs user/*.rs", "patient/*.rs", "launch patient/*.rs"),
        ("launch/patient patient/*.rs user/*.rs", "user/*.rs", "user/*.rs"),
        ("launch/patient patient/*.rs", "", ""),
        ("openid fhirUser profile user/*.rs", "fhirUser profile user/*.rs", "user/*.rs"),
        ("openid fhirUser profile", "openid profile", "openid profile"),
        ("patient/*.rs", "patient/*.rs patient/*.cud system/*.rs", "patient/*.rs"),
    ],
)
def test_what_hangs_together_is_kept_or_left_out_together(asked: str, ticked: str, left: str) -> None:
    assert str(kept(parse(asked), ticked.split())) == left


def test_whose_record_it_is_goes_unsaid_where_nothing_about_the_client_is_left(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(scope=ALL), clinic.ada)
    _, row = granted(clinic, told(walk.allow(consent, "launch/patient", "patient/Observation.rs", "patient/Condition.rs"))["code"])
    assert row.patient is None
    assert "patient" not in row.scope


def test_nobody_grants_more_than_was_asked(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(scope="launch/patient patient/Observation.rs"), clinic.ada)
    answer = walk.send(consent, "/oauth/authorize/decide", answer="allow", scope=["patient/Observation.rs", "patient/*.cruds", "user/*.cruds", "offline_access"])
    assert set(granted(clinic, told(answer)["code"])[1].scope.split()) == {"launch/patient", "patient/Observation.rs"}


def test_a_yes_to_nothing_is_asked_again(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(), clinic.ada)
    again = walk.allow(consent, *offered(consent))
    assert again.status_code == 200
    assert "Tick at least one thing" in again.text
    assert "code" in told(walk.allow(again))


def test_a_no_is_told_to_the_app_and_ends_the_request(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(), clinic.ada)
    answer = told(walk.send(consent, "/oauth/authorize/decide", answer="deny"))
    assert answer["error"] == "access_denied"
    assert walk.allow(consent).status_code == 400


def test_one_answer_is_taken_once(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(), clinic.ada)
    assert "code" in told(walk.allow(consent))
    again = walk.allow(consent)
    assert again.status_code == 400
    assert "Location" not in again.headers


def test_the_person_is_asked_every_time(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    assert "code" in told(walk.allow(walk.pick(walk.ask(), clinic.ada)))
    assert offered(walk.pick(walk.ask(), clinic.ada))


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_from_elsewhere_allows_nothing(clinic: Clinic, token: str) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(), clinic.ada)
    response = walk.send(consent, "/oauth/authorize/decide", answer="allow", scope=offered(consent), csrf=token)
    assert response.status_code == 403
    assert "Location" not in response.headers


def test_a_request_belongs_to_the_session_it_was_shown_in(clinic: Clinic) -> None:
    walk, other = clinic.browser(clinic.mara), clinic.browser(clinic.nils)
    consent = walk.pick(walk.ask(), clinic.ada)
    address = next(place for place in walk.seen if place.startswith("/oauth/authorize/next"))
    assert other.browser.get(address).status_code == 400
    ticket = address.partition("ticket=")[2]
    response = other.browser.post("/oauth/authorize/decide", {"ticket": ticket, "csrf": other.browser.csrf(), "answer": "allow", "scope": "patient/*.rs"})
    assert response.status_code == 400
    assert "code" in told(walk.allow(consent))


def test_a_request_runs_out_after_ten_minutes(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(), clinic.ada)
    clinic.world.clock.forward(minutes=10)
    assert walk.allow(consent).status_code == 400


def test_who_signed_out_meanwhile_signs_in_again(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(), clinic.ada)
    walk.browser.post("/sign-out", {"csrf": walk.browser.csrf()})
    assert walk.allow(consent).request.path == "/sign-in"


def test_an_app_that_was_revoked_meanwhile_gets_nothing(clinic: Clinic) -> None:
    app = clinic.new_app()
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(client_id=app), clinic.ada)
    revoke_client(clinic.world.store, clinic.world.clock, app)
    response = walk.allow(consent)
    assert response.status_code == 400
    assert "Location" not in response.headers


def test_a_person_gives_only_what_the_duties_let(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.own)
    consent = walk.ask(scope="launch/patient patient/Observation.cruds")
    assert set(offered(consent)) == {"launch/patient", "patient/Observation.rs"}
    assert "It asked for more than you can allow here" in consent.text


def test_who_has_no_entry_in_the_directory_has_no_fhir_user(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.clerk)
    assert set(offered(walk.ask(scope="openid fhirUser user/Practitioner.rs"))) == {"openid", "user/Practitioner.rs"}


def test_another_client_can_be_chosen_before_the_answer(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.pick(walk.ask(), clinic.ada)
    consent = walk.pick(walk.send(consent, "/oauth/authorize/patient", again="yes"), clinic.bea)
    assert "Bea Quill" in consent.text
    assert granted(clinic, told(walk.allow(consent))["code"])[1].patient == SITE.id("client", clinic.bea)


def test_an_app_s_name_and_links_are_text_and_nothing_else(clinic: Clinic) -> None:
    app = clinic.new_app(name="<script>alert(1)</script>", about={"client_uri": "http://127.0.0.1/site", "policy_uri": "https://app.example.org/privacy"})
    walk = clinic.browser(clinic.mara)
    page = walk.pick(walk.ask(client_id=app), clinic.ada).text
    assert "<script" not in page
    assert "127.0.0.1/site" not in page
    assert 'href="https://app.example.org/privacy"' in page


def test_every_type_and_every_special_scope_has_words() -> None:
    assert set(TYPES) == set(SERVED)
    for name in SPECIAL:
        words = in_plain_words(name)
        assert words.about in ("you", "access")
        assert words.title


@pytest.mark.parametrize(
    ("scope", "title"),
    [
        ("patient/Observation.rs", "Read: scores, measurements and observations"),
        ("patient/Observation.read", "Read: scores, measurements and observations"),
        ("user/Condition.crus", "Read, add to and change: diagnoses and concerns"),
        ("user/Task.write", "Add to, change and delete: tasks, homework and the progress of referrals"),
        ("patient/*.cruds", "Read, add to, change and delete: everything in the record"),
        ("patient/Goal.s", "Find only: treatment goals"),
        (
            "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs",
            "Read: scores, measurements and observations, only vital signs",
        ),
        ("patient/Condition.r?category=http://x.example|odd", "Read: diagnoses and concerns, only those marked odd"),
    ],
)
def test_a_scope_is_said_in_plain_words(scope: str, title: str) -> None:
    parse(scope)
    assert in_plain_words(scope).title == title
