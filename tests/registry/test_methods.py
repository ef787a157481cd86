"""A client registered with one way to prove itself is refused by every other, wherever clients prove themselves."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.registry.house import House
from tests.registry.registering import APP, manage, register, registered
from tests.smart.world import Ehr, new_ec_key, public

KEY = new_ec_key("a")
CODE = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://app.example.org/back", "code_verifier": "v" * 43}
FORMS = {"/oauth/token": CODE, "/oauth/revoke": {"token": "x"}, "/oauth/introspect": {"token": "x"}}
METHODS = ("none", "client_secret_basic", "private_key_jwt")


def proof(house: House, method: str, client_id: str, secret: str) -> dict[str, Any]:
    """The form and headers by which this client would prove itself so."""
    if method == "client_secret_basic":
        return {"data": {}, "headers": {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}}
    return {"data": {"client_id": client_id} if method == "none" else Ehr(client_id, KEY, house.clock).proof()}


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("shown", METHODS)
@pytest.mark.parametrize("own", METHODS)
def test_a_client_comes_in_by_its_own_way_alone(shared: House, own: str, shown: str, path: str) -> None:
    """A public app proves nothing by its way, and is told nothing of tokens."""
    comes_in = own == shown and (own, path) != ("none", "/oauth/introspect")
    app = shared.add(auth_method=own, jwks=public(KEY) if own == "private_key_jwt" else None)
    asked = proof(shared, shown, app.client_id, app.secret or "guess")
    answer = shared.http.post(path, data=FORMS[path] | asked["data"], headers=asked.get("headers"))
    error = (answer.get_json(silent=True) or {}).get("error")
    assert (error == "invalid_client", answer.status_code == 401) == (not comes_in, not comes_in)


@pytest.fixture
def on_postgresql(folder: Path, postgres_url: str) -> Iterator[House]:
    opened = House(folder, HANDOFF_DATABASE_URL=postgres_url, HANDOFF_REGISTRATION="approval")
    yield opened
    opened.close()


def test_a_registration_lives_and_ends_on_postgresql_too(on_postgresql: House) -> None:
    house = on_postgresql
    told = registered(house, APP | {"token_endpoint_auth_method": "client_secret_basic"})
    changed = manage(house, told, "PUT", APP | {"client_id": told["client_id"], "token_endpoint_auth_method": "client_secret_basic", "client_name": "Diary"})
    assert changed.status_code == 200
    assert manage(house, told, "DELETE").status_code == 401
    assert manage(house, changed.get_json(), "DELETE").status_code == 204
    assert house.http.get("/fhir/Patient", headers={"Origin": "https://app.example.org"}).status_code == 401
    assert house.http.post("/oauth/token", data=CODE | {"client_id": "a\x00b"}).status_code == 401
    assert house.http.get("/oauth/register/a%00b", headers={"Authorization": "Bearer x"}).status_code == 401
    assert [register(house, b"{", "192.0.2.9").status_code for _ in range(21)][-2:] == [400, 429]
