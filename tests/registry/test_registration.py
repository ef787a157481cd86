"""Clients that register themselves (RFC 7591): off by default, and good for nothing before approval."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gateway.smart.client import find_client, list_clients, revoke_client
from gateway.smart.client_change import approve_client
from tests.registry.house import BACK, ORIGIN, PRACTICE, PUBLIC, House
from tests.registry.registering import APP, BACKEND, JWKS, KEY, manage, refusal, register, registered
from tests.smart.world import Ehr


def test_registration_is_off_unless_it_is_turned_on(folder: Path) -> None:
    house = House(folder)
    assert register(house, APP).status_code == 404
    house.close()


def test_an_app_is_told_all_that_was_registered_and_may_do_nothing_yet(house: House) -> None:
    told = registered(house, APP | {"client_uri": "https://app.example.org/", "contacts": ["dev@app.example.org"], "unheard_of": 1, "client_name#de": "Schlaf"})
    assert told["registration_client_uri"] == f"{PUBLIC}/oauth/register/{told['client_id']}"
    assert told["client_id_issued_at"] == house.clock.now
    assert {name: told[name] for name in APP} == APP
    assert (told["client_uri"], told["contacts"]) == ("https://app.example.org/", ["dev@app.example.org"])
    assert (told["grant_types"], told["response_types"]) == (["authorization_code", "refresh_token"], ["code"])
    assert not {"client_secret", "unheard_of", "client_name#de"} & told.keys()
    assert find_client(house.store, house.clock, told["client_id"]) is None


def test_an_app_that_can_keep_a_secret_is_told_one_and_only_its_digest_stays(house: House, tmp_path: Path) -> None:
    told = registered(house, APP | {"token_endpoint_auth_method": "client_secret_basic"})
    assert told["client_secret_expires_at"] == 0
    assert len(base64.urlsafe_b64decode(told["client_secret"] + "==")) == 32
    assert len(base64.urlsafe_b64decode(told["registration_access_token"] + "==")) == 32
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("handoff.db*"))
    assert told["client_secret"].encode() not in kept
    assert told["registration_access_token"].encode() not in kept
    again = manage(house, told).get_json()
    assert "client_secret" not in again


def test_where_nothing_is_said_of_the_method_it_is_the_secret(house: House) -> None:
    told = registered(house, {name: value for name, value in APP.items() if name != "token_endpoint_auth_method"})
    assert (told["token_endpoint_auth_method"], "client_secret" in told) == ("client_secret_basic", True)


def test_an_approved_app_may_act_and_its_pages_may_call(house: House) -> None:
    told = registered(house)
    assert "Access-Control-Allow-Origin" not in house.http.get("/fhir/Patient", headers={"Origin": ORIGIN}).headers
    approve_client(house.store, house.clock, PRACTICE, told["client_id"])
    found = find_client(house.store, house.clock, told["client_id"])
    assert found is not None
    assert (found.is_app, found.origins, found.redirect_uris) == (True, (ORIGIN,), (BACK,))


def test_a_backend_system_gets_a_token_once_it_is_approved_for_a_partner(house: House) -> None:
    told = registered(house, BACKEND)
    assert (told["grant_types"], told["response_types"], told["jwks"]) == (["client_credentials"], [], JWKS)
    ehr = Ehr(told["client_id"], KEY, house.clock)
    assert refusal(house.http.post("/oauth/token", data=ehr.form(scope="system/Patient.rs")), 401, "invalid_client")
    approve_client(house.store, house.clock, PRACTICE, told["client_id"], partner="101")
    assert house.http.post("/oauth/token", data=ehr.form(scope="system/Patient.rs")).status_code == 200
    found = find_client(house.store, house.clock, told["client_id"])
    assert found is not None
    assert (found.role, found.recipient) == ("partner", "101")


def test_the_strict_profile_is_asked_for_in_the_words_of_its_rfcs(house: House) -> None:
    strict = {"dpop_bound_access_tokens": True, "require_pushed_authorization_requests": True}
    told = registered(house, APP | strict)
    assert {name: told[name] for name in strict} == strict
    approve_client(house.store, house.clock, PRACTICE, told["client_id"])
    found = find_client(house.store, house.clock, told["client_id"])
    assert found is not None
    assert found.strict


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_named_as_not_served(house: House, method: str) -> None:
    answer = house.http.open("/oauth/register", method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    told = registered(house)
    assert manage(house, told, "POST", APP).status_code == 405


def test_from_one_address_come_so_many_in_an_hour(house: House) -> None:
    for _ in range(20):
        register(house, b"{", "192.0.2.1")
    answer = register(house, APP, "192.0.2.1")
    refusal(answer, 429, "temporarily_unavailable")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert register(house, APP, "192.0.2.2").status_code == 201
    house.clock.pass_by(3600)
    assert register(house, APP, "192.0.2.1").status_code == 201


def test_so_many_wait_for_approval_and_no_more(house: House) -> None:
    for _ in range(100):
        assert register(house, APP).status_code == 201
    refusal(register(house, APP), 429, "temporarily_unavailable")
    revoke_client(house.store, house.clock, list_clients(house.store, house.clock, PRACTICE)[0].client_id)
    assert register(house, APP).status_code == 201
    house.clock.pass_by(31 * 86_400)
    assert register(house, APP).status_code == 201
