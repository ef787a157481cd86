"""Each rule about a proof is needed: without it, an attack of the table is no longer refused."""

from __future__ import annotations

from itertools import count

import pytest

from gateway.smart import dpop
from gateway.smart.dpop import NonceWanted, ProofRefused, check_proof
from gateway.smart.dpop_nonce import Nonces
from gateway.smart.key import OwnKeys
from tests.strict.prover import TOKEN_URL, Prover
from tests.strict.test_dpop import ATTACKS, Attack
from tests.world import World

_HEADER = [rule for _, rule in dpop.HEADER_RULES]
_CLAIMS = [rule for _, rule in dpop.CLAIM_RULES if not rule.startswith("ath")]


@pytest.fixture
def nonces(world: World) -> Nonces:
    return Nonces(OwnKeys(world.settings.secret_key_file, world.clock), world.clock)


def _is_refused(world: World, prover: Prover, nonces: Nonces, attack: Attack) -> bool:
    """By ProofRefused: a proof that is taken, and one that brings the check to fall, are both found out."""
    proof = attack.proof(prover, nonces.new())
    try:
        check_proof(world.store, world.clock, proof if isinstance(proof, str) else proof[0], "POST", TOKEN_URL, nonces=nonces)
    except ProofRefused:
        return True
    except Exception:  # noqa: BLE001 - whatever it is
        return False
    return False


_SINGLE = [attack for attack in ATTACKS if attack.name != "two headers"]


def test_with_every_rule_each_attack_is_refused(world: World, prover: Prover, nonces: Nonces) -> None:
    assert [attack.name for attack in _SINGLE if not _is_refused(world, prover, nonces, attack)] == []


@pytest.mark.parametrize("gone", [*_HEADER, *_CLAIMS])
def test_without_this_rule_an_attack_is_not_refused(world: World, prover: Prover, nonces: Nonces, gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADER_RULES", "CLAIM_RULES"):
        monkeypatch.setattr(dpop, name, tuple(rule for rule in getattr(dpop, name) if rule[1] != gone))
    assert not all(_is_refused(world, prover, nonces, attack) for attack in _SINGLE)


@pytest.mark.parametrize("fault", ["PRIVATE", "_canonical"])
def test_without_this_check_of_the_key_an_attack_is_not_refused(world: World, prover: Prover, nonces: Nonces, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dpop, fault, {"PRIVATE": frozenset(), "_canonical": lambda _: {}}[fault])
    assert not all(_is_refused(world, prover, nonces, attack) for attack in _SINGLE)


def test_without_a_memory_a_proof_is_good_twice(world: World, prover: Prover, nonces: Nonces, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count()
    spend = dpop.oauth.spend_jti
    monkeypatch.setattr(dpop.oauth, "spend_jti", lambda connection, issuer, jti, *more: spend(connection, issuer, f"{jti}{next(numbers)}", *more))
    proof = prover.proof(nonce=nonces.new())
    assert [check_proof(world.store, world.clock, proof, "POST", TOKEN_URL, nonces=nonces) for _ in range(2)] == [prover.jkt] * 2


def test_without_nonces_a_proof_of_before_is_taken(world: World, prover: Prover, nonces: Nonces) -> None:
    with pytest.raises(NonceWanted):
        check_proof(world.store, world.clock, prover.proof(), "POST", TOKEN_URL, nonces=nonces)
    assert check_proof(world.store, world.clock, prover.proof(), "POST", TOKEN_URL) == prover.jkt
