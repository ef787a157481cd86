"""Attacks on pushed authorization requests (RFC 9126), which a strict app must use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.smart import authorize, pushed_request, pushing
from gateway.smart.authorize import Asked
from gateway.web import authorize as web_authorize
from tests.attack.attack import INVALID_CLIENT, INVALID_REQUEST, Answer, Attack, answer_of, fault, refused, replaced
from tests.attack.authorize_request import ANYWHERE
from tests.attack.client_auth import ANY_SHAPE, UNPROVEN
from tests.attack.possession import BAD_PROOF, prover_of
from tests.attack.stage import BASE_URL, Stage
from tests.token.given import app

Run = Callable[[Stage], Answer]


def _push(headers: Any = None, query: Any = None, **changes: Any) -> Run:
    """An app with a secret pushes a request."""

    def run(stage: Stage) -> Answer:
        mine = app(stage.world, "client_secret_basic", scope="user/*.rs")
        good = stage.people.parameters(client_id=mine.client_id, redirect_uri="https://app.example.org/callback", scope="user/*.rs")
        _, proof = mine.proof()
        sent = [*(proof if headers is None else headers).items()]
        return answer_of(stage.post("/oauth/par", {name: value for name, value in (good | changes).items() if value is not None}, sent, query_string=query))

    return run


def _for_another(stage: Stage) -> Answer:
    return _push(client_id=stage.people.app)(stage)


def _with_another_key(stage: Stage) -> Answer:
    """The request names one key, and its sender proves another."""
    mine = app(stage.world, scope="user/*.rs")
    good = stage.people.parameters(client_id=mine.client_id, redirect_uri="https://app.example.org/callback", scope="user/*.rs", dpop_jkt="k" * 43)
    proof = prover_of(stage).proof(htu=f"{BASE_URL}/oauth/par", nonce=stage.nonces.new())
    return answer_of(stage.post("/oauth/par", good, [("DPoP", proof)]))


def _pushed_and_more(stage: Stage) -> Answer:
    """What was pushed asks for little; what the browser brings beside it asks for more. Told by what is then offered."""
    people = stage.people
    reference = pushed_request.push(stage.store, stage.clock, people.app, people.parameters(scope="user/Patient.rs"))
    walk = people.browser(people.clinic.mara)
    sent = {"client_id": people.app, "request_uri": reference, "scope": "user/*.cruds"}
    page = walk.follow(walk.browser.http.get("/oauth/authorize", query_string=sent, base_url=people.world.settings.base_url))
    return Answer(200) if "user/*.cruds" in page.text else Answer(page.status_code, "not widened")


def _merged(store: Any, clock: Any, asked: Asked) -> Asked | None:
    found = _PUSHED_FOR(store, clock, asked)
    return found and Asked(dict(found.values) | {name: value for name, value in asked.values.items() if name != "request_uri"})


_PUSHED_FOR = authorize.pushed_for
BROWSER_ADDS = fault("what the browser brings counts beside what was pushed", replaced(web_authorize, "pushed_for", _merged))
ANY_PARAMETERS = fault("what is pushed is kept as it comes", replaced(pushing, "_parameters", lambda asked, client_id: {**asked.form.to_dict(), "client_id": client_id}))
UNCHECKED = fault("a pushed request is checked when it is used, and not before", replaced(pushing, "check_request", lambda *_, **__: None))
_2_1 = "RFC 9126 2.1"

ATTACKS = [
    *refused(
        INVALID_CLIENT,
        ("Nobody in particular pushes a request in an app's name", f"{_2_1}; ASVS 5.0 10.4.10", _push({}), UNPROVEN),
        ("A request is pushed with a wrong secret", _2_1, _push({"Authorization": "Basic YTpi"}), UNPROVEN),
        ("An app pushes a request in another one's name", _2_1, _for_another, UNPROVEN & UNCHECKED),
    ),
    *refused(
        INVALID_REQUEST,
        ("A pushed request refers to another one", f"{_2_1} (2)", _push(request_uri="urn:ietf:params:oauth:request_uri:" + "r" * 43), ANY_PARAMETERS & UNCHECKED),
        ("A pushed request goes to an address that was not registered", "RFC 9126 2.4; RFC 9700 4.1.3", _push(redirect_uri="https://evil.example/back"), ANYWHERE),
        ("A pushed request comes without PKCE", "RFC 9700 2.1.1", _push(code_challenge=None), UNCHECKED),
        ("A pushed request is for another server", "SMART 2.2 [96]", _push(aud="https://other.example.org/fhir"), UNCHECKED),
        ("A pushed request stands in the address", f"{_2_1}; CWE-598", _push(query={"scope": "user/*.cruds"}), ANY_SHAPE),
        ("A parameter is pushed twice", "RFC 6749 3.2", _push(scope=["user/*.rs", "user/*.cruds"]), ANY_SHAPE),
    ),
    Attack("A pushed request names another key than its sender proves", "RFC 9449 10.1", _with_another_key, BAD_PROOF, ANY_PARAMETERS),
    Attack("A pushed request asks for more than its app may have", "RFC 9126 2.3", _push(scope="system/*.rs"), Answer(400, "invalid_scope"), UNCHECKED),
    Attack("A browser adds to what was pushed", "RFC 9126 4", _pushed_and_more, Answer(200, "not widened"), BROWSER_ADDS),
]
