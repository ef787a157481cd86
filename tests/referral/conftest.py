"""A practice and a clinic for each test, copied from ones made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.referral.town import Town


@pytest.fixture(scope="session")
def empty_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a town in which nothing was sent yet."""
    folder = tmp_path_factory.mktemp("town")
    Town(folder).close()
    return folder


@pytest.fixture
def town(empty_town: Path, tmp_path: Path) -> Iterator[Town]:
    made = Town(Path(shutil.copytree(empty_town, tmp_path, dirs_exist_ok=True)))
    yield made
    made.close()
