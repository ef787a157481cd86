"""A store with a practice, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.engine import Store
from gateway.store.schema import metadata
from tests.registry.house import House
from tests.smart.world import StillClock


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/handoff.db")
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Where clients may register themselves."""
    opened = House(tmp_path, HANDOFF_REGISTRATION="approval")
    yield opened
    opened.close()
