"""Attacks by an authorization request: who asks, where the answer goes, PKCE, state, aud, response types, request objects, scopes (RFC 9700, ASVS 5.0 V10.4)."""

from __future__ import annotations

import base64
import dataclasses
import json
import uuid
from collections.abc import Callable
from typing import Any

from flask import request
from sqlalchemy import literal_column, select

from gateway.smart import authorize, pushed_request
from gateway.smart.authorize import Asked
from gateway.smart.client import OAuthClient, client_of, revoke_client
from gateway.store import oauth
from gateway.store.schema_access import single_use
from gateway.web import authorize as web_authorize
from tests.attack.attack import Answer, Attack, answer_of, fault, refused, replaced, without_rule
from tests.attack.stage import Stage
from tests.authorize.clinic import CHALLENGE, REDIRECT, SCOPE
from tests.world import PRACTICE

Run = Callable[[Stage], Answer]
PAGE = Answer(400, "page")
"""Said on a page, and the browser is sent nowhere."""


def _ask(**changes: Any) -> Run:
    return lambda stage: answer_of(stage.people.request(stage.people.parameters(**changes)))


def _posted(query: dict[str, str]) -> Run:
    return lambda stage: answer_of(stage.people.request(stage.people.parameters(), "POST", query_string=query))


def _twice(name: str, value: str | None = None) -> Run:
    def run(stage: Stage) -> Answer:
        good = stage.people.parameters()
        return answer_of(stage.people.request({**good, name: [good.get(name, "x"), value or good.get(name, "x")]}))

    return run


def _by(client: Callable[[Stage], str], **changes: Any) -> Run:
    return lambda stage: _ask(client_id=client(stage), **changes)(stage)


def _revoked(stage: Stage) -> str:
    gone = stage.people.new_app()
    revoke_client(stage.store, stage.clock, gone)
    return gone


def _unapproved(stage: Stage) -> str:
    """One that registered itself, and waits."""
    with stage.store.write() as connection:
        row = oauth.client(connection, stage.people.app)
        assert row is not None
        waiting = row._replace(client_id=str(uuid.uuid4()), registration_digest="d", approved_at=None)
        oauth.add_client(connection, waiting)
    return waiting.client_id


def _strict(stage: Stage) -> str:
    return stage.people.new_app(strict=True)


def _pushed_by_another(stage: Stage) -> Answer:
    people = stage.people
    reference = pushed_request.push(stage.store, stage.clock, people.other_app, people.parameters(client_id=people.other_app))
    return answer_of(people.request({"client_id": people.app, "request_uri": reference}))


def _pushed_twice(stage: Stage) -> Answer:
    people = stage.people
    reference = pushed_request.push(stage.store, stage.clock, people.app, people.parameters())
    assert people.request({"client_id": people.app, "request_uri": reference}).status_code == 303
    return answer_of(people.request({"client_id": people.app, "request_uri": reference}))


def _pushed_long_ago(stage: Stage) -> Answer:
    people = stage.people
    reference = pushed_request.push(stage.store, stage.clock, people.app, people.parameters())
    stage.clock.forward(seconds=61)
    return answer_of(people.request({"client_id": people.app, "request_uri": reference}))


def _guessed(stage: Stage) -> Answer:
    people = stage.people
    pushed_request.push(stage.store, stage.clock, people.app, people.parameters())
    return answer_of(people.request({"client_id": people.app, "request_uri": f"{pushed_request.PREFIX}{'g' * 43}"}))


def _object(**claims: Any) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)]
    return ".".join([*parts, ""])


def _two_apps(stage: Stage) -> Answer:
    good = stage.people.parameters()
    return answer_of(stage.people.request({**good, "client_id": [stage.people.other_app, good["client_id"]]}))


# Faults

_CHECKED, _CLIENT = authorize._checked, authorize._client  # noqa: SLF001 (what the faults stand before)


def _filled(client: Any, redirect_uri: str, fhir_base: str, asked: Asked) -> Any:
    """What is missing is taken to be what it should have been."""
    good = {"state": "s", "code_challenge": CHALLENGE, "code_challenge_method": "S256", "aud": fhir_base, "response_type": "code", "scope": "user/*.rs"}
    return _CHECKED(client, redirect_uri, fhir_base, Asked(good | dict(asked.values), asked.repeated))


def _one_of_each(client: Any, redirect_uri: str, fhir_base: str, asked: Asked) -> Any:
    return _CHECKED(client, redirect_uri, fhir_base, Asked(asked.values))


def _any_client(store: Any, clock: Any, asked: Asked) -> Any:
    """Whoever asks is an app that is known: the first there is."""
    with store.read() as connection:
        rows = [client_of(row, 0) for row in oauth.clients(connection, PRACTICE)]
    named = [each for each in rows if each.client_id == asked.values.get("client_id")]
    return (named or [each for each in rows if each.scope == SCOPE and each.redirect_uris == (REDIRECT,)])[0]


def _sent(name: str, rule: Callable[[OAuthClient, str], bool]) -> Any:
    return fault(name, replaced(OAuthClient, "check_redirect_uri", rule))


def _pushed(store: Any) -> dict[str, str]:
    """Every reference stands for the newest request that was pushed."""
    with store.read() as connection:
        newest = connection.scalars(select(single_use.c.payload).where(single_use.c.kind == "pushed-request").order_by(literal_column("rowid").desc())).first()
    return dict(json.loads(newest)["parameters"])


MISSING_IS_GOOD = fault("what is missing counts as good", replaced(authorize, "_checked", _filled))
REPEATED_IS_GOOD = fault("of a parameter sent twice the last counts", replaced(authorize, "_checked", _one_of_each))
ANY_CLIENT = fault("every name is an app's", replaced(authorize, "_client", _any_client))
ANYWHERE = _sent("the browser is sent wherever the request says", lambda *_: True)
BY_PREFIX = _sent("addresses are compared by their beginning", lambda client, asked: any(asked.startswith(each) for each in client.redirect_uris))
BY_HOST = _sent("addresses are compared by their host", lambda client, asked: any(each.split("/")[2] in asked for each in client.redirect_uris))
BY_CAPITALS = _sent("addresses are compared without regard to capitals", lambda client, asked: asked.lower() in client.redirect_uris)
DECODED = _sent("addresses are compared after one more decoding", lambda client, asked: asked.replace("%61", "a") in client.redirect_uris)
DEFAULT = _sent("a missing address is the registered one", lambda client, asked: not asked or asked in client.redirect_uris)
ANY_STRICT = fault("a strict app may ask by the browser", replaced(authorize, "_client", lambda *args: dataclasses.replace(_CLIENT(*args), strict=False)))
PUSHED_BY_ANYBODY = fault("whose request_uri it is is not looked at", replaced(authorize, "take", lambda store, *_: _pushed(store)))
ANY_SCOPE = fault(
    "an app may ask for every scope",
    replaced(authorize, "check_app", lambda _: None),
    replaced(authorize, "check_one_lasting", lambda _: None),
    replaced(authorize, "within", lambda *_: True),
)


def _scoped(client: Any, values: Any) -> Any:
    """Whatever launches say."""
    return authorize.understood_scopes(values.get("scope", ""))


def _pairs() -> list[tuple[str, str]]:
    return [*request.args.items(multi=True), *request.form.items(multi=True)]


ANY_REPEATED = fault(
    "a parameter may be sent twice", replaced(authorize, "asked_by", lambda pairs: Asked(dict(pairs))), replaced(web_authorize, "asked_by", lambda pairs: Asked(dict(pairs)))
)
QUERY_OF_A_FORM = fault("the address of a form is read as well", replaced(web_authorize, "_pairs", _pairs)) & ANY_REPEATED
MANY_PARAMETERS = fault("a request may have any number of parameters", replaced(web_authorize, "MOST_PARAMETERS", 10**6))
LAUNCHES_ARE_NOT_LOOKED_AT = fault("whether launch and its scope go together is not looked at", replaced(authorize, "_scopes", _scoped))
NOTHING_IS_ASKED = LAUNCHES_ARE_NOT_LOOKED_AT


def _rule(*said: str) -> Any:
    return fault(f"a request is taken against the rule: {', '.join(said)}", without_rule(authorize, "_RULES", *said))


_STATE, _REQUEST, _URI = _rule("state is required"), _rule("Request objects"), _rule("The only request_uri")
_TYPE, _MODE = _rule("The only response_type"), _rule("The only response_mode")
_METHOD, _CHALLENGE = _rule("code_challenge_method must be"), _rule("code_challenge must be")
_AUD = fault("aud is not looked at", replaced(authorize, "_check_audience", lambda *_: None))
_EXACT = "RFC 9700 4.1.3; ASVS 5.0 10.4.1"
_PKCE = "RFC 9700 2.1.1; ASVS 5.0 10.4.6"
_OTHERS = "https://other.example.org/back"

ATTACKS = [
    *refused(
        PAGE,
        ("The answer goes to an address of the attacker's", _EXACT, _ask(redirect_uri="https://evil.example/back"), ANYWHERE),
        ("The answer goes to an address of another app", _EXACT, _ask(redirect_uri=_OTHERS), ANYWHERE),
        ("The answer goes to no address, and one was registered", "RFC 9700 4.1.3", _ask(redirect_uri=None), DEFAULT),
        ("The answer goes to a path below the registered one", _EXACT, _ask(redirect_uri=f"{REDIRECT}/more"), BY_PREFIX),
        ("The answer goes to a path that climbs out of the registered one", "RFC 9700 4.1.1", _ask(redirect_uri=f"{REDIRECT}/../open?to=https://evil.example"), BY_PREFIX),
        ("The answer goes to the registered address with a query", _EXACT, _ask(redirect_uri=f"{REDIRECT}?next=https://evil.example"), BY_PREFIX),
        ("The answer goes to the registered address with a fragment", "RFC 6749 3.1.2", _ask(redirect_uri=f"{REDIRECT}#x"), BY_PREFIX),
        ("The answer goes to the registered address with a slash more", _EXACT, _ask(redirect_uri=f"{REDIRECT}/"), BY_PREFIX),
        ("The answer goes to a host that begins with the registered one", "RFC 9700 4.1.1", _ask(redirect_uri="https://app.example.org.evil.example/back"), BY_HOST),
        ("The answer goes to a host whose user is the registered host", "RFC 3986 7.6", _ask(redirect_uri="https://app.example.org@evil.example/back"), BY_HOST),
        ("The answer goes to a host behind a backslash", "CWE-601", _ask(redirect_uri="https://evil.example\\@app.example.org/back"), BY_HOST),
        ("The answer goes to another port of the host", _EXACT, _ask(redirect_uri="https://app.example.org:8443/back"), BY_HOST),
        ("The answer goes to the registered host without TLS", "RFC 9700 2.6; ASVS 5.0 10.1", _ask(redirect_uri="http://app.example.org/back"), BY_HOST),
        ("The answer goes to the registered host by another scheme", "CWE-601", _ask(redirect_uri="javascript://app.example.org/%0aalert(1)"), BY_HOST),
        ("The answer goes to the registered path in other capitals", _EXACT, _ask(redirect_uri="https://app.example.org/BACK"), BY_CAPITALS),
        ("The answer goes to the registered path written in escapes", _EXACT, _ask(redirect_uri="https://app.example.org/b%61ck"), DECODED),
        ("The answer goes to an address that ends its header line", "CWE-113", _ask(redirect_uri=f"{REDIRECT}\r\nSet-Cookie: x=1"), BY_PREFIX),
        ("The answer goes to this machine, for an app of the web", "RFC 8252 8.3", _ask(redirect_uri="http://127.0.0.1/back"), ANYWHERE),
        ("The answer goes to one of two addresses that are sent", "RFC 6749 3.1", _twice("redirect_uri", "https://evil.example/back"), ANYWHERE & ANY_REPEATED),
        ("An app asks that nobody registered", "RFC 6749 3.1.2.4", _ask(client_id="nobody"), ANY_CLIENT),
        ("An app asks that does not say who it is", "RFC 6749 4.1.1", _ask(client_id=None), ANY_CLIENT),
        ("Two apps ask at once", "RFC 6749 3.1", _two_apps, ANY_REPEATED),
        ("An app asks that was revoked", "ASVS 5.0 10.4.9", _by(_revoked), ANY_CLIENT),
        ("An app asks that nobody has approved yet", "RFC 7591 5; ASVS 5.0 10.4.7", _by(_unapproved), ANY_CLIENT),
        ("A backend system asks as if a person used it", "RFC 6749 2.1", _by(lambda stage: stage.ehr.client_id), ANY_CLIENT & ANYWHERE & ANY_SCOPE),
        ("A request_uri that another app pushed", "RFC 9126 4, 7.1", _pushed_by_another, PUSHED_BY_ANYBODY & ANYWHERE),
        ("A request_uri that was used before", "RFC 9126 7.3", _pushed_twice, PUSHED_BY_ANYBODY),
        ("A request_uri that has run out", "RFC 9126 2.2", _pushed_long_ago, PUSHED_BY_ANYBODY),
        ("A request_uri that was guessed", "RFC 9126 7.1", _guessed, PUSHED_BY_ANYBODY),
        ("Parameters stand in the address of a form", "RFC 6749 3.1", _posted({"scope": "user/*.cruds"}), QUERY_OF_A_FORM),
        ("A request of a hundred parameters", "RFC 6819 4.6.7", _ask(**{f"x{at}": "x" for at in range(100)}), MANY_PARAMETERS),
    ),
    *refused(
        Answer(303, "invalid_request"),
        ("A request without PKCE", _PKCE, _ask(code_challenge=None, code_challenge_method=None), MISSING_IS_GOOD),
        ("A challenge without its method, which would be plain", f"{_PKCE}; RFC 7636 4.3", _ask(code_challenge_method=None), MISSING_IS_GOOD),
        ("A challenge by plain", f"{_PKCE}; SMART 2.2 [14]", _ask(code_challenge_method="plain"), _METHOD),
        ("A challenge by a method in other capitals", "RFC 7636 4.3", _ask(code_challenge_method="s256"), _METHOD),
        ("A method without its challenge", "RFC 7636 4.4.1", _ask(code_challenge=None), MISSING_IS_GOOD),
        ("A challenge too short to hide anything", "RFC 7636 4.2", _ask(code_challenge="c" * 10), _CHALLENGE),
        ("A challenge with padding, which another check might drop", "RFC 7636 4.2", _ask(code_challenge=CHALLENGE + "="), _CHALLENGE),
        ("A request without state", "SMART 2.2 [59]; RFC 6819 4.4.1.8", _ask(state=None), MISSING_IS_GOOD),
        ("A state that ends a header line", "CWE-113", _ask(state="x\r\nSet-Cookie: y=1"), _STATE),
        ("A state of two thousand characters", "RFC 6819 4.6.7", _ask(state="s" * 2000), _STATE),
        ("Two states, one of them the victim's", "RFC 6749 3.1", _twice("state", "other"), REPEATED_IS_GOOD),
        ("Two scopes, the second one wider", "RFC 6749 3.1", _twice("scope", "user/*.cruds"), REPEATED_IS_GOOD),
        ("Two challenges, one of them the attacker's", "RFC 6749 3.1; RFC 9700 4.8", _twice("code_challenge"), REPEATED_IS_GOOD),
        ("A request without aud, for whichever server it reaches", "SMART 2.2 [96]", _ask(aud=None), MISSING_IS_GOOD),
        ("A request for another server, passed on to this one", "SMART 2.2 [96]; RFC 9700 4.4", _ask(aud="https://other.example.org/fhir"), _AUD),
        ("A request for a server whose address begins like ours", "SMART 2.2 [96]", _ask(aud="https://gateway.example.org/fhir.evil.example"), _AUD),
        ("A request for the authorization server instead of the FHIR server", "SMART 2.2 [96]", _ask(aud="https://gateway.example.org"), _AUD),
        ("A request that names no response type", "RFC 6749 3.1.1", _ask(response_type=None), MISSING_IS_GOOD),
        ("An answer in the fragment", "RFC 9700 4.3.1", _ask(response_mode="fragment"), _MODE),
        ("An answer in a form that posts itself", "ASVS 5.0 10.4.3", _ask(response_mode="form_post"), _MODE),
        ("An answer by a message between windows", "RFC 9700 4.17", _ask(response_mode="web_message"), _MODE),
        ("A launch value with a query in it", "CWE-89", _ask(launch="' OR 1=1", scope="launch user/*.rs"), _rule("launch is not one")),
        ("The scope launch without a launch", "SMART 2.2 launch context", _ask(scope="launch user/*.rs"), LAUNCHES_ARE_NOT_LOOKED_AT),
        ("A prompt of none with another one", "OpenID Connect Core 3.1.2.1", _ask(prompt="none login"), _rule("prompt must be")),
        ("A max_age that is negative", "OpenID Connect Core 3.1.2.1", _ask(max_age="-1"), _rule("max_age must be")),
        ("A nonce that ends a line", "CWE-93", _ask(nonce="n\r\nx"), _rule("nonce must be")),
        ("A key's thumbprint that is none", "RFC 9449 10", _ask(dpop_jkt="*"), _rule("dpop_jkt must be")),
        ("A strict app asks by the browser instead of pushing", "RFC 9126 5; ASVS 5.0 10.4.13", _by(_strict), ANY_STRICT),
    ),
    *refused(
        Answer(303, "unsupported_response_type"),
        ("An access token by the implicit grant", "RFC 9700 2.1.2; ASVS 5.0 10.4.4", _ask(response_type="token"), _TYPE),
        ("An id_token by the implicit flow", "RFC 9700 2.1.2", _ask(response_type="id_token", nonce="n"), _TYPE),
        ("A code and a token at once, by the hybrid flow", "RFC 9700 2.1.2", _ask(response_type="code token"), _TYPE),
        ("Nothing but a yes or no about the person", "OAuth 2.0 Multiple Response Types 4", _ask(response_type="none"), _TYPE),
    ),
    Attack("A request object without a signature", "RFC 9101 10.2; RFC 8725 3.2", _ask(request=_object(scope="user/*.cruds")), Answer(303, "request_not_supported"), _REQUEST),
    Attack(
        "A request object that we are to fetch", "RFC 9101 10.4; RFC 6819 4.6; CWE-918", _ask(request_uri="https://10.0.0.1/object"), Answer(303, "request_uri_not_supported"), _URI
    ),
    *refused(
        Answer(303, "invalid_scope"),
        ("An app asks for what only systems may have", "SMART 2.2 scopes", _ask(scope="system/*.rs"), ANY_SCOPE),
        ("An app asks for the practice's own records", "ASVS 5.0 10.4.11", _ask(scope="user/*.rs __record.write"), ANY_SCOPE),
        ("An app asks to introspect tokens", "SMART 2.2 token-introspection", _ask(scope="user/*.rs __token.introspect"), ANY_SCOPE),
        (
            "An app asks for more than it was registered for",
            "ASVS 5.0 10.4.11",
            _by(lambda each: each.people.new_app(scope="user/Patient.rs"), scope="user/*.cruds"),
            ANY_SCOPE,
        ),
        ("An app asks to stay for a while and for good at once", "SMART 2.2 scopes, refresh", _ask(scope="user/*.rs online_access offline_access"), ANY_SCOPE),
        ("An app asks for nothing that is understood", "RFC 6749 3.3", _ask(scope="admin root"), NOTHING_IS_ASKED),
        ("An app asks for no scope at all", "RFC 6749 3.3", _ask(scope=None), MISSING_IS_GOOD),
        ("A launch is slipped into a request that did not ask for one", "SMART 2.2 launch context", _ask(launch="l" * 43, scope="user/*.rs"), LAUNCHES_ARE_NOT_LOOKED_AT),
    ),
]
