"""A practice with one client, whose psychiatrist may write about her medications."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.medication.office import Office


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.world.close()


@pytest.fixture
def office(shared: Office) -> Office:
    """The same gateway with a client of its own for each test."""
    shared.new_client()
    return shared
