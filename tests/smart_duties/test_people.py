"""What people can do about the apps that act in their name: see them, end them, and not be thrown out by somebody else's page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.smart.token import forget
from tests.people.house import Browser
from tests.people.provider import CLIENT_ID, SECRET, serving
from tests.smart_duties.flow import Page, Practice, an_app, ask_fhir, practice
from tests.token.given import App, error_of
from tests.world import World


@pytest.fixture
def office(world: World) -> Practice:
    return practice(world)


@pytest.fixture
def asker(world: World) -> App:
    return an_app(world, "user/Patient.rs user/Condition.rs openid offline_access")


def test_a_person_ends_what_an_app_was_given(world: World, office: Practice, asker: App) -> None:
    """The account page names the app, what it was allowed and until when; one button ends all of it."""
    held = office.seat.tokens(asker, "user/Patient.rs offline_access")
    page = office.seat.browser.get("/account")
    for said in ("Mood Diary", "name, birth date, address and contacts", "2027-0"):
        assert said in page.text
    form = Page(page).form_with("grant")
    assert form is not None
    assert office.seat.send(form).status_code == 303
    forget(world.store)
    assert ask_fhir(world, held["access_token"], f"Patient/{office.client}").status_code == 401
    assert error_of(asker.refresh(held["refresh_token"])) == (400, "invalid_grant")
    assert "Mood Diary" not in office.seat.browser.get("/account").text


def test_what_was_agreed_to_is_changed_by_agreeing_anew(office: Practice, asker: App) -> None:
    office.seat.tokens(asker, "user/Patient.rs user/Condition.rs offline_access")
    narrower = office.seat.tokens(asker, "user/Patient.rs offline_access")
    assert narrower["scope"] == "user/Patient.rs offline_access"


def test_a_logout_from_elsewhere_asks_first(office: Practice, asker: App) -> None:
    """Neither a link nor a picture on another page, nor the id_token of somebody else, signs a person out."""
    for address in ("/oauth/logout", f"/oauth/logout?client_id={asker.client_id}", "/oauth/logout?id_token_hint=a.b.c", "/sign-out"):
        office.seat.browser.get(address)
        assert office.seat.browser.is_signed_in()
    for address in ("/oauth/logout", "/sign-out"):
        office.seat.browser.post(address, {}, Sec_Fetch_Site="cross-site")
        assert office.seat.browser.is_signed_in()


def test_sign_in_by_a_provider_asks_for_who_it_is_and_nothing_else(world: World, tmp_path: Path) -> None:
    """By code, with PKCE, state and nonce."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    with serving(world) as provider:
        browser = Browser(world, openid_issuer=provider.issuer, openid_client_id=CLIENT_ID, openid_secret_file=secret)
        away = browser.get("/sign-in/openid?next=/account").headers["Location"]
    asked = parse_qs(urlsplit(away).query)
    assert {name: asked[name] for name in ("scope", "response_type", "code_challenge_method")} == {
        "scope": ["openid"],
        "response_type": ["code"],
        "code_challenge_method": ["S256"],
    }
    assert all(len(asked[name][0]) >= 22 for name in ("state", "nonce", "code_challenge"))
