"""Keys made once, and for each test a store and an authorization server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey

from gateway.store.engine import Store
from gateway.store.schema import metadata
from tests.smart.world import Ehr, Server, StillClock, new_ec_key, register


@pytest.fixture(scope="session")
def ec_key() -> ECKey:
    return new_ec_key("ec-1")


@pytest.fixture(scope="session")
def other_ec_key() -> ECKey:
    return new_ec_key("ec-1")


@pytest.fixture(scope="session")
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/handoff.db")
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def server(store: Store, clock: StillClock) -> Server:
    return Server(store, clock)


@pytest.fixture
def ehr(server: Server, ec_key: ECKey) -> Ehr:
    return register(server, ec_key)


@pytest.fixture
def rsa_ehr(server: Server, rsa_key: RSAKey) -> Ehr:
    return register(server, rsa_key)
