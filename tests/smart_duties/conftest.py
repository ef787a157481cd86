"""One gateway for each file of duties; each test brings clients, people and apps of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.smart_duties.flow import Practice, an_app, practice
from tests.store.engines import opened
from tests.token.given import App
from tests.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("duties")
    with opened(folder, f"sqlite:///{folder}/handoff.db") as one:
        yield one


@pytest.fixture(scope="module")
def office(world: World) -> Practice:
    """Its people and clients; a file whose tests change them has one of its own for each test."""
    return practice(world)


@pytest.fixture(scope="module")
def asker(world: World, request: pytest.FixtureRequest) -> App:
    """An app that is registered for the file's SCOPE."""
    return an_app(world, request.module.SCOPE)
