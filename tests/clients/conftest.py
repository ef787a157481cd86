"""One gateway for this folder's tests, started once and stopped by its process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.town import Town


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"))
    try:
        made.open()
        yield made
    finally:
        made.close()
