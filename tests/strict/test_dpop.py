"""Proofs of possession at the token endpoint (RFC 9449 sections 4.3, 5 and 8), and every way in which one is not good (section 11)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import select

from gateway.smart.dpop import ALGORITHMS
from gateway.store.schema_access import access_token, refresh_token
from tests.strict.prover import Prover, ask, b64, nonce
from tests.token.given import allow, app, error_of, given
from tests.world import World, key


def _exchange(world: World, prover: Prover, proof: str | list[str] | None, **more: Any) -> Any:
    """A public app's code, with this proof."""
    mine = app(world, **more)
    code = allow(world, mine, "patient/*.rs offline_access", patient="p1")
    return ask(mine, proof, grant_type="authorization_code", code=code.value, redirect_uri="https://app.example.org/callback", code_verifier=code.verifier)


@pytest.fixture
def fresh(world: World, prover: Prover) -> str:
    return nonce(app(world), prover)


def test_a_token_for_a_proven_key_is_bound_to_it(world: World, prover: Prover, fresh: str) -> None:
    response = _exchange(world, prover, prover.proof(nonce=fresh))
    assert given(response)["token_type"] == "DPoP"
    assert _bound_to(world, prover) == 2


def test_without_a_proof_the_token_is_a_bearer_token(world: World, prover: Prover) -> None:
    response = _exchange(world, prover, None)
    assert given(response)["token_type"] == "Bearer"
    assert "DPoP-Nonce" not in response.headers


@pytest.mark.parametrize("kind", ["ES256", "ES384", "RS384"])
def test_each_algorithm_proves(world: World, kind: str) -> None:
    own = RSAKey.generate_key(2048) if kind == "RS384" else ECKey.generate_key(f"P-{kind[2:]}")
    prover = Prover(world.clock, own, kind)
    assert given(_exchange(world, prover, prover.proof(nonce=nonce(app(world), prover))))["token_type"] == "DPoP"
    assert kind in ALGORITHMS


def test_each_answer_names_the_next_nonce(world: World, prover: Prover, fresh: str) -> None:
    response = _exchange(world, prover, prover.proof(nonce=fresh))
    second = response.headers["DPoP-Nonce"]
    assert second != fresh
    assert given(_exchange(world, prover, prover.proof(nonce=second)))["token_type"] == "DPoP"


def _bound_to(world: World, prover: Prover) -> int:
    """How many tokens are bound to this key."""
    with world.store.read() as connection:
        return sum(len(connection.execute(select(table).where(table.c.jkt == prover.jkt)).all()) for table in (access_token, refresh_token))


class Attack(NamedTuple):
    """How a proof is made wrong; takes the prover and a nonce that is good."""

    name: str
    proof: Callable[[Prover, str], str | list[str]]


def _header(**changes: Any) -> Callable[[Prover, str], str]:
    return lambda prover, fresh: prover.proof(prover.header(**changes), nonce=fresh)


def _claims(**changes: Any) -> Callable[[Prover, str], str]:
    return lambda prover, fresh: prover.proof(**({"nonce": fresh} | changes))


def _iat(seconds: float) -> Callable[[Prover, str], str]:
    return lambda prover, fresh: prover.proof(nonce=fresh, iat=int(prover.clock().timestamp()) + seconds)


def _jwk(**changes: Any) -> Callable[[Prover, str], str]:
    return lambda prover, fresh: prover.proof(prover.header(jwk=prover.key.as_dict(private=False) | changes), nonce=fresh)


def _other_key(prover: Prover, fresh: str) -> str:
    return prover.proof(nonce=fresh, key=ECKey.generate_key("P-256"))


def _unsigned(prover: Prover, fresh: str) -> str:
    parts = [prover.header(alg="none"), prover.claims(nonce=fresh)]
    return ".".join([*(b64(json.dumps(part).encode()) for part in parts), ""])


def _hmac_with_the_public_key(prover: Prover, fresh: str) -> str:
    public = prover.key.as_dict(private=False)
    return prover.proof(prover.header(alg="HS256"), key=OctKey.import_key(json.dumps(public)), nonce=fresh)


def _symmetric(prover: Prover, fresh: str) -> str:
    own = OctKey.generate_key(256)
    return prover.proof(prover.header(alg="HS256", jwk=own.as_dict()), key=own, nonce=fresh)


def _weak_rsa(prover: Prover, fresh: str) -> str:
    with pytest.warns(SecurityWarning):
        own = RSAKey.generate_key(1024)
    return Prover(prover.clock, own, "RS384").proof(nonce=fresh)


def _by_alg(alg: str) -> Callable[[Prover, str], str]:
    return lambda prover, fresh: Prover(prover.clock, RSAKey.generate_key(2048), alg).proof(nonce=fresh)


def _leading_zero(prover: Prover, fresh: str) -> str:
    """The same RSA key with another spelling, which would have another thumbprint."""
    own = RSAKey.generate_key(2048)
    public = own.as_dict(private=False)
    longer = b64(b"\0" + base64.urlsafe_b64decode(str(public["n"]) + "=="))
    maker = Prover(prover.clock, own, "RS384")
    return maker.proof(maker.header(jwk=public | {"n": longer}), nonce=fresh)


def _changed_after(prover: Prover, fresh: str) -> str:
    head, _, sign = prover.proof(nonce=fresh).split(".")
    return f"{head}.{b64(json.dumps(prover.claims(nonce=fresh)).encode())}.{sign}"


def _said_to_be(alg: Any) -> Callable[[Prover, str], str]:
    def proof(prover: Prover, fresh: str) -> str:
        _, rest = prover.proof(nonce=fresh).split(".", 1)
        return f"{b64(json.dumps(prover.header(alg=alg)).encode())}.{rest}"

    return proof


ATTACKS = (
    Attack("two headers", lambda prover, fresh: [prover.proof(nonce=fresh), prover.proof(nonce=fresh)]),
    Attack("two proofs in one header", lambda prover, fresh: f"{prover.proof(nonce=fresh)}, {prover.proof(nonce=fresh)}"),
    Attack("empty", lambda prover, fresh: ""),
    Attack("no JWT", lambda prover, fresh: "proof"),
    Attack("three dots of nothing", lambda prover, fresh: "e30.e30.e30"),
    Attack("a JWS in JSON", lambda prover, fresh: json.dumps({"payload": "e30", "signatures": []})),
    Attack("larger than 8 kB", _claims(note="x" * 8192)),
    Attack("a header too large", _header(note="x" * 4096)),
    Attack("typ missing", _header(typ=None)),
    Attack("typ of any JWT", _header(typ="JWT")),
    Attack("typ of an access token", _header(typ="at+jwt")),
    Attack("alg none", _unsigned),
    Attack("HMAC with the public key as secret", _hmac_with_the_public_key),
    Attack("a symmetric key of its own", _symmetric),
    Attack("RS256", _by_alg("RS256")),
    Attack("PS256", _by_alg("PS256")),
    Attack(
        "alg of another curve",
        lambda prover, fresh: Prover(prover.clock, ECKey.generate_key("P-384"), "ES384").proof(prover.header(), key=prover.key, nonce=fresh).replace(".", "..", 1),
    ),
    Attack("signed with another key", _other_key),
    Attack("claims changed after signing", _changed_after),
    Attack("jwk missing", _header(jwk=None)),
    Attack("jwk no object", _header(jwk="key")),
    Attack("jwk with its private part", lambda prover, fresh: prover.proof(prover.header(jwk=prover.key.as_dict(private=True)), nonce=fresh)),
    Attack("jwk off its curve", _jwk(x="AA" * 21 + "A")),
    Attack("jwk of another curve", _jwk(crv="P-384")),
    Attack("jwk with a curve that is a list", _jwk(crv=["P-256"])),
    Attack("jwk with a kind that is an object", _jwk(kty={"a": 1})),
    Attack("weak RSA", _weak_rsa),
    Attack("the same key in another spelling", _leading_zero),
    Attack("jku", _header(jku="https://evil.example.org/keys")),
    Attack("x5u", _header(x5u="https://evil.example.org/cert")),
    Attack("x5c", _header(x5c=["MIIB"])),
    Attack("crit", _header(crit=["exp"], exp=1)),
    Attack("b64", _header(b64=False)),
    Attack("jti missing", _claims(jti=None)),
    Attack("jti empty", _claims(jti="")),
    Attack("jti a number", _claims(jti=7)),
    Attack("jti too long", _claims(jti="j" * 256)),
    Attack("jti with a line break", _claims(jti="a\nb")),
    Attack("htm missing", _claims(htm=None)),
    Attack("htm of another method", _claims(htm="GET")),
    Attack("htm in small letters", _claims(htm="post")),
    Attack("htu missing", _claims(htu=None)),
    Attack("htu of another path", _claims(htu="http://127.0.0.1:8000/oauth/revoke")),
    Attack("htu of another host", _claims(htu="http://evil.example.org:8000/oauth/token")),
    Attack("htu of another port", _claims(htu="http://127.0.0.1:8001/oauth/token")),
    Attack("htu of another scheme", _claims(htu="https://127.0.0.1:8000/oauth/token")),
    Attack("htu with a user name", _claims(htu="http://127.0.0.1:8000@evil.example.org/oauth/token")),
    Attack("htu a list", _claims(htu=["http://127.0.0.1:8000/oauth/token"])),
    Attack("htu relative", _claims(htu="/oauth/token")),
    Attack("iat missing", _claims(iat=None)),
    Attack("iat a text", _claims(iat="now")),
    Attack("iat true", _claims(iat=True)),
    Attack("iat 61 seconds ago", _iat(-61)),
    Attack("iat 6 seconds ahead", _iat(6)),
    Attack("iat beyond all numbers", _claims(iat=10**400)),
    Attack("exp past", _claims(exp=1)),
    Attack("nbf ahead", _claims(nbf=4_000_000_000)),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_proof_that_is_not_good_buys_nothing(world: World, prover: Prover, fresh: str, attack: Attack) -> None:
    response = _exchange(world, prover, attack.proof(prover, fresh))
    assert error_of(response) == (400, "invalid_dpop_proof"), response.get_data(as_text=True)
    assert response.headers["Cache-Control"] == "no-store"
    assert _bound_to(world, prover) == 0
    assert given(_exchange(world, prover, prover.proof(nonce=fresh)))["token_type"] == "DPoP", "the nonce is as good as before"


@pytest.mark.parametrize("seconds", [-60, -1, 0, 5])
def test_a_proof_is_good_for_a_minute(world: World, prover: Prover, fresh: str, seconds: int) -> None:
    assert given(_exchange(world, prover, _iat(seconds)(prover, fresh)))["token_type"] == "DPoP"


def test_a_kid_in_the_proof_names_nobody_elses_key(world: World, prover: Prover, fresh: str) -> None:
    """The key is the one in the header, whatever the `kid` says."""
    given(_exchange(world, prover, prover.proof(prover.header(kid=key().kid), nonce=fresh)))
    assert _bound_to(world, prover) == 2


def test_a_proof_is_good_for_one_request(world: World, prover: Prover, fresh: str) -> None:
    mine = app(world)
    given(_exchange(world, prover, prover.proof(nonce=fresh, jti="once")))
    again = ask(mine, prover.proof(nonce=nonce(mine, prover), jti="once"), grant_type="refresh_token", refresh_token="none")
    assert error_of(again) == (400, "invalid_dpop_proof")
    other = Prover(world.clock)
    assert given(_exchange(world, other, other.proof(nonce=nonce(mine, other), jti="once")))["token_type"] == "DPoP"


def test_a_proof_that_was_used_stays_used_as_long_as_it_would_be_taken(world: World, prover: Prover) -> None:
    mine, ahead = app(world), int(world.clock().timestamp()) + 5
    proof = {"jti": "once", "iat": ahead}
    given(_exchange(world, prover, prover.proof(nonce=nonce(mine, prover), **proof)))
    world.clock.forward(seconds=65)
    assert error_of(ask(mine, prover.proof(nonce=nonce(mine, prover), **proof), grant_type="refresh_token", refresh_token="none")) == (400, "invalid_dpop_proof")


def test_a_refused_proof_uses_up_no_code(world: World, prover: Prover, fresh: str) -> None:
    mine = app(world)
    code = allow(world, mine, "patient/*.rs", patient="p1")
    form = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": "https://app.example.org/callback", "code_verifier": code.verifier}
    assert error_of(ask(mine, prover.proof(), **form)) == (400, "use_dpop_nonce")
    assert given(ask(mine, prover.proof(nonce=fresh), **form))["token_type"] == "DPoP"
