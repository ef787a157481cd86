"""The gateway of this room's tests, on SQLite; `each_engine` brings PostgreSQL too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.store.engines import opened
from tests.store.engines import world as each_engine
from tests.world import World

__all__ = ["each_engine"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("people")
    with opened(folder, f"sqlite:///{folder}/handoff.db") as one:
        yield one
