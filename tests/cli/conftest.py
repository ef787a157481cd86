"""A command line of its own for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.desk import Desk


@pytest.fixture
def closed(tmp_path: Path) -> Desk:
    """Before `handoff init`."""
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    Desk(folder).open()
    return folder


@pytest.fixture
def desk(made_once: Path, tmp_path: Path) -> Desk:
    """After `handoff init`."""
    return Desk(Path(shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)))
