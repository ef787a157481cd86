"""Attacks by the shape of a request to the authorization server: no proof, two proofs, other grants, other media, parameters sent twice (RFC 6749, RFC 6819)."""

from __future__ import annotations

import json
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import flask
import werkzeug
from authlib.oauth2.rfc6749.authenticate_client import ClientAuthentication
from werkzeug.datastructures import ImmutableMultiDict

from gateway.http import oauth, oauth_form
from gateway.smart.app import Registration, add_app
from gateway.smart.client import OAuthClient
from gateway.smart.grant import BackendGrant
from gateway.smart.token import SignedClaims
from tests.attack.attack import INVALID_CLIENT, INVALID_REQUEST, Answer, Attack, Fault, answer_of, fault, refused, replaced
from tests.attack.signer import ec_key, public
from tests.attack.stage import BASE_URL, Stage
from tests.world import PRACTICE

Run = Callable[[Stage], Answer]
UNSUPPORTED_GRANT = Answer(400, "unsupported_grant_type")


def _form(**changes: Any) -> Run:
    return lambda stage: stage.token(stage.ehr.form(**changes))


def _only(**form: Any) -> Run:
    """A client's name and this, but no assertion."""
    return lambda stage: stage.token({"grant_type": "client_credentials", "scope": "system/Patient.rs", "client_id": stage.ehr.client_id} | form)


def _typed(assertion_type: str | None) -> Run:
    return lambda stage: stage.token(stage.ehr.form(client_assertion_type=assertion_type, client_id=stage.ehr.client_id))


def _headed(authorization: Callable[[Stage], str], *, bare: bool = False) -> Run:
    def run(stage: Stage) -> Answer:
        form = {"grant_type": "client_credentials", "scope": "system/Patient.rs", "client_id": stage.ehr.client_id} if bare else stage.ehr.form()
        return stage.token(form, {"Authorization": authorization(stage)})

    return run


def _basic(stage: Stage) -> str:
    return "Basic " + b64encode(f"{stage.ehr.client_id}:secret".encode()).decode()


def _app(**given: Any) -> Callable[[Stage], Any]:
    def made(stage: Stage) -> Any:
        asked = Registration(name="An app", scope="user/Patient.rs", redirect_uris=["https://app.example.org/back"], **given)
        return add_app(stage.store, stage.clock, PRACTICE, asked)

    return made


def _app_alone(stage: Stage) -> Answer:
    """A public app asks for a token of its own, as if it were a system."""
    return stage.token({"grant_type": "client_credentials", "scope": "user/Patient.rs", "client_id": _app()(stage).client_id})


def _app_with_secret(stage: Stage) -> Answer:
    made = _app(auth_method="client_secret_basic")(stage)
    sent = "Basic " + b64encode(f"{made.client_id}:{made.secret}".encode()).decode()
    return stage.token({"grant_type": "client_credentials", "scope": "user/Patient.rs"}, {"Authorization": sent})


def _app_with_keys(stage: Stage) -> Answer:
    made = _app(auth_method="private_key_jwt", jwks=public(ec_key()))(stage)
    signer = stage.ehr
    return stage.token(signer.form(signer.assertion(claims={"iss": made.client_id, "sub": made.client_id}), scope="user/Patient.rs"))


def _grant(name: str, **more: str) -> Run:
    return lambda stage: stage.token(stage.ehr.form(grant_type=name, **more))


def _sent_as(content_type: str, body: Callable[[Any], Any]) -> Run:
    return lambda stage: stage.token(body(stage.ehr.form()), content_type=content_type)


def _asked(name: str, value: str) -> Run:
    """One parameter in the address, beside a body that lacks nothing."""
    return lambda stage: stage.token(stage.ehr.form(), query_string={name: value})


def _method(method: str, **headers: str) -> Run:
    return lambda stage: answer_of(stage.http.open("/oauth/token", method=method, base_url=BASE_URL, data=stage.ehr.form(), headers=headers))


def _twice(name: str, other: Callable[[Stage], str]) -> Run:
    def run(stage: Stage) -> Answer:
        form = stage.ehr.form()
        return stage.token(form | {name: [form.get(name, ""), other(stage)]})

    return run


# Faults


def _named(self: ClientAuthentication, asked: Any, _methods: Any, _endpoint: str = "token") -> Any:
    """Whoever names a client, in whatever way, is that client."""
    form, basic = asked.form, asked.headers.get("Authorization", "").removeprefix("Basic ")
    name = form.get("client_id") or b64decode(basic).decode().partition(":")[0]
    client = self.query_client(name)
    asked.client, asked.proven_client_id = client, name
    asked.signed_claims = SignedClaims(name, uuid.uuid4().hex, 0)
    return client


class _Narrowed:
    """A request of which only the assertion is seen."""

    def __init__(self, asked: Any) -> None:
        vars(self)["asked"] = asked
        vars(self)["headers"] = {}
        vars(self)["form"] = {name: value for name, value in asked.form.items() if name != "client_secret"}

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["asked"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(vars(self)["asked"], name, value)


_AUTHENTICATE = ClientAuthentication.authenticate

UNPROVEN = fault("whoever names a client is that client", replaced(ClientAuthentication, "authenticate", _named))
ONE_PROOF_IS_ENOUGH = fault(
    "where an assertion is good, nothing else that came with it is looked at",
    replaced(ClientAuthentication, "authenticate", lambda self, asked, methods, endpoint: _AUTHENTICATE(self, _Narrowed(asked), methods, endpoint)),
)
ANY_SHAPE = fault("the shape of a request is not checked", replaced(oauth, "refusal", lambda: None))


def _with_grant(asked: flask.Request) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict({"grant_type": "client_credentials"} | werkzeug.Request.form.__get__(asked).to_dict())


class _Everything:
    def __contains__(self, _: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(())


ANY_GRANT = fault(
    "a grant that is not known is taken for the only one",
    replaced(oauth, "GRANT_TYPES", _Everything()),
    replaced(BackendGrant, "check_token_endpoint", classmethod(lambda *_: True)),
)
NO_GRANT = fault("a missing grant_type is the one of systems", replaced(flask.Request, "form", property(_with_grant), new=True))
GRANTS_OF_ANYBODY = fault("every client may use every grant", replaced(OAuthClient, "check_grant_type", lambda *_: True))
JSON_TAKEN = ANY_SHAPE & fault("a JSON body is a form", replaced(flask.Request, "form", property(lambda asked: ImmutableMultiDict(asked.get_json(force=True))), new=True))
LONG_BODIES = fault("a form may be of any length", replaced(oauth_form, "MAX_BODY_BYTES", 10**7))


def _overriding(stage: Stage) -> Any:
    inner = stage.app.wsgi_app

    def wsgi_app(environment: Any, start: Any) -> Any:
        environment["REQUEST_METHOD"] = environment.get("HTTP_X_HTTP_METHOD_OVERRIDE", environment["REQUEST_METHOD"])
        return inner(environment, start)

    return replaced(stage.app, "wsgi_app", wsgi_app)(stage)


OVERRIDE = Fault("X-HTTP-Method-Override is honoured", (_overriding,))
_SAML = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

ATTACKS = [
    *refused(
        INVALID_CLIENT,
        ("A client says who it is and proves nothing", "RFC 6749 3.2.1; ASVS 5.0 10.4.10", _only(), UNPROVEN),
        ("A client with keys sends a secret in the body", "SMART 2.2 client-confidential-asymmetric", _only(client_secret="s"), UNPROVEN),
        ("A client with keys sends a secret by HTTP Basic", "ASVS 5.0 10.4.16", _headed(_basic, bare=True), UNPROVEN),
        ("A client with keys proves itself by somebody's access token", "RFC 6749 2.3", _headed(lambda stage: f"Bearer {stage.mint(stage.ehr)}", bare=True), UNPROVEN),
        ("A client proves itself by an assertion and a secret", "RFC 6749 2.3", _form(client_secret="s"), ONE_PROOF_IS_ENOUGH),
        ("A client proves itself by an assertion and HTTP Basic", "RFC 6749 2.3", _headed(_basic), ONE_PROOF_IS_ENOUGH),
        ("A client proves itself by an assertion and an access token", "RFC 6749 2.3", _headed(lambda stage: f"Bearer {stage.mint(stage.ehr)}"), ONE_PROOF_IS_ENOUGH),
        ("An assertion comes without its type", "RFC 7521 4.2", _typed(None), UNPROVEN),
        ("An assertion comes as SAML", "RFC 7521 4.2", _typed(_SAML), UNPROVEN),
        ("An assertion is empty", "RFC 7521 4.2", lambda stage: stage.token(stage.ehr.form(client_assertion="", client_id=stage.ehr.client_id)), UNPROVEN),
        ("A public app asks for a token as if it were a system", "SMART 2.2 backend-services", _app_alone, UNPROVEN & GRANTS_OF_ANYBODY),
        ("An app with a secret asks for a token as if it were a system", "SMART 2.2 backend-services", _app_with_secret, UNPROVEN & GRANTS_OF_ANYBODY),
    ),
    Attack("An app with keys asks for a token as if it were a system", "RFC 6749 4.4", _app_with_keys, Answer(400, "unauthorized_client"), GRANTS_OF_ANYBODY),
    *refused(
        UNSUPPORTED_GRANT,
        ("A client asks by a person's password", "RFC 9700 2.4; ASVS 5.0 10.4.4", _grant("password", username="u", password="p"), ANY_GRANT),
        ("A client asks by the implicit grant at the token endpoint", "RFC 9700 2.1.2; ASVS 5.0 10.4.4", _grant("implicit"), ANY_GRANT),
        ("A client asks by a device code, which is not served", "RFC 8628 5.4", _grant(_DEVICE, device_code="d"), ANY_GRANT),
        ("A client exchanges a token for another one", "RFC 8693 5", _grant(_EXCHANGE, subject_token="t"), ANY_GRANT),
        ("A client asks by an assertion as a grant", "RFC 7523 2.1", lambda stage: stage.token(stage.ehr.form(grant_type=_JWT_GRANT) | {"assertion": "a.b.c"}), ANY_GRANT),
        ("A grant is written in other capitals", "RFC 6749 4.4.2", _grant("Client_Credentials"), ANY_GRANT),
        ("A grant has a space behind it", "RFC 6749 4.4.2", _grant("client_credentials "), ANY_GRANT),
        ("Two grants stand in one parameter", "RFC 6749 4.4.2", _grant("client_credentials password"), ANY_GRANT),
        ("A grant is markup that an error might repeat", "CWE-79", _grant("<script>alert(1)</script>"), ANY_GRANT),
    ),
    *refused(
        INVALID_REQUEST,
        ("A request names no grant", "RFC 6749 5.2", _form(grant_type=None), NO_GRANT),
        ("A scope stands in the address beside one in the body", "RFC 6749 3.2; CWE-598", _asked("scope", "system/*.cruds"), ANY_SHAPE),
        ("A client's assertion stands in the address", "RFC 6819 4.6.6; CWE-598", _asked("client_assertion", "a.b.c"), ANY_SHAPE),
        ("A request is sent as multipart", "RFC 6749 4.4.2", _sent_as("multipart/form-data", dict), ANY_SHAPE),
        ("A request is sent as JSON", "RFC 6749 4.4.2", _sent_as("application/json", json.dumps), JSON_TAKEN),
        ("A request is sent as text, which any page may do", "RFC 6749 4.4.2; ASVS 5.0 4.1.1", _sent_as("text/plain", json.dumps), JSON_TAKEN),
        ("A grant is sent twice", "RFC 6749 3.2", _twice("grant_type", lambda _: "password"), ANY_SHAPE),
        ("A scope is sent twice, the first narrow and the second wide", "RFC 6749 3.2; ASVS 5.0 15.3.7", _twice("scope", lambda _: "system/*.cruds"), ANY_SHAPE),
        ("Two assertions of two clients are sent", "RFC 6749 3.2", _twice("client_assertion", lambda stage: stage.rival.assertion()), ANY_SHAPE),
        ("A parameter that nobody knows is sent twice", "RFC 6749 3.2", lambda stage: stage.token(stage.ehr.form() | {"x": ["1", "2"]}), ANY_SHAPE),
    ),
    Attack("A request is a GET that calls itself a POST", "ASVS 5.0 4.1.4", _method("GET", **{"X-HTTP-Method-Override": "POST"}), Answer(405, "invalid_request"), OVERRIDE),
    Attack("A request is a PUT", "RFC 6749 3.2", _method("PUT"), Answer(405, "invalid_request"), ANY_SHAPE & ANY_GRANT),
    Attack("A request is larger than any honest one", "RFC 6819 4.6.7", _form(more="m" * 40_000), Answer(413, "invalid_request"), LONG_BODIES),
]
