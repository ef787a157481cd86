"""A client that registers itself, and what it then does with its registration."""

from __future__ import annotations

from itertools import count
from typing import Any

import orjson
from werkzeug.test import TestResponse

from gateway.smart.client import list_clients
from tests.registry.house import BACK, PRACTICE, PUBLIC, House
from tests.smart.world import new_ec_key

SCOPE = "launch/patient openid fhirUser offline_access patient/Observation.rs"
APP: dict[str, Any] = {"client_name": "Sleep diary", "redirect_uris": [BACK], "scope": SCOPE, "token_endpoint_auth_method": "none"}
KEY = new_ec_key("a")
JWKS = {"keys": [KEY.as_dict(private=False)]}
BACKEND: dict[str, Any] = {
    "client_name": "Riverbend EHR",
    "scope": "system/Patient.rs",
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks": JWKS,
}


_ADDRESSES = (f"2001:db8:{number:x}::1" for number in count(1))


def register(house: House, document: Any, address: str | None = None) -> TestResponse:
    """From an address of its own where none is named."""
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    return house.http.post("/oauth/register", data=body, content_type="application/json", environ_base={"REMOTE_ADDR": address or next(_ADDRESSES)})


def registered(house: House, document: dict[str, Any] = APP) -> dict[str, Any]:
    answer = register(house, document)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.get_json()
    return told


def manage(house: House, told: dict[str, Any], method: str = "GET", document: Any = None, token: str | None = None) -> TestResponse:
    path = told["registration_client_uri"].removeprefix(PUBLIC)
    headers = {"Authorization": f"Bearer {token or told['registration_access_token']}"}
    return house.http.open(path, method=method, headers=headers, json=document)


def refusal(answer: TestResponse, status: int, error: str) -> str:
    assert (answer.status_code, answer.get_json()["error"]) == (status, error), answer.get_data(as_text=True)
    return str(answer.get_json().get("error_description", ""))


def names(house: House) -> list[str]:
    return [one.name for one in list_clients(house.store, house.clock, PRACTICE)]
