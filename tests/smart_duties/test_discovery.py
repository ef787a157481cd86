"""SMART 2.2.0 conformance: what smart-configuration says, and that all of it is so."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import KeySet

from gateway.smart.scope import EXTENSIONS
from tests.smart_duties.backend import backend
from tests.smart_duties.flow import Answers, an_app, practice
from tests.world import World

SETS = {
    "patient access for standalone apps": {"launch-standalone", "client-public", "client-confidential-symmetric", "context-standalone-patient", "permission-patient"},
    "patient access from a portal": {"launch-ehr", "client-public", "client-confidential-symmetric", "context-ehr-patient", "permission-patient"},
    "clinician access for standalone apps": {"launch-standalone", "client-public", "client-confidential-symmetric", "permission-user", "permission-patient"},
    "clinician access from the record": {
        "launch-ehr",
        "client-public",
        "client-confidential-symmetric",
        "context-ehr-patient",
        "context-ehr-encounter",
        "permission-user",
        "permission-patient",
    },
}
BUILT = {
    *("launch-ehr", "launch-standalone", "authorize-post"),
    *("client-public", "client-confidential-symmetric", "client-confidential-asymmetric"),
    *("sso-openid-connect", "context-banner", "context-style"),
    *("context-ehr-patient", "context-ehr-encounter", "context-standalone-patient", "context-standalone-encounter"),
    *("permission-offline", "permission-online", "permission-patient", "permission-user", "permission-v1", "permission-v2"),
}
RECOMMENDED = ("scopes_supported", "response_types_supported", "management_endpoint", "introspection_endpoint", "revocation_endpoint")


@pytest.fixture
def configuration(world: World) -> dict[str, Any]:
    return dict(world.http.get("/fhir/.well-known/smart-configuration").get_json())


def _path(url: str) -> str:
    return urlsplit(url).path


def test_the_configuration_stands_at_the_fhir_base_for_everyone(world: World) -> None:
    assert world.http.get("/fhir/.well-known/smart-configuration").status_code == 200
    assert world.http.get("/.well-known/smart-configuration").status_code == 404
    assert world.http.get("/fhir/metadata").status_code == 200
    assert world.http.get("/fhir/Patient").status_code == 401


@pytest.mark.parametrize("accept", ["application/json", "text/html", "application/fhir+xml", "image/png", "application/fhir+json;q=0", ""])
def test_the_configuration_is_json_whatever_is_accepted(world: World, accept: str) -> None:
    answer = world.http.get("/fhir/.well-known/smart-configuration", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "application/json")
    assert answer.get_json()["token_endpoint"]


def test_every_address_in_the_configuration_is_absolute_and_answers(world: World, configuration: dict[str, Any]) -> None:
    addresses = {name: value for name, value in configuration.items() if name.endswith(("_endpoint", "_uri", "_bundle")) or name == "issuer"}
    assert {"authorization_endpoint", "token_endpoint"} <= addresses.keys()
    assert not [name for name, value in addresses.items() if not value.startswith(f"{world.settings.base_url}/") and value != world.settings.base_url]
    unserved = [name for name, value in addresses.items() if name != "issuer" and world.http.open(_path(value), method="GET").status_code == 404]
    assert not unserved


def test_the_grant_types_are_those_that_the_token_endpoint_takes(world: World, configuration: dict[str, Any]) -> None:
    assert {"authorization_code", "client_credentials"} <= set(configuration["grant_types_supported"])
    for grant in (*configuration["grant_types_supported"], "refresh_token"):
        assert _error(world, grant) != "unsupported_grant_type"
    for grant in ("password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        assert _error(world, grant) == "unsupported_grant_type"


def _error(world: World, grant: str) -> str:
    return str(world.http.post("/oauth/token", data={"grant_type": grant}).get_json()["error"])


def test_s256_is_the_only_challenge_method(configuration: dict[str, Any]) -> None:
    assert configuration["code_challenge_methods_supported"] == ["S256"]


def test_what_clients_with_keys_need_is_advertised(configuration: dict[str, Any]) -> None:
    assert "client-confidential-asymmetric" in configuration["capabilities"]
    assert configuration["token_endpoint"]
    assert configuration["scopes_supported"]
    assert "private_key_jwt" in configuration["token_endpoint_auth_methods_supported"]
    assert configuration["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]


def test_the_issuer_and_its_keys_are_named_and_served(world: World, configuration: dict[str, Any]) -> None:
    assert "sso-openid-connect" in configuration["capabilities"]
    openid = world.http.get(f"{_path(configuration['issuer'])}/.well-known/openid-configuration").get_json()
    assert openid["issuer"] == configuration["issuer"]
    assert openid["jwks_uri"] == configuration["jwks_uri"]
    assert KeySet.import_key_set(world.http.get(_path(configuration["jwks_uri"])).get_json()).keys


def test_the_capabilities_are_those_that_are_built(configuration: dict[str, Any]) -> None:
    assert set(configuration["capabilities"]) == BUILT
    assert len(configuration["capabilities"]) == len(BUILT)


@pytest.mark.parametrize("wanted", SETS)
def test_all_four_capability_sets_are_whole(configuration: dict[str, Any], wanted: str) -> None:
    assert SETS[wanted] <= set(configuration["capabilities"])


@pytest.mark.parametrize("name", RECOMMENDED)
def test_what_is_recommended_is_there(configuration: dict[str, Any], name: str) -> None:
    assert configuration[name]


def test_scopes_of_our_own_begin_with_two_underscores(configuration: dict[str, Any]) -> None:
    standard = {"openid", "fhirUser", "profile", "offline_access", "online_access"}
    ours = {scope for scope in configuration["scopes_supported"] if "/" not in scope and scope not in standard and not scope.startswith("launch")}
    assert ours == set(EXTENSIONS)
    assert all(scope.startswith("__") for scope in ours)


def test_every_backend_scope_that_is_advertised_can_be_had(world: World, configuration: dict[str, Any]) -> None:
    scopes = [scope for scope in configuration["scopes_supported"] if scope.startswith(("system/", "__"))]
    system = backend(world, " ".join(scopes), role="practice")
    assert [system.ask(scope).get_json().get("scope") for scope in scopes] == scopes


def test_every_scope_of_an_app_that_is_advertised_can_be_had(world: World, configuration: dict[str, Any]) -> None:
    """All at once, but for one of two that exclude each other, by a therapist who may write."""
    scopes = [scope for scope in configuration["scopes_supported"] if not scope.startswith(("system/", "__"))]
    office = practice(world)
    for left_out, wanted in (("online_access", "offline_access"), ("offline_access", "online_access")):
        asked = [scope for scope in scopes if scope not in ("launch", left_out)]
        asker = an_app(world, " ".join([*asked, "launch"]))
        answer = office.seat.tokens(asker, " ".join(asked), Answers(patient=office.client, encounter=office.visit), method="POST")
        assert wanted in answer["scope"].split()
        assert set(answer["scope"].split()) == set(asked)
    launched = office.seat.tokens(asker, "launch openid", launch=office.seat.launch(asker, office.client))
    assert launched["scope"] == "launch openid"
