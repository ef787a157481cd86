"""What may not be registered: each by its rule, and whatever else is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smart.client import find_client
from tests.registry.house import BACK, House
from tests.registry.registering import APP, BACKEND, JWKS, KEY, manage, names, refusal, register

REDIRECTS = {
    "none": [],
    "not a list": BACK,
    "not texts": [1],
    "plain http": ["http://app.example.org/back"],
    "user name": ["https://u@app.example.org/back"],
    "hidden host": ["http://localhost:80@evil.example/"],
    "look-alike loopback": ["http://127.0.0.1.evil.example/"],
    "fragment": [f"{BACK}#x"],
    "wildcard": ["https://*.example.org/"],
    "javascript": ["javascript:alert(1)"],
    "one good and one bad": [BACK, "http://evil.example/"],
    "too many": [f"{BACK}/{number}" for number in range(21)],
    "too long": [f"{BACK}/{'a' * 1000}"],
}
BROKEN = [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff", b'{"scope": NaN}', b'{"scope": "a", "scope": "b"}', b"[" * 20_000, b'{"a":' * 5_000, b"1" * 9_000]
BACKEND_FAULTS: list[dict[str, Any]] = [
    {"redirect_uris": [BACK]},
    {"scope": "patient/Patient.rs"},
    {"scope": "__record.write"},
    {"scope": "openid"},
    {"response_types": ["code"]},
    {"client_uri": "http://riverbend.example/"},
]
FAULTS: dict[str, dict[str, Any]] = {
    "no name": {"client_name": None},
    "a blank name": {"client_name": " "},
    "a name too long": {"client_name": "a" * 201},
    "a name with a line break": {"client_name": "a\nb"},
    "a name that turns the line around": {"client_name": "diary \u202egro.live"},
    "contacts that move the cursor": {"contacts": ["\x1b[2J"]},
    "a name that is none": {"client_name": {"a": 1}},
    "half a character": {"client_name": "\\ud800"},
    "no scope": {"scope": None},
    "a scope of backend systems": {"scope": "system/Patient.rs"},
    "a scope of the practice's own system": {"scope": "__record.write"},
    "a scope of introspection": {"scope": "__token.introspect"},
    "a scope beside others": {"scope": "patient/Patient.rs __record.write"},
    "a scope not understood": {"scope": "patient/*.sr"},
    "a scope of nothing": {"scope": ""},
    "an unknown method": {"token_endpoint_auth_method": "client_secret_post"},
    "a symmetric assertion": {"token_endpoint_auth_method": "client_secret_jwt"},
    "mutual TLS": {"token_endpoint_auth_method": "tls_client_auth"},
    "keys without their method": {"jwks": JWKS},
    "both kinds of keys": {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS, "jwks_uri": "https://app.example.org/keys"},
    "no keys": {"token_endpoint_auth_method": "private_key_jwt"},
    "an empty key set": {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}},
    "a private key": {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [KEY.as_dict(private=True)]}},
    "a key set that is none": {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": "x"}},
    "keys by plain http": {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://app.example.org/keys"},
    "keys at a file": {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "file:///etc/passwd"},
    "unsigned id_tokens": {"id_token_signed_response_alg": "none"},
    "id_tokens signed by a secret": {"id_token_signed_response_alg": "HS256"},
    "encrypted id_tokens": {"id_token_encrypted_response_alg": "RSA-OAEP"},
    "unsigned userinfo asked for": {"userinfo_signed_response_alg": "none"},
    "pairwise subjects": {"subject_type": "pairwise"},
    "assertions without a signature": {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS, "token_endpoint_auth_signing_alg": "none"},
    "assertions by RS256": {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS, "token_endpoint_auth_signing_alg": "RS256"},
    "implicit": {"grant_types": ["authorization_code", "implicit"]},
    "password": {"grant_types": ["password"]},
    "no code": {"grant_types": ["refresh_token"]},
    "an app and a backend system": {"grant_types": ["authorization_code", "client_credentials"]},
    "a backend system by secret": {"grant_types": ["client_credentials"], "redirect_uris": None, "scope": "system/Patient.rs", "token_endpoint_auth_method": "client_secret_basic"},
    "tokens from the front": {"response_types": ["token"]},
    "hybrid": {"response_types": ["code id_token"]},
    "no response": {"response_types": []},
    "grants that are no texts": {"grant_types": [["authorization_code"]]},
    "a site by plain http": {"client_uri": "http://app.example.org/"},
    "a logo that is a script": {"logo_uri": "javascript:alert(1)"},
    "a policy with a user name": {"policy_uri": "https://u@app.example.org/"},
    "a launch by a private scheme": {"initiate_login_uri": "org.example.app:/launch"},
    "contacts that are none": {"contacts": "dev@app.example.org"},
    "too many contacts": {"contacts": ["a"] * 11},
    "half the strict profile": {"dpop_bound_access_tokens": True},
    "a boolean that is none": {"dpop_bound_access_tokens": "true"},
    "addresses after signing out": {"post_logout_redirect_uris": ["http://evil.example/"]},
}


@pytest.fixture(autouse=True)
def nothing_is_kept_of_what_is_refused(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test here, but the one that looks itself at each document."""
    shared: House = request.getfixturevalue("shared")
    before = names(shared)
    yield
    assert "whatever" in request.node.name or names(shared) == before


@pytest.mark.parametrize("uris", REDIRECTS.values(), ids=REDIRECTS)
def test_an_address_that_nobody_is_sent_to_is_refused_as_such(shared: House, uris: Any) -> None:
    refusal(register(shared, APP | {"redirect_uris": uris}), 400, "invalid_redirect_uri")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_document_that_asks_for_what_is_not_given_is_refused(shared: House, fault: dict[str, Any]) -> None:
    body = orjson.dumps(APP | fault).replace(b"\\\\ud800", b"\\ud800")
    answer = register(shared, body)
    assert answer.status_code == 400
    assert answer.get_json()["error"] in ("invalid_client_metadata", "invalid_redirect_uri")


@pytest.mark.parametrize("fault", BACKEND_FAULTS)
def test_a_backend_system_asks_for_nothing_that_is_not_for_it(shared: House, fault: dict[str, Any]) -> None:
    assert register(shared, BACKEND | fault).status_code == 400


def test_a_software_statement_is_refused_since_no_issuer_is_trusted(shared: House) -> None:
    refusal(register(shared, APP | {"software_statement": "a.b.c"}), 400, "unapproved_software_statement")
    refusal(register(shared, APP | {"software_statement": 7}), 400, "unapproved_software_statement")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff", b'{"scope": NaN}', b'{"scope": "a", "scope": "b"}', b"[" * 20_000, b'{"a":' * 5_000, b"1" * 9_000]
)
def test_what_is_no_document_is_refused(shared: House, body: bytes) -> None:
    refusal(register(shared, body), 400, "invalid_client_metadata")


def test_a_document_too_large_or_of_another_type_is_refused(shared: House) -> None:
    refusal(register(shared, APP | {"x": "a" * 32_768}), 413, "invalid_client_metadata")
    refusal(shared.http.post("/oauth/register", data=APP), 400, "invalid_client_metadata")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.sampled_from([BACK, "none", "RS256", "https://a.example/"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["keys", "kty", "kid", "crv", "x", "y", "n", "e", "a"]), inner, max_size=4),
    max_leaves=8,
)
MORE = """response_types response_type jwks_uri client_uri contacts id_token_signed_response_alg software_statement request_uris default_max_age default_acr_values
require_auth_time application_type initiate_login_uri post_logout_redirect_uris subject_type client_secret client_id"""
MEMBERS = st.sampled_from([*APP, *BACKEND, *MORE.split(), "\ud800"])


@given(base=st.sampled_from([APP, BACKEND, {}]), given_=st.dictionaries(MEMBERS, JSON, max_size=4))
def test_whatever_is_registered_is_taken_whole_or_refused_whole(shared: House, base: dict[str, Any], given_: dict[str, Any]) -> None:
    shared.clock.pass_by(31 * 86_400)
    before = len(names(shared))
    answer = register(shared, json.dumps(base | given_).encode())
    assert answer.status_code in (201, 400)
    assert len(names(shared)) - before == (1 if answer.status_code == 201 else 0)
    if answer.status_code == 400:
        assert answer.get_json()["error"] in ("invalid_client_metadata", "invalid_redirect_uri", "unapproved_software_statement", "invalid_request")
        return
    told = answer.get_json()
    assert find_client(shared.store, shared.clock, told["client_id"]) is None
    changed = manage(shared, told, "PUT", given_ | base | {"client_id": told["client_id"]})
    assert changed.status_code in (200, 400)
