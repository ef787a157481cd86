"""One gateway with a caseload for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.authorize.clinic import Clinic
from tests.store.engines import opened


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    folder = tmp_path_factory.mktemp("clinic")
    with opened(folder, f"sqlite:///{folder}/handoff.db") as world:
        yield Clinic(world)
