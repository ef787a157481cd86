"""SMART 2.2.0 client-confidential-asymmetric: keys registered by the client itself, and the assertions they sign."""

from __future__ import annotations

import json

import pytest
from joserfc.jwk import ECKey, RSAKey

from gateway.smart.client import find_client
from tests.smart_duties.backend import Backend, backend
from tests.world import World

KEYS: dict[str, ECKey | RSAKey] = {
    "ES384": ECKey.generate_key("P-384", {"kid": "mine", "use": "sig"}),
    "RS384": RSAKey.generate_key(2048, {"kid": "mine", "use": "sig"}),
}


@pytest.fixture(params=KEYS)
def ehr(world: World, request: pytest.FixtureRequest) -> Backend:
    return backend(world, "system/Patient.rs", mine=KEYS[request.param])


def test_either_algorithm_proves_a_client_by_its_registered_keys(ehr: Backend) -> None:
    assert ehr.ask("system/Patient.rs").status_code == 200


def test_an_assertion_is_good_once(ehr: Backend) -> None:
    proof = ehr.proof()
    assert ehr.ask("system/Patient.rs", **proof).status_code == 200
    again = ehr.ask("system/Patient.rs", **proof)
    assert (again.status_code, again.get_json()["error"]) == (401, "invalid_client")


def test_a_jti_is_remembered_as_long_as_any_assertion_lives(world: World, ehr: Backend) -> None:
    first = ehr.proof(jti="kept", exp=int(world.clock().timestamp()) + 300)
    assert ehr.ask("system/Patient.rs", **first).status_code == 200
    world.clock.forward(seconds=299)
    assert ehr.ask("system/Patient.rs", **ehr.proof(jti="kept")).get_json()["error"] == "invalid_client"


def test_an_assertion_of_somebody_else_proves_nothing(world: World, ehr: Backend) -> None:
    other = backend(world, "system/Patient.rs")
    forged = [ehr.proof(iss=other.client_id), ehr.proof(sub=other.client_id), ehr.proof(iss=other.client_id, sub=other.client_id), ehr.proof(iss="nobody", sub="nobody")]
    for proof in forged:
        answer = ehr.ask("system/Patient.rs", **proof)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    named = ehr.ask("system/Patient.rs", client_id=other.client_id)
    assert (named.status_code, named.get_json()["error"]) == (401, "invalid_client")


def test_registered_keys_stay_as_they_were_registered(world: World, ehr: Backend) -> None:
    """Neither a request that brings a key along nor one that fails changes what is on file, and a private half is never kept."""
    before = _on_file(world, ehr)
    other = ECKey.generate_key("P-384", {"kid": "other"}).as_dict(private=False)
    ehr.ask("system/Patient.rs", jwks=json.dumps({"keys": [other]}), jwks_uri="https://evil.example/jwks")
    ehr.ask("system/Patient.rs", client_assertion="a.b.c")
    assert _on_file(world, ehr) == before
    assert json.loads(before or "") == {"keys": [ehr.key.as_dict(private=False)]}


def _on_file(world: World, ehr: Backend) -> str | None:
    client = find_client(world.store, world.clock, ehr.client_id)
    assert client is not None
    return client.jwks
