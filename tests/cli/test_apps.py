"""Apps from the command line: added, shown, given a new secret, approved, revoked."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.clock import system_clock
from gateway.smart.registration import Asking, Register, Registry, answer
from gateway.smart.registration_document import Reader
from gateway.store.engine import Store
from tests.cli.desk import Desk, assert_one_sentence

BACK = "https://diary.example/back"
SCOPE = "launch/patient openid fhirUser patient/Observation.rs"


def added(desk: Desk, *arguments: str, scope: str = SCOPE) -> dict[str, Any]:
    told: dict[str, Any] = desk.json("client", "add", "--name", "Sleep diary", "--scope", scope, "--redirect", BACK, *arguments)
    return told


def shown(desk: Desk, client_id: str) -> dict[str, Any]:
    told: dict[str, Any] = desk.json("client", "show", client_id)
    return told


def registers_itself(desk: Desk, **document: Any) -> str:
    store = Store(str(desk.environment["HANDOFF_DATABASE_URL"]))
    whole = {"client_name": "Sleep diary", "scope": SCOPE, "redirect_uris": [BACK], "token_endpoint_auth_method": "none"} | document
    whole = {name: value for name, value in whole.items() if value is not None}
    status, told, _ = answer(Register(Registry(store, system_clock, "https://gateway.example.org", Reader(allow_private_jwks=False))), Asking("POST", "", whole))
    assert status == 201
    store.close()
    return str(told["client_id"])


def test_a_public_app_is_added_with_all_that_it_says(desk: Desk) -> None:
    more = ("--redirect", "org.example.diary:/back", "--launch-url", "https://diary.example/launch", "--logout-redirect", "https://diary.example/bye")
    told = added(desk, "--public", "--strict", "--origin", "https://cdn.diary.example", "--site", "https://diary.example", "--logo", "https://diary.example/logo.svg", *more)
    assert list(told) == ["client_id"]
    facts = shown(desk, told["client_id"])
    assert facts["redirect_uris"] == [BACK, "org.example.diary:/back"]
    assert (facts["kind"], facts["method"], facts["status"], facts["strict"]) == ("app", "none", "active", True)
    assert (facts["launch_uri"], facts["post_logout_redirect_uris"]) == ("https://diary.example/launch", ["https://diary.example/bye"])
    assert (facts["origins"], facts["client_uri"], facts["logo_uri"]) == (["https://cdn.diary.example"], "https://diary.example", "https://diary.example/logo.svg")


def test_the_secret_of_a_confidential_app_is_shown_once(desk: Desk) -> None:
    told = added(desk, "--confidential")
    assert set(told) == {"client_id", "client_secret"}
    said = desk.run("client", "list").stdout + desk.run("client", "show", told["client_id"]).stdout + desk.run("client", "show", told["client_id"], "--json").stdout
    assert told["client_secret"] not in said
    kept = b"".join(path.read_bytes() for path in desk.folder.glob("handoff.db*"))
    assert told["client_secret"].encode() not in kept


def test_an_app_with_keys_has_no_secret(desk: Desk) -> None:
    told = added(desk, "--jwks", desk.public_keys())
    assert list(told) == ["client_id"]
    assert shown(desk, told["client_id"])["method"] == "private_key_jwt"


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        ((), 2, "--public"),
        (("--public", "--jwks", "https://diary.example/keys"), 2, "one way"),
        (("--public", "--partner", "101"), 2, "--partner"),
        (("--public", "--purpose", "HPAYMT"), 2, "--purpose"),
        (("--public", "--redirect", "http://diary.example/back"), 1, "redirect URI"),
        (("--public", "--redirect", "https://*.diary.example"), 1, "redirect URI"),
        (("--public", "--logout-redirect", "javascript:alert(1)"), 1, "redirect URI"),
        (("--public", "--launch-url", "org.example.diary:/launch"), 1, "launch address"),
        (("--public", "--origin", "https://diary.example/"), 1, "origin"),
        (("--public", "--logo", "http://diary.example/logo"), 1, "logo"),
        (("--jwks", "http://diary.example/keys"), 1, "https"),
    ],
)
def test_an_app_that_cannot_be_registered_so_is_refused_with_the_mend(desk: Desk, arguments: tuple[str, ...], status: int, word: str) -> None:
    said = desk.run("client", "add", "--name", "Sleep diary", "--scope", SCOPE, "--redirect", BACK, *arguments)
    assert word in assert_one_sentence(said, status)
    assert desk.json("client", "list") == []


@pytest.mark.parametrize("scope", ["system/Patient.rs", "__record.write", "patient/*.sr", ""])
def test_an_app_asks_for_no_scope_of_a_backend_system(desk: Desk, scope: str) -> None:
    assert_one_sentence(desk.run("client", "add", "--name", "X", "--public", "--redirect", BACK, "--scope", scope), 1)
    assert desk.json("client", "list") == []


@pytest.mark.parametrize("option", [("--public",), ("--confidential",), ("--launch-url", BACK), ("--origin", "https://diary.example"), ("--logo", BACK)])
def test_what_belongs_to_an_app_needs_a_redirect_uri(desk: Desk, option: tuple[str, ...]) -> None:
    said = desk.run("client", "add", "--name", "X", "--scope", "system/*.rs", "--jwks", desk.public_keys(), *option)
    assert "--redirect" in assert_one_sentence(said, 2)


def test_without_keys_and_without_addresses_it_is_neither(desk: Desk) -> None:
    assert "--jwks" in assert_one_sentence(desk.run("client", "add", "--name", "X", "--scope", "system/*.rs"), 2)


def test_a_new_secret_is_shown_once_with_its_overlap(desk: Desk) -> None:
    told = added(desk, "--confidential")
    rotated = desk.json("client", "rotate", told["client_id"], "--overlap", "90m")
    assert (rotated["client_id"], rotated["overlap_seconds"]) == (told["client_id"], 5400)
    assert rotated["client_secret"] != told["client_secret"]
    assert "1 h 30 min" in desk.run("client", "rotate", told["client_id"], "--overlap", "90m").stdout
    assert "refused from now on" in desk.run("client", "rotate", told["client_id"], "--overlap", "0s").stdout


@pytest.mark.parametrize("span", ["", "h", "24", "-1h", "1.5h", "24 h", "\u0662h", "1y", "9999999d"])
def test_a_span_that_is_none_is_wrong_use(desk: Desk, span: str) -> None:
    told = added(desk, "--confidential")
    assert_one_sentence(desk.run("client", "rotate", told["client_id"], "--overlap", span), 2)


def test_keys_are_rotated_by_their_file_and_a_public_app_has_nothing_to_rotate(desk: Desk) -> None:
    keyed = added(desk, "--jwks", desk.public_keys())["client_id"]
    assert desk.json("client", "rotate", keyed, "--jwks", desk.public_keys()) == {"client_id": keyed}
    assert "--jwks" in assert_one_sentence(desk.run("client", "rotate", keyed), 1)
    public = added(desk, "--public")["client_id"]
    assert_one_sentence(desk.run("client", "rotate", public), 1)
    assert_one_sentence(desk.run("client", "rotate", public, "--jwks", desk.public_keys()), 1)
    assert_one_sentence(desk.run("client", "rotate", "nobody"), 1)


def test_an_app_that_registered_itself_waits_until_it_is_approved(desk: Desk) -> None:
    client_id = registers_itself(desk)
    assert desk.json("client", "list")[0]["status"] == "waiting"
    assert "(waiting)" in desk.run("client", "list").stdout
    assert_one_sentence(desk.run("client", "approve", client_id, "--partner", "nobody"), 2)
    said = desk.run("client", "approve", client_id).stdout
    assert BACK in said
    assert desk.json("client", "list")[0]["status"] == "active"
    assert "approval" in assert_one_sentence(desk.run("client", "approve", client_id), 1)


def test_a_backend_system_that_registered_itself_is_approved_for_a_partner(desk: Desk) -> None:
    keys = {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://riverbend.example/keys"}
    client_id = registers_itself(desk, grant_types=["client_credentials"], scope="system/Patient.rs", redirect_uris=None, **keys)
    assert "--partner" in assert_one_sentence(desk.run("client", "approve", client_id), 1)
    desk.json("partner", "add", "101", "--organization", "Old Mill", "--fhir-base", "https://fhir.oldmill.example/r4", "--client-id", "7")
    assert desk.json("client", "approve", client_id, "--partner", "101")["partner"] == "101"


def test_a_client_that_is_not_there_is_not_shown(desk: Desk) -> None:
    assert_one_sentence(desk.run("client", "show", "nobody"), 1)
