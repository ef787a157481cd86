"""`prompt` and `max_age` (OpenID Connect Core 3.1.2.1): when somebody must sign in anew, and when nobody may be asked."""

from __future__ import annotations

import pytest

from tests.authorize.clinic import Clinic, told


def test_without_a_sign_in_prompt_none_says_so(clinic: Clinic) -> None:
    walk = clinic.browser()
    answer = told(walk.ask(prompt="none"))
    assert answer["error"] == "login_required"
    assert answer["state"] == "a state, of its own"


def test_with_a_choice_to_make_prompt_none_says_so(clinic: Clinic) -> None:
    assert told(clinic.browser(clinic.mara).ask(prompt="none"))["error"] == "interaction_required"


@pytest.mark.parametrize("scope", ["openid user/*.rs", "launch/patient patient/*.rs"])
def test_consent_is_never_remembered(clinic: Clinic, scope: str) -> None:
    walk = clinic.browser(clinic.own)
    told(walk.allow(walk.ask(scope=scope)))
    assert told(walk.ask(prompt="none", scope=scope))["error"] == "consent_required"


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_prompt_login_asks_whoever_is_signed_in_to_sign_in_again(clinic: Clinic, prompt: str) -> None:
    walk = clinic.browser(clinic.nils)
    clinic.world.clock.forward(seconds=60)
    page = walk.ask(prompt=prompt)
    assert page.request.path == "/sign-in"
    after = _next_of(walk.seen[-1])
    answer = told(walk.allow(walk.follow(walk.browser.sign_in(clinic.nils, after))))
    assert "code" in answer


@pytest.mark.parametrize(("max_age", "again"), [("59", True), ("61", False), ("0", True)])
def test_max_age_asks_who_signed_in_too_long_ago(clinic: Clinic, max_age: str, again: bool) -> None:
    walk = clinic.browser(clinic.nils)
    clinic.world.clock.forward(seconds=60)
    assert (walk.ask(max_age=max_age).request.path == "/sign-in") is again


def test_max_age_with_prompt_none_is_a_login_required(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.nils)
    clinic.world.clock.forward(seconds=60)
    assert told(walk.ask(max_age="10", prompt="none"))["error"] == "login_required"


def test_who_signs_in_anew_but_as_another_goes_on_as_that_one(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    clinic.world.clock.forward(seconds=60)
    walk.ask(prompt="login")
    consent = walk.follow(walk.browser.sign_in(clinic.nils, _next_of(walk.seen[-1])))
    assert "Nils Berg" in consent.text
    assert "Cid Quorn" in consent.text


def _next_of(place: str) -> str:
    return place.partition("?next=")[2].replace("%3F", "?").replace("%3D", "=")
