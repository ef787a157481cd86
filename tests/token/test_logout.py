"""An app signs its user out of the gateway; whoever is not sure to be that app leaves the decision to the person."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select
from werkzeug.test import TestResponse

from gateway.store.schema_access import session
from tests.people.house import Browser, Person, hidden
from tests.people.house import person as somebody
from tests.token.given import App, allow, app, error_of, is_live
from tests.world import World

LOGOUT = "/oauth/logout"
AFTER = "https://app.example.org/bye?from=handoff"


class Seat:
    """A person signed in at a browser and, from there, to an app."""

    def __init__(self, world: World, scope: str = "openid online_access user/*.rs") -> None:
        self.world, self.person, self.browser = world, somebody(world), Browser(world)
        self.browser.sign_in(self.person)
        self.app: App = app(world, scope=scope, post_logout_redirect_uris=[AFTER])
        self.held: dict[str, Any] = self.app.tokens(allow(world, self.app, scope, self.person.account.id, session=self.session if "offline" not in scope else None))

    @property
    def session(self) -> str:
        newest = select(session.c.id).where(session.c.account == self.person.account.id).order_by(session.c.authenticated_at.desc())
        with self.world.store.read() as connection:
            return str(connection.scalar(newest))

    def hint(self) -> str:
        return str(self.held["id_token"])


def _sent(browser: Browser, method: str, **values: str) -> TestResponse:
    if method == "GET":
        return browser.http.get(LOGOUT, query_string=values, base_url=browser.base_url)
    return browser.http.post(LOGOUT, data=values, base_url=browser.base_url)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_app_signs_its_user_out_and_the_person_comes_back_to_it(world: World, method: str) -> None:
    seat = Seat(world)
    response = _sent(seat.browser, method, id_token_hint=seat.hint(), post_logout_redirect_uri=AFTER, state="s-1")
    assert (response.status_code, response.headers["Location"]) == (303, f"{AFTER}&state=s-1")
    assert not seat.browser.is_signed_in()
    assert not is_live(world, seat.held["access_token"])
    assert error_of(seat.app.refresh(seat.held["refresh_token"])) == (400, "invalid_grant")


def test_an_id_token_that_has_run_out_is_still_a_hint(world: World) -> None:
    seat = Seat(world)
    world.clock.forward(minutes=10)
    assert _sent(seat.browser, "GET", id_token_hint=seat.hint(), post_logout_redirect_uri=AFTER).status_code == 303
    assert not seat.browser.is_signed_in()


def test_a_form_from_the_apps_site_ends_the_session_although_no_cookie_comes_with_it(world: World) -> None:
    seat = Seat(world)
    _sent(Browser(world), "POST", id_token_hint=seat.hint())
    assert not seat.browser.is_signed_in()
    assert not is_live(world, seat.held["access_token"])


def test_what_was_allowed_for_longer_stays(world: World) -> None:
    seat = Seat(world, "openid offline_access user/*.rs")
    _sent(seat.browser, "GET", id_token_hint=seat.hint())
    assert not seat.browser.is_signed_in()
    assert is_live(world, seat.held["access_token"])
    assert seat.app.refresh(seat.held["refresh_token"]).status_code == 200


def _forged(seat: Seat, **changes: Any) -> str:
    """The id_token with other claims, signed by nobody we know."""
    keys = KeySet.import_key_set(json.loads(seat.world.settings.secret_key_file.read_text()))
    rs384 = next(key for key in keys if key.alg == "RS384")
    claims = {"iss": seat.world.settings.base_url, "sub": seat.person.account.id, "aud": seat.app.client_id, "sid": seat.session} | changes
    return jwt.encode({"alg": "RS384", "kid": rs384.kid}, claims, rs384, algorithms=["RS384"])


NO_HINT = {
    "nothing": lambda _: {},
    "no JWT": lambda _: {"id_token_hint": "x.y.z"},
    "a signature cut off": lambda seat: {"id_token_hint": seat.hint()[:-8]},
    "no signature": lambda seat: {"id_token_hint": seat.hint().rpartition(".")[0] + "."},
    "signed with our other key": lambda seat: {"id_token_hint": _forged(seat)},
    "endless": lambda seat: {"id_token_hint": seat.hint() + "A" * 9000},
}


@pytest.mark.parametrize("hint", NO_HINT.values(), ids=NO_HINT)
def test_without_a_good_hint_the_person_is_asked_and_sent_nowhere(world: World, hint: Any) -> None:
    seat = Seat(world)
    values = {**hint(seat), "client_id": seat.app.client_id, "post_logout_redirect_uri": AFTER}
    page = _sent(seat.browser, "GET", **values)
    assert page.status_code == 200
    assert "Sign out?" in page.text
    assert seat.browser.is_signed_in()
    said_yes = seat.browser.post(LOGOUT, {**values, "csrf": hidden(page, "csrf")})
    assert (said_yes.status_code, said_yes.headers.get("Location")) == (200, None)
    assert not seat.browser.is_signed_in()


def test_the_id_token_of_another_person_does_not_sign_this_one_out(world: World) -> None:
    seat, other = Seat(world), Seat(world)
    page = _sent(seat.browser, "GET", id_token_hint=other.hint())
    assert "Sign out?" in page.text
    assert seat.browser.is_signed_in()


@pytest.mark.parametrize("csrf", [None, "", "x"])
def test_a_yes_that_the_person_did_not_give_counts_for_nothing(world: World, csrf: str | None) -> None:
    seat = Seat(world)
    form = {} if csrf is None else {"csrf": csrf}
    assert seat.browser.post(LOGOUT, form).status_code in (200, 403)
    assert seat.browser.is_signed_in()
    _sent(seat.browser, "GET", csrf=seat.browser.csrf())
    assert seat.browser.is_signed_in(), "a link is no yes"


@pytest.mark.parametrize("uri", ["https://app.example.org/bye", f"{AFTER}#x", "https://evil.example.org/", "https://app.example.org/callback", "javascript:alert(1)"])
def test_the_address_to_go_to_is_compared_character_by_character(world: World, uri: str) -> None:
    seat = Seat(world)
    response = _sent(seat.browser, "GET", id_token_hint=seat.hint(), post_logout_redirect_uri=uri)
    assert (response.status_code, response.headers.get("Location")) == (200, None)
    assert not seat.browser.is_signed_in()


def test_a_client_id_that_does_not_fit_the_hint_is_refused(world: World) -> None:
    seat = Seat(world)
    assert _sent(seat.browser, "GET", id_token_hint=seat.hint(), client_id=app(world).client_id).status_code == 400
    assert seat.browser.is_signed_in()


def test_a_parameter_sent_twice_is_refused(world: World) -> None:
    seat = Seat(world)
    assert seat.browser.get(f"{LOGOUT}?id_token_hint={seat.hint()}&id_token_hint=x").status_code == 400
    assert seat.browser.is_signed_in()


def test_nobody_signed_in_is_signed_out_already(world: World) -> None:
    assert "Nobody is signed in" in _sent(Browser(world), "GET").text


def test_a_person_signed_in_elsewhere_stays_there(world: World) -> None:
    seat = Seat(world)
    elsewhere = _elsewhere(world, seat.person)
    _sent(seat.browser, "GET", id_token_hint=seat.hint())
    assert elsewhere.is_signed_in()


def _elsewhere(world: World, who: Person) -> Browser:
    browser = Browser(world)
    browser.sign_in(who)
    return browser
