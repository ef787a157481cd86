"""The gateway of this room's tests, on SQLite and on PostgreSQL, and the key of a client's own."""

from __future__ import annotations

import pytest

from tests.store.engines import world
from tests.strict.prover import Prover
from tests.world import World

__all__ = ["world"]


@pytest.fixture(autouse=True)
def _small_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making an RSA key of 3072 bits takes longer than all else here."""
    monkeypatch.setattr("gateway.smart.key.RSA_BITS", 2048)


@pytest.fixture
def prover(world: World) -> Prover:
    return Prover(world.clock)
