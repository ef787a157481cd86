"""Pushed authorization requests (RFC 9126): who may push what, and that a reference is good once, for its client, for a minute."""

from __future__ import annotations

import base64
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc import jwt

from gateway.smart.pushed_request import BadReference, take
from tests.strict.prover import Prover, ask
from tests.token.given import METHODS, REDIRECT, App, app, error_of
from tests.world import World, key

PAR = "http://127.0.0.1:8000/oauth/par"


def _request(world: World, **changes: str | None) -> dict[str, str | None]:
    return {
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "launch/patient patient/*.rs",
        "state": "s",
        "aud": world.settings.fhir_base,
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    } | changes


def _app(world: World, method: Any = "none", **more: Any) -> App:
    return app(world, method, "launch/patient patient/*.rs", **more)


def _pushed(world: World, mine: App, proof: str | None = None, **changes: str | None) -> str:
    response = ask(mine, proof, "/oauth/par", **({"client_id": mine.client_id} | _request(world, **changes)))
    assert response.status_code == 201, response.get_data(as_text=True)
    assert response.headers["Cache-Control"] == "no-store"
    told = response.get_json()
    assert told["expires_in"] == 60
    return str(told["request_uri"])


@pytest.mark.parametrize("method", METHODS)
def test_an_app_of_any_kind_pushes_its_request(world: World, method: Any) -> None:
    mine = _app(world, method)
    reference = _pushed(world, mine)
    assert len(reference) == len("urn:ietf:params:oauth:request_uri:") + 43
    held = take(world.store, world.clock, mine.client_id, reference)
    assert held["client_id"] == mine.client_id
    assert held["state"] == "s"
    assert not held.keys() & {"client_assertion", "client_assertion_type", "client_secret"}


def test_a_reference_is_good_for_a_minute(world: World) -> None:
    mine = _app(world)
    first, second = _pushed(world, mine), _pushed(world, mine)
    world.clock.forward(seconds=59)
    assert take(world.store, world.clock, mine.client_id, first)
    world.clock.forward(seconds=1)
    with pytest.raises(BadReference):
        take(world.store, world.clock, mine.client_id, second)


def test_a_reference_is_good_once(world: World) -> None:
    mine = _app(world)
    reference = _pushed(world, mine)
    take(world.store, world.clock, mine.client_id, reference)
    with pytest.raises(BadReference):
        take(world.store, world.clock, mine.client_id, reference)


def test_of_sixteen_who_take_a_reference_at_once_one_gets_it(world: World) -> None:
    mine = _app(world)
    reference = _pushed(world, mine)

    def taken(_: int) -> bool:
        try:
            return bool(take(world.store, world.clock, mine.client_id, reference))
        except BadReference:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(taken, range(16))) == 1


def test_another_apps_reference_is_worth_nothing_and_stays_good_for_its_own(world: World) -> None:
    mine, other = _app(world), _app(world)
    reference = _pushed(world, mine)
    with pytest.raises(BadReference):
        take(world.store, world.clock, other.client_id, reference)
    assert take(world.store, world.clock, mine.client_id, reference)


@pytest.mark.parametrize("reference", ["", "urn:ietf:params:oauth:request_uri:", f"urn:ietf:params:oauth:request_uri:{'a' * 43}", "https://evil.example.org/request", "x" * 9000])
def test_a_reference_that_we_never_gave_is_worth_nothing(world: World, reference: str) -> None:
    with pytest.raises(BadReference):
        take(world.store, world.clock, _app(world).client_id, reference)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request_uri": f"urn:ietf:params:oauth:request_uri:{'a' * 43}"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"redirect_uri": "https://evil.example.org/callback"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"aud": "https://evil.example.org/fhir"}, "invalid_request"),
        ({"scope": "user/*.cruds"}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"resource": "https://evil.example.org/fhir"}, "invalid_target"),
        ({"dpop_jkt": "short"}, "invalid_request"),
    ],
)
def test_a_request_that_would_be_refused_later_is_refused_at_once_and_not_by_a_redirect(world: World, changes: dict[str, str | None], error: str) -> None:
    response = ask(_app(world), None, "/oauth/par", **_request(world, **changes))
    assert error_of(response) == (400, error)
    assert "Location" not in response.headers
    assert "state" not in response.get_json()


def test_nobody_pushes_in_anothers_name(world: World) -> None:
    mine, other = _app(world, "client_secret_basic"), _app(world)
    assert error_of(ask(mine, None, "/oauth/par", **_request(world, client_id=other.client_id))) == (401, "invalid_client")
    unproven = world.http.post("/oauth/par", data={"client_id": mine.client_id, **_request(world)})
    assert error_of(unproven) == (401, "invalid_client")
    wrong = base64.b64encode(f"{mine.client_id}:wrong".encode()).decode()
    assert error_of(world.http.post("/oauth/par", data=_request(world), headers={"Authorization": f"Basic {wrong}"})) == (401, "invalid_client")


def test_a_backend_system_has_nothing_to_push(world: World) -> None:
    asked = app(world, "private_key_jwt")
    asked.client_id = world.client("system/*.rs").client_id
    assert error_of(ask(asked, None, "/oauth/par", **_request(world)))[1] == "unauthorized_client"


@pytest.mark.parametrize(("audience", "status"), [(PAR, 201), ("http://127.0.0.1:8000", 201), ("http://127.0.0.1:8000/oauth/token", 201), ("http://127.0.0.1:8000/fhir", 401)])
def test_an_assertion_may_address_us_by_any_name_that_the_rfc_names(world: World, audience: str, status: int) -> None:
    assert _by_assertion(world, _app(world, "private_key_jwt"), audience)[0] == status


def test_an_assertion_for_the_pushing_address_buys_no_token(world: World) -> None:
    mine = _app(world, "private_key_jwt")
    form = {"grant_type": "refresh_token", "refresh_token": "none", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    assert error_of(world.http.post("/oauth/token", data=form | {"client_assertion": _assertion(world, mine, PAR)})) == (401, "invalid_client")


def test_an_assertion_pushes_one_request(world: World) -> None:
    mine = _app(world, "private_key_jwt")
    assertion = _assertion(world, mine, PAR)
    assert [_by_assertion(world, mine, PAR, assertion)[0] for _ in range(2)] == [201, 401]


def _by_assertion(world: World, mine: App, audience: str, assertion: str | None = None) -> tuple[int, Any]:
    proof = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion": assertion or _assertion(world, mine, audience)}
    response = world.http.post("/oauth/par", data=_request(world) | proof)
    return response.status_code, response.get_json()


def _assertion(world: World, mine: App, audience: str) -> str:
    claims = {"iss": mine.client_id, "sub": mine.client_id, "aud": audience, "exp": int(world.clock().timestamp()) + 240, "jti": uuid.uuid4().hex}
    return jwt.encode({"alg": "ES384", "kid": "test", "typ": "JWT"}, claims, key(), algorithms=["ES384"])


def test_a_proof_binds_the_code_to_its_key(world: World, prover: Prover) -> None:
    mine = _app(world)
    first = ask(mine, prover.proof(htu=PAR), "/oauth/par", **_request(world))
    assert error_of(first) == (400, "use_dpop_nonce")
    reference = _pushed(world, mine, prover.proof(htu=PAR, nonce=first.headers["DPoP-Nonce"]))
    assert take(world.store, world.clock, mine.client_id, reference)["dpop_jkt"] == prover.jkt


def test_a_proof_of_another_key_than_the_one_named_is_refused(world: World, prover: Prover) -> None:
    mine = _app(world)
    fresh = ask(mine, prover.proof(htu=PAR), "/oauth/par", **_request(world)).headers["DPoP-Nonce"]
    refused = ask(mine, prover.proof(htu=PAR, nonce=fresh), "/oauth/par", **_request(world, dpop_jkt="x" * 43))
    assert error_of(refused) == (400, "invalid_dpop_proof")


def test_a_proof_for_the_token_endpoint_is_none_for_pushing(world: World, prover: Prover) -> None:
    assert error_of(ask(_app(world), prover.proof(), "/oauth/par", **_request(world))) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_requests_are_pushed_by_post_alone(world: World, method: str) -> None:
    assert world.http.open("/oauth/par", method=method).status_code == 405


def test_a_parameter_sent_twice_or_in_the_address_is_refused(world: World) -> None:
    mine = _app(world)
    body = "&".join(f"{name}={value}" for name, value in _request(world).items())
    form = "application/x-www-form-urlencoded"
    assert world.http.post("/oauth/par", data=f"{body}&client_id={mine.client_id}&scope=x", content_type=form).status_code == 400
    assert world.http.post(f"/oauth/par?client_id={mine.client_id}", data=body, content_type=form).status_code == 400
