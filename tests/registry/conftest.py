"""A store with a practice, and a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry.house import House
from tests.smart.conftest import clock, store

__all__ = ["clock", "store"]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    House(folder).close()
    return folder


@pytest.fixture
def folder(made_once: Path, tmp_path: Path) -> Path:
    """With the store and the keys of a house in it; making keys takes long."""
    return Path(shutil.copytree(made_once, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    """Where clients may register themselves, and where the practice wants to be found."""
    opened = House(folder, HANDOFF_REGISTRATION="approval", HANDOFF_BRANDS="yes")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As `house`, for tests that leave nothing behind that another would see."""
    opened = House(Path(shutil.copytree(made_once, tmp_path_factory.mktemp("shared"), dirs_exist_ok=True)), HANDOFF_REGISTRATION="approval", HANDOFF_BRANDS="yes")
    yield opened
    opened.close()
