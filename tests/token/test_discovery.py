"""What the authorization server says of itself is complete, is for everyone, and is true."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from gateway.app import create_app
from tests.token.given import given
from tests.world import World

SMART, OPENID = "/fhir/.well-known/smart-configuration", "/.well-known/openid-configuration"
CAPABILITY_SETS = {
    "Patient Access for Standalone Apps": "launch-standalone client-public context-standalone-patient permission-patient",
    "Patient Access for EHR Launch": "launch-ehr client-public context-ehr-patient permission-patient",
    "Clinician Access for Standalone": "launch-standalone client-public client-confidential-symmetric permission-user permission-patient",
    "Clinician Access for EHR Launch": "launch-ehr client-public client-confidential-symmetric context-ehr-patient context-ehr-encounter permission-user permission-patient",
    "sign-in, context and refresh": "sso-openid-connect context-banner context-style context-standalone-encounter permission-offline permission-online",
    "what else works": "authorize-post client-confidential-asymmetric permission-v1 permission-v2",
}


def _read(world: World, path: str, accept: str = "*/*") -> dict[str, Any]:
    response = world.http.get(path, headers={"Accept": accept})
    assert response.mimetype == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return given(response)


@pytest.mark.parametrize("path", [SMART, OPENID])
@pytest.mark.parametrize("accept", ["application/json", "text/html", "application/fhir+xml"])
def test_the_documents_are_json_whatever_is_accepted(world: World, path: str, accept: str) -> None:
    _read(world, path, accept)


@pytest.mark.parametrize("capabilities", CAPABILITY_SETS.values(), ids=CAPABILITY_SETS)
def test_every_capability_set_is_claimed_whole(world: World, capabilities: str) -> None:
    assert set(capabilities.split()) <= set(_read(world, SMART)["capabilities"])


def test_smart_configuration_has_all_that_its_capabilities_demand(world: World) -> None:
    found, url = _read(world, SMART), world.settings.base_url
    assert found["issuer"] == url
    assert {"authorization_code", "refresh_token", "client_credentials"} == set(found["grant_types_supported"])
    assert set(found["token_endpoint_auth_methods_supported"]) == {"client_secret_basic", "private_key_jwt"}
    assert set(found["token_endpoint_auth_signing_alg_values_supported"]) == {"RS384", "ES384"}
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert {"openid", "fhirUser", "launch", "launch/patient", "offline_access", "online_access"} <= set(found["scopes_supported"])
    assert found["management_endpoint"] == f"{url}/account"


@pytest.mark.parametrize("path", [SMART, OPENID])
def test_every_address_that_is_named_is_absolute_and_answers(world: World, path: str) -> None:
    found, url = _read(world, path), world.settings.base_url
    named = {name: address for name, address in found.items() if name.endswith(("_endpoint", "_uri"))}
    assert {"authorization_endpoint", "token_endpoint", "jwks_uri", "revocation_endpoint", "introspection_endpoint"} <= set(named)
    for address in named.values():
        assert address.startswith(f"{url}/")
        assert world.http.open(address.removeprefix(url), method="GET").status_code != 404, address


@pytest.mark.parametrize("path", [SMART, OPENID])
@pytest.mark.parametrize("registration", ["off", "approval"])
def test_what_is_switched_off_is_not_named(world: World, path: str, registration: str) -> None:
    settings = replace(world.settings, registration=registration, brands=False)
    app = create_app(settings, store=world.store, clock=world.clock)
    found = app.test_client().get(path).get_json()
    app.extensions["handoff"].journal.close()
    assert ("registration_endpoint" in found) is (registration == "approval")
    assert not {"user_access_brand_bundle", "user_access_brand_identifier"} & set(found)


def test_openid_configuration_is_what_openid_connect_discovery_demands(world: World) -> None:
    found = _read(world, OPENID)
    OpenIDProviderMetadata({**found, **{name: str(value).replace("http://", "https://") for name, value in found.items() if isinstance(value, str)}}).validate()
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    assert found["end_session_endpoint"] == f"{world.settings.base_url}/oauth/logout"
    assert found["request_uri_parameter_supported"] is False, "left out, it would mean yes"


def test_metadata_names_the_addresses_for_older_clients(world: World) -> None:
    security = given(world.http.get("/fhir/metadata"))["rest"][0]["security"]
    extension = next(each for each in security["extension"] if each["url"].endswith("/oauth-uris"))
    named = {each["url"]: each["valueUri"] for each in extension["extension"]}
    url = world.settings.base_url
    assert named == {**{name: f"{url}/oauth/{name}" for name in ("authorize", "token", "introspect", "revoke", "register")}, "manage": f"{url}/account"}
    assert security["cors"] is True
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
