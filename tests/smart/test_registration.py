"""Registering a client: which keys, addresses and names are taken."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.smart.client import BadRegistration, add_client, list_clients
from gateway.smart.jwks import BadKeySet, check_key_set, find, signing_keys
from gateway.smart.scope import BadScope
from tests.smart.world import Ehr, Server, public, register

_EC = ECKey.generate_key("P-384", {"kid": "a"}).as_dict(private=False)
_RSA: dict[str, Any] = dict(RSAKey.generate_key(2048, {"kid": "a"}).as_dict(private=False))

_LONG_1024 = base64.urlsafe_b64encode(bytes(128) + b"\xff" * 128).rstrip(b"=").decode()


def _set(*entries: Any) -> dict[str, Any]:
    return {"keys": list(entries)}


BAD_KEY_SETS: dict[str, Any] = {
    "no object": [],
    "no list": {"keys": {}},
    "no keys": _set(),
    "a key that is a text": _set("key"),
    "a private EC key": _set(ECKey.generate_key("P-384", {"kid": "a"}).as_dict(private=True)),
    "a private RSA key beside a public one": _set(_EC, RSAKey.generate_key(2048, {"kid": "b"}).as_dict(private=True)),
    "a secret": _set(_EC, {"kty": "oct", "kid": "b", "k": "c2VjcmV0"}),
    "RSA of 1024 bits": _set(_RSA | {"n": _RSA["n"][:171]}),
    "RSA of 1024 bits written long": _set(_RSA | {"n": _LONG_1024}),
    "P-256 alone": _set(ECKey.generate_key("P-256", {"kid": "a"}).as_dict(private=False)),
    "Ed25519 alone": _set(OKPKey.generate_key("Ed25519", {"kid": "a"}).as_dict(private=False)),
    "a key without kid": _set({name: value for name, value in _EC.items() if name != "kid"}),
    "an empty kid": _set(_EC | {"kid": ""}),
    "a kid that is a number": _set(_EC | {"kid": 1}),
    "two keys of one kid": _set(_EC, ECKey.generate_key("P-384", {"kid": "a"}).as_dict(private=False)),
    "a key for encryption": _set(_EC | {"use": "enc"}),
    "a key for signing only": _set(_EC | {"key_ops": ["sign"]}),
    "a key of another algorithm": _set(_EC | {"alg": "ES256"}),
    "a point off the curve": _set(_EC | {"x": _EC["y"]}),
    "a coordinate that is a list": _set(_EC | {"x": []}),
    "a kty that is a list": _set(_EC | {"kty": []}),
    "a crv that is an object": _set(_EC | {"crv": {}}),
    "an RSA exponent of one": _set(_RSA | {"e": "AQ"}),
    "an RSA exponent of three": _set(_RSA | {"e": "Aw"}),
    "an RSA modulus of a megabyte": _set({"kty": "RSA", "kid": "a", "e": "AQAB", "n": "A" * 1_000_000}),
    "forty keys": _set(*(_EC | {"kid": str(number)} for number in range(40))),
}


@pytest.mark.parametrize("name", BAD_KEY_SETS)
def test_a_key_set_that_proves_nothing_is_refused(name: str) -> None:
    with pytest.raises(BadKeySet):
        check_key_set(BAD_KEY_SETS[name])


@pytest.mark.parametrize("name", ["a private EC key", "a private RSA key beside a public one", "a secret"])
def test_a_private_key_is_refused_by_name_and_not_repeated(name: str) -> None:
    with pytest.raises(BadKeySet, match="private or symmetric") as refusal:
        check_key_set(BAD_KEY_SETS[name])
    assert not [part for entry in BAD_KEY_SETS[name]["keys"] for part in entry.values() if len(part) > 10 and part in str(refusal.value)]


def test_a_key_set_may_hold_keys_for_other_uses_beside_ours() -> None:
    check_key_set(_set(_EC, OKPKey.generate_key("Ed25519", {"kid": "b"}).as_dict(private=False)))


def test_of_two_keys_that_match_none_is_taken() -> None:
    twice = signing_keys(_set(_EC, ECKey.generate_key("P-384", {"kid": "a"}).as_dict(private=False)))
    assert len(twice) == 2
    assert find(twice, "a", "ES384") is None
    assert find(twice[:1], "a", "ES384") is not None
    assert find(twice[:1], "a", "RS384") is None


def _add(server: Server, **changes: Any) -> str:
    whole: dict[str, Any] = {"practice": "p1", "name": "EHR", "scope": "system/Patient.rs", "jwks": _set(_EC), "jwks_uri": None, "role": "partner", "recipient": None}
    return add_client(server.store, server.clock, **(whole | changes))


BAD_REGISTRATIONS: dict[str, dict[str, Any]] = {
    "no keys at all": {"jwks": None},
    "keys and a URL": {"jwks_uri": "https://ehr.example.org/jwks"},
    "a URL over http": {"jwks": None, "jwks_uri": "http://ehr.example.org/jwks"},
    "a URL of a file": {"jwks": None, "jwks_uri": "file:///etc/passwd"},
    "a URL with a password": {"jwks": None, "jwks_uri": "https://a:b@ehr.example.org/jwks"},
    "a URL with a fragment": {"jwks": None, "jwks_uri": "https://ehr.example.org/jwks#a"},
    "a URL with a blank": {"jwks": None, "jwks_uri": "https://ehr.example.org/a b"},
    "a URL without a host": {"jwks": None, "jwks_uri": "https:///jwks"},
    "a URL that is none": {"jwks": None, "jwks_uri": "https://[::1/jwks"},
    "no name": {"name": " "},
    "a name with a line end": {"name": "EHR\nX"},
    "an unknown role": {"role": "admin"},
    "a purpose that is no code": {"purpose": "for treatment"},
    "a key set without bounds": {"jwks": {"keys": [_EC], "padding": "x" * 200_000}},
}


@pytest.mark.parametrize("name", BAD_REGISTRATIONS)
def test_a_registration_that_cannot_work_is_refused_and_leaves_nothing(name: str, server: Server) -> None:
    with pytest.raises(BadRegistration):
        _add(server, **BAD_REGISTRATIONS[name])
    assert list_clients(server.store, server.clock, "p1") == []


@pytest.mark.parametrize("scope", ["", "user/Patient.rs", "system/Patient.sr", "system/Pet.rs", "__record.write", "system/Task.rs?priority:not=stat", "openid"])
def test_a_client_cannot_be_registered_for_a_scope_it_may_not_hold(scope: str, server: Server) -> None:
    with pytest.raises(BadScope):
        _add(server, scope=scope)
    assert list_clients(server.store, server.clock, "p1") == []


def test_the_practices_own_system_may_be_registered_to_write_records(server: Server, ec_key: ECKey) -> None:
    system = register(server, ec_key, scope="__record.write system/*.rs", role="practice")
    assert server.token(system.form("__record.write")).status_code == 200


def test_clients_are_listed_for_their_practice_alone(server: Server, ec_key: ECKey) -> None:
    first = register(server, ec_key)
    server.clock.pass_by(1)
    second: Ehr = register(server, ec_key)
    register(server, ec_key, practice="p2")
    listed = list_clients(server.store, server.clock, "p1")
    assert [client.client_id for client in listed] == [first.client_id, second.client_id]
    assert public(ec_key)["keys"][0]["x"] not in repr(listed)
