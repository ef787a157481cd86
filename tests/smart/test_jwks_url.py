"""Clients whose keys lie at a URL: how often we look, how long we remember, where we never look."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from joserfc.jwk import ECKey

from gateway.net.client import Outgoing, Reply
from gateway.net.line import PartnerAway
from gateway.smart import jwks_url
from gateway.smart.jwks_url import LOOKS_A_MINUTE, KeySetUrls
from gateway.store.engine import Store
from tests.smart.world import Ehr, Server, StillClock, public, register

URL = "https://ehr.example.org/jwks.json"


class Shelf(Outgoing):
    """The client's web server: what lies at its URL, and how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.body = b"{}"
        self.status = 200
        self.headers: dict[str, str] = {}
        self.away = False
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def request(self, method: str, url: str, **more: Any) -> Reply:
        self.asked.append((f"{method} {url}", more))
        if self.away:
            raise PartnerAway("the partner did not answer in time")
        return Reply(self.status, self.headers, self.body)

    def lay(self, *keys: ECKey, control: str | None = None) -> None:
        self.body = json.dumps(public(*keys)).encode()
        self.headers = {"Cache-Control": control} if control else {}


@pytest.fixture
def shelf(ec_key: ECKey) -> Shelf:
    shelf = Shelf()
    shelf.lay(ec_key)
    return shelf


@pytest.fixture
def server(store: Store, clock: StillClock, shelf: Shelf) -> Server:
    return Server(store, clock, shelf)


@pytest.fixture
def ehr(server: Server, ec_key: ECKey) -> Ehr:
    return register(server, ec_key, jwks_uri=URL)


def _status(server: Server, ehr: Ehr, **header: Any) -> int:
    return server.token(ehr.form(client_assertion=ehr.assertion(header=ehr.header(**header)))).status_code


def test_keys_at_a_url_prove_their_client(server: Server, ehr: Ehr, shelf: Shelf) -> None:
    assert _status(server, ehr) == 200
    address, bounds = shelf.asked[0]
    assert address == f"GET {URL}"
    assert bounds == {"headers": {"Accept": "application/json"}, "timeout_s": 3.0, "max_bytes": 65_536}


def test_a_jku_must_be_the_registered_url(server: Server, ehr: Ehr, shelf: Shelf) -> None:
    assert _status(server, ehr, jku=URL) == 200
    assert _status(server, ehr, jku="https://evil.example/jwks.json") == 401
    assert len(shelf.asked) == 1


@pytest.mark.parametrize(
    ("control", "kept_s"),
    [(None, 300), ("max-age=60", 60), ("public, Max-Age=60", 60), ("max-age=999999", 3600), ("no-store", 0), ("no-cache, max-age=60", 0), ("max-age=0", 0)],
)
def test_keys_are_remembered_as_long_as_their_owner_allows(control: str | None, kept_s: int, server: Server, ehr: Ehr, shelf: Shelf, ec_key: ECKey, clock: StillClock) -> None:
    shelf.lay(ec_key, control=control)
    assert _status(server, ehr) == 200
    if kept_s:
        clock.pass_by(kept_s - 1)
        assert _status(server, ehr) == 200
        assert len(shelf.asked) == 1
        clock.pass_by(1)
    assert _status(server, ehr) == 200
    assert len(shelf.asked) == 2


def test_the_time_a_copy_lay_elsewhere_counts(server: Server, ehr: Ehr, shelf: Shelf, clock: StillClock) -> None:
    shelf.headers = {"Cache-Control": "max-age=100", "Age": "90"}
    assert _status(server, ehr) == 200
    clock.pass_by(10)
    assert _status(server, ehr) == 200
    assert len(shelf.asked) == 2


def test_a_new_key_is_found_without_waiting_for_the_old_copy_to_end(server: Server, ehr: Ehr, shelf: Shelf, clock: StillClock) -> None:
    assert _status(server, ehr) == 200
    new = ECKey.generate_key("P-384", {"kid": "ec-2"})
    shelf.lay(new)
    rotated = Ehr(ehr.client_id, new, clock)
    assert _status(server, rotated) == 401
    clock.pass_by(10)
    assert _status(server, rotated) == 200
    assert _status(server, ehr) == 401


def test_a_key_that_was_taken_away_proves_nothing_once_the_copy_ended(server: Server, ehr: Ehr, shelf: Shelf, clock: StillClock) -> None:
    assert _status(server, ehr) == 200
    shelf.lay(ECKey.generate_key("P-384", {"kid": "ec-2"}))
    clock.pass_by(300)
    assert _status(server, ehr) == 401


def test_an_old_copy_is_not_used_while_the_url_is_away(server: Server, ehr: Ehr, shelf: Shelf, clock: StillClock) -> None:
    assert _status(server, ehr) == 200
    shelf.away = True
    clock.pass_by(299)
    assert _status(server, ehr) == 200
    clock.pass_by(1)
    assert _status(server, ehr) == 401


def test_failures_are_followed_by_longer_and_longer_pauses(server: Server, ehr: Ehr, shelf: Shelf, clock: StillClock) -> None:
    shelf.away = True
    for pause in (2, 4, 8):
        looks = len(shelf.asked)
        assert _status(server, ehr) == 401
        clock.pass_by(pause - 1)
        assert _status(server, ehr) == 401
        assert len(shelf.asked) == looks + 1
        clock.pass_by(1)
    shelf.away = False
    assert _status(server, ehr) == 200


def test_unknown_kids_do_not_make_us_look_again_and_again(server: Server, ehr: Ehr, shelf: Shelf) -> None:
    for number in range(50):
        assert _status(server, ehr, kid=f"guess-{number}") == 401
    assert len(shelf.asked) == 1


def test_even_where_nothing_may_be_kept_the_looks_are_bounded(server: Server, ehr: Ehr, shelf: Shelf, ec_key: ECKey, clock: StillClock) -> None:
    shelf.lay(ec_key, control="no-store")
    answers = [_status(server, ehr) for _ in range(LOOKS_A_MINUTE + 5)]
    assert answers == [200] * LOOKS_A_MINUTE + [401] * 5
    clock.pass_by(60)
    assert _status(server, ehr) == 200


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"{}"), (500, b""), (200, b"<html>"), (200, b"[]"), (200, b'{"keys": "x"}'), (200, b"[" * 5000), (200, b'{"keys": [{"kty": "oct", "k": "a", "kid": "ec-1"}]}')],
)
def test_what_is_no_key_set_proves_nothing(status: int, body: bytes, server: Server, ehr: Ehr, shelf: Shelf) -> None:
    shelf.status, shelf.body = status, body
    assert _status(server, ehr) == 401


def test_a_set_with_two_keys_of_one_name_proves_nothing(server: Server, ehr: Ehr, shelf: Shelf, ec_key: ECKey, other_ec_key: ECKey) -> None:
    shelf.lay(ec_key, other_ec_key)
    assert _status(server, ehr) == 401


def test_a_url_that_leads_inside_is_never_asked(store: Store, clock: StillClock, ec_key: ECKey) -> None:
    server = Server(store, clock, Outgoing())
    for host in ("127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]"):
        assert _status(server, register(server, ec_key, jwks_uri=f"https://{host}/jwks")) == 401


class Slow(Shelf):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let = Event(), Event()

    def request(self, method: str, url: str, **more: Any) -> Reply:
        self.begun.set()
        assert self.let.wait(timeout=30)
        return super().request(method, url, **more)


def test_a_slow_key_set_does_not_hold_every_thread(clock: StillClock, ec_key: ECKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks_url, "MOST_WAITING", 1)
    slow = Slow()
    slow.lay(ec_key)
    urls = KeySetUrls(slow, clock)
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(urls.keys, URL, ec_key.kid)
        assert slow.begun.wait(timeout=30)
        try:
            assert pool.submit(urls.keys, URL, ec_key.kid).result(timeout=10) == ()
        finally:
            slow.let.set()
        assert [one.kid for one in waiting.result(timeout=30)] == [ec_key.kid]
    assert [one.kid for one in urls.keys(URL, ec_key.kid)] == [ec_key.kid]
