"""Choosing a client or a visit: only whom this person may see, and no name in any address, redirect or log line."""

from __future__ import annotations

import logging
from html import unescape
from re import findall

import pytest

from tests.authorize.clinic import Clinic, granted, told
from tests.people.house import person
from tests.store.engines import SITE, client, fresh, record

PATIENT = "/oauth/authorize/patient"
ENCOUNTER = "/oauth/authorize/encounter"


def shown(page: str) -> list[str]:
    return [unescape(name) for name in findall(r"<strong>([^<]*)</strong> <span>", page)]


@pytest.mark.parametrize(
    ("name", "birth_date", "found"),
    [
        ("", "", {"Ada Quist", "Bea Quill"}),
        ("Qui", "", {"Ada Quist", "Bea Quill"}),
        ("quist", "", {"Ada Quist"}),
        ("bea qui", "", {"Bea Quill"}),
        ("", "1971-05-06", {"Bea Quill"}),
        ("", "1971", {"Bea Quill"}),
        ("Quist", "1971-05-06", set()),
        ("Quorn", "", set()),
        ("Cid", "", set()),
        (",,,", "", {"Ada Quist", "Bea Quill"}),
    ],
)
def test_a_client_is_found_by_name_and_birth_date_among_the_own(clinic: Clinic, name: str, birth_date: str, found: set[str]) -> None:
    walk = clinic.browser(clinic.mara)
    page = walk.send(walk.ask(), PATIENT, name=name, birthdate=birth_date)
    assert page.status_code == 200
    assert set(shown(page.text)) == found


@pytest.mark.parametrize(("name", "birth_date"), [("", "soon"), ("", "1971-13-41"), ("\x00", ""), ("", "ge"), ("", ",,")])
def test_what_cannot_be_searched_is_said_on_the_page(clinic: Clinic, name: str, birth_date: str) -> None:
    walk = clinic.browser(clinic.mara)
    page = walk.send(walk.ask(), PATIENT, name=name, birthdate=birth_date)
    assert page.status_code == 200
    assert 'class="error"' in page.text


@pytest.mark.parametrize("whose", ["cid", "nobody"])
def test_whom_the_person_may_not_see_cannot_be_chosen(clinic: Clinic, whose: str) -> None:
    walk = clinic.browser(clinic.mara)
    chosen = SITE.id("client", clinic.cid) if whose == "cid" else "nobody"
    assert told(walk.send(walk.ask(), PATIENT, patient=chosen))["error"] == "access_denied"


@pytest.mark.parametrize("whose", ["cid", "nobody"])
def test_whom_the_person_may_not_see_is_not_allowed_past_the_consent_page(clinic: Clinic, whose: str) -> None:
    walk = clinic.browser(clinic.mara)
    form = hidden(walk.ask(scope="patient/*.rs").text)
    walk.browser.post(PATIENT, form | {"patient": SITE.id("client", clinic.cid) if whose == "cid" else "nobody"})
    answer = walk.browser.post("/oauth/authorize/decide", form | {"answer": "allow", "scope": "patient/*.rs"})
    assert "code=" not in answer.headers.get("Location", "")


def test_an_auditor_sees_nobody_to_choose(clinic: Clinic) -> None:
    page = clinic.browser(clinic.clerk).ask()
    assert shown(page.text) == []
    assert "no client whose record you may see" in page.text


def test_a_client_of_the_practice_cannot_choose_another(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.own)
    consent = walk.ask()
    forged = walk.browser.post(PATIENT, hidden(consent.text) | {"patient": SITE.id("client", clinic.bea)})
    assert told(walk.follow(forged))["error"] == "access_denied"


def test_the_picker_goes_on_page_by_page(clinic: Clinic) -> None:
    world, chief = clinic.world, fresh("clinician")
    many = [fresh("client") for _ in range(45)]
    world.take_in([record("clinician", id=chief, name={"family": "Chief"}, practice="office"), *(client(one, name={"family": "Crowd", "given": [one]}) for one in many)])
    world.take_in([record("care_team", id=fresh("team"), client=one, members=[{"clinician": chief, "role": "therapist"}]) for one in many])
    walk = clinic.browser(person(world, duties=["therapist"], clinician=chief))
    page, seen = walk.ask(), []
    for _ in range(3):
        seen += shown(page.text)
        after = findall(r'name="after" value="([^"]*)"', page.text)
        page = walk.send(page, PATIENT, name="", birthdate="", after=after[0]) if after else page
    assert sorted(seen) == sorted(f"{one} Crowd" for one in many)


def test_a_visit_is_chosen_for_launch_encounter(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    visits = walk.pick(walk.ask(scope="launch/patient launch/encounter patient/*.rs"), clinic.ada)
    assert "Individual therapy" in visits.text
    consent = walk.send(visits, ENCOUNTER, encounter=SITE.id("session", clinic.visit))
    _, row = granted(clinic, told(walk.allow(consent))["code"])
    assert row.encounter == SITE.id("session", clinic.visit)


def test_launch_encounter_alone_asks_for_the_client_first(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    visits = walk.pick(walk.ask(scope="launch/encounter user/*.rs"), clinic.ada)
    consent = walk.send(visits, ENCOUNTER, encounter=SITE.id("session", clinic.visit))
    _, row = granted(clinic, told(walk.allow(consent))["code"])
    assert (row.patient, row.encounter) == (SITE.id("client", clinic.ada), SITE.id("session", clinic.visit))


def test_no_particular_visit_is_an_answer_too(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    consent = walk.send(walk.pick(walk.ask(scope="launch/encounter patient/*.rs"), clinic.ada), ENCOUNTER, encounter="")
    assert granted(clinic, told(walk.allow(consent))["code"])[1].encounter is None


def test_a_visit_of_another_client_cannot_be_chosen(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    visits = walk.pick(walk.ask(scope="launch/encounter patient/*.rs"), clinic.bea)
    assert told(walk.send(visits, ENCOUNTER, encounter=SITE.id("session", clinic.visit)))["error"] == "access_denied"


def test_no_name_of_a_client_stands_in_an_address_or_a_log(clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    walk = clinic.browser(clinic.mara)
    with caplog.at_level(logging.DEBUG):
        page = walk.send(walk.ask(scope="launch/patient launch/encounter patient/*.rs openid"), PATIENT, name="Quist", birthdate="1990-02-03")
        consent = walk.send(walk.pick(page, clinic.ada), ENCOUNTER, encounter=SITE.id("session", clinic.visit))
        answer = told(walk.allow(consent))
        walk.launch(clinic.ada)
    told_outside = " ".join([*walk.seen, caplog.text])
    for secret in ("Quist", "Ada", "1990", SITE.id("client", clinic.ada), SITE.id("session", clinic.visit)):
        assert secret not in told_outside
    assert answer["code"] not in caplog.text


def hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in findall(r'type="hidden" name="(ticket|csrf)" value="([^"]*)"', page)}
