"""Passkeys, with an authenticator that makes and signs as the specification says, and some that do not."""

from __future__ import annotations

import json
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.people import passkey
from gateway.people.account import disable
from gateway.people.passkey import BadPasskey
from tests.people.authenticator import Authenticator, padless
from tests.people.house import PASSWORD, Browser, Person, asked, hidden, key_of, options, person
from tests.world import World

HERE = "http://localhost:8000"
US = passkey.party(HERE)
assert US is not None
_LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def at(world: World) -> Browser:
    return Browser(world, base_url=HERE)


def with_passkey(world: World, device: Authenticator | None = None) -> tuple[Person, Authenticator]:
    """Someone who added a passkey on the account page."""
    who, browser, device = person(world), at(world), device or Authenticator(HERE)
    browser.sign_in(who)
    page = browser.get("/account")
    assert browser.post("/account/add-passkey", {"csrf": hidden(page, "csrf"), "passkey": device.make(options(page)), "name": "My phone"}).status_code == 303
    return who, device


def test_a_passkey_alone_signs_its_owner_in(world: World) -> None:
    who, device = with_passkey(world)
    browser = at(world)
    answer = browser.post("/sign-in/passkey", {"passkey": device.use(options(browser.get("/sign-in"))), "next": "/account"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert who.name in browser.get("/account").text


def test_a_passkey_stands_in_for_the_code(world: World) -> None:
    who, device = with_passkey(world)
    browser = at(world)
    browser.first_step(who.name, PASSWORD)
    assert browser.second_step(passkey=device.use(options(browser.get("/sign-in/second")))).status_code == 303
    assert browser.is_signed_in()


def test_a_passkey_of_someone_else_does_not_stand_in(world: World) -> None:
    who, _ = with_passkey(world)
    _, other = with_passkey(world)
    browser = at(world)
    browser.first_step(who.name, PASSWORD)
    assert browser.second_step(passkey=other.use(options(browser.get("/sign-in/second")))).status_code == 401


def test_an_answer_is_good_once_and_for_five_minutes(world: World) -> None:
    _, device = with_passkey(world, Authenticator(HERE, counts=False))
    browser = at(world)
    answer = device.use(options(browser.get("/sign-in")))
    assert browser.post("/sign-in/passkey", {"passkey": answer}).status_code == 303
    assert at(world).post("/sign-in/passkey", {"passkey": answer}).status_code == 401
    late = device.use(options(browser.get("/sign-in")))
    world.clock.forward(seconds=301)
    assert at(world).post("/sign-in/passkey", {"passkey": late}).status_code == 401


def test_an_answer_to_one_question_does_not_answer_another(world: World) -> None:
    who, device = with_passkey(world)
    browser = at(world)
    alone = device.use(options(browser.get("/sign-in")))
    browser.first_step(who.name, PASSWORD)
    assert browser.second_step(passkey=alone).status_code == 401


@pytest.mark.parametrize(
    "broken",
    [
        {"verifies": False},
        {"origin": "https://localhost:8000"},
        {"origin": "http://localhost:8001"},
        {"rp_id": "evil.example"},
        {"handle": b"someone else"},
        {"handle": b""},
        {"count": 0},
        {"credential_id": b"unknown"},
    ],
    ids=" ".join,
)
def test_what_a_good_authenticator_would_not_send_signs_nobody_in(world: World, broken: dict[str, object]) -> None:
    _, device = with_passkey(world)
    browser = at(world)
    sent = replace(device, **broken).use(options(browser.get("/sign-in")))
    assert browser.post("/sign-in/passkey", {"passkey": sent}).status_code == 401
    assert not browser.is_signed_in()


@pytest.mark.parametrize(
    "changed", [{"type": "webauthn.create"}, {"challenge": padless(b"x" * 56)}, {"challenge": ""}, {"challenge": 7}, {"origin": "https://evil.example"}], ids=str
)
def test_what_a_good_browser_would_not_say_signs_nobody_in(world: World, changed: dict[str, object]) -> None:
    _, device = with_passkey(world)
    browser = at(world)
    assert browser.post("/sign-in/passkey", {"passkey": device.use(options(browser.get("/sign-in")), **changed)}).status_code == 401


def test_a_signature_by_another_key_signs_nobody_in(world: World) -> None:
    _, device = with_passkey(world)
    browser = at(world)
    sent = replace(device, key=Authenticator(HERE).key).use(options(browser.get("/sign-in")))
    assert browser.post("/sign-in/passkey", {"passkey": sent}).status_code == 401


def test_a_passkey_of_a_disabled_account_signs_nobody_in(world: World) -> None:
    who, device = with_passkey(world)
    disable(world.store, who.name, asked(world))
    browser = at(world)
    assert browser.post("/sign-in/passkey", {"passkey": device.use(options(browser.get("/sign-in")))}).status_code == 401


def test_a_passkey_that_did_not_verify_its_user_is_not_added(world: World) -> None:
    who, browser = person(world), at(world)
    browser.sign_in(who)
    page = browser.get("/account")
    sent = Authenticator(HERE, verifies=False).make(options(page))
    assert browser.post("/account/add-passkey", {"csrf": hidden(page, "csrf"), "passkey": sent, "name": ""}).status_code == 400


def test_a_removed_passkey_signs_nobody_in(world: World) -> None:
    who, device = with_passkey(world)
    browser = at(world)
    browser.sign_in(who)
    named = json.loads(device.use(options(browser.get("/sign-in"))))["id"]
    assert browser.post("/account/remove-passkey", {"csrf": browser.csrf(), "passkey": named}).status_code == 303
    assert browser.post("/sign-in/passkey", {"passkey": device.use(options(browser.get("/sign-in")))}).status_code == 401


def test_where_the_address_has_no_name_no_passkey_is_offered(world: World) -> None:
    assert "data-passkey" not in Browser(world).get("/sign-in").text


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@given(
    st.text(max_size=60)
    | _json.map(json.dumps)
    | st.fixed_dictionaries({"id": _json, "rawId": _json, "type": st.just("public-key"), "response": st.fixed_dictionaries({"clientDataJSON": _json})}).map(json.dumps)
)
def test_whatever_is_sent_is_refused_in_one_way(world: World, sent: str) -> None:
    with world.store.write() as connection, pytest.raises(BadPasskey):
        passkey.use(connection, key_of(world), US, passkey.SIGN_IN, sent, asked(world).now)


@pytest.fixture(scope="module")
def enrolled(world: World) -> Authenticator:
    return with_passkey(world)[1]


@given(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), st.integers(0, 10_000), st.integers(1, 63))
def test_a_changed_byte_anywhere_is_refused(world: World, enrolled: Authenticator, part: str, place: int, by: int) -> None:
    """Of the client data, the authenticator's data, or the signature."""
    device = enrolled
    sent = json.loads(device.use(passkey.request_options(key_of(world), US, passkey.SIGN_IN, [], asked(world).now)))
    text = sent["response"][part]
    place %= len(text) - 1
    sent["response"][part] = text[:place] + _LETTERS[(_LETTERS.index(text[place]) + by) % 64] + text[place + 1 :]
    with world.store.write() as connection, pytest.raises(BadPasskey):
        passkey.use(connection, key_of(world), US, passkey.SIGN_IN, json.dumps(sent), asked(world).now)
