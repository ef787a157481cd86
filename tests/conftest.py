"""What every test may ask for: reference data, a PostgreSQL of its own, and how often a property is tried."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import NoPostgres, cluster

settings.register_profile("test", max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("prove", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("test")


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of reference data named by HANDOFF_REFERENCE_DATA; skips where there is none."""
    named = os.environ.get("HANDOFF_REFERENCE_DATA")
    if not named:
        pytest.skip("HANDOFF_REFERENCE_DATA names no folder of reference data")
    folder = Path(named)
    if not folder.is_dir():
        pytest.skip("the folder named by HANDOFF_REFERENCE_DATA does not exist")
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A temporary PostgreSQL cluster on a socket in a folder of its own, gone at the end; skips where PostgreSQL is not installed."""
    try:
        with cluster() as url:
            yield url
    except NoPostgres as reason:
        pytest.skip(str(reason))
