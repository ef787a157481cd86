"""A client that looks after its registration (RFC 7592): with its own token, and never past an approval."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.smart.client import find_client
from gateway.smart.client_change import approve_client, rotate_secret
from tests.registry.house import PRACTICE, PUBLIC, House
from tests.registry.registering import APP, BACKEND, manage, registered


def test_a_client_reads_its_registration_with_its_token_and_no_other(shared: House) -> None:
    told, other = registered(shared), registered(shared, APP | {"client_name": "Another"})
    answer = manage(shared, told)
    assert answer.status_code == 200
    assert answer.get_json() == told
    wrong = [
        manage(shared, told, token=other["registration_access_token"]),
        manage(shared, told, token="x"),
        manage(shared, told | {"registration_client_uri": f"{told['registration_client_uri']}x"}),
    ]
    assert {(each.status_code, each.data, each.headers["WWW-Authenticate"]) for each in wrong} == {(401, wrong[0].data, wrong[0].headers["WWW-Authenticate"])}
    assert wrong[0].headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic eDp5", "Bearer " + "x" * 500, "DPoP abc"])
def test_without_a_registration_access_token_nothing_is_told(shared: House, authorization: str | None) -> None:
    told = registered(shared)
    path = told["registration_client_uri"].removeprefix(PUBLIC)
    answer = shared.http.get(path, headers={"Authorization": authorization} if authorization is not None else {})
    assert answer.status_code == 401
    assert b"Sleep" not in answer.data


def test_a_change_replaces_the_token_and_waits_for_approval_again(shared: House) -> None:
    told = registered(shared)
    approve_client(shared.store, shared.clock, PRACTICE, told["client_id"])
    changed = manage(shared, told, "PUT", APP | {"client_id": told["client_id"], "redirect_uris": ["https://app.example.org/other"]})
    assert changed.status_code == 200
    assert changed.get_json()["redirect_uris"] == ["https://app.example.org/other"]
    assert changed.get_json()["registration_access_token"] != told["registration_access_token"]
    assert find_client(shared.store, shared.clock, told["client_id"]) is None
    assert manage(shared, told).status_code == 401
    assert manage(shared, changed.get_json()).status_code == 200


@pytest.mark.parametrize(
    "changed", [{"client_name": "Bank of Sleep"}, {"scope": "user/*.cruds"}, {"client_uri": "https://evil.example/"}, {"logo_uri": "https://evil.example/logo"}]
)
def test_nothing_that_was_approved_can_be_changed_without_approval(shared: House, changed: dict[str, Any]) -> None:
    told = registered(shared)
    approve_client(shared.store, shared.clock, PRACTICE, told["client_id"])
    assert manage(shared, told, "PUT", APP | {"client_id": told["client_id"]} | changed).status_code == 200
    assert find_client(shared.store, shared.clock, told["client_id"]) is None


def test_who_sends_what_stands_already_stays_approved_and_keeps_its_secret(shared: House) -> None:
    told = registered(shared, APP | {"token_endpoint_auth_method": "client_secret_basic"})
    approve_client(shared.store, shared.clock, PRACTICE, told["client_id"])
    rotated = rotate_secret(shared.store, shared.clock, told["client_id"], 0)
    again = {**APP, "token_endpoint_auth_method": "client_secret_basic", "client_id": told["client_id"]}
    assert manage(shared, told, "PUT", again | {"client_secret": told["client_secret"]}).status_code == 400
    answer = manage(shared, told, "PUT", again | {"client_secret": rotated})
    assert answer.status_code == 200
    found = find_client(shared.store, shared.clock, told["client_id"])
    assert found is not None
    assert found.check_client_secret(rotated)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": None},
        {"client_id": "another"},
        {"client_id": 1},
        {"registration_access_token": "x"},
        {"registration_client_uri": PUBLIC},
        {"client_secret_expires_at": 0},
        {"client_id_issued_at": 1},
        {"client_secret": "guess"},
        {"client_secret": 1},
        {"client_secret": "\u0430"},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"redirect_uris": ["http://evil.example/"]},
        {"scope": "__record.write"},
        {"software_statement": "a.b.c"},
        BACKEND | {"redirect_uris": None},
    ],
)
def test_a_change_that_is_refused_changes_nothing(shared: House, wrong: dict[str, Any]) -> None:
    told = registered(shared)
    approve_client(shared.store, shared.clock, PRACTICE, told["client_id"])
    answer = manage(shared, told, "PUT", APP | {"client_id": told["client_id"]} | wrong)
    assert answer.status_code == 400
    assert manage(shared, told).get_json() == told
    assert find_client(shared.store, shared.clock, told["client_id"]) is not None


def test_who_ends_its_registration_is_unknown_from_then_on(shared: House) -> None:
    told = registered(shared)
    approve_client(shared.store, shared.clock, PRACTICE, told["client_id"])
    answer = manage(shared, told, "DELETE")
    assert (answer.status_code, answer.data) == (204, b"")
    assert manage(shared, told).status_code == 401
    assert find_client(shared.store, shared.clock, told["client_id"]) is None


def test_a_client_that_an_operator_registered_is_not_managed_here(shared: House) -> None:
    added = shared.add()
    told = {"registration_client_uri": f"{PUBLIC}/oauth/register/{added.client_id}", "registration_access_token": "None"}
    for token in ("None", "", "null"):
        assert manage(shared, told, token=token or " ").status_code == 401
