"""Attacks by the claims and the signature of a client assertion, and by using one twice (RFC 7523 section 3, SMART 2.2.0)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from flask import request
from joserfc.jwk import ECKey

from gateway.app import create_app
from gateway.clock import to_ms
from gateway.http.oauth_form import FormRequest
from gateway.smart import client_assertion, introspection, proven, revocation
from gateway.smart.client import client_of, revoke_client
from gateway.store import oauth
from tests.attack.attack import FAILED, INVALID_CLIENT, Answer, answer_of, fault, refused, replaced
from tests.attack.fault import (
    ANY_KID,
    ANY_LENGTH,
    CLAIMS_OF_ANY_KIND,
    REPEATED_MEMBERS,
    STOCK_384,
    STUMBLES,
    SUB_FROM_ISS,
    UNKNOWN_IS_A_CLIENT,
    UNVERIFIED,
    without_claim_rule,
)
from tests.attack.signer import b64, ec_key, unb64
from tests.attack.stage import BASE_URL, TOKEN_URL, Stage

Run = Callable[[Stage], Answer]
_P384 = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973
"""The order of the curve's base point."""


def _claims(**changes: Any) -> Run:
    return lambda stage: stage.token(stage.ehr.form(stage.ehr.assertion(claims=changes)))


def _times(**seconds: float) -> Run:
    """Claims that many seconds from now."""
    return lambda stage: _claims(**{name: stage.ehr.now + each for name, each in seconds.items()})(stage)


def _payload(payload: bytes) -> Run:
    return lambda stage: stage.token(stage.ehr.form(stage.ehr.assertion(claims=payload)))


def _members(change: Callable[[Stage, str], str]) -> Run:
    """The text of the claims, changed before it is signed."""
    return lambda stage: stage.token(stage.ehr.form(stage.ehr.assertion(claims=change(stage, json.dumps(stage.ehr.claims())).encode())))


def _signature(change: Callable[[bytes], bytes]) -> Run:
    def run(stage: Stage) -> Answer:
        head, _, signature = stage.ehr.assertion().rpartition(".")
        return stage.token(stage.ehr.form(f"{head}.{b64(change(unb64(signature)))}"))

    return run


def _claims_exchanged(stage: Stage) -> Answer:
    head, _, signature = stage.ehr.assertion().split(".")
    return stage.token(stage.ehr.form(f"{head}.{b64(json.dumps(stage.ehr.claims()).encode())}.{signature}"))


def _by_another_key(stage: Stage) -> Answer:
    return stage.token(stage.ehr.form(stage.ehr.assertion(key=ECKey.generate_key("P-384", {"kid": "ec-1"}))))


def _for_the_rival(stage: Stage) -> Answer:
    """Signed by the attacker's own registered key, in the name of another client."""
    name = stage.rival.client_id
    return stage.token(stage.ehr.form(stage.ehr.assertion(claims={"iss": name, "sub": name})))


def _of_one_client_for_another(stage: Stage) -> Answer:
    return stage.token(stage.ehr.form(stage.ehr.assertion(claims={"iss": stage.rival.client_id})))


def _client_id_of_the_rival(stage: Stage) -> Answer:
    return stage.token(stage.ehr.form(client_id=stage.rival.client_id))


def _revoked(stage: Stage) -> Answer:
    gone = stage.signer(ec_key())
    revoke_client(stage.store, stage.clock, gone.client_id)
    return stage.token(gone.form())


def _twice(first: str, second: str, **changes: Any) -> Run:
    """One assertion at two addresses (or at one, twice); the answer to the second."""

    def run(stage: Stage) -> Answer:
        assertion = stage.ehr.assertion()
        forms = {"token": stage.ehr.form(assertion), "introspect": stage.ehr.proof(assertion, token="t"), "revoke": stage.ehr.proof(assertion, token="t")}
        stage.post(f"/oauth/{first}", forms[first] | changes)
        answer = answer_of(stage.post(f"/oauth/{second}", forms[second]))
        return Answer(200) if answer.error == "inactive" else answer  # it was let in, and told about a token that is none

    return run


def _same_jti(stage: Stage) -> Answer:
    jti = uuid.uuid4().hex
    stage.token(stage.ehr.form(stage.ehr.assertion(claims={"jti": jti, "exp": stage.ehr.now + 100})))
    return stage.token(stage.ehr.form(stage.ehr.assertion(claims={"jti": jti, "exp": stage.ehr.now + 200})))


def _turned_over(stage: Stage) -> Answer:
    """(r, n - s) is as good a signature as (r, s): the text is new, the assertion is not."""
    assertion = stage.ehr.assertion()
    stage.token(stage.ehr.form(assertion))
    head, _, signature = assertion.rpartition(".")
    r, s = unb64(signature)[:48], int.from_bytes(unb64(signature)[48:], "big")
    return stage.token(stage.ehr.form(f"{head}.{b64(r + (_P384 - s).to_bytes(48, 'big'))}"))


def _after_a_restart(stage: Stage) -> Answer:
    assertion = stage.ehr.assertion()
    stage.token(stage.ehr.form(assertion))
    again = create_app(stage.settings, store=stage.store, clock=stage.clock)
    _seen.clear()
    return answer_of(again.test_client().post("/oauth/token", base_url=BASE_URL, data=stage.ehr.form(assertion)))


def _in_the_leeway(stage: Stage) -> Answer:
    """Between its end and the end of our leeway, an assertion still counts: once."""
    assertion = stage.ehr.assertion(claims={"exp": stage.ehr.now + 2})
    stage.token(stage.ehr.form(assertion))
    stage.clock.forward(seconds=4)
    stage.token(stage.ehr.form())  # whatever is spent sweeps what has run out
    return stage.token(stage.ehr.form(assertion))


def _at_once(*_: Any) -> bool:
    return True


def _spent_by_text(connection: Any, issuer: str, jti: str, expires_at: int, now: int) -> bool:
    """Remembers the claims with the time they run out, so that a new time makes a new assertion."""
    return _SPEND(connection, issuer, f"{jti} {expires_at}", expires_at, now)


def _spent_until_exp(connection: Any, issuer: str, jti: str, expires_at: int, now: int) -> bool:
    return _SPEND(connection, issuer, jti, expires_at - 60_000, now)


def _spent_in_memory(_: Any, issuer: str, jti: str, *__: Any) -> bool:
    fresh = (issuer, jti) not in _seen
    _seen.add((issuer, jti))
    return fresh


_SPEND = oauth.spend_jti
_seen: set[tuple[str, str]] = set()

NOT_SPENT = fault("nothing is remembered of an assertion", replaced(oauth, "spend_jti", _at_once))
NOT_SPENT_ELSEWHERE = fault("only the token endpoint remembers assertions", *(replaced(room, "spend_alone", _at_once) for room in (proven, introspection, revocation)))
SPENT_BY_TEXT = fault("what is remembered is jti and exp together", replaced(oauth, "spend_jti", _spent_by_text))
SPENT_TOO_SHORT = fault("an assertion is remembered until it runs out, and no longer", replaced(oauth, "spend_jti", _spent_until_exp))
SPENT_IN_MEMORY = fault("assertions are remembered in the process's memory", replaced(oauth, "spend_jti", _spent_in_memory))

_IDENTITY = without_claim_rule("iss and sub must both")
_AUDIENCE = without_claim_rule("aud must be")
_PAST = without_claim_rule("exp is missing or past")
_FAR = without_claim_rule("exp must be at most")
_EXP = without_claim_rule("exp is missing or past", "exp must be at most")
_NBF = without_claim_rule("nbf is in the future")
_IAT = without_claim_rule("iat is in the future")
_JTI = without_claim_rule("jti must be")


def _revoked_too(store: Any, clock: Any, client_id: str) -> Any:
    with store.read() as connection:
        row = oauth.client(connection, client_id)
    return None if row is None else client_of(row, to_ms(clock()))


def _without_client_id(_: Any) -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name != "client_id"}


REVOKED_TOO = fault("a revoked client is a client", replaced(client_assertion, "find_client", _revoked_too))
CLIENT_ID_UNREAD = fault(
    "client_id is not compared with the assertion",
    replaced(FormRequest, "form", property(_without_client_id)),
)

BAD_CLIENT = Answer(400, "invalid_client")
"""What Authlib answers where RFC 6749 section 5.2 wants a 401."""

_3 = "RFC 7523 3"
_REPLAY = "SMART 2.2 client-confidential-asymmetric, jti; RFC 7523 3 (7)"

ATTACKS = refused(
    INVALID_CLIENT,
    ("An assertion is signed by a stranger under a known name and kid", "RFC 8725 3.3", _by_another_key, UNVERIFIED),
    ("An assertion's signature is changed in one byte", "RFC 8725 3.3", _signature(lambda each: bytes([each[0] ^ 1]) + each[1:]), UNVERIFIED),
    ("An assertion's signature is cut short", "RFC 8725 3.3", _signature(lambda each: each[:-1]), UNVERIFIED),
    ("An assertion's signature is nothing but zeros", "RFC 8725 3.3; CVE-2022-21449", _signature(lambda each: bytes(len(each))), UNVERIFIED),
    ("An assertion's claims are exchanged under its signature", "RFC 8725 3.3", _claims_exchanged, UNVERIFIED),
    ("A client signs in the name of another client", f"{_3} (2)", _for_the_rival, UNVERIFIED & ANY_KID),
    ("An assertion's issuer is not its subject", f"{_3} (1, 2)", _of_one_client_for_another, _IDENTITY),
    ("An assertion has no issuer", f"{_3} (1)", _claims(iss=None), _IDENTITY),
    ("An assertion has no subject", f"{_3} (2)", _claims(sub=None), SUB_FROM_ISS & _IDENTITY),
    ("An assertion's subject is a list", f"{_3} (2)", _claims(sub=["x"]), CLAIMS_OF_ANY_KIND, BAD_CLIENT),
    ("An assertion is of a client nobody registered", "RFC 6749 5.2", _claims(iss="nobody", sub="nobody"), UNKNOWN_IS_A_CLIENT, FAILED),
    ("A client authenticates with the client_id of another beside its assertion", "RFC 7521 4.2", _client_id_of_the_rival, CLIENT_ID_UNREAD),
    ("A client that was revoked asks for a token", "ASVS 5.0 10.4.10", _revoked, REVOKED_TOO),
    ("An assertion is for another server", f"{_3} (3)", _claims(aud="https://other.example.org/oauth/token"), _AUDIENCE),
    ("An assertion is for nobody in particular", f"{_3} (3)", _claims(aud=None), _AUDIENCE),
    ("An assertion is for this server and others, who might use it here", f"{_3} (3); security.md 2.2", _claims(aud=[TOKEN_URL, "https://other.example.org"]), STOCK_384),
    ("An assertion is for the server's name instead of its token endpoint", "SMART 2.2 client-confidential-asymmetric, aud", _claims(aud=BASE_URL), _AUDIENCE),
    ("An assertion is for an address that begins with the token endpoint", "RFC 8725 3.9", _claims(aud=TOKEN_URL + ".evil.example"), _AUDIENCE),
    ("An assertion's audience is an object with our address as a member", "RFC 7519 4.1.3", _claims(aud={TOKEN_URL: True}), _AUDIENCE),
    ("An assertion never ends", f"{_3} (4)", _claims(exp=None), _EXP),
    ("An assertion has ended, within the minute that Authlib forgives", f"{_3} (4); security.md 2.2", _times(exp=-30), STOCK_384),
    ("An assertion has ended long ago", f"{_3} (4)", _times(exp=-86_400), _PAST),
    ("An assertion lives for a day", "SMART 2.2 client-confidential-asymmetric, exp", _times(exp=86_400), STOCK_384),
    ("An assertion lives until the year 33658", "SMART 2.2 client-confidential-asymmetric, exp", _claims(exp=10**12), _FAR),
    ("An assertion ends at a number beyond every clock", "RFC 7519 4.1.4", _claims(exp=10**400), _FAR),
    ("An assertion ends at a time that is no number", "RFC 7519 4.1.4", _claims(exp=float("nan")), _EXP),
    ("An assertion ends at infinity", "RFC 7519 4.1.4", _claims(exp=float("inf")), _EXP),
    ("An assertion's end is a text", "RFC 7519 2 (NumericDate)", _claims(exp="1900000000"), _EXP),
    ("An assertion's end is true", "RFC 7519 2 (NumericDate)", _claims(exp=True), _EXP),
    ("An assertion begins in a minute", f"{_3} (5)", _times(nbf=60), _NBF),
    ("An assertion's beginning is a text", f"{_3} (5)", _claims(nbf="soon"), _NBF),
    ("An assertion was signed in the future", f"{_3} (6)", _times(iat=60), _IAT),
    ("An assertion's time of signing is a list", f"{_3} (6)", _claims(iat=[]), _IAT),
    ("An assertion has no jti", _REPLAY, _claims(jti=None), _JTI),
    ("An assertion's jti is empty", _REPLAY, _claims(jti=""), _JTI),
    ("An assertion's jti is a number", "RFC 7519 4.1.7", _claims(jti=7), _JTI),
    ("An assertion's jti is a list", "RFC 7519 4.1.7", _claims(jti=["a"]), _JTI),
    ("An assertion's jti holds a NUL, at which some stores stop reading", "CWE-158", _claims(jti="a\x00b"), _JTI),
    ("An assertion's jti is long enough to fill a store", "RFC 6819 4.6.7", _claims(jti="j" * 256), _JTI),
    ("An assertion is sent to the token endpoint twice", _REPLAY, _twice("token", "token"), NOT_SPENT),
    ("An assertion that bought a token is sent to introspection", _REPLAY, _twice("token", "introspect"), NOT_SPENT_ELSEWHERE),
    ("An assertion that introspected buys a token", _REPLAY, _twice("introspect", "token"), NOT_SPENT_ELSEWHERE),
    ("An assertion that revoked buys a token", _REPLAY, _twice("revoke", "token"), NOT_SPENT_ELSEWHERE),
    ("An assertion that introspected is sent to revocation", _REPLAY, _twice("introspect", "revoke"), NOT_SPENT_ELSEWHERE),
    ("An assertion of a request that failed buys a token after all", _REPLAY, _twice("token", "token", scope="system/*.cruds"), NOT_SPENT_ELSEWHERE),
    ("A new assertion with a used jti and another end", _REPLAY, _same_jti, SPENT_BY_TEXT),
    ("A used assertion with its signature turned over", "RFC 8725 2.1; ECDSA", _turned_over, NOT_SPENT),
    ("A used assertion after a restart of the server", _REPLAY, _after_a_restart, SPENT_IN_MEMORY),
    ("A used assertion in the seconds that we forgive", _REPLAY, _in_the_leeway, SPENT_TOO_SHORT),
    ("An assertion has two subjects, the last its own", "RFC 7519 4", _members(lambda stage, text: f'{{"sub":"{stage.rival.client_id}",{text[1:]}'), REPEATED_MEMBERS),
    ("An assertion has two ends, the last a near one", "RFC 7519 4", _members(lambda _, text: f'{{"exp":99999999999,{text[1:]}'), REPEATED_MEMBERS),
    ("An assertion's claims are a list", "RFC 7519 7.2", _payload(b"[]"), CLAIMS_OF_ANY_KIND, BAD_CLIENT),
    ("An assertion's claims are no JSON", "RFC 7519 7.2", _payload(b"sub"), STUMBLES, FAILED),
    ("An assertion's claims hold a number of 5000 digits", "CVE-2020-10735", _payload(b'{"sub":' + b"9" * 5000 + b"}"), STUMBLES, FAILED),
    ("An assertion's claims are nested beyond any stack", "CVE-2025-62706", _payload(b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}"), STUMBLES, FAILED),
    ("An assertion of nine kilobytes", "CVE-2025-62706", _claims(more="m" * 6000), ANY_LENGTH),
)
