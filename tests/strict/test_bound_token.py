"""A token bound to a key, at the FHIR API (RFC 9449 section 7): worth nothing without a proof for this very request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from tests.strict.prover import Prover, ask, nonce
from tests.token.given import app, error_of, given
from tests.world import World

URL = "http://127.0.0.1:8000/fhir/Patient"


@pytest.fixture
def token(world: World, prover: Prover) -> str:
    return _token(world, prover)


def _token(world: World, prover: Prover | None) -> str:
    """A backend client's token: bound where there is a prover."""
    caller = world.client("system/*.cruds")
    if prover is None:
        return caller.token
    asked = app(world, "private_key_jwt")
    asked.client_id = caller.client_id
    form = {"grant_type": "client_credentials", "scope": "system/*.cruds"}
    return str(given(ask(asked, prover.proof(nonce=nonce(asked, prover)), **form))["access_token"])


def _get(world: World, token: str, proof: str | list[str] | None, scheme: str = "DPoP", path: str = "/fhir/Patient", method: str = "GET") -> TestResponse:
    proofs = [("DPoP", one) for one in ([proof] if isinstance(proof, str) else proof or [])]
    return world.http.open(path, method=method, headers=[("Authorization", f"{scheme} {token}"), *proofs])


def _refusal(response: TestResponse) -> str:
    """The error that the challenge names."""
    challenge = response.headers["WWW-Authenticate"]
    assert response.status_code == 401
    assert response.get_json()["resourceType"] == "OperationOutcome"
    assert challenge.startswith('DPoP error="'), challenge
    assert challenge.endswith('algs="ES256 ES384 RS384"'), challenge
    return challenge.split('"')[1]


def test_a_bound_token_opens_with_its_proof(world: World, prover: Prover, token: str) -> None:
    assert _get(world, token, prover.for_resource(token, URL)).status_code == 200


def test_the_scheme_is_read_in_any_case_as_all_schemes_are(world: World, prover: Prover, token: str) -> None:
    assert _get(world, token, prover.for_resource(token, URL), scheme="dpop").status_code == 200


@pytest.mark.parametrize(
    ("path", "htu"),
    [
        ("/fhir/Patient?name=q", URL),
        ("/fhir/Patient?name=q", f"{URL}?name=other#part"),
        ("/fhir/Patient", "HTTP://127.0.0.1:8000/fhir/%50atient"),
        ("/fhir/Patient", "http://127.0.0.1:8000/fhir/Task/../Patient"),
    ],
)
def test_query_and_spelling_of_the_address_do_not_matter(world: World, prover: Prover, token: str, path: str, htu: str) -> None:
    assert _get(world, token, prover.for_resource(token, htu), path=path).status_code == 200


class Theft(NamedTuple):
    """What somebody sends who has the token, and perhaps a proof, but not the key."""

    name: str
    proof: Callable[[Prover, str], str | list[str] | None]
    error: str = "invalid_dpop_proof"


def _of_another_key(prover: Prover, token: str) -> str:
    return Prover(prover.clock).for_resource(token, URL)


def _by_another_key(prover: Prover, token: str) -> str:
    return prover.proof(key=ECKey.generate_key("P-256"), htm="GET", htu=URL)


def _made(**claims: Any) -> Callable[[Prover, str], str]:
    return lambda prover, token: prover.for_resource(token, **({"url": URL} | claims))


THEFTS = (
    Theft("no proof", lambda prover, token: None),
    Theft("two proofs", lambda prover, token: [prover.for_resource(token, URL), prover.for_resource(token, URL)]),
    Theft("the thief's own key", _of_another_key, "invalid_token"),
    Theft("the holder's key named, another's signature", _by_another_key),
    Theft("a proof for another address", _made(url="http://127.0.0.1:8000/fhir/Task")),
    Theft("a proof for another gateway", _made(url="https://evil.example.org/fhir/Patient")),
    Theft("a proof for an encoded slash", _made(url="http://127.0.0.1:8000/fhir%2FPatient")),
    Theft("a proof for another method", _made(method="DELETE")),
    Theft("a proof for another token", _made(ath="x" * 43)),
    Theft("a proof for no token", _made(ath=None)),
    Theft("a proof with ath a list", _made(ath=["x"])),
    Theft("a proof made long before", lambda prover, token: prover.for_resource(token, URL, iat=int(prover.clock().timestamp()) - 61)),
    Theft("a proof made for later", lambda prover, token: prover.for_resource(token, URL, iat=int(prover.clock().timestamp()) + 3600)),
    Theft("the token as its own proof", lambda prover, token: token),
)


@pytest.mark.parametrize("theft", THEFTS, ids=lambda theft: theft.name)
def test_a_stolen_token_opens_nothing(world: World, prover: Prover, token: str, theft: Theft) -> None:
    assert _refusal(_get(world, token, theft.proof(prover, token))) == theft.error


def test_a_proof_that_was_seen_on_its_way_is_used_up(world: World, prover: Prover, token: str) -> None:
    proof = prover.for_resource(token, URL)
    assert _get(world, token, proof).status_code == 200
    assert _refusal(_get(world, token, proof)) == "invalid_dpop_proof"


def test_a_proof_of_another_key_is_not_used_up_by_it(world: World, prover: Prover, token: str) -> None:
    other = Prover(world.clock)
    theirs = _token(world, other)
    proof = other.for_resource(theirs, URL)
    assert _refusal(_get(world, token, proof)) == "invalid_dpop_proof"
    assert _get(world, theirs, proof).status_code == 200


def test_a_bound_token_is_not_taken_as_bearer(world: World, prover: Prover, token: str) -> None:
    assert _refusal(_get(world, token, None, scheme="Bearer")) == "invalid_token"
    assert _refusal(_get(world, token, prover.for_resource(token, URL), scheme="Bearer")) == "invalid_token"


def test_a_bearer_token_is_not_taken_as_bound(world: World, prover: Prover) -> None:
    bearer = _token(world, None)
    assert _refusal(_get(world, bearer, prover.for_resource(bearer, URL))) == "invalid_token"
    assert _get(world, bearer, None, scheme="Bearer").status_code == 200


def test_a_bound_token_does_not_serve_as_bearer_at_introspection(world: World, prover: Prover) -> None:
    caller = world.client("__token.introspect", practice=True)
    asked = app(world, "private_key_jwt")
    asked.client_id = caller.client_id
    bound = given(ask(asked, prover.proof(nonce=nonce(asked, prover)), grant_type="client_credentials", scope="__token.introspect"))["access_token"]
    refused = world.http.post("/oauth/introspect", data={"token": bound}, headers={"Authorization": f"Bearer {bound}"})
    assert error_of(refused) == (401, "invalid_client")


def test_a_token_for_another_server_opens_nothing_here(world: World, prover: Prover) -> None:
    bearer = _token(world, None)
    with world.store.write() as connection:
        connection.exec_driver_sql("UPDATE access_token SET audience = 'https://elsewhere.example.org/fhir'")
    assert _get(world, bearer, None, scheme="Bearer").status_code == 401
