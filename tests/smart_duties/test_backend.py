"""SMART 2.2.0 backend-services: a client system asks for a token by itself, and opens with it what it asked for."""

from __future__ import annotations

import pytest

from tests.smart_duties.backend import Backend, backend
from tests.world import World

REGISTERED = "system/Patient.rs system/Observation.rs"
OAUTH_ERRORS = {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}


@pytest.fixture
def ehr(world: World) -> Backend:
    return backend(world, REGISTERED)


def test_the_answer_to_a_backend_client_is_whole(ehr: Backend) -> None:
    answer = ehr.ask("system/Patient.rs")
    body = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert body["access_token"]
    assert {name: body[name] for name in body if name != "access_token"} == {"token_type": "Bearer", "expires_in": 300, "scope": "system/Patient.rs"}
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")


def test_a_backend_client_gets_no_refresh_token(ehr: Backend) -> None:
    assert "refresh_token" not in ehr.ask("system/Patient.rs").get_json()
    for lasting in ("offline_access", "online_access"):
        assert ehr.ask(f"system/Patient.rs {lasting}").get_json()["error"] == "invalid_scope"


@pytest.mark.parametrize("scope", ["system/Condition.rs", "system/*.rs", "system/Patient.cruds", "system/Patient.rs system/Condition.rs", "patient/Patient.rs", "user/Patient.rs"])
def test_a_client_gets_nothing_beyond_its_registration(ehr: Backend, scope: str) -> None:
    answer = ehr.ask(scope)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")
    assert "access_token" not in answer.get_json()


def test_the_scope_of_the_request_narrows_the_token(ehr: Backend) -> None:
    narrow, whole = ehr.token("system/Patient.rs"), ehr.token(REGISTERED)
    assert (ehr.get("Observation?code=x", narrow).status_code, ehr.get("Patient?name=x", narrow).status_code) == (403, 200)
    assert (ehr.get("Observation?code=x", whole).status_code, ehr.get("Patient?name=x", whole).status_code) == (200, 200)


def test_a_backend_token_ends_after_five_minutes(world: World, ehr: Backend) -> None:
    answer = ehr.ask("system/Patient.rs").get_json()
    assert answer["expires_in"] == 300
    world.clock.forward(seconds=299)
    assert ehr.get("Patient?name=x", answer["access_token"]).status_code == 200
    world.clock.forward(seconds=1)
    late = ehr.get("Patient?name=x", answer["access_token"])
    assert late.status_code == 401
    assert 'error="invalid_token"' in late.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "system/Condition.rs"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"client_assertion": "a.b.c"}, "invalid_client"),
    ],
)
def test_an_error_is_one_of_oauths_and_says_what_is_wrong(ehr: Backend, form: dict[str, str], error: str) -> None:
    answer = ehr.ask(form.pop("scope", "system/Patient.rs"), **form)
    assert answer.status_code in (400, 401)
    assert answer.mimetype == "application/json"
    assert answer.get_json()["error"] == error
    assert error in OAUTH_ERRORS
    assert len(answer.get_json()["error_description"]) > 10


def test_a_backend_client_proves_itself_by_its_keys_alone(world: World, ehr: Backend) -> None:
    form = {"grant_type": "client_credentials", "scope": "system/Patient.rs"}
    posted = world.http.post("/oauth/token", data={**form, "client_id": ehr.client_id, "client_secret": "secret"})
    basic = world.http.post("/oauth/token", data=form, auth=(ehr.client_id, "secret"))
    bare = world.http.post("/oauth/token", data={**form, "client_id": ehr.client_id})
    assert [(answer.status_code, answer.get_json()["error"]) for answer in (posted, basic, bare)] == [(401, "invalid_client")] * 3
