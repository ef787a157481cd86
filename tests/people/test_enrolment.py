"""Enrolling with a link: password, second factor, recovery codes."""

from __future__ import annotations

import re

import pytest

from gateway.people.account import disable, reset
from gateway.store import account as accounts
from tests.people.authenticator import Authenticator
from tests.people.house import PASSWORD, Browser, added, asked, clinician, code_at, options, trail
from tests.world import World

HERE = "http://localhost:8000"


def choose(browser: Browser, link: str, password: str = PASSWORD, again: str | None = None) -> int:
    return browser.post(f"/enrol/{link}", {"password": password, "again": password if again is None else again}).status_code


def secret_on(browser: Browser) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", browser.get("/enrol/second").text)
    assert found is not None
    return found[1].replace(" ", "")


def confirm(browser: Browser, world: World) -> list[str]:
    """The recovery codes that the last page shows."""
    secret = secret_on(browser)
    answer = browser.post("/enrol/second", {"code": code_at(secret, asked(world).now)})
    assert answer.status_code == 200, answer.text
    return re.findall(r"^(?:<pre>)?((?:[0-9a-z]{4}-){5}[0-9a-z]{4})$", answer.text, re.MULTILINE)


def test_a_person_enrols_and_is_signed_in_with_ten_recovery_codes(world: World) -> None:
    made, browser = added(world), Browser(world)
    assert made.account.name in browser.get(f"/enrol/{made.enrolment}").text
    assert choose(browser, made.enrolment) == 303
    codes = confirm(browser, world)
    assert len(set(codes)) == 10
    assert browser.is_signed_in()
    other = Browser(world)
    other.first_step(made.account.name, PASSWORD)
    assert other.second_step(recovery=codes[3].upper().replace("-", " ")).status_code == 303


def test_a_recovery_code_is_good_once(world: World) -> None:
    made, browser = added(world), Browser(world)
    choose(browser, made.enrolment)
    code = confirm(browser, world)[0]
    for status in (303, 401):
        other = Browser(world)
        other.first_step(made.account.name, PASSWORD)
        assert other.second_step(recovery=code).status_code == status


def test_a_passkey_will_do_for_the_second_factor(world: World) -> None:
    made, browser = added(world), Browser(world, base_url=HERE)
    choose(browser, made.enrolment)
    device = Authenticator(HERE)
    assert browser.post("/enrol/second", {"passkey": device.make(options(browser.get("/enrol/second")))}).status_code == 200
    assert browser.is_signed_in()
    page = browser.get("/account")
    named = re.search(r'name="passkey" value="([\w-]+)"', page.text)
    assert named is not None
    assert browser.post("/account/remove-passkey", {"csrf": browser.csrf(), "passkey": named[1]}).status_code == 400, "the only second factor stays"


def test_nothing_is_enrolled_before_the_second_factor_is_proven(world: World) -> None:
    made, browser = added(world), Browser(world)
    choose(browser, made.enrolment)
    assert browser.post("/enrol/second", {"code": "000000"}).status_code == 400
    assert Browser(world).first_step(made.account.name, PASSWORD).status_code == 401
    assert len(confirm(browser, world)) == 10, "the enrolment went on"


def test_a_link_is_good_once(world: World) -> None:
    made, browser, late = added(world), Browser(world), Browser(world)
    assert choose(browser, made.enrolment) == choose(late, made.enrolment) == 303
    secret = secret_on(late)
    confirm(browser, world)
    assert late.post("/enrol/second", {"code": code_at(secret, asked(world).now)}).status_code == 410
    assert Browser(world).get(f"/enrol/{made.enrolment}").status_code == 410


def test_a_link_runs_out_after_72_hours(world: World) -> None:
    made = added(world)
    world.clock.forward(hours=72, seconds=-1)
    assert Browser(world).get(f"/enrol/{made.enrolment}").status_code == 200
    world.clock.forward(seconds=1)
    assert Browser(world).get(f"/enrol/{made.enrolment}").status_code == 410
    assert choose(Browser(world), made.enrolment) == 410


def test_a_reset_takes_the_place_of_every_link_before(world: World) -> None:
    made, browser = added(world), Browser(world)
    choose(browser, made.enrolment)
    secret = secret_on(browser)
    again = reset(world.store, made.account.name, asked(world))
    assert browser.post("/enrol/second", {"code": code_at(secret, asked(world).now)}).status_code == 410
    assert Browser(world).get(f"/enrol/{made.enrolment}").status_code == 410
    assert choose(Browser(world), again.enrolment) == 303


def test_the_link_of_a_disabled_account_opens_nothing(world: World) -> None:
    made = added(world)
    disable(world.store, made.account.name, asked(world))
    assert Browser(world).get(f"/enrol/{made.enrolment}").status_code == 410


@pytest.mark.parametrize("password", ["short", "password1234", "aaaaaaaaaaaaaa", "qwertyuiopasdf"[:12], "123456789012", "x" * 129, "Summer-2026-2026!"])
def test_a_bad_password_is_refused_with_a_reason(world: World, password: str) -> None:
    made = added(world)
    answer = Browser(world).post(f"/enrol/{made.enrolment}", {"password": password, "again": password})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert password not in answer.text


def test_two_passwords_that_differ_are_refused(world: World) -> None:
    assert choose(Browser(world), added(world).enrolment, again="another one entirely") == 400


def test_the_accounts_own_name_is_no_password(world: World) -> None:
    made = added(world, name="maren.lund.therapist")
    assert choose(Browser(world), made.enrolment, "Maren.Lund.Therapist1") == 400


def test_secrets_are_kept_as_digests_or_sealed_and_the_trail_tells_of_enrolling(world: World) -> None:
    made, browser = added(world, duties=["therapist"], clinician=clinician(world)), Browser(world)
    choose(browser, made.enrolment)
    secret = secret_on(browser)
    codes = confirm(browser, world)
    with world.store.read() as connection:
        row = accounts.account(connection, made.account.id)
        assert row is not None
        dump = "\n".join(connection.connection.driver_connection.iterdump())
    assert str(row.password_hash).startswith("$argon2id$")
    assert not [value for value in (secret, made.enrolment, browser.cookie(), PASSWORD, *codes) if value in dump or value.encode().hex() in dump]
    told = [event.body for event in trail(world) if made.account.id.encode() in event.body]
    assert any(b"enrolled: password and code" in body for body in told)
    assert not any(made.account.name.encode() in body or b"A Person" in body for body in told)
