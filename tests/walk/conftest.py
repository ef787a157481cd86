"""The two gateways, started once for this folder's tests and stopped by their process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.walk.street import Street


@pytest.fixture(scope="package")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    made = Street(tmp_path_factory.mktemp("street"))
    try:
        made.open()
        yield made
    finally:
        made.close()
