"""The account page: what one sees and ends there, and who may not."""

from __future__ import annotations

import pytest

from gateway.clock import to_ms
from gateway.people.account import disable
from gateway.store.grant import GrantRow, add_grant, grants_of
from gateway.store.oauth import ClientRow, add_client
from tests.people.house import PASSWORD, Browser, Person, asked, code_of, hidden, person
from tests.world import PRACTICE, World


def allow_app(world: World, who: Person, session: str | None = None) -> str:
    """An app that may see records in this person's name; the id of the grant."""
    now = to_ms(world.clock())
    grant = GrantRow(
        f"grant-{who.name}-{session}", PRACTICE, f"app-{who.name}-{session}", who.account.id, session, "patient/*.rs", "p1", None, "{}", None, now, now, now + 90_000_000
    )
    with world.store.write() as connection:
        add_client(connection, ClientRow(grant.client_id, PRACTICE, "Tidewater Notes", "app", None, "TREAT", "patient/*.rs", None, None, now, None, "none"))
        add_grant(connection, grant)
    return grant.id


def grants(world: World, who: Person) -> list[str]:
    with world.store.read() as connection:
        return [grant.id for grant in grants_of(connection, who.account.id, to_ms(world.clock()))]


def test_nobody_sees_the_page_without_signing_in(world: World) -> None:
    answer = Browser(world).get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/account")


def test_an_app_is_named_and_ended(world: World) -> None:
    who, browser = person(world), Browser(world)
    browser.sign_in(who)
    grant = allow_app(world, who)
    assert "Tidewater Notes" in browser.get("/account").text
    assert browser.post("/account/end-app", {"csrf": browser.csrf(), "grant": grant}).status_code == 303
    assert grants(world, who) == []


def test_nobody_ends_what_is_another_persons(world: World) -> None:
    mine, other = person(world), person(world)
    browser, elsewhere = Browser(world), Browser(world)
    browser.sign_in(mine)
    elsewhere.sign_in(other)
    grant = allow_app(world, other)
    assert browser.post("/account/end-app", {"csrf": browser.csrf(), "grant": grant}).status_code == 404
    assert grants(world, other) == [grant]


def test_another_session_is_signed_out_from_here(world: World) -> None:
    who, here, there = person(world), Browser(world), Browser(world)
    there.sign_in(who)
    here.sign_in(who)
    page = here.get("/account")
    assert here.post("/account/end-session", {"csrf": hidden(page, "csrf"), "session": hidden(page, "session")}).status_code == 303
    assert (here.is_signed_in(), there.is_signed_in()) == (True, False)


def test_new_recovery_codes_take_the_place_of_the_old(world: World) -> None:
    who, browser = person(world), Browser(world)
    browser.sign_in(who)
    codes = [browser.post("/account/recovery-codes", {"csrf": browser.csrf()}).text.split("<pre>")[1].split()[0] for _ in range(2)]
    for code, status in zip(codes, (401, 303), strict=True):
        other = Browser(world)
        other.first_step(who.name, PASSWORD)
        assert other.second_step(recovery=code).status_code == status


def test_how_one_signs_in_is_changed_only_just_after_signing_in(world: World) -> None:
    who, browser = person(world), Browser(world)
    browser.sign_in(who)
    world.clock.forward(minutes=10)
    for path in ("recovery-codes", "add-passkey", "remove-passkey", "password"):
        answer = browser.post(f"/account/{path}", {"csrf": browser.csrf()})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/account")


def test_a_changed_password_opens_and_the_old_one_does_not(world: World) -> None:
    who, browser, elsewhere = person(world), Browser(world), Browser(world)
    elsewhere.sign_in(who)
    browser.sign_in(who)
    new = "eleven gulls, one lighthouse"
    assert browser.post("/account/password", {"csrf": browser.csrf(), "current": "wrong", "password": new, "again": new}).status_code == 400
    assert browser.post("/account/password", {"csrf": browser.csrf(), "current": PASSWORD, "password": new, "again": new}).status_code == 303
    assert [Browser(world).first_step(who.name, tried).status_code for tried in (PASSWORD, new)] == [401, 303]
    assert (browser.is_signed_in(), elsewhere.is_signed_in()) == (True, False)


@pytest.mark.parametrize("path", ["end-app", "end-session", "recovery-codes", "add-passkey", "remove-passkey", "password"])
@pytest.mark.parametrize("form", [{}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "\u00e9"}])
def test_a_form_without_the_sessions_own_token_is_refused(world: World, path: str, form: dict[str, str]) -> None:
    browser = Browser(world)
    browser.sign_in(person(world))
    assert browser.post(f"/account/{path}", form).status_code == 403


def test_the_token_of_another_session_is_refused(world: World) -> None:
    who, one, two = person(world), Browser(world), Browser(world)
    one.sign_in(who)
    two.sign_in(who)
    assert two.post("/account/recovery-codes", {"csrf": one.csrf()}).status_code == 403


@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}])
def test_even_the_right_token_from_elsewhere_is_refused(world: World, headers: dict[str, str]) -> None:
    browser = Browser(world)
    browser.sign_in(person(world))
    assert browser.post("/account/recovery-codes", {"csrf": browser.csrf()}, **headers).status_code == 403


@pytest.mark.parametrize(("origin", "status"), [("https://evil.example", 403), ("null", 403), ("http://127.0.0.1:8000", 200)])
def test_where_the_browser_says_no_site_its_origin_counts(world: World, origin: str, status: int) -> None:
    browser = Browser(world)
    browser.sign_in(person(world))
    answer = browser.http.post("/account/recovery-codes", data={"csrf": browser.csrf()}, headers={"Origin": origin}, base_url=browser.base_url)
    assert answer.status_code == status


def test_disabling_ends_sessions_sign_ins_on_their_way_and_apps(world: World) -> None:
    who, browser, half_way = person(world), Browser(world), Browser(world)
    browser.sign_in(who)
    half_way.first_step(who.name, PASSWORD)
    allow_app(world, who)
    disable(world.store, who.name, asked(world))
    assert not browser.is_signed_in()
    world.clock.forward(seconds=30)
    assert half_way.second_step(code=code_of(world, who)).status_code == 401
    assert grants(world, who) == []
