"""Apps of others' making that people use, each through its whole flow: discovery, sign-in, consent, tokens, reads, refresh."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.node import needs_node, run
from tests.clients.town import CALLBACK, Town
from tests.walk.street import WEEKS

pytestmark = needs_node

SCOPE = "openid fhirUser profile launch/patient offline_access patient/Patient.rs patient/Observation.rs patient/Encounter.rs"
LEFT_AT = "http://127.0.0.1:1/left"


def told(town: Town, name: str, **more: Any) -> dict[str, Any]:
    made = town.app(name, SCOPE, **more)
    return {"client_id": made.client_id, "secret": made.secret, "scope": SCOPE, "redirect_uri": CALLBACK, "strict": more.get("strict", False)}


@pytest.mark.parametrize("method", ["none", "client_secret_basic"])
def test_openid_client_signs_a_person_in_and_out_and_is_cut_off_by_its_own_revocation(town: Town, method: str) -> None:
    person = town.person()
    app = told(town, f"openid-client, {method}", auth_method=method, post_logout_redirect_uris=[LEFT_AT])
    got = run("openid_client.mjs", town.at.url, app | {"left_at": LEFT_AT}, person)
    assert person.met == ["sign-in", "second-step", "client", "consent"]
    assert (got["callback"]["iss"], got["claims"]["iss"]) == (town.at.url, town.at.url)
    assert (got["token_type"], got["expires_in"] <= 3600, set(got["scope"].split())) == ("bearer", True, set(SCOPE.split()))
    assert got["claims"]["fhirUser"].startswith(f"{town.at.fhir}/Practitioner/")
    assert got["userinfo"] | {"sub": ""} == {name: got["claims"][name] for name in got["userinfo"]} | {"sub": ""}
    assert [(one["status"], one["resource"]["birthDate"]) for one in got["read"]] == [(200, "1991-04-17")] * 2
    assert got["turned"]
    assert got["after_revocation"]["error"] == "invalid_grant"
    assert got["left"].partition("?")[0] == LEFT_AT
    assert not person.is_signed_in()


def test_openid_client_pushes_its_request_and_proves_its_key_where_the_app_is_strict(town: Town) -> None:
    got = run("openid_client.mjs", town.at.url, told(town, "openid-client, strict", strict=True), town.person())
    assert set(got["address"].partition("?")[2].split("&")) >= {f"client_id={got['claims']['aud']}"}
    assert "request_uri=" in got["address"]
    assert "scope=" not in got["address"]
    assert got["token_type"] == "dpop"
    assert [one["status"] for one in got["read"]] == [200, 200]


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
def test_oauth4webapi_finds_every_answer_as_the_rfcs_have_it(town: Town, strict: bool) -> None:
    got = run("oauth4webapi.mjs", town.at.url, told(town, f"oauth4webapi, strict {strict}", strict=strict), town.person())
    assert (got["issuer_said"], got["mixed_up"]["name"]) == (town.at.url, "OperationProcessingError")
    assert got["token_type"] == ("dpop" if strict else "bearer")
    assert got["userinfo"]["sub"] == got["claims"]["sub"]
    assert got["found"] == ["Observation"] * WEEKS
    assert got["bearer_alone"] == (401 if strict else None)


def test_fhir_kit_client_reads_and_pages_with_what_simple_oauth2_got(town: Town) -> None:
    person = town.person()
    got = run("fhir_kit_client.mjs", town.at.url, told(town, "fhir-kit-client", auth_method="client_secret_basic") | {"state": "3(#0/!~"}, person)
    assert got["state"] == "3(#0/!~"
    assert (got["patient"]["birthDate"], got["again"]) == ("1991-04-17", got["patient"]["id"])
    assert [len(page) for page in got["pages"]] == [5, 5]
    assert not set(got["pages"][0]) & set(got["pages"][1])
    assert got["able"]
    assert got["stranger"]


def test_an_app_that_openid_client_registered_is_let_in_once_it_is_approved(town: Town) -> None:
    app = {"name": "Came by itself", "scope": SCOPE, "redirect_uri": CALLBACK}
    made = run("registered.mjs", town.at.url, app)
    person, told_now = town.person(), app | made | {"strict": False}
    with pytest.raises(AssertionError, match="nothing to do on this page"):
        run("openid_client.mjs", town.at.url, told_now, person)
    town.at.run("client", "approve", made["client_id"])
    got = run("openid_client.mjs", town.at.url, told_now, person)
    assert got["claims"]["aud"] == made["client_id"]
    assert [one["status"] for one in got["read"]] == [200, 200]
