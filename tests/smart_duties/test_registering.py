"""SMART 2.2.0 registration: what whoever registers an app is told, once, and what an app that registers itself must wait for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.smart.app import Registration, add_app
from gateway.smart.client import BadRegistration
from tests.registry.house import PRACTICE, House
from tests.store.engines import fresh
from tests.world import World, key

KEYS = {"keys": [key().as_dict(private=False)]}
APP: dict[str, Any] = {"scope": "user/Patient.rs", "redirect_uris": ["https://app.example.org/callback"]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("registering"), HANDOFF_REGISTRATION="approval")
    yield opened
    opened.close()


@pytest.mark.parametrize(("method", "has_secret"), [("none", False), ("client_secret_basic", True), ("private_key_jwt", False)])
def test_an_app_is_told_its_client_id_and_its_secret_once(world: World, method: Any, has_secret: bool) -> None:
    apps = [
        add_app(world.store, world.clock, "test-practice", Registration(fresh("App"), auth_method=method, jwks=KEYS if method == "private_key_jwt" else None, **APP))
        for _ in range(2)
    ]
    assert apps[0].client_id != apps[1].client_id
    assert all(bool(one.secret) == has_secret for one in apps)
    with world.store.read() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM oauth_client").all())
    assert not [one for one in apps if one.secret and one.secret in stored]


def test_a_strict_app_keeps_no_secret(house: House) -> None:
    with pytest.raises(BadRegistration):
        add_app(house.store, house.clock, PRACTICE, Registration("Diary", auth_method="client_secret_basic", strict=True, **APP))
    assert house.add("Keyed", auth_method="private_key_jwt", jwks=KEYS, strict=True, scope="user/Patient.rs").client_id
    assert house.add("Phone", auth_method="none", strict=True, scope="user/Patient.rs").client_id


def test_who_registers_keys_is_reminded_to_send_them_anew(house: House, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(KEYS))
    settings = {"HANDOFF_DATABASE_URL": house.settings.database_url, "HANDOFF_SECRET_KEY_FILE": str(house.settings.secret_key_file)}
    asked = ["client", "add", "--name", "Riverbend", "--scope", "system/Patient.rs", "--practice", PRACTICE]
    told = CliRunner().invoke(main, [*asked, "--jwks", str(path)], env=settings, catch_exceptions=False)
    assert "handoff client rotate" in told.output
    assert "change" in told.output
    linked = CliRunner().invoke(main, [*asked, "--jwks", "https://riverbend.example/jwks"], env=settings, catch_exceptions=False)
    assert "rotate" not in linked.output


def test_the_registration_endpoint_is_named_where_apps_may_register(house: House, tmp_path: Path) -> None:
    address = house.http.get("/fhir/.well-known/smart-configuration").get_json()["registration_endpoint"]
    assert address == f"{house.settings.base_url}/oauth/register"
    answer = house.http.post("/oauth/register", json={"client_name": "Diary", "token_endpoint_auth_method": "none", **APP})
    assert (answer.status_code, bool(answer.get_json()["client_id"])) == (201, True)
    closed = House(tmp_path)
    assert "registration_endpoint" not in closed.http.get("/fhir/.well-known/smart-configuration").get_json()
    assert closed.http.post("/oauth/register", json={}).status_code == 404
    closed.close()
