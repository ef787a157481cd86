"""Sessions: their cookie, their ends, and what ends with them."""

from __future__ import annotations

from gateway.clock import to_ms
from gateway.people.session import ABSOLUTE_MS, digest_of
from gateway.store import session as sessions
from gateway.store.grant import GrantRow, add_grant, grants_of
from gateway.store.session import SessionRow
from tests.people.house import Browser, Person, person
from tests.world import PRACTICE, World


def row_of(world: World, browser: Browser) -> SessionRow:
    with world.store.read() as connection:
        found = sessions.session(connection, digest_of(browser.cookie()))
    assert found is not None
    return found


def signed_in(world: World) -> tuple[Person, Browser]:
    who, browser = person(world), Browser(world)
    browser.sign_in(who)
    return who, browser


def test_a_session_ends_after_fifteen_idle_minutes(world: World) -> None:
    _, browser = signed_in(world)
    for _ in range(3):
        world.clock.forward(minutes=14, seconds=59)
        assert browser.is_signed_in()
    world.clock.forward(minutes=15)
    assert not browser.is_signed_in()


def test_a_session_ends_after_twelve_hours_however_busy(world: World) -> None:
    _, browser = signed_in(world)
    for _ in range(71):
        world.clock.forward(minutes=10)
        assert browser.is_signed_in()
    world.clock.forward(minutes=10)
    assert not browser.is_signed_in()


def test_the_idle_time_is_a_setting(world: World) -> None:
    browser = Browser(world, session_idle_minutes=1)
    browser.sign_in(person(world))
    world.clock.forward(seconds=59)
    assert browser.is_signed_in()
    world.clock.forward(minutes=1)
    assert not browser.is_signed_in()


def test_a_session_is_written_at_most_once_a_minute(world: World) -> None:
    _, browser = signed_in(world)
    began = row_of(world, browser)
    world.clock.forward(seconds=59)
    browser.is_signed_in()
    assert row_of(world, browser) == began
    world.clock.forward(seconds=1)
    browser.is_signed_in()
    assert row_of(world, browser) == began._replace(seen_at=to_ms(world.clock()))
    assert began.expires_at == began.authenticated_at + ABSOLUTE_MS


def test_the_cookie_is_for_this_site_over_https_and_no_script(world: World) -> None:
    browser = Browser(world, base_url="https://gateway.example.org")
    answer = browser.sign_in(person(world))
    cookies = answer.headers.getlist("Set-Cookie")
    begun = next(cookie for cookie in cookies if cookie.startswith("__Host-handoff="))
    assert {part.strip() for part in begun.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    assert "Domain" not in "".join(cookies)


def test_signing_in_makes_a_new_session_whatever_the_browser_brought(world: World) -> None:
    who, browser = signed_in(world)
    before = browser.cookie()
    browser.sign_in(who)
    assert browser.cookie() != before
    planted = Browser(world)
    planted.http.set_cookie("handoff", "planted", domain="127.0.0.1")
    planted.sign_in(who)
    assert planted.cookie() != "planted"


def test_signing_in_again_goes_on_in_the_same_session_under_a_new_cookie(world: World) -> None:
    who, browser = signed_in(world)
    before, stolen = row_of(world, browser), browser.cookie()
    browser.sign_in(who)
    after = row_of(world, browser)
    assert after.id == before.id
    assert after.authenticated_at > before.authenticated_at
    thief = Browser(world)
    thief.http.set_cookie("handoff", stolen, domain="127.0.0.1")
    assert not thief.is_signed_in()


def test_the_session_of_whoever_sat_here_before_ends(world: World) -> None:
    _, browser = signed_in(world)
    left, other = browser.cookie(), Browser(world)
    browser.sign_in(person(world))
    other.http.set_cookie("handoff", left, domain="127.0.0.1")
    assert not other.is_signed_in()


def test_signing_out_ends_the_session_and_what_apps_had_while_it_lasted(world: World) -> None:
    who, browser = signed_in(world)
    now, session = to_ms(world.clock()), row_of(world, browser).id
    with world.store.write() as connection:
        for grant_id, bound in (("online", session), ("offline", None)):
            add_grant(connection, GrantRow(f"{grant_id}-{session}", PRACTICE, "app", who.account.id, bound, "openid", None, None, "{}", None, now, now, now + 1_000_000))
    stolen, csrf = browser.cookie(), browser.csrf()
    assert browser.post("/sign-out", {"csrf": csrf}).status_code == 200
    thief = Browser(world)
    thief.http.set_cookie("handoff", stolen, domain="127.0.0.1")
    assert not thief.is_signed_in()
    with world.store.read() as connection:
        assert [grant.id for grant in grants_of(connection, who.account.id, now)] == [f"offline-{session}"]


def test_signing_out_needs_the_sessions_own_token(world: World) -> None:
    _, browser = signed_in(world)
    assert browser.post("/sign-out", {"csrf": "x"}).status_code == 403
    assert browser.is_signed_in()


def test_a_cookie_that_nobody_gave_opens_nothing(world: World) -> None:
    for value in ("x", "x" * 200, '"', "%00"):
        browser = Browser(world)
        browser.http.set_cookie("handoff", value, domain="127.0.0.1")
        assert not browser.is_signed_in()
