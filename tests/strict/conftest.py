"""The gateway of this room's tests, on SQLite and on PostgreSQL, and the key of a client's own."""

from __future__ import annotations

import pytest

from tests.store.engines import world
from tests.strict.prover import Prover
from tests.world import World

__all__ = ["world"]


@pytest.fixture
def prover(world: World) -> Prover:
    return Prover(world.clock)
