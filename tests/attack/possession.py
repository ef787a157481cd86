"""Attacks on proofs of possession and on pushed requests, which the strict profile demands (RFC 9449, RFC 9126)."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import update

from gateway.http import guard, oauth_server
from gateway.smart import code_grant, dpop, refresh, token
from gateway.store.schema_access import access_token
from tests.attack.attack import FAILED, INVALID_GRANT, INVALID_TOKEN, Answer, Fault, answer_of, fault, refused, replaced, without_rule
from tests.attack.signer import b64, signed_bytes, unb64
from tests.attack.stage import BASE_URL, TOKEN_URL, Stage
from tests.strict.prover import Prover, ath
from tests.token.given import App, allow, app

Run = Callable[[Stage], Answer]
BAD_PROOF, BAD_PROOF_AT_FHIR = Answer(400, "invalid_dpop_proof"), Answer(401, "invalid_dpop_proof")
NONCE_WANTED = Answer(400, "use_dpop_nonce")
PATIENTS = f"{BASE_URL}/fhir/Patient"


def prover_of(stage: Stage) -> Prover:
    return Prover(stage.clock)


def _proven(stage: Stage, *proofs: str) -> Answer:
    """A system asks for a token that is bound to a key."""
    return stage.token(stage.ehr.form(), [("DPoP", proof) for proof in proofs])


def _claims(**changes: Any) -> Run:
    """A good proof for the token endpoint but for its claims."""
    return lambda stage: _proven(stage, prover_of(stage).proof(**({"htu": TOKEN_URL, "nonce": stage.nonces.new()} | changes)))


def _times(**seconds: float) -> Run:
    return lambda stage: _claims(**{name: int(stage.clock().timestamp() + each) for name, each in seconds.items()})(stage)


def _header(key: Any = None, algorithm: str = "ES256", **changes: Any) -> Run:
    """A good proof but for its header, and perhaps the key that signs it."""

    def run(stage: Stage) -> Answer:
        prover = prover_of(stage)
        claims = prover.claims(htu=TOKEN_URL, nonce=stage.nonces.new())
        return _proven(stage, signed_bytes(prover.header(**changes), claims, algorithm, key or prover.key))

    return run


def _shown(stage: Stage) -> Answer:
    prover = prover_of(stage)
    claims = prover.claims(htu=TOKEN_URL, nonce=stage.nonces.new())
    return _proven(stage, signed_bytes(prover.header(jwk=prover.key.as_dict(private=True)), claims, "ES256", prover.key))


def _twice(stage: Stage) -> Answer:
    prover, nonce = prover_of(stage), stage.nonces
    claims = prover.claims(htu=TOKEN_URL)
    for _ in range(2):  # the same jti with a nonce of its own each time
        answer = _proven(stage, signed_bytes(prover.header(), claims | {"nonce": nonce.new()}, "ES256", prover.key))
    return answer


def _nonce_twice(stage: Stage) -> Answer:
    nonce = stage.nonces.new()
    assert _claims(nonce=nonce)(stage).is_granted
    return _claims(nonce=nonce)(stage)


def _old_nonce(stage: Stage) -> Answer:
    nonce = stage.nonces.new()
    stage.clock.forward(seconds=61)
    return _claims(nonce=nonce)(stage)


def _two_headers(stage: Stage) -> Answer:
    good = [prover_of(stage).proof(htu=TOKEN_URL, nonce=stage.nonces.new()) for _ in range(2)]
    return _proven(stage, *good)


def _bound(stage: Stage, prover: Prover) -> str:
    """An access token that is bound to this key."""
    made = stage.mint(stage.system, "system/*.rs")
    with stage.store.write() as connection:
        connection.execute(update(access_token).where(access_token.c.digest == token.digest_of(made)).values(jkt=prover.jkt))
    return made


def _at_fhir(proof: Callable[[Prover, str], str | None], times: int = 1) -> Run:
    """A bound token with this proof."""

    def run(stage: Stage) -> Answer:
        prover = prover_of(stage)
        bound = _bound(stage, prover)
        shown = proof(prover, bound)
        headers = {"Authorization": f"DPoP {bound}"} | ({} if shown is None else {"DPoP": shown})
        return [stage.fhir("Patient", None, headers=headers) for _ in range(times)][-1]

    return run


def _unbound(stage: Stage) -> Answer:
    prover, free = prover_of(stage), stage.mint(stage.system, "system/*.rs")
    return stage.fhir("Patient", None, headers={"Authorization": f"DPoP {free}", "DPoP": prover.for_resource(free, PATIENTS)})


def _strict_app(stage: Stage) -> Answer:
    mine = app(stage.world, scope="user/*.rs", strict=True)
    return answer_of(mine.exchange(allow(stage.world, mine, "user/*.rs")))


def _app_proves(mine: App, stage: Stage, prover: Prover | None, form: dict[str, Any]) -> Answer:
    own, headers = mine.proof()
    proofs = [("DPoP", prover.proof(htu=TOKEN_URL, nonce=stage.nonces.new()))] if prover else []
    return stage.token(own | form, [*headers.items(), *proofs])


def _bound_refresh(thief: Callable[[Stage], Prover | None]) -> Run:
    """A public app's refresh token, bound to its key, used with another one or none."""

    def run(stage: Stage) -> Answer:
        mine, scope = app(stage.world, scope="user/*.rs offline_access"), "user/*.rs offline_access"
        code = allow(stage.world, mine, scope)
        form = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": "https://app.example.org/callback", "code_verifier": code.verifier}
        own, _ = mine.proof()
        given = stage.post("/oauth/token", own | form, [("DPoP", prover_of(stage).proof(htu=TOKEN_URL, nonce=stage.nonces.new()))]).get_json()
        return _app_proves(mine, stage, thief(stage), {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]})

    return run


def _bound_code(stage: Stage) -> Answer:
    mine = app(stage.world, scope="user/*.rs")
    code = allow(stage.world, mine, "user/*.rs", payload={"jkt": prover_of(stage).jkt})
    form = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": "https://app.example.org/callback", "code_verifier": code.verifier}
    return _app_proves(mine, stage, prover_of(stage), form)


# Faults


def _unverified(value: str, _key: Any, **_: Any) -> jwt.Token:
    head, body, _signature = value.split(".")
    return jwt.Token(json.loads(unb64(head)), json.loads(unb64(body)))


def _rule(table: str, *said: str) -> Fault:
    return fault(f"a proof is taken against the rule: {', '.join(said)}", without_rule(dpop, table, *said))


def _claim(*said: str) -> Fault:
    return _rule("CLAIM_RULES", *said)


def _spent(store: Any, clock: Any, jkt: str, claims: Any, nonces: Any) -> None:
    """Nothing is remembered; a nonce of ours is still wanted."""
    if nonces and nonces.ends_at(claims.get("nonce")) is None:
        raise dpop.NonceWanted(nonces.new())


def _secret_in_jwk(stage: Stage) -> Answer:
    secret = OctKey.import_key(b"s" * 32)
    return _header(secret, "HS256", alg="HS256", jwk={"kty": "oct", "k": b64(b"s" * 32)})(stage)


def _by_the_thief(owner: Prover, bound: str) -> str:
    return Prover(owner.clock).for_resource(bound, PATIENTS)


def _symmetric(header: Any) -> Any:
    return OctKey.import_key(header["jwk"]) if header["jwk"]["kty"] == "oct" else _KEY(header)


_KEY = dpop._key  # noqa: SLF001 (what the fault stands before)
_LAX = type("_Lax", (dpop._Registry,), {"max_header_length": 10**6})(algorithms=(*dpop.ALGORITHMS, "HS256"), strict_check_header=False)  # noqa: SLF001
SYMMETRIC = _rule("HEADER_RULES", "alg must be") & fault("symmetric keys prove something", replaced(dpop, "_key", _symmetric), replaced(dpop, "_REGISTRY", _LAX))
LONG_PROOFS = fault("a proof may be of any length", replaced(dpop, "LONGEST_PROOF", 10**6), replaced(dpop, "_REGISTRY", _LAX))
ANY_PROOF = fault("a proof is not looked at", replaced(dpop, "_proof_in", lambda _: "proof"), replaced(dpop, "check_proof", lambda *_, bound_to=None, **__: bound_to))
BOUND_TO_NOTHING = fault(
    "the key that codes and refresh tokens are bound to is not looked at",
    replaced(code_grant.single_use, "known", lambda *args: _KNOWN(*args) | {"jkt": None}),
    replaced(refresh, "refresh_of", lambda *args: _REFRESH_OF(*args)._replace(jkt=None)),
)
_KNOWN, _REFRESH_OF = code_grant.single_use.known, refresh.refresh_of
UNVERIFIED = fault("a proof's signature is not verified", replaced(dpop, "jwt", SimpleNamespace(decode=_unverified)))
NOT_SPENT = fault("proofs and nonces are not remembered", replaced(dpop, "_spend", _spent))
NO_NONCE = fault("no nonce is wanted", replaced(dpop, "_spend", lambda *_: None))
ANY_JWK = fault("the key in a proof is not looked at", replaced(dpop, "_key", lambda header: ECKey.import_key({name: header["jwk"][name] for name in ("kty", "crv", "x", "y")})))
ANY_KEY = fault("of whose key a proof is is not looked at", replaced(dpop, "check_proof", lambda *_, bound_to=None, **__: bound_to))
NOT_PROVEN = fault("a proof is not demanded", replaced(oauth_server, "check_sender", lambda *_: None))
_JTI, _HTM, _HTU = _claim("jti must be"), _claim("htm must be"), _claim("htu must be")
_IAT, _EARLY, _EXP, _ATH = _claim("iat is missing"), _claim("iat is in the future"), _claim("exp is past"), _claim("ath must be")
_4_3 = "RFC 9449 4.3"

ATTACKS = [
    *refused(
        BAD_PROOF,
        ("A proof says that it is something else", f"{_4_3} (4); RFC 8725 3.11", _header(typ="JWT"), _rule("HEADER_RULES", "typ must be")),
        ("A proof is signed on a curve of another algorithm", f"{_4_3} (5)", _header(ECKey.generate_key("P-384"), "ES384"), UNVERIFIED),
        ("A proof is signed with a secret in its header", f"{_4_3} (5); RFC 8725 2.1", _secret_in_jwk, SYMMETRIC),
        ("A proof brings no key", f"{_4_3} (6)", _header(jwk=None), _rule("HEADER_RULES", "jwk must be"), FAILED),
        ("A proof shows its private key", f"{_4_3} (7)", _shown, ANY_JWK),
        ("A proof fetches its key from elsewhere", "RFC 9449 11.8; RFC 8725 3.10", _header(jku="https://evil.example/k"), _rule("HEADER_RULES", "crit, b64")),
        ("A proof takes its key from a certificate elsewhere", "RFC 8725 3.10", _header(x5u="https://evil.example/k"), _rule("HEADER_RULES", "crit, b64")),
        ("A proof is signed by another key than the one it shows", f"{_4_3} (6)", _header(ECKey.generate_key("P-256")), UNVERIFIED),
        ("A proof has no jti", f"{_4_3} (3)", _claims(jti=None), _JTI, FAILED),
        ("A proof's jti is long enough to fill a store", "RFC 9449 11.1", _claims(jti="j" * 256), _JTI),
        ("A proof is used twice, each time with a nonce of its own", "RFC 9449 11.1", _twice, NOT_SPENT),
        ("A proof was made for another method", f"{_4_3} (8)", _claims(htm="GET"), _HTM),
        ("A proof was made for another server", f"{_4_3} (9)", _claims(htu="https://other.example.org/oauth/token"), _HTU),
        ("A proof was made for another address here", f"{_4_3} (9)", _claims(htu=f"{BASE_URL}/oauth/par"), _HTU),
        ("A proof was made for an address without TLS", f"{_4_3} (9)", _claims(htu=TOKEN_URL.replace("https", "http")), _HTU),
        ("A proof was made for a host whose user is ours", "RFC 3986 7.6", _claims(htu="https://gateway.example.org@evil.example/oauth/token"), _HTU),
        ("A proof was made for an address with an encoded slash", f"{_4_3} (9); RFC 3986 6.2.2", _claims(htu=f"{BASE_URL}/oauth%2Ftoken"), _HTU),
        ("A proof does not say when it was made", f"{_4_3} (11)", _claims(iat=None), _claim("iat is missing", "iat is in the future"), FAILED),
        ("A proof was made long ago", f"{_4_3} (11)", _times(iat=-3600), _IAT),
        ("A proof was made in advance, for whoever steals it", f"{_4_3} (11); RFC 9449 11.2", _times(iat=3600), _EARLY),
        ("A proof has run out by its own word", "RFC 7519 4.1.4", _times(exp=-60), _EXP),
        (
            "Two proofs are sent",
            f"{_4_3} (1)",
            _two_headers,
            fault("of several proofs the first counts", replaced(dpop, "_proof_in", lambda headers: headers.get("DPoP").partition(",")[0])),
        ),
        ("A proof of nine kilobytes", "CVE-2025-62706", _header(more="m" * 9000), LONG_PROOFS),
        ("A strict app exchanges its code without a proof", "RFC 9449 5; ASVS 5.0 10.4.14", _strict_app, NOT_PROVEN),
    ),
    *refused(
        NONCE_WANTED,
        ("A proof without a nonce, made beforehand", "RFC 9449 8, 11.2", _claims(nonce=None), NO_NONCE),
        ("A proof with a nonce of the attacker's", "RFC 9449 8", _claims(nonce="n" * 51), NO_NONCE),
        ("A proof with a nonce of the hour before", "RFC 9449 8", _old_nonce, NO_NONCE),
        ("A proof with a nonce that was used", "RFC 9449 8", _nonce_twice, NOT_SPENT),
    ),
    *refused(
        BAD_PROOF_AT_FHIR,
        ("A bound token comes as such, and without a proof", "RFC 9449 7.1", _at_fhir(lambda *_: None), ANY_PROOF),
        ("A bound token comes with a proof made for another one", "RFC 9449 7; ASVS 5.0 10.3.5", _at_fhir(lambda prover, _: prover.for_resource("another", PATIENTS)), _ATH),
        ("A bound token comes with a proof made for no token", f"{_4_3} (12)", _at_fhir(lambda prover, bound: prover.for_resource(bound, PATIENTS, ath=None)), _ATH),
        ("A bound token comes with a proof made for another method", f"{_4_3} (8)", _at_fhir(lambda prover, bound: prover.for_resource(bound, PATIENTS, "POST")), _HTM),
        ("A bound token comes with a proof made for another type", f"{_4_3} (9)", _at_fhir(lambda prover, bound: prover.for_resource(bound, f"{BASE_URL}/fhir/Task")), _HTU),
        ("A bound token comes with a proof that was used", "RFC 9449 11.1", _at_fhir(lambda prover, bound: prover.for_resource(bound, PATIENTS), 2), NOT_SPENT),
        (
            "A bound token comes with a proof made for the token endpoint",
            "RFC 9449 7",
            _at_fhir(lambda prover, bound: prover.proof(htu=TOKEN_URL, ath=ath(bound))),
            _claim("htm must be", "htu must be"),
        ),
    ),
    *refused(
        INVALID_TOKEN,
        ("A bound token comes with a proof of the thief's key", "RFC 9449 7.1; RFC 9700 4.10.1", _at_fhir(_by_the_thief), ANY_KEY),
        (
            "An unbound token comes as if it were bound",
            "RFC 9449 7.1",
            _unbound,
            fault("what a token is bound to is not looked at", replaced(guard, "check_bound", lambda *_: None)),
        ),
    ),
    *refused(
        INVALID_GRANT,
        ("A code that is bound to a key comes with another one", "RFC 9449 10", _bound_code, BOUND_TO_NOTHING),
        ("A public app's refresh token comes without its key", "RFC 9449 5; RFC 9700 4.14.2", _bound_refresh(lambda _: None), BOUND_TO_NOTHING),
        ("A public app's refresh token comes with another key", "RFC 9449 5; RFC 9700 4.14.2", _bound_refresh(prover_of), BOUND_TO_NOTHING),
    ),
]
