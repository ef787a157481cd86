"""What is good once has one winner among sixteen at once, on both engines; and counts of failures lose none."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from gateway.clock import to_ms
from gateway.people import recovery, sign_in, totp
from gateway.people.attempts import TooSoon, count_ahead, tried
from gateway.people.sign_in import Refused
from gateway.store import account as accounts
from gateway.store import session as sessions
from gateway.store import single_use
from tests.people.house import Person, asked, code_of, key_of, person
from tests.world import World

ROUNDS = 5 if settings.default.max_examples < 1000 else 200
AT_ONCE = 16


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """What each of sixteen threads got (or was refused with), all let go together."""
    gate, found = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def run(number: int) -> None:
        gate.wait()
        try:
            found[number] = act(number)
        except (Refused, TooSoon) as fault:
            found[number] = type(fault)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def addresses(world: World, name: str) -> list[Any]:
    """Each of the sixteen from an address of its own."""
    return [tried(key_of(world), f"{name} {number}", f"203.0.113.{number}") for number in range(AT_ONCE)]


def half_way(world: World, who: Person) -> str:
    """The token of a sign-in whose password was right."""
    token, now = secrets.token_urlsafe(32), to_ms(world.clock())
    with world.store.write() as connection:
        single_use.add(connection, "sign-in", hashlib.sha256(token.encode()).hexdigest(), {"account": who.account.id, "next": "/account"}, now, now + 300_000)
    return token


def with_codes(world: World, who: Person) -> list[str]:
    """Twenty recovery codes."""
    codes = recovery.new_codes() + recovery.new_codes()
    with world.store.write() as connection:
        accounts.replace_recovery_codes(connection, who.account.id, [recovery.digest_of(code) for code in codes])
    return codes


@pytest.mark.parametrize("proof", ["code", "recovery"])
def test_a_proof_signs_in_one_of_sixteen(each_engine: World, proof: sign_in.Proof) -> None:
    world = each_engine
    who, key = person(world), key_of(world)
    for _ in range(ROUNDS):
        world.clock.forward(seconds=totp.STEP_S)
        codes = with_codes(world, who)
        typed = code_of(world, who) if proof == "code" else codes[0]
        marks, now = addresses(world, who.name), asked(world)
        tokens = [half_way(world, who) for _ in marks]
        found = at_once(lambda number: sign_in.second_step(world.store, key, tokens[number], proof, typed, marks[number], now))  # noqa: B023 - ended before the next round
        assert found.count(Refused) == AT_ONCE - 1


def test_a_sign_in_on_its_way_becomes_one_session(each_engine: World) -> None:
    world = each_engine
    key = key_of(world)
    for _ in range(ROUNDS):
        who = person(world)
        codes, marks, now = with_codes(world, who), addresses(world, who.name), asked(world)
        token = half_way(world, who)
        found = at_once(lambda number: sign_in.second_step(world.store, key, token, "recovery", codes[number], marks[number], now))  # noqa: B023 - ended before the next round
        assert found.count(Refused) == AT_ONCE - 1
        with world.store.read() as connection:
            assert len(sessions.sessions_of(connection, who.account.id, 0, now.now)) == 1


def test_of_many_guesses_at_once_four_are_looked_at(each_engine: World) -> None:
    """The fifth is counted too, and from there on one waits."""
    world = each_engine
    for number in range(ROUNDS):
        now, name = to_ms(world.clock()), f"guessed {number}"

        def guess(_: int, name: str = name, now: int = now) -> None:
            with world.store.write() as connection:
                count_ahead(connection, tried(key_of(world), name, "192.0.2.1"), now)

        world.clock.forward(days=2)
        assert at_once(guess).count(TooSoon) == AT_ONCE - 5
