"""One gateway for each file of duties; each test brings clients, people and apps of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.store.engines import opened
from tests.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("duties")
    with opened(folder, f"sqlite:///{folder}/handoff.db") as one:
        yield one
