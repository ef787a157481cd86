"""Signing in with a password and a second factor, as a browser does it."""

from __future__ import annotations

import orjson
import pytest
from argon2 import PasswordHasher

from gateway.fhir.validation import check_resource
from gateway.people.account import disable
from gateway.people.password import hashed
from tests.people.house import PASSWORD, Browser, asked, code_of, person, trail
from tests.world import World


def test_a_person_signs_in_with_password_and_code_and_comes_where_they_wanted(world: World) -> None:
    browser, therapist = Browser(world), person(world)
    answer = browser.sign_in(therapist, "/oauth/authorize?client_id=x&state=y")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/oauth/authorize?client_id=x&state=y")
    assert browser.is_signed_in()


def test_the_password_alone_signs_nobody_in(world: World) -> None:
    browser, therapist = Browser(world), person(world)
    assert browser.first_step(therapist.name, PASSWORD).headers["Location"] == "/sign-in/second"
    assert not browser.is_signed_in()


def test_unknown_wrong_and_disabled_get_the_same_answer(world: World) -> None:
    known, gone = person(world), person(world)
    disable(world.store, gone.name, asked(world))
    answers = [Browser(world).first_step(*tried) for tried in (("nobody", PASSWORD), (known.name, "wrong"), (gone.name, PASSWORD))]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert not any("handoff" in answer.headers.get("Set-Cookie", "") for answer in answers)


def test_a_code_is_good_once(world: World) -> None:
    therapist = person(world)
    first, second = Browser(world), Browser(world)
    assert first.sign_in(therapist).status_code == 303
    second.first_step(therapist.name, PASSWORD)
    assert second.second_step(code=code_of(world, therapist)).status_code == 401
    assert not second.is_signed_in()


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\nb", "\t//evil.example", "javascript:alert(1)", "/%0d\u2028"])
def test_next_never_leads_away(world: World, away: str) -> None:
    assert Browser(world).sign_in(person(world), away).headers["Location"] == "/account"


def test_a_form_from_elsewhere_signs_nobody_in(world: World) -> None:
    therapist = person(world)
    for headers in ({"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
        assert Browser(world).post("/sign-in", {"name": therapist.name, "password": PASSWORD}, **headers).status_code == 403


def test_every_sign_in_and_every_failure_stands_in_the_trail(world: World) -> None:
    therapist, browser = person(world), Browser(world)
    browser.first_step(therapist.name, "wrong")
    browser.sign_in(therapist)
    found = [(event.agent, event.action, event.outcome) for event in trail(world) if event.agent == therapist.account.id]
    assert found == [(therapist.account.id, "E", "0"), (therapist.account.id, "E", "4")]


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, kept, typed: checked.append(kept) or verify(self, kept, typed))
    known = person(world).name
    for name in ("nobody.at.all", known):
        checked.clear()
        Browser(world).first_step(name, "wrong")
        assert [kept.split("$")[1:4] for kept in checked] == [hashed(PASSWORD).split("$")[1:4]], "one hash, of the same cost"


def test_what_stands_in_the_trail_is_a_valid_audit_event_without_names(world: World) -> None:
    who, browser = person(world), Browser(world)
    browser.first_step("nobody.we.know", "wrong")
    browser.sign_in(who)
    browser.post("/sign-out", {"csrf": browser.csrf()})
    disable(world.store, who.name, asked(world))
    found = [orjson.loads(event.body) for event in trail(world)[:4]]
    codes = [(event["type"]["code"], event["subtype"][0]["code"], event["outcome"]) for event in found]
    assert codes == [("110113", "110137", "0"), ("110114", "110123", "0"), ("110114", "110122", "0"), ("110114", "110122", "4")]
    for event in found:
        check_resource(event)
        assert not any(name in str(event) for name in (who.name, "A Person", "nobody.we.know"))


@pytest.mark.parametrize(("origin", "status"), [("https://fhir.practice.example", 401), ("http://fhir.practice.example", 403), ("https://practice.example", 403)])
def test_over_https_a_form_from_our_name_over_http_is_not_ours(world: World, origin: str, status: int) -> None:
    """The proxy speaks http with us; what a page over http sent may be written by whoever sits on the way (login CSRF)."""
    browser = Browser(world, base_url="https://fhir.practice.example")
    answer = browser.http.post("/sign-in", data={"name": "nobody", "password": "wrong"}, headers={"Origin": origin}, base_url="http://fhir.practice.example")
    assert answer.status_code == status


def test_a_browser_that_was_here_over_https_is_told_to_come_back_so(world: World) -> None:
    assert "max-age=" in Browser(world, base_url="https://fhir.practice.example").get("/sign-in").headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in Browser(world).get("/sign-in").headers
