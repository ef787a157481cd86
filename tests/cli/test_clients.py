"""Clients and partners from the command line."""

from __future__ import annotations

import orjson
import pytest
from joserfc.jwk import ECKey

from tests.cli.desk import Desk, assert_one_sentence


def added(desk: Desk, *arguments: str) -> str:
    told = desk.json("client", "add", "--name", "Riverbend EHR", "--jwks", desk.public_keys(), "--scope", "system/*.rs", *arguments)
    assert list(told) == ["client_id"]
    return str(told["client_id"])


def test_a_client_is_registered_and_its_id_told(desk: Desk) -> None:
    client_id = added(desk)
    (row,) = desk.json("client", "list")
    facts = {"client_id": client_id, "name": "Riverbend EHR", "role": "partner", "partner": None, "scope": "system/*.rs", "revoked": False}
    assert row == facts | {"kind": "backend", "method": "private_key_jwt", "status": "active"}


def test_a_client_acts_for_a_partner_on_file(desk: Desk) -> None:
    assert "no partner on file" in assert_one_sentence(desk.run("client", "add", "--name", "X", "--jwks", desk.public_keys(), "--scope", "system/*.rs", "--partner", "101"), 2)
    desk.json("partner", "add", "101", "--organization", "Old Mill", "--fhir-base", "https://fhir.oldmill.example/r4", "--client-id", "7")
    added(desk, "--partner", "101")
    assert desk.json("client", "list")[0]["partner"] == "101"


def test_the_practices_own_system_acts_for_no_partner(desk: Desk) -> None:
    desk.json("partner", "add", "101", "--organization", "Old Mill", "--fhir-base", "https://fhir.oldmill.example/r4", "--client-id", "7")
    said = assert_one_sentence(desk.run("client", "add", "--name", "X", "--jwks", desk.public_keys(), "--scope", "system/*.rs __record.write", "--partner", "101"), 2)
    assert "__record.write" in said


def test_a_revoked_client_is_shown_as_such(desk: Desk) -> None:
    client_id = added(desk)
    assert desk.json("client", "revoke", client_id) == {"client_id": client_id, "revoked": True}
    assert desk.json("client", "list")[0]["revoked"]
    assert "(revoked)" in desk.run("client", "list").stdout


def test_a_client_that_does_not_exist_cannot_be_revoked(desk: Desk) -> None:
    assert_one_sentence(desk.run("client", "revoke", "nobody"), 1)


@pytest.mark.parametrize("scope", ["patient/*.rs", "system/*.sr", "system/Nonsense.rs", "openid", ""])
def test_a_scope_that_cannot_be_granted_is_refused(desk: Desk, scope: str) -> None:
    assert_one_sentence(desk.run("client", "add", "--name", "X", "--jwks", desk.public_keys(), "--scope", scope), 1)
    assert desk.json("client", "list") == []


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'{"keys": [', "line 1, column"),
        (b"[]", "JWK set"),
        (b'{"keys": []}', "key"),
        (b'{"keys": "x"}', "key"),
        (b'{"keys": [{"kty": "oct", "k": "AA"}]}', "key"),
        (b"\xff\xfe", "JSON"),
    ],
)
def test_a_key_file_that_is_none_is_refused_with_its_place(desk: Desk, content: bytes, word: str) -> None:
    said = assert_one_sentence(desk.run("client", "add", "--name", "X", "--jwks", desk.file("keys.json", content), "--scope", "system/*.rs"), 1)
    assert word in said


def test_a_key_file_that_is_not_there_is_named(desk: Desk) -> None:
    assert "nowhere.json" in assert_one_sentence(desk.run("client", "add", "--name", "X", "--jwks", "nowhere.json", "--scope", "system/*.rs"), 1)


def test_a_private_key_is_not_taken_and_not_shown(desk: Desk) -> None:
    key = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384", "kid": "a"}).as_dict(private=True)
    result = desk.run("client", "add", "--name", "X", "--jwks", desk.file("private.json", {"keys": [key]}), "--scope", "system/*.rs")
    assert result.exit_code in (0, 1)
    assert str(key["d"]) not in result.output
    kept = (desk.folder / "handoff.db").read_bytes() + b"".join(path.read_bytes() for path in desk.folder.glob("handoff.db-*"))
    assert str(key["d"]).encode() not in kept


def test_a_token_needs_a_gateway_that_runs(desk: Desk) -> None:
    client_id = added(desk)
    keys = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384", "kid": "a"}).as_dict(private=True)
    path = desk.file("private.json", orjson.dumps({"keys": [keys]}))
    (desk.folder / "private.json").chmod(0o600)
    said = assert_one_sentence(desk.run("client", "token", "--key", path, "--client-id", client_id, "--base", "http://127.0.0.1:9/fhir"), 1)
    assert "Is the gateway running" in said


def test_a_sample_client_that_does_not_exist_is_wrong_use(desk: Desk) -> None:
    assert "handoff serve --sample" in assert_one_sentence(desk.run("client", "token", "psychiatrist"), 2)


def test_a_new_partner_needs_its_organization(desk: Desk) -> None:
    base = ("partner", "add", "101", "--fhir-base", "https://fhir.oldmill.example/r4", "--client-id", "7")
    assert "--organization" in assert_one_sentence(desk.run(*base), 2)
    assert desk.json(*base, "--organization", "Old Mill") == {"partner": "101", "channel": "fhir_rest"}
    assert desk.json(*base) == {"partner": "101", "channel": "fhir_rest"}
    assert desk.json("partner", "list") == [{"id": "101", "organization": "Old Mill", "specialty": None, "channels": ["fhir_rest"]}]


@pytest.mark.parametrize(("partner", "base"), [("101", "ftp://oldmill.example"), ("101", "oldmill"), ("a b", "https://oldmill.example/r4")])
def test_a_partner_that_cannot_be_stored_is_wrong_use(desk: Desk, partner: str, base: str) -> None:
    assert_one_sentence(desk.run("partner", "add", partner, "--organization", "Old Mill", "--fhir-base", base, "--client-id", "7"), 2)
    assert desk.json("partner", "list") == []
    assert desk.json("outbox", "list") == []
