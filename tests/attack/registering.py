"""Attacks by clients that register themselves, and by browsers of origins that nobody registered (RFC 7591, RFC 7592, ASVS 5.0 3.4)."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc7591 import ClientRegistrationEndpoint

from gateway.http import registration as http_registration
from gateway.http.cors import Origins
from gateway.smart import app as apps
from gateway.smart import client as clients
from gateway.smart import registration, registration_document
from gateway.store import oauth
from tests.attack.attack import INVALID_CLIENT, INVALID_TOKEN, Answer, Attack, answer_of, fault, refused, replaced
from tests.attack.signer import Signer, ec_key, public
from tests.attack.stage import BASE_URL, TOKEN_URL, Stage

Run = Callable[[Stage], Answer]
BACK = "https://new.example.org/back"
APP: dict[str, Any] = {"client_name": "A new app", "redirect_uris": [BACK], "scope": "user/*.rs", "token_endpoint_auth_method": "none"}
SYSTEM: dict[str, Any] = {"client_name": "A new system", "scope": "system/Patient.rs", "grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt"}
BAD_ADDRESS, BAD_DOCUMENT = Answer(400, "invalid_redirect_uri"), Answer(400, "invalid_client_metadata")
UNSEEN = "no origin"
_addresses = (f"2001:db8:{number:x}::1" for number in itertools.count(1))


def _register(stage: Stage, document: Any, address: str = "", content_type: str = "application/json") -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return stage.http.post("/oauth/register", base_url=BASE_URL, data=body, content_type=content_type, environ_base={"REMOTE_ADDR": address or next(_addresses)})


def _app(**changes: Any) -> Run:
    return lambda stage: answer_of(_register(stage, {name: value for name, value in (APP | changes).items() if value is not None}))


def _system(**changes: Any) -> Run:
    return lambda stage: answer_of(_register(stage, SYSTEM | {"jwks": public(ec_key())} | changes))


def _body(body: bytes, content_type: str = "application/json") -> Run:
    return lambda stage: answer_of(_register(stage, body, content_type=content_type))


def _flood(stage: Stage) -> Answer:
    return [answer_of(_register(stage, APP, "198.51.100.7")) for _ in range(21)][-1]


def _managed(stage: Stage, told: dict[str, Any], method: str, token: str, document: Any = None) -> Answer:
    path = told["registration_client_uri"].removeprefix(BASE_URL)
    return answer_of(
        stage.http.open(path, method=method, base_url=BASE_URL, headers={"Authorization": f"Bearer {token}"}, json=document and document | {"client_id": told["client_id"]})
    )


def _manages(method: str, token: Callable[[Stage, dict[str, Any]], str], **document: Any) -> Run:
    """A registration is touched by whoever has this token."""

    def run(stage: Stage) -> Answer:
        told = _register(stage, APP).get_json()
        return _managed(stage, told, method, token(stage, told), APP | document if method == "PUT" else None)

    return run


def _replaced_token(stage: Stage, told: dict[str, Any]) -> str:
    old = str(told["registration_access_token"])
    assert _managed(stage, told, "PUT", old, APP | {"client_name": "Renamed"}).is_granted
    return old


def _of_another(stage: Stage, _: dict[str, Any]) -> str:
    return str(_register(stage, APP).get_json()["registration_access_token"])


def _acts_unapproved(stage: Stage) -> Answer:
    told = _register(stage, SYSTEM | {"jwks": public(ec_key())}).get_json()
    return stage.token(Signer(told["client_id"], ec_key(), stage.clock, TOKEN_URL).form())


def _widened_after_approval(stage: Stage) -> Answer:
    """What was approved is another thing than what stands there now."""
    told = _register(stage, SYSTEM | {"jwks": public(ec_key())}).get_json()
    with stage.store.write() as connection:
        row = oauth.client(connection, told["client_id"])
        assert row is not None
        _CHANGE(connection, row, row._replace(approved_at=stage.now))
    document = SYSTEM | {"jwks": public(ec_key()), "scope": "system/*.cruds"}
    assert _managed(stage, told, "PUT", str(told["registration_access_token"]), document).is_granted
    return stage.token(Signer(told["client_id"], ec_key(), stage.clock, TOKEN_URL).form(scope="system/*.cruds"))


def _origin(origin: str, path: str = "/fhir/Patient", **more: Any) -> Run:
    """A page of this origin asks in the browser; is it shown the answer?"""

    def run(stage: Stage) -> Answer:
        assert stage.people.app
        shown = stage.http.open(path, base_url=BASE_URL, headers={"Origin": origin, **more.pop("headers", {})}, **more)
        return Answer(200) if "Access-Control-Allow-Origin" in shown.headers else Answer(shown.status_code, UNSEEN)

    return run


def _preflight(stage: Stage) -> Answer:
    sent = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    shown = stage.http.open("/oauth/token", method="OPTIONS", base_url=BASE_URL, headers=sent)
    return Answer(200) if "Access-Control-Allow-Methods" in shown.headers else Answer(shown.status_code, UNSEEN)


# Faults


def _any_holder(self: Any, asked: Any) -> Any:
    registry = vars(self)["_registry"]
    with registry.store.read() as connection:
        asked.row = oauth.client(connection, asked.client_id)
    return registration._Held(asked.client_id)  # noqa: SLF001 (what the endpoint itself answers)


def _still_approved(connection: Any, before: Any, after: Any) -> bool:
    return _CHANGE(connection, before, after._replace(approved_at=before.approved_at))


_CHANGE = oauth.change_client
ANY_REDIRECT = fault("every redirect URI may be registered", replaced(apps, "is_redirect_uri", lambda _: True))
NO_ADDRESS = fault("an app needs no redirect URI", replaced(apps, "_check_addresses", lambda _: None))
ANY_SCOPE = fault("every scope may be registered", replaced(apps, "check_app", lambda _: None))
ANY_LINK = fault("every link may be registered", replaced(apps, "check_about", lambda _: None))
NO_CLAIMS = fault("Authlib's claims of a registration are not checked", replaced(ClientRegistrationEndpoint, "extract_client_metadata", lambda *_: None))
ANY_GRANTS = fault("every grant may be registered", replaced(registration_document, "_check_grants", lambda _: None)) & NO_CLAIMS
ANY_METHOD = fault("every way to authenticate may be registered", replaced(registration_document, "_method", lambda document: document.token_endpoint_auth_method)) & NO_CLAIMS
UNDONE_IS_DONE = fault("what is not done here may be asked for", replaced(registration_document, "NOT_DONE", ()))
REPEATED = fault("of members with one name the last counts", replaced(http_registration, "_each_once", dict))
ANY_BODY = fault("a document may come as anything", replaced(http_registration, "_document", lambda: dict(APP)))
NO_LIMIT = fault("one address may register without end", replaced(http_registration, "_too_soon", lambda *_: None))
ANY_HOLDER = fault("who manages a registration is not looked at", replaced(registration.Manage, "authenticate_token", _any_holder))
APPROVED = fault("approval is not needed", replaced(clients, "client_of", lambda *args: dataclasses.replace(_CLIENT_OF(*args), approved=True)))
ANY_KEY_SET = fault("keys are not looked at when they are registered", *(replaced(room, "check_keys", lambda *_: None) for room in (apps, clients)))
_CLIENT_OF = clients.client_of
STAYS_APPROVED = fault("a change does not ask for approval again", replaced(oauth, "change_client", _still_approved))
EVERY_ORIGIN = fault("every origin is sent back", replaced(Origins, "may_call", lambda *_: True))
BY_BEGINNING = fault("origins are compared by their beginning", replaced(Origins, "may_call", lambda _, origin: origin.startswith("https://app.example.org")))

_7591 = "RFC 7591 5"
_CORS = "ASVS 5.0 3.4.2; SMART 2.2 [16-17]"

ATTACKS = [
    *refused(
        BAD_ADDRESS,
        ("A client registers a script as its address", f"{_7591}; CWE-601", _app(redirect_uris=["javascript:alert(1)"]), ANY_REDIRECT),
        ("A client registers a document of its own as its address", f"{_7591}; CWE-601", _app(redirect_uris=["data:text/html,x"]), ANY_REDIRECT),
        ("A client registers an address without TLS", "RFC 9700 2.6", _app(redirect_uris=["http://new.example.org/back"]), ANY_REDIRECT),
        ("A client registers an address that looks like this machine", "Authlib 1.8.0", _app(redirect_uris=["http://localhost:80@evil.example/back"]), ANY_REDIRECT & NO_CLAIMS),
        ("A client registers an address with a wildcard", "RFC 9700 4.1.3", _app(redirect_uris=["https://*.example.org/back"]), ANY_REDIRECT),
        ("A client registers an address with a fragment", "RFC 6749 3.1.2", _app(redirect_uris=["https://new.example.org/back#x"]), ANY_REDIRECT),
        ("A client registers a scheme that any app might take", "RFC 8252 7.1, 8.4", _app(redirect_uris=["myapp:/back"]), ANY_REDIRECT),
        ("A client registers no address at all", "RFC 9700 4.1.3", _app(redirect_uris=[]), NO_ADDRESS),
        ("A client registers one good address and one of the attacker's kind", _7591, _app(redirect_uris=[BACK, "https://user@evil.example/"]), ANY_REDIRECT),
    ),
    *refused(
        BAD_DOCUMENT,
        ("An app registers for a system's scopes", "ASVS 5.0 10.4.11", _app(scope="system/*.rs"), ANY_SCOPE),
        ("An app registers for the practice's own records", "ASVS 5.0 10.4.11", _app(scope="user/*.rs __record.write"), ANY_SCOPE),
        ("A client registers its private key", "RFC 7517 9.2; RFC 7591 2", _system(jwks={"keys": [ec_key().as_dict(private=True)]}), ANY_KEY_SET),
        ("A client registers keys at an address without TLS", f"{_7591}; CWE-918", _system(jwks=None, jwks_uri="http://10.0.0.1/jwks.json"), ANY_KEY_SET & NO_CLAIMS),
        ("A client registers a password for its grant", "RFC 9700 2.4", _app(grant_types=["password"]), ANY_GRANTS),
        ("A client registers the implicit grant", "RFC 9700 2.1.2", _app(grant_types=["authorization_code", "implicit"]), ANY_GRANTS),
        ("A client registers a token as its response", "RFC 9700 2.1.2", _app(response_types=["token"]), ANY_GRANTS),
        ("An app registers to be a system at the same time", "RFC 6749 2.1", _app(grant_types=["authorization_code", "client_credentials"]), ANY_GRANTS),
        ("A client registers to send its secret in the body", "ASVS 5.0 10.4.16", _app(token_endpoint_auth_method="client_secret_post"), ANY_METHOD),
        ("A client registers id_tokens without a signature", "RFC 8725 3.2; OpenID Connect Registration 2", _app(id_token_signed_response_alg="none"), NO_CLAIMS),
        ("A client registers addresses from which we are to fetch requests", "RFC 9101 10.4; CWE-918", _app(request_uris=["https://10.0.0.1/r"]), UNDONE_IS_DONE),
        ("A client registers an address for the subjects of a sector", "OpenID Connect Registration 5; CWE-918", _app(sector_identifier_uri="https://10.0.0.1/s"), UNDONE_IS_DONE),
        ("A client registers a script as its website", f"{_7591}; CWE-79", _app(client_uri="javascript:alert(1)"), ANY_LINK & NO_CLAIMS),
        ("A registration comes as a form, which any page may send", "ASVS 5.0 3.5.2; CWE-352", _body(b"client_name=x", "application/x-www-form-urlencoded"), ANY_BODY),
        ("A registration names a member twice", "RFC 8259 4", _body(json.dumps(APP).replace("{", '{"scope": "system/*.cruds", ', 1).encode()), REPEATED),
        ("A registration is nested beyond any stack", "CWE-674", _body(b"[" * 20_000), ANY_BODY),
    ),
    Attack("One address registers twenty-one clients in an hour", "RFC 7591 5; RFC 6819 4.6.7", _flood, Answer(429, "temporarily_unavailable"), NO_LIMIT),
    *refused(
        INVALID_TOKEN,
        ("Somebody reads a registration without its token", "RFC 7592 3", _manages("GET", lambda *_: "x"), ANY_HOLDER),
        ("A client changes another one's registration", "RFC 7592 3", _manages("PUT", _of_another), ANY_HOLDER),
        ("A client ends another one's registration", "RFC 7592 3", _manages("DELETE", _of_another), ANY_HOLDER),
        ("A registration is read by a token that was replaced", "RFC 7592 3", _manages("GET", _replaced_token), ANY_HOLDER),
    ),
    *refused(
        INVALID_CLIENT,
        ("A system that registered itself asks for a token before it was approved", f"{_7591}; ASVS 5.0 10.4.7", _acts_unapproved, APPROVED),
        ("A system that was approved widens itself, and asks for a token", f"{_7591}; RFC 7592 2.2", _widened_after_approval, STAYS_APPROVED),
    ),
    Attack("A page of an unknown origin asks whether it may ask for tokens", _CORS, _preflight, Answer(204, UNSEEN), EVERY_ORIGIN),
    *refused(
        Answer(401, UNSEEN),
        ("A page of an unknown origin reads the FHIR API", _CORS, _origin("https://evil.example"), EVERY_ORIGIN),
        ("A page of no origin, from a sandbox or a file, reads the FHIR API", _CORS, _origin("null"), EVERY_ORIGIN),
        ("A page of an origin that begins with a registered one", _CORS, _origin("https://app.example.org.evil.example"), BY_BEGINNING),
        ("A page of a registered host at another port", _CORS, _origin("https://app.example.org:8443"), BY_BEGINNING),
        ("A page of a registered host without TLS", _CORS, _origin("http://app.example.org"), EVERY_ORIGIN),
    ),
]
