"""A store with a practice, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.engine import Store
from gateway.store.schema import metadata
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
