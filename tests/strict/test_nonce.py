"""The nonces of the token endpoint (RFC 9449 section 8): ours alone, for a minute, once."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given as tried_with
from hypothesis import strategies as st

from gateway.smart.dpop_nonce import Nonces
from gateway.smart.key import OwnKeys
from gateway.smart.rotation import LEAD_S, OVERLAP_S, rotate
from tests.strict.prover import Prover, ask, nonce
from tests.token.given import app, error_of, given
from tests.token.test_race import AT_ONCE, ROUNDS, at_once
from tests.world import World


@pytest.fixture
def nonces(world: World) -> Nonces:
    return Nonces(OwnKeys(world.settings.secret_key_file, world.clock), world.clock)


def test_a_nonce_is_good_for_a_minute(world: World, nonces: Nonces) -> None:
    made = nonces.new()
    world.clock.forward(seconds=59.9)
    assert nonces.ends_at(made) is not None
    world.clock.forward(seconds=0.1)
    assert nonces.ends_at(made) is None


def test_a_nonce_of_the_future_is_none(world: World, nonces: Nonces) -> None:
    world.clock.forward(seconds=6)
    made = nonces.new()
    world.clock.forward(seconds=-6)
    assert nonces.ends_at(made) is None
    world.clock.forward(seconds=1)
    assert nonces.ends_at(made) is not None, "the clocks of two servers differ a little"


@pytest.mark.parametrize("told", [None, 1, ["x"], "", "x", "é" * 51, "a" * 51, "=" * 51, "A" * 52])
def test_what_is_no_nonce_of_ours_is_none(nonces: Nonces, told: object) -> None:
    assert nonces.ends_at(told) is None


@pytest.fixture(scope="module")
def lasting(world: World) -> Nonces:
    """For a property, which tries many with one."""
    return Nonces(OwnKeys(world.settings.secret_key_file, world.clock), world.clock)


@tried_with(where=st.integers(0, 37), bit=st.integers(0, 7))
def test_no_bit_of_a_nonce_can_be_changed(lasting: Nonces, where: int, bit: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(lasting.new() + "="))
    raw[where] ^= 1 << bit
    assert lasting.ends_at(base64.urlsafe_b64encode(raw).decode().rstrip("=")) is None


def test_a_nonce_has_one_spelling(nonces: Nonces) -> None:
    """Else it could be used once in each."""
    made = nonces.new()
    assert nonces.ends_at(f"{made}=") is None
    assert nonces.ends_at(f"{made}\n") is None
    last = next(f"{made[:-1]}{sign}" for sign in "BCDFGH" if sign != made[-1])
    assert nonces.ends_at(last) is None


def test_every_process_knows_the_others_nonces_and_a_rotation_ends_none(world: World, nonces: Nonces) -> None:
    other = Nonces(OwnKeys(world.settings.secret_key_file, world.clock), world.clock)
    rotate(world.settings.secret_key_file, world.clock().timestamp())
    world.clock.forward(seconds=LEAD_S - 30)
    made = nonces.new()
    world.clock.forward(seconds=45)
    assert other.ends_at(made) is not None
    world.clock.forward(seconds=OVERLAP_S)
    assert other.ends_at(other.new()) is not None


def test_another_gateways_nonce_is_none_here(world: World, nonces: Nonces, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert nonces.ends_at(Nonces(OwnKeys(tmp_path_factory.mktemp("other") / "keys.json", world.clock), world.clock).new()) is None


def test_a_nonce_is_good_once_for_whoever_comes_first(world: World, prover: Prover) -> None:
    mine, other = app(world), Prover(world.clock)
    fresh = nonce(mine, prover)
    form = {"grant_type": "refresh_token", "refresh_token": "none"}
    assert error_of(ask(mine, other.proof(nonce=fresh), **form)) == (400, "invalid_grant")
    assert error_of(ask(mine, prover.proof(nonce=fresh), **form)) == (400, "use_dpop_nonce")


def test_of_sixteen_who_use_a_nonce_at_once_one_is_let_through(world: World, prover: Prover) -> None:
    asked = app(world, "private_key_jwt")
    asked.client_id = world.client("system/*.rs").client_id
    fresh = nonce(asked, prover)
    form = {"grant_type": "client_credentials", "scope": "system/*.rs"}
    for _ in range(ROUNDS):
        keys = [Prover(world.clock) for _ in range(AT_ONCE)]
        answers = at_once([lambda key=key, fresh=fresh: ask(asked, key.proof(nonce=fresh), **form) for key in keys])  # type: ignore[misc]
        (won,) = [answer for answer in answers if answer.status_code == 200]
        assert {error_of(answer) for answer in answers if answer is not won} == {(400, "use_dpop_nonce")}
        fresh = won.headers["DPoP-Nonce"]


def test_of_sixteen_who_use_a_proof_at_once_one_is_let_through(world: World, prover: Prover) -> None:
    asked = app(world, "private_key_jwt")
    asked.client_id = world.client("system/*.cruds").client_id
    for _ in range(ROUNDS):
        token = given(ask(asked, prover.proof(nonce=nonce(asked, prover)), grant_type="client_credentials", scope="system/*.cruds"))["access_token"]
        headers = {"Authorization": f"DPoP {token}", "DPoP": prover.for_resource(token, "http://127.0.0.1:8000/fhir/Patient")}
        answers = at_once([lambda headers=headers: world.http.get("/fhir/Patient", headers=headers)] * AT_ONCE)  # type: ignore[misc]
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * (AT_ONCE - 1)
