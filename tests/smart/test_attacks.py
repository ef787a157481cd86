"""Every way of asking for a token that is refused, by name, with the error it gets. Beside it stands that the plain request succeeds."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from tests.smart.world import PUBLIC_URL, TOKEN_URL, Ehr, Server

INVALID_CLIENT = (401, "invalid_client")
INVALID_REQUEST = (400, "invalid_request")
INVALID_SCOPE = (400, "invalid_scope")
UNSUPPORTED_GRANT = (400, "unsupported_grant_type")
UNAUTHORIZED_CLIENT = (400, "unauthorized_client")


def _b64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _header(**changes: Any) -> Callable[[Ehr], dict[str, Any]]:
    return lambda ehr: ehr.form(client_assertion=ehr.assertion(header=ehr.header(**changes)))


def _claims(**changes: Any) -> Callable[[Ehr], dict[str, Any]]:
    return lambda ehr: ehr.form(client_assertion=ehr.assertion(claims=ehr.claims(**changes)))


def _times(name: str, seconds: float) -> Callable[[Ehr], dict[str, Any]]:
    return lambda ehr: ehr.form(client_assertion=ehr.assertion(claims=ehr.claims(**{name: ehr.clock.now + seconds})))


def _form(**changes: Any) -> Callable[[Ehr], dict[str, Any]]:
    return lambda ehr: ehr.form(**changes)


def _raw(header: bytes, payload: bytes | None = None) -> Callable[[Ehr], dict[str, Any]]:
    """A compact JWS of these very bytes, with a signature of zeros."""

    def form(ehr: Ehr) -> dict[str, Any]:
        body = json.dumps(ehr.claims()).encode() if payload is None else payload
        return ehr.form(client_assertion=f"{_b64(header)}.{_b64(body)}.{_b64(bytes(96))}")

    return form


def _signed_payload(payload: bytes) -> Callable[[Ehr], dict[str, Any]]:
    """A payload that is no claims set, under a good signature."""
    return lambda ehr: ehr.form(client_assertion=jws.serialize_compact(ehr.header(), payload, ehr.key, algorithms=["ES384", "RS384"]))


def _by_public_key_as_secret(ehr: Ehr) -> dict[str, Any]:
    signed = f"{_b64(json.dumps(ehr.header(alg='HS256')).encode())}.{_b64(json.dumps(ehr.claims()).encode())}"
    return ehr.form(client_assertion=f"{signed}.{_b64(hmac.digest(ehr.key.as_pem(private=False), signed.encode(), 'sha256'))}")


def _by_another_key(ehr: Ehr) -> dict[str, Any]:
    return ehr.form(client_assertion=ehr.assertion(key=ECKey.generate_key("P-384", {"kid": str(ehr.key.kid)})))


def _by_key_in_header(ehr: Ehr) -> dict[str, Any]:
    mine = ECKey.generate_key("P-384")
    return ehr.form(client_assertion=ehr.assertion(header=ehr.header(jwk=mine.as_dict(private=False)), key=mine))


def _by_p256(ehr: Ehr) -> dict[str, Any]:
    mine = ECKey.generate_key("P-256")
    return ehr.form(client_assertion=ehr.assertion(header=ehr.header(alg="ES256"), key=mine))


def _by_rsa_under_ec_kid(ehr: Ehr) -> dict[str, Any]:
    mine = RSAKey.generate_key(2048)
    return ehr.form(client_assertion=ehr.assertion(header=ehr.header(alg="RS384"), key=mine))


def _signature_changed(ehr: Ehr) -> dict[str, Any]:
    head, body, signature = ehr.assertion().split(".")
    return ehr.form(client_assertion=f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}")


def _claims_changed(ehr: Ehr) -> dict[str, Any]:
    head, _, signature = ehr.assertion().split(".")
    return ehr.form(client_assertion=f"{head}.{_b64(json.dumps(ehr.claims()).encode())}.{signature}")


def _signature_gone(ehr: Ehr) -> dict[str, Any]:
    return ehr.form(client_assertion=ehr.assertion().rsplit(".", 1)[0] + ".")


def _deep(ehr: Ehr) -> bytes:
    return b'{"sub":"' + ehr.client_id.encode() + b'","a":' + b"[" * 3000 + b"]" * 3000 + b"}"


ATTACKS: dict[str, tuple[Callable[[Ehr], dict[str, Any]], tuple[int, str]]] = {
    "alg none": (_raw(b'{"alg":"none","typ":"JWT","kid":"ec-1"}'), INVALID_CLIENT),
    "alg None with odd capitals": (_raw(b'{"alg":"nOnE","typ":"JWT","kid":"ec-1"}'), INVALID_CLIENT),
    "alg HS256 with the public key as secret": (_by_public_key_as_secret, INVALID_CLIENT),
    "alg ES256": (_by_p256, INVALID_CLIENT),
    "alg missing": (_raw(b'{"typ":"JWT","kid":"ec-1"}'), INVALID_CLIENT),
    "alg a list": (_raw(b'{"alg":["ES384"],"typ":"JWT","kid":"ec-1"}'), INVALID_CLIENT),
    "alg of another key type than the kid's": (_by_rsa_under_ec_kid, INVALID_CLIENT),
    "typ missing": (_header(typ=None), INVALID_CLIENT),
    "typ of another token": (_header(typ="at+jwt"), INVALID_CLIENT),
    "typ a number": (_raw(b'{"alg":"ES384","typ":1,"kid":"ec-1"}'), INVALID_CLIENT),
    "kid missing": (_header(kid=None), INVALID_CLIENT),
    "kid unknown": (_header(kid="nobody"), INVALID_CLIENT),
    "kid empty": (_header(kid=""), INVALID_CLIENT),
    "kid a number": (_raw(b'{"alg":"ES384","typ":"JWT","kid":7}'), INVALID_CLIENT),
    "kid with SQL": (_header(kid="' OR 1=1 --"), INVALID_CLIENT),
    "jku where keys are inline": (_header(jku="https://evil.example/jwks"), INVALID_CLIENT),
    "jku a number": (_raw(b'{"alg":"ES384","typ":"JWT","kid":"ec-1","jku":1}'), INVALID_CLIENT),
    "crit with an unknown extension": (_raw(b'{"alg":"ES384","typ":"JWT","kid":"ec-1","crit":["exp"]}'), INVALID_CLIENT),
    "b64 false": (_raw(b'{"alg":"ES384","typ":"JWT","kid":"ec-1","b64":false,"crit":["b64"]}'), INVALID_CLIENT),
    "key brought along in the header": (_by_key_in_header, INVALID_CLIENT),
    "header a list": (_raw(b'["alg"]'), INVALID_CLIENT),
    "header a text": (_raw(b'"alg"'), INVALID_CLIENT),
    "header deep beyond any stack": (_raw(b"[" * 1500), INVALID_CLIENT),
    "header not UTF-8": (_raw(b'{"alg":"ES384\xff"}'), INVALID_CLIENT),
    "signed by another key of the same name": (_by_another_key, INVALID_CLIENT),
    "signature changed": (_signature_changed, INVALID_CLIENT),
    "signature of zeros": (_raw(b'{"alg":"ES384","typ":"JWT","kid":"ec-1"}'), INVALID_CLIENT),
    "signature gone": (_signature_gone, INVALID_CLIENT),
    "claims changed after signing": (_claims_changed, INVALID_CLIENT),
    "aud another server": (_claims(aud="https://other.example.org/oauth/token"), INVALID_CLIENT),
    "aud the base of this server": (_claims(aud=PUBLIC_URL), INVALID_CLIENT),
    "aud with a slash more": (_claims(aud=TOKEN_URL + "/"), INVALID_CLIENT),
    "aud a list with others": (_claims(aud=[TOKEN_URL, "https://other.example.org/oauth/token"]), INVALID_CLIENT),
    "aud an empty list": (_claims(aud=[]), INVALID_CLIENT),
    "aud an object": (_claims(aud={TOKEN_URL: True}), INVALID_CLIENT),
    "aud missing": (_claims(aud=None), INVALID_CLIENT),
    "iss missing": (_claims(iss=None), INVALID_CLIENT),
    "iss somebody else": (_claims(iss="somebody-else"), INVALID_CLIENT),
    "sub missing": (_claims(sub=None), INVALID_CLIENT),
    "sub an unknown client": (_claims(iss="nobody", sub="nobody"), INVALID_CLIENT),
    "sub a list": (_claims(sub=["x"]), INVALID_CLIENT),
    "sub with a NUL": (_claims(iss="a\x00b", sub="a\x00b"), INVALID_CLIENT),
    "sub half a surrogate pair": (_signed_payload(b'{"sub":"\\ud800"}'), INVALID_CLIENT),
    "exp missing": (_claims(exp=None), INVALID_CLIENT),
    "exp past": (_times("exp", -6), INVALID_CLIENT),
    "exp more than 5 minutes ahead": (_times("exp", 301), INVALID_CLIENT),
    "exp in the year 33658": (_claims(exp=10**12), INVALID_CLIENT),
    "exp beyond every number": (_claims(exp=10**400), INVALID_CLIENT),
    "exp not a number": (_claims(exp=float("nan")), INVALID_CLIENT),
    "exp infinite": (_claims(exp=float("inf")), INVALID_CLIENT),
    "exp a text": (_claims(exp="1900000000"), INVALID_CLIENT),
    "exp true": (_claims(exp=True), INVALID_CLIENT),
    "nbf in the future": (_times("nbf", 60), INVALID_CLIENT),
    "nbf true": (_claims(nbf=True), INVALID_CLIENT),
    "nbf a text": (_claims(nbf="soon"), INVALID_CLIENT),
    "iat in the future": (_times("iat", 60), INVALID_CLIENT),
    "iat a list": (_claims(iat=[]), INVALID_CLIENT),
    "jti missing": (_claims(jti=None), INVALID_CLIENT),
    "jti empty": (_claims(jti=""), INVALID_CLIENT),
    "jti a number": (_claims(jti=7), INVALID_CLIENT),
    "jti a list": (_claims(jti=["a"]), INVALID_CLIENT),
    "jti with a NUL": (_claims(jti="a\x00"), INVALID_CLIENT),
    "jti of 256 characters": (_claims(jti="j" * 256), INVALID_CLIENT),
    "claims a list": (_signed_payload(b"[]"), INVALID_CLIENT),
    "claims not JSON": (_signed_payload(b"sub"), INVALID_CLIENT),
    "claims with a number of 5000 digits": (_signed_payload(b'{"sub":' + b"9" * 5000 + b"}"), INVALID_CLIENT),
    "claims deep beyond any stack": (lambda ehr: _signed_payload(_deep(ehr))(ehr), INVALID_CLIENT),
    "assertion missing": (_form(client_assertion=None), INVALID_CLIENT),
    "assertion empty": (_form(client_assertion=""), INVALID_CLIENT),
    "assertion of two parts": (_form(client_assertion="a.b"), INVALID_CLIENT),
    "assertion with text beyond ASCII": (_form(client_assertion="é.é.é"), INVALID_CLIENT),
    "assertion an encrypted token": (_form(client_assertion="a.b.c.d.e"), INVALID_CLIENT),
    "assertion of 10 kB": (_form(client_assertion="a" * 10_000), INVALID_CLIENT),
    "assertion type missing": (_form(client_assertion_type=None), INVALID_CLIENT),
    "assertion type of SAML": (_form(client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), INVALID_CLIENT),
    "client_id of somebody else": (_form(client_id="somebody-else"), INVALID_CLIENT),
    "a client secret instead": (lambda ehr: {"grant_type": "client_credentials", "client_id": ehr.client_id, "client_secret": "s"}, INVALID_CLIENT),
    "a client secret as well": (_form(client_secret="s"), INVALID_CLIENT),
    "a client_id and nothing else": (lambda ehr: {"grant_type": "client_credentials", "client_id": ehr.client_id}, INVALID_CLIENT),
    "scope missing": (_form(scope=None), INVALID_SCOPE),
    "scope empty": (_form(scope=""), INVALID_SCOPE),
    "scope of another type": (_form(scope="system/Condition.rs"), INVALID_SCOPE),
    "scope of every type": (_form(scope="system/*.rs"), INVALID_SCOPE),
    "scope with more letters": (_form(scope="system/Patient.cruds"), INVALID_SCOPE),
    "scope v1 with more letters": (_form(scope="system/Patient.write"), INVALID_SCOPE),
    "scope of a user": (_form(scope="user/Patient.rs"), INVALID_SCOPE),
    "scope of a patient": (_form(scope="patient/Patient.rs"), INVALID_SCOPE),
    "scope out of order": (_form(scope="system/Patient.sr"), INVALID_SCOPE),
    "scope of an unknown type": (_form(scope="system/Pet.rs"), INVALID_SCOPE),
    "scope narrowed by what is no token parameter": (_form(scope="system/Task.rs?authored-on=2026"), INVALID_SCOPE),
    "scope for the practice's records": (_form(scope="__record.write"), INVALID_SCOPE),
    "scope for a refresh token": (_form(scope="system/Patient.rs offline_access"), INVALID_SCOPE),
    "scope one good, one too much": (_form(scope="system/Patient.rs system/Condition.rs"), INVALID_SCOPE),
    "scope with quotes": (_form(scope='system/Patient.rs "x" \\'), INVALID_SCOPE),
    "scope of 9000 characters": (_form(scope="system/Patient.rs " * 500), INVALID_SCOPE),
    "grant missing": (_form(grant_type=None), INVALID_REQUEST),
    "grant by password": (_form(grant_type="password"), UNSUPPORTED_GRANT),
    "grant by refresh token": (_form(grant_type="refresh_token", refresh_token="r"), UNAUTHORIZED_CLIENT),
    "grant by code": (_form(grant_type="authorization_code", code="c"), UNAUTHORIZED_CLIENT),
    "grant with quotes": (_form(grant_type='"<script>'), UNSUPPORTED_GRANT),
    "grant twice": (_form(grant_type=["client_credentials", "client_credentials"]), INVALID_REQUEST),
    "scope twice": (_form(scope=["system/Patient.rs", "system/*.cruds"]), INVALID_REQUEST),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_its_error_and_no_token(name: str, server: Server, ehr: Ehr) -> None:
    form, expected = ATTACKS[name]
    response = server.token(form(ehr))
    body = response.get_json()
    assert (response.status_code, body["error"]) == expected
    assert set(body) == {"error", "error_description"}
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"
    assert server.token(ehr.form()).status_code == 200


SAID: dict[str, str] = {
    "alg none": "alg must be",
    "typ missing": "typ must be",
    "kid missing": "kid must",
    "crit with an unknown extension": "crit and b64",
    "jku a number": "jku must be",
    "iss missing": "iss and sub",
    "aud missing": "aud must be",
    "exp missing": "exp is missing or past",
    "exp past": "exp is missing or past",
    "exp more than 5 minutes ahead": "5 minutes ahead",
    "nbf in the future": "nbf is in the future",
    "iat in the future": "iat is in the future",
    "jti missing": "jti must be",
    "assertion missing": "private_key_jwt alone",
    "scope of every type": "beyond what this client",
    "scope narrowed by what is no token parameter": "token parameters",
}


@pytest.mark.parametrize("name", SAID)
def test_an_integrator_is_told_which_rule_was_broken(name: str, server: Server, ehr: Ehr) -> None:
    assert SAID[name] in server.token(ATTACKS[name][0](ehr)).get_json()["error_description"]


RSA_ATTACKS: dict[str, Callable[[Ehr], dict[str, Any]]] = {
    "alg RS256": _header(alg="RS256"),
    "alg RS512": _header(alg="RS512"),
    "alg HS256 with the public key as secret": _by_public_key_as_secret,
    "signature changed": _signature_changed,
}


@pytest.mark.parametrize("name", RSA_ATTACKS)
def test_an_attack_on_an_rsa_client_gets_no_token(name: str, server: Server, rsa_ehr: Ehr) -> None:
    response = server.token(RSA_ATTACKS[name](rsa_ehr))
    assert (response.status_code, response.get_json()["error"]) == INVALID_CLIENT
    assert server.token(rsa_ehr.form()).status_code == 200


def test_an_unknown_client_and_a_wrong_key_are_told_the_same(server: Server, ehr: Ehr) -> None:
    unknown = server.token(Ehr("nobody", ehr.key, ehr.clock).form())
    wrong_key = server.token(_by_another_key(ehr))
    wrong_kid = server.token(_header(kid="nobody")(ehr))
    assert unknown.data == wrong_key.data == wrong_kid.data
    assert dict(unknown.headers) == dict(wrong_key.headers) == dict(wrong_kid.headers)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"query_string": {"scope": "system/Patient.rs"}}, INVALID_REQUEST),
        ({"content_type": "application/json"}, INVALID_REQUEST),
        ({"content_type": "multipart/form-data"}, INVALID_REQUEST),
        ({"headers": {"Authorization": "Basic YTpi"}}, INVALID_CLIENT),
        ({"headers": {"Authorization": "Bearer abc"}}, INVALID_CLIENT),
    ],
    ids=["parameters in the address", "JSON", "multipart", "basic authentication too", "a bearer token too"],
)
def test_a_request_of_the_wrong_shape_is_refused(more: dict[str, Any], expected: tuple[int, str], server: Server, ehr: Ehr) -> None:
    response = server.post("/oauth/token", "{}" if more.get("content_type") == "application/json" else ehr.form(), **more)
    assert (response.status_code, response.get_json()["error"]) == expected


def test_a_body_beyond_the_bound_is_refused_unread(server: Server, ehr: Ehr) -> None:
    response = server.token(ehr.form(scope="x" * 40_000))
    assert (response.status_code, response.get_json()["error"]) == (413, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
def test_only_post_is_served(method: str, path: str, server: Server) -> None:
    response = server.http.open(path, method=method)
    assert (response.status_code, response.headers["Allow"], response.get_json()["error"]) == (405, "POST", "invalid_request")
