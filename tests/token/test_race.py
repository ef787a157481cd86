"""Sixteen at once with one code, or one refresh token: exactly one wins, and the family does not survive the others."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hypothesis import settings
from werkzeug.test import TestResponse

from tests.token.given import App, allow, app, error_of, is_live
from tests.world import World

AT_ONCE = 16
ROUNDS = 200 if settings().max_examples >= 2000 else 5
"""Few in `make test`, 200 in `make prove`."""


def test_of_sixteen_who_use_a_code_at_once_exactly_one_gets_tokens_and_not_for_long(world: World) -> None:
    asker = app(world)
    for _ in range(ROUNDS):
        code = allow(world, asker, "user/*.rs offline_access")
        _one_wins(world, asker, lambda: asker.exchange(code))  # noqa: B023 - done with before the next round


def test_of_sixteen_who_use_a_refresh_token_at_once_exactly_one_gets_tokens_and_not_for_long(world: World) -> None:
    asker = app(world)
    for _ in range(ROUNDS):
        held = asker.tokens(allow(world, asker, "user/*.rs offline_access"))
        _one_wins(world, asker, lambda: asker.refresh(held["refresh_token"]))  # noqa: B023 - done with before the next round
        assert not is_live(world, held["access_token"])


def test_an_assertion_buys_one_exchange_of_sixteen_and_the_code_of_each_loser_stays_whole(world: World) -> None:
    asker = app(world, "private_key_jwt")
    for _ in range(ROUNDS):
        codes, once = [allow(world, asker, "user/*.rs") for _ in range(AT_ONCE)], asker.assertion()
        answers = at_once([lambda code=code: asker.exchange(code, client_assertion=once) for code in codes])  # type: ignore[misc]  # noqa: B023
        assert Counter(answer.status_code for answer in answers) == {200: 1, 401: AT_ONCE - 1}
        loser = next(code for code, answer in zip(codes, answers, strict=True) if answer.status_code == 401)
        assert asker.exchange(loser).status_code == 200


def _one_wins(world: World, asker: App, ask: Callable[[], TestResponse]) -> None:
    answers = at_once([ask] * AT_ONCE)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: AT_ONCE - 1}
    assert {error_of(answer) for answer in answers if answer.status_code == 400} == {(400, "invalid_grant")}
    won = next(answer for answer in answers if answer.status_code == 200).get_json()
    assert not is_live(world, won["access_token"])
    assert error_of(asker.refresh(won["refresh_token"])) == (400, "invalid_grant")


def at_once(asks: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    """Every one waits at the gate until all are there."""
    gate = threading.Barrier(len(asks))

    def run(ask: Callable[[], TestResponse]) -> TestResponse:
        gate.wait(timeout=30)
        return ask()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(run, asks))
