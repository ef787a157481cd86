"""Failed sign-ins must wait longer and longer, by account and by address; nobody is locked out for ever."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from gateway.people.attempts import FREE_OF_ACCOUNT, FREE_OF_ADDRESS, LONGEST_WAIT_S, wait_s
from tests.people.hashes import cheap_hashes
from tests.people.house import PASSWORD, Browser, Person, code_of, person
from tests.world import World


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with cheap_hashes():
        yield


def fail(world: World, name: str, times: int, browser: Browser | None = None) -> list[int]:
    return [(browser or Browser(world)).first_step(name, "wrong").status_code for _ in range(times)]


def test_the_fifth_failure_makes_the_account_wait_and_each_more_twice_as_long(world: World) -> None:
    who = person(world)
    assert fail(world, who.name, 5) == [401] * 5
    for seconds in (1, 2, 4, 8):
        answer = Browser(world).first_step(who.name, PASSWORD)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(seconds))
        world.clock.forward(seconds=seconds)
        assert fail(world, who.name, 1) == [401]


def test_nobody_waits_longer_than_fifteen_minutes() -> None:
    assert max(wait_s(failures, FREE_OF_ACCOUNT) for failures in range(2000)) == LONGEST_WAIT_S == 900
    assert [wait_s(failures, 5) for failures in (0, 4, 5, 6)] == [0, 0, 1, 2]


def test_an_unknown_name_waits_as_a_known_one_does(world: World) -> None:
    assert fail(world, "no.such.person", 6) == [401] * 5 + [429]


def test_after_the_wait_the_right_password_opens_and_clears_the_count(world: World) -> None:
    who, browser = person(world), Browser(world)
    fail(world, who.name, 5)
    world.clock.forward(seconds=1)
    assert browser.sign_in(who).status_code == 303
    assert fail(world, who.name, 4) == [401] * 4
    assert Browser(world).first_step(who.name, PASSWORD).status_code == 303


def test_the_password_alone_does_not_clear_the_count(world: World) -> None:
    """Or whoever knows it could guess codes without end."""
    who, browser = person(world), Browser(world)
    statuses = []
    for _ in range(6):
        browser.first_step(who.name, PASSWORD)
        statuses.append(browser.second_step(code="000000").status_code)
    assert statuses[:5] == [401] * 5
    assert browser.first_step(who.name, PASSWORD).status_code == 429


def test_an_address_waits_after_twenty_names_tried_once(world: World) -> None:
    browser = Browser(world)
    statuses = [fail(world, f"sprayed{number}", 1, browser)[0] for number in range(FREE_OF_ADDRESS + 1)]
    assert statuses == [401] * FREE_OF_ADDRESS + [429]


def test_a_success_does_not_clear_what_its_address_did(world: World) -> None:
    own, browser = person(world), Browser(world)
    for number in range(FREE_OF_ADDRESS - 3):
        fail(world, f"others{number}", 1, browser)
    assert browser.sign_in(own).status_code == 303
    assert [fail(world, f"more{number}", 1, browser)[0] for number in range(5)][-1] == 429


def test_many_people_behind_one_address_sign_in_all_day(world: World) -> None:
    office = Browser(world)
    people: list[Person] = [person(world) for _ in range(3)]
    for _ in range(10):
        for who in people:
            assert office.sign_in(who).status_code == 303


def test_an_address_is_a_network_of_ipv6(world: World) -> None:
    for number in range(FREE_OF_ADDRESS):
        fail(world, f"wide{number}", 1, Browser(world, address=f"2001:db8:1:2::{number + 1:x}"))
    assert fail(world, "wide", 1, Browser(world, address="2001:db8:1:2:ffff::1")) == [429]
    assert fail(world, "wide", 1, Browser(world, address="2001:db8:1:3::1")) == [401]


def test_a_network_is_the_same_however_its_addresses_are_shortened(world: World) -> None:
    """Of 2001:db8:0:0::/64 every address is written with its zeros left out, wherever they stand."""
    for number in range(FREE_OF_ADDRESS):
        fail(world, f"zeros{number}", 1, Browser(world, address=f"2001:db8::{number + 1:x}:0:0:1"))
    assert fail(world, "zeros", 1, Browser(world, address="2001:db8::2")) == [429]
    for number in range(FREE_OF_ADDRESS):
        fail(world, f"mapped{number}", 1, Browser(world, address="::ffff:203.0.113.9" if number % 2 else "203.0.113.9"))
    assert fail(world, "mapped", 1, Browser(world, address="203.0.113.9")) == [429]


def test_what_no_database_holds_is_wrong_and_no_fault_of_ours(world: World) -> None:
    assert Browser(world).first_step("mara\x00", PASSWORD).status_code == 401
    said = base64.urlsafe_b64encode(b'{"challenge":"AAAA"}').decode()
    sent = json.dumps({"id": "a\x00b", "response": {"clientDataJSON": said}})
    assert Browser(world).post("/sign-in/passkey", {"passkey": sent}).status_code == 401


def test_behind_proxies_the_address_before_them_counts(world: World) -> None:
    behind = Browser(world, proxies=1)

    def tried(forwarded: str) -> int:
        sent = {"X-Forwarded-For": forwarded, "Sec-Fetch-Site": "same-origin"}
        return behind.http.post("/sign-in", data={"name": forwarded, "password": "wrong"}, headers=sent, environ_overrides={"REMOTE_ADDR": behind.address}).status_code

    assert [tried(f"1.2.3.{number}, 198.18.0.1") for number in range(FREE_OF_ADDRESS + 1)][-1] == 429
    assert tried("198.18.0.2") == 401


def test_a_day_without_failures_is_a_new_start(world: World) -> None:
    who = person(world)
    fail(world, who.name, 5)
    world.clock.forward(days=1, seconds=1)
    assert fail(world, who.name, 5) == [401] * 5


def test_the_code_of_the_step_before_and_after_is_taken_and_no_other(world: World) -> None:
    who = person(world)
    code = code_of(world, who)
    for seconds, status in ((-60, 401), (60, 401), (-30, 303)):
        browser = Browser(world)
        world.clock.forward(seconds=seconds)
        browser.first_step(who.name, PASSWORD)
        assert browser.second_step(code=code).status_code == status
        world.clock.forward(seconds=-seconds)
