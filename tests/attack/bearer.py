"""Attacks at the FHIR API by whoever has no token, a bad one, or one that allows less (RFC 6750, RFC 9700 section 4.10, ASVS 5.0 V10.3)."""

from __future__ import annotations

import dataclasses
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import orjson
from flask import request
from sqlalchemy import update

from gateway.context import Context, Principal
from gateway.http import guard, records, route
from gateway.http.guard import context_of, wiring
from gateway.smart import token
from gateway.smart.client import revoke_client
from gateway.smart.scope import Scopes
from gateway.store.schema_access import access_token
from tests.attack.attack import INVALID_TOKEN, NO_TOKEN, SCOPE_TOO_SMALL, Answer, answer_of, fault, refused, replaced
from tests.attack.introspection import ANY_CAPITALS, BY_DIGEST, FIRST_HALF, NEVER_ENDS, SPACES_CUT
from tests.attack.signer import ec_key
from tests.attack.stage import BASE_URL, Stage
from tests.interaction.resources import patient
from tests.world import PRACTICE

Run = Callable[[Stage], Answer]
ALL = "system/*.cruds __record.write"
_LENIENT = {"Prefer": "handling=lenient"}
"""So that a parameter which is no search parameter is passed over."""
NOT_FOUND = Answer(404, "not-found")


def _search(**more: Any) -> Run:
    """A search with no token, but with this."""
    return lambda stage: stage.fhir("Patient", None, **more)


def _header(value: Callable[[Stage], str]) -> Run:
    return lambda stage: stage.fhir("Patient", None, headers={"Authorization": value(stage)})


def _with(value: Callable[[Stage], str]) -> Run:
    """A search with this for a token."""
    return _header(lambda stage: f"Bearer {value(stage)}")


def _good(stage: Stage) -> str:
    return stage.mint(stage.system, ALL)


def _like(change: Callable[[str], str]) -> Run:
    return _with(lambda stage: change(_good(stage)))


def _in_query(stage: Stage) -> Answer:
    return stage.fhir(f"Patient?access_token={_good(stage)}", None, headers=_LENIENT)


def _in_body(stage: Stage) -> Answer:
    return stage.fhir("Patient/_search", None, "POST", _LENIENT, data={"access_token": _good(stage)})


def _in_cookie(stage: Stage) -> Answer:
    http = stage.http
    http.set_cookie("access_token", _good(stage), domain="gateway.example.org")
    return answer_of(http.get("/fhir/Patient", base_url=BASE_URL))


def _revoked(stage: Stage) -> str:
    mine = stage.mint(stage.ehr)
    stage.fhir("Patient", mine)
    stage.revoke(stage.ehr.proof(token=mine))
    return mine


def _of_revoked_client(stage: Stage) -> str:
    gone = stage.signer(ec_key())
    mine = stage.mint(gone)
    stage.fhir("Patient", mine)
    revoke_client(stage.store, stage.clock, gone.client_id)
    return mine


def _marked(**columns: str) -> Callable[[Stage], str]:
    """A good token, but for what it is bound to."""

    def made(stage: Stage) -> str:
        mine = _good(stage)
        with stage.store.write() as connection:
            connection.execute(update(access_token).where(access_token.c.digest == token.digest_of(mine)).values(**columns))
        return mine

    return made


def _ask(scope: str, method: str, path: Callable[[Stage], str], body: Any = None) -> Run:
    """The practice's own system, with a token of this scope."""

    def run(stage: Stage) -> Answer:
        sent = {} if body is None else {"data": orjson.dumps(body(stage)), "content_type": "application/fhir+json"}
        return stage.fhir(path(stage), stage.mint(stage.system, scope), method, **sent)

    return run


def _search_posted(stage: Stage) -> Answer:
    return stage.fhir("Patient/_search", stage.mint(stage.system, "system/Patient.r"), "POST", data={"gender": "female"})


def _one(tail: str = "") -> Callable[[Stage], str]:
    return lambda stage: f"Patient/{stage.patient}{tail}"


def _at(path: str) -> Callable[[Stage], str]:
    return lambda _: path


def _new(_: Stage) -> Any:
    return patient()


def _same(stage: Stage) -> Any:
    return patient(id=stage.patient)


def _entry(method: str, url: str, resource: Any = None) -> Callable[[Stage], Any]:
    entry = {"request": {"method": method, "url": url}} | ({} if resource is None else {"resource": resource})
    return lambda _: {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}


def _update_entry(stage: Stage) -> Any:
    return _entry("PUT", f"Patient/{stage.patient}", _same(stage))(stage)


def _conditional(stage: Stage) -> Answer:
    """Create only if there is none such: the answer tells whether there is."""
    bearer, sent = stage.mint(stage.system, "system/Patient.c"), {"If-None-Exist": "family=Quist&given=Ada&birthdate=1990-02-03"}
    return stage.fhir("Patient", bearer, "POST", sent, data=orjson.dumps(patient()), content_type="application/fhir+json")


def _neighbour(tail: str = "", scope: str = "system/*.cruds") -> Run:
    return lambda stage: stage.fhir(_one(tail)(stage), stage.mint(stage.neighbour, scope))


def _stranger(stage: Stage) -> Answer:
    return stage.fhir(_one()(stage), stage.mint(stage.ehr, "system/Patient.rs"))


def _records(bearer: Callable[[Stage], str]) -> Run:
    return lambda stage: answer_of(stage.http.get("/records/client", base_url=BASE_URL, headers={"Authorization": f"Bearer {bearer(stage)}"}))


# Faults


def _anybody() -> Context:
    return context_of(wiring(), _PRACTICE, "request")


def _bears(found: str) -> Context:
    return context_of(wiring(), token.principal_of(wiring().store, wiring().clock, found), "request")


def _anywhere() -> Context:
    return _bears(request.args.get("access_token") or request.form.get("access_token") or request.cookies.get("access_token") or "")


def _first_of_many() -> Context:
    return _bears(request.headers["Authorization"].replace(",", " ").split()[1])


def _ours(*args: Any) -> Principal:
    return dataclasses.replace(_PRINCIPAL(*args), practice=PRACTICE, role="practice")


_PRACTICE = Principal("x", "X", PRACTICE, "practice", "x", "TREAT", ALL)
_PRINCIPAL = token.principal_of_row

NOBODY_ASKED = fault("who has no token is the practice", replaced(route, "context", _anybody), replaced(records, "context", _anybody))
ANYWHERE = fault("a token is taken from wherever it stands", replaced(route, "context", _anywhere))
FIRST_OF_MANY = fault("of several tokens the first counts", replaced(route, "context", _first_of_many))
ANY_TEXT = fault("every text is the practice's token", replaced(guard, "bearer_of", lambda *_: token.Bearer(_PRACTICE, None, None, 2**60, 0)))
NOT_BOUND = fault("the key that a token is bound to is not looked at", replaced(guard, "check_bound", lambda *_: None))
ANY_AUDIENCE = fault("whom a token is for is not looked at", replaced(token, "_looked_up", lambda *args: _LOOKED_UP(*args)._replace(audience=None)))
ALL_SCOPES = fault("a token's scope is not looked at", replaced(Scopes, "allows", lambda *_: True), replaced(Scopes, "allows_extension", lambda *_: True))
EVERYBODYS = fault("every token is of this practice", replaced(token, "principal_of_row", _ours))
FORGETS_LATE = fault("a revocation is felt when memory fades", replaced(token, "forget", lambda _: None))
_LOOKED_UP = token._looked_up  # noqa: SLF001 (what the fault stands before)

_6750 = "RFC 6750"
_SMART = "SMART 2.2 scopes"
_RS = "ASVS 5.0 10.3.2"

ATTACKS = [
    *refused(
        NO_TOKEN,
        ("A request bears no token", f"{_6750} 3", _search(), NOBODY_ASKED),
        ("A request bears an empty token", f"{_6750} 2.1", _header(lambda _: "Bearer "), NOBODY_ASKED),
        ("A request names the scheme and nothing else", f"{_6750} 2.1", _header(lambda _: "Bearer"), NOBODY_ASKED),
        ("A request bears a password instead", f"{_6750} 2.1", _header(lambda _: "Basic " + b64encode(b"a:b").decode()), NOBODY_ASKED),
        ("A good token comes without its scheme", f"{_6750} 2.1", _header(_good), NOBODY_ASKED),
        ("A good token stands in the address", f"{_6750} 2.3; RFC 9700 4.3.2", _in_query, ANYWHERE),
        ("A good token stands in the body of a search", f"{_6750} 2.2", _in_body, ANYWHERE),
        ("A good token stands in a cookie, which a browser sends by itself", "RFC 6819 5.1.6; CWE-352", _in_cookie, ANYWHERE),
        ("The practice's records are asked for without a token", _RS, lambda stage: answer_of(stage.http.get("/records/client", base_url=BASE_URL)), NOBODY_ASKED),
    ),
    *refused(
        INVALID_TOKEN,
        ("A token that nobody issued", f"{_6750} 3.1", _with(lambda _: "t" * 43), ANY_TEXT),
        ("A token that has run out", f"{_6750} 3.1; SMART 2.2 [77]", _with(lambda stage: stage.mint(stage.system, life_s=-1)), NEVER_ENDS),
        ("A token that was revoked a moment after it was used", "RFC 7009 2; ASVS 5.0 7.4.1", _with(_revoked), FORGETS_LATE),
        ("A token of a client that was revoked", "RFC 6819 4.4.1", _with(_of_revoked_client), FORGETS_LATE),
        ("The first half of a token", "RFC 6749 10.10", _like(lambda text: text[:20]), FIRST_HALF),
        ("A token with something behind it", "RFC 6749 10.10", _like(lambda text: text + "A"), FIRST_HALF),
        ("A token in other capitals", "RFC 6749 10.10", _like(str.swapcase), ANY_CAPITALS),
        ("A token with a space inside", f"{_6750} 2.1", _like(lambda text: f"{text[:9]} {text[9:]}"), SPACES_CUT),
        ("Two tokens in one header, the first a good one", f"{_6750} 2; ASVS 5.0 4.2", _like(lambda text: f"{text}, Bearer x"), FIRST_OF_MANY),
        ("The digest of a token, read from a stolen backup", "RFC 6819 5.1.4.1.3; ASVS 5.0 11.4", _like(token.digest_of), BY_DIGEST),
        ("A client's assertion in place of a token", "RFC 8725 3.11", _with(lambda stage: stage.ehr.assertion()[:128]), ANY_TEXT),
        ("A client's id in place of a token", "RFC 6749 2.2", _with(lambda stage: stage.ehr.client_id), ANY_TEXT),
        ("A text that completes a query for tokens", "CWE-89", _with(lambda _: "' OR '1'='1"), ANY_TEXT),
        ("A text with a pattern that fits every token", "CWE-943", _with(lambda _: "%"), ANY_TEXT),
        ("A token of a thousand characters", "RFC 6819 4.6.7", _with(lambda _: "t" * 1000), ANY_TEXT),
        ("A token in letters that are not ASCII", f"{_6750} 2.1", _with(lambda _: "t\xe9" * 20), ANY_TEXT),
        ("A token that is bound to a key, stolen without the key", "RFC 9449 7.2; RFC 9700 4.10.1", _with(_marked(jkt="k" * 43)), NOT_BOUND),
        ("A token that was issued for another server", "RFC 8707 2; RFC 9700 4.10.2; ASVS 5.0 10.3.1", _with(_marked(audience="https://other.example.org/fhir")), ANY_AUDIENCE),
    ),
    *refused(
        SCOPE_TOO_SMALL,
        ("A token for one type searches another", _RS, _ask("system/Patient.rs", "GET", _at("Condition")), ALL_SCOPES),
        ("A token that may only read searches", _SMART, _ask("system/Patient.r", "GET", _at("Patient")), ALL_SCOPES),
        ("A token that may only read searches by POST", _SMART, _search_posted, ALL_SCOPES),
        ("A token that may only search reads", _SMART, _ask("system/Patient.s", "GET", _one()), ALL_SCOPES),
        ("A token that may only search reads an old version", _SMART, _ask("system/Patient.s", "GET", _one("/_history/1")), ALL_SCOPES),
        ("A token that may only search reads the history", _SMART, _ask("system/Patient.s", "GET", _one("/_history")), ALL_SCOPES),
        ("A token that may only read creates", _SMART, _ask("system/Patient.rs", "POST", _at("Patient"), _new), ALL_SCOPES),
        ("A token that may update creates by an update", f"{_SMART} [123]", _ask("system/Patient.c", "PUT", _one(), _same), ALL_SCOPES),
        (
            "A token that may only read creates by an entry of a transaction",
            f"{_SMART} [130]",
            _ask("system/Patient.rs", "POST", _at(""), _entry("POST", "Patient", patient())),
            ALL_SCOPES,
        ),
        ("A token that may only create updates by an entry", f"{_SMART} [130]", _ask("system/Patient.c", "POST", _at(""), _update_entry), ALL_SCOPES),
        ("A token that may not search finds by a condition of a create", f"{_SMART} [130]", _conditional, ALL_SCOPES, Answer(412, "multiple-matches")),
        ("A token for patients' apps is borne by a system", "SMART 2.2 backend-services", _ask("patient/*.rs user/*.rs", "GET", _at("Patient")), ALL_SCOPES),
        ("A partner's token asks for the practice's own records", "ASVS 5.0 8.2.1", _records(lambda stage: stage.mint(stage.ehr, "system/*.rs")), ALL_SCOPES & EVERYBODYS),
        ("A partner's token that names the scope of the practice's records", "ASVS 5.0 8.2.1", _records(lambda stage: stage.mint(stage.ehr, ALL)), EVERYBODYS),
    ),
    *refused(
        NOT_FOUND,
        ("A token of another practice reads a client of ours", "ASVS 5.0 8.4.1", _neighbour(), EVERYBODYS),
        ("A token of another practice reads an old version", "ASVS 5.0 8.4.1", _neighbour("/_history/1"), EVERYBODYS),
        ("A token of another practice reads a history", "ASVS 5.0 8.4.1", _neighbour("/_history"), EVERYBODYS),
        ("A partner without a release reads a client", "42 CFR 2.13; ASVS 5.0 8.2.2", _stranger, EVERYBODYS),
    ),
]
