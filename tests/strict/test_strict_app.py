"""A strict app from end to end, and every step that it may not leave out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from gateway.store.schema_access import oauth_client
from tests.authorize.clinic import CHALLENGE, REDIRECT, VERIFIER, Clinic, told
from tests.authorize.conftest import clinic
from tests.strict.prover import Prover, ask
from tests.token.given import App, allow, app, error_of, given
from tests.world import World

__all__ = ["clinic"]

SCOPE = "launch/patient patient/Patient.rs offline_access"


class Device:
    """A strict public app on somebody's device: it keeps its key and the last nonce."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.prover, self.nonce = clinic, Prover(clinic.world.clock), ""
        self.app = App(clinic.world, clinic.new_app(strict=True, scope=SCOPE), "none", None)

    def ask(self, path: str, **form: str | None) -> TestResponse:
        """As libraries do: with the nonce at hand, and again with the one that is demanded."""
        for _ in range(2):
            response = ask(self.app, self.prover.proof(htu=f"http://127.0.0.1:8000{path}", nonce=self.nonce or None), path, **form)
            self.nonce = response.headers.get("DPoP-Nonce", self.nonce)
            if response.status_code != 400 or response.get_json()["error"] != "use_dpop_nonce":
                break
        return response

    def push(self, **changes: str | None) -> TestResponse:
        wanted = self.clinic.parameters(client_id=self.app.client_id, scope=SCOPE, resource=self.clinic.world.settings.fhir_base)
        return self.ask("/oauth/par", **(wanted | changes))

    def code(self) -> str:
        walk = self.clinic.browser(self.clinic.mara)
        reference = self.push().get_json()["request_uri"]
        page = walk.follow(walk.browser.http.get("/oauth/authorize", query_string={"client_id": self.app.client_id, "request_uri": reference}))
        answer = told(walk.allow(walk.pick(page, self.clinic.ada)))
        assert not any("code_challenge" in address or "state=" in address for address in walk.seen[:-1]), "the browser carries a reference alone"
        return answer["code"]

    def exchange(self, code: str) -> TestResponse:
        return self.ask("/oauth/token", grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=VERIFIER)

    def get(self, access_token: str, path: str) -> TestResponse:
        proof = self.prover.for_resource(access_token, f"http://127.0.0.1:8000{path}")
        return self.clinic.world.http.get(path, headers={"Authorization": f"DPoP {access_token}", "DPoP": proof})


@pytest.fixture
def device(clinic: Clinic) -> Device:
    return Device(clinic)


def test_a_strict_app_pushes_proves_and_is_let_in(device: Device) -> None:
    tokens = given(device.exchange(device.code()))
    assert tokens["token_type"] == "DPoP"
    assert device.get(tokens["access_token"], f"/fhir/Patient/{tokens['patient']}").status_code == 200
    again = given(device.ask("/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"]))
    assert again["token_type"] == "DPoP"
    assert device.get(again["access_token"], f"/fhir/Patient/{tokens['patient']}").status_code == 200


def test_the_code_of_a_bound_request_is_worth_nothing_with_another_key(device: Device) -> None:
    code, own = device.code(), device.prover
    device.prover = Prover(device.clinic.world.clock)
    assert error_of(device.exchange(code)) == (400, "invalid_grant")
    device.prover = own
    assert given(device.exchange(code))["token_type"] == "DPoP"


def test_the_refresh_token_of_a_public_app_is_worth_nothing_with_another_key(device: Device) -> None:
    refresh, own = given(device.exchange(device.code()))["refresh_token"], device.prover
    device.prover = Prover(device.clinic.world.clock)
    assert error_of(device.ask("/oauth/token", grant_type="refresh_token", refresh_token=refresh)) == (400, "invalid_grant")
    device.prover = own
    assert given(device.ask("/oauth/token", grant_type="refresh_token", refresh_token=refresh))["token_type"] == "DPoP"


def test_a_reference_is_opened_once(device: Device) -> None:
    query = {"client_id": device.app.client_id, "request_uri": device.push().get_json()["request_uri"]}
    http = device.clinic.browser(device.clinic.mara).browser.http
    assert http.get("/oauth/authorize", query_string=query).status_code == 303
    assert http.get("/oauth/authorize", query_string=query).status_code == 400


def test_what_the_browser_adds_to_a_reference_counts_for_nothing(device: Device) -> None:
    walk = device.clinic.browser(device.clinic.mara)
    query = {"client_id": device.app.client_id, "request_uri": device.push().get_json()["request_uri"], "redirect_uri": "https://evil.example.org", "scope": "user/*.cruds"}
    page = walk.follow(walk.browser.http.get("/oauth/authorize", query_string=query))
    assert told(walk.allow(walk.pick(page, device.clinic.ada)))["code"]


@pytest.mark.parametrize("changes", [{"resource": None}, {"resource": ""}])
def test_a_strict_app_must_name_its_server(device: Device, changes: dict[str, Any]) -> None:
    assert error_of(device.push(**changes)) == (400, "invalid_target")


@pytest.mark.parametrize("resource", ["http://127.0.0.1:8000/fhir", "http://127.0.0.1:8000/fhir/", "http://127.0.0.1:8000"])
def test_our_server_has_these_names(device: Device, resource: str) -> None:
    assert device.push(resource=resource).status_code == 201


def test_a_strict_app_must_push(device: Device) -> None:
    answer = device.clinic.browser(device.clinic.mara).ask(client_id=device.app.client_id, resource="http://127.0.0.1:8000/fhir", code_challenge=CHALLENGE)
    assert told(answer)["error"] == "invalid_request"


def test_a_strict_app_must_prove_its_key(device: Device) -> None:
    code = device.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    assert error_of(ask(device.app, None, **form)) == (400, "invalid_dpop_proof")
    assert given(device.exchange(code))["token_type"] == "DPoP", "the code is as good as before"


def _strict_system(world: World) -> App:
    client_id = world.client("system/*.rs").client_id
    with world.store.write() as connection:
        connection.execute(update(oauth_client).where(oauth_client.c.client_id == client_id).values(strict=1))
    return App(world, client_id, "private_key_jwt", None)


def test_a_strict_system_must_prove_its_key_and_name_its_server(world: World, prover: Prover) -> None:
    strict = _strict_system(world)
    form = {"grant_type": "client_credentials", "scope": "system/*.rs"}
    assert error_of(ask(strict, None, **form)) == (400, "invalid_dpop_proof")
    fresh = ask(strict, prover.proof(), **form).headers["DPoP-Nonce"]
    refused = ask(strict, prover.proof(nonce=fresh), **form)
    assert error_of(refused) == (400, "invalid_target")
    good = ask(strict, prover.proof(nonce=refused.headers["DPoP-Nonce"]), **form, resource=world.settings.fhir_base)
    assert given(good)["token_type"] == "DPoP"


def test_an_assertion_is_used_up_where_the_proof_is_missing(world: World) -> None:
    strict = _strict_system(world)
    form = {"grant_type": "client_credentials", "scope": "system/*.rs", "client_assertion": strict.assertion()}
    assert error_of(ask(strict, None, **form)) == (400, "invalid_dpop_proof")
    assert error_of(ask(strict, None, **form)) == (401, "invalid_client")


def test_an_app_that_authenticates_may_change_its_key(world: World, prover: Prover) -> None:
    """RFC 9449 section 5: its refresh token is bound to the app itself."""
    mine = app(world, "client_secret_basic", "patient/*.rs offline_access")
    code = allow(world, mine, "patient/*.rs offline_access", patient="p1")
    form = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": REDIRECT_OF_APPS, "code_verifier": code.verifier}
    fresh = ask(mine, prover.proof(), **form).headers["DPoP-Nonce"]
    first = ask(mine, prover.proof(nonce=fresh), **form)
    other = Prover(world.clock)
    second = ask(mine, other.proof(nonce=first.headers["DPoP-Nonce"]), grant_type="refresh_token", refresh_token=given(first)["refresh_token"])
    assert given(second)["token_type"] == "DPoP"


def test_introspection_tells_the_key_and_the_server(world: World, prover: Prover) -> None:
    mine = app(world, "client_secret_basic", "patient/*.rs")
    code = allow(world, mine, "patient/*.rs", patient="p1")
    form = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": REDIRECT_OF_APPS, "code_verifier": code.verifier}
    fresh = ask(mine, prover.proof(), **form).headers["DPoP-Nonce"]
    told_of = given(ask(mine, None, "/oauth/introspect", token=given(ask(mine, prover.proof(nonce=fresh), **form))["access_token"]))
    assert (told_of["active"], told_of["token_type"], told_of["cnf"], told_of["aud"]) == (True, "DPoP", {"jkt": prover.jkt}, world.settings.fhir_base)


REDIRECT_OF_APPS = "https://app.example.org/callback"
