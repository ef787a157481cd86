"""Signing in at the practice's OpenID provider, a real one on loopback, honest and not."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.people.account import disable
from tests.people.house import Browser, added, asked, trail
from tests.people.provider import CLIENT_ID, SECRET, Provider, serving
from tests.world import World


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[Provider]:
    with serving(world) as one:
        added(world, name="linked", openid_subject=f"{one.issuer}|subject-1")
        yield one


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.honest()
    return running


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("openid") / "secret"
    path.write_text(SECRET + "\n")
    return path


@pytest.fixture
def browser(world: World, provider: Provider, secret: Path) -> Browser:
    """At a gateway that read the provider's metadata a while ago, and reads them again now."""
    world.clock.forward(minutes=11)
    return at(world, provider, secret)


def at(world: World, provider: Provider, secret: Path) -> Browser:
    return Browser(world, openid_issuer=provider.issuer, openid_client_id=CLIENT_ID, openid_secret_file=secret)


def sent_back(browser: Browser, next_path: str = "/account") -> str:
    """To the provider and back: the address that the browser is sent to, ours, not yet opened."""
    away = browser.get(f"/sign-in/openid?next={next_path}")
    assert away.status_code == 303, away.text
    answer = requests.get(away.headers["Location"], allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].removeprefix(browser.base_url)


def come_back(browser: Browser) -> int:
    status = browser.get(sent_back(browser)).status_code
    assert browser.is_signed_in() == (status == 303)
    return status


def test_a_linked_person_signs_in_at_the_provider_and_comes_where_they_wanted(browser: Browser, provider: Provider) -> None:
    answer = browser.get(sent_back(browser, "/launch?x=1"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/launch?x=1")
    assert "linked" in browser.get("/account").text
    sent = provider.asked[-1]
    assert (sent["response_type"], sent["scope"], sent["code_challenge_method"]) == ("code", "openid", "S256")
    assert len(sent["state"]) == len(sent["nonce"]) == len(sent["code_challenge"]) == 43


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "ES256", "ES384"])
def test_each_algorithm_that_is_taken_is_taken(browser: Browser, provider: Provider, algorithm: str) -> None:
    provider.algorithm = algorithm
    assert come_back(browser) == 303


def test_somebody_whom_the_practice_did_not_link_is_not_signed_in(browser: Browser, provider: Provider, world: World) -> None:
    provider.sub = "subject-2"
    assert come_back(browser) == 401
    assert trail(world)[0].outcome == "4"


def test_a_disabled_account_is_not_signed_in(browser: Browser, provider: Provider, world: World, secret: Path) -> None:
    provider.sub = "subject-3"
    made = added(world, openid_subject=f"{provider.issuer}|subject-3")
    assert come_back(browser) == 303
    disable(world.store, made.account.name, asked(world))
    assert come_back(at(world, provider, secret)) == 401


def claim(name: str, value: Any) -> Any:
    return lambda header, claims: claims.__setitem__(name, value)


def without(name: str) -> Any:
    return lambda header, claims: claims.pop(name)


LIES = {
    "another issuer": claim("iss", "https://evil.example"),
    "no issuer": without("iss"),
    "another audience": claim("aud", "someone else"),
    "no audience": without("aud"),
    "several audiences and no party": claim("aud", [CLIENT_ID, "someone else"]),
    "another party": claim("azp", "someone else"),
    "another nonce": claim("nonce", "x"),
    "no nonce": without("nonce"),
    "run out": lambda header, claims: claims.update(exp=claims["iat"] - 61),
    "no end": without("exp"),
    "issued in the future": lambda header, claims: claims.update(iat=claims["iat"] + 3600, exp=claims["exp"] + 3600),
    "no time of issue": without("iat"),
    "not yet good": lambda header, claims: claims.update(nbf=claims["iat"] + 3600),
    "nobody": without("sub"),
    "an empty subject": claim("sub", ""),
    "a number as subject": claim("sub", 7),
    "another access token": claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
    "a time of signing in that is none": claim("auth_time", "yesterday"),
    "a key that is not there": lambda header, claims: header.update(kid="unknown"),
    "a member that must be understood": lambda header, claims: header.update(crit=["exp"]),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_id_token_that_does_not_hold_signs_nobody_in(browser: Browser, provider: Provider, lie: str) -> None:
    def signed(header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode({name: value for name, value in header.items() if name != "crit"}, claims, provider.rsa, algorithms=["RS256"])

    provider.lie = LIES[lie]
    if lie.startswith("a key"):
        provider.signs = signed
    if lie.startswith("a member"):
        provider.signs = lambda header, claims: _with_header(signed(header, claims), header)
    assert come_back(browser) == 401


def _with_header(token: str, header: dict[str, Any]) -> str:
    _, body, signature = token.split(".")
    return f"{urlsafe_b64encode(json.dumps(header).encode()).rstrip(b'=').decode()}.{body}.{signature}"


def forged_none(provider: Provider, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return _with_header(jwt.encode({"alg": "RS256"}, claims, provider.rsa), {"alg": "none"}).rpartition(".")[0] + "."


def forged_hmac(provider: Provider, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256", "kid": "r"}, claims, OctKey.import_key(provider.rsa.as_pem(private=False)))


def forged_stranger(provider: Provider, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode(header, claims, RSAKey.generate_key(2048))


def forged_own_key(provider: Provider, header: dict[str, Any], claims: dict[str, Any]) -> str:
    key = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "jwk": key.as_dict(private=False)}, claims, key)


def forged_weak(provider: Provider, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS512", "kid": "r"}, claims, provider.rsa, algorithms=["RS512"])


def changed_body(provider: Provider, header: dict[str, Any], claims: dict[str, Any]) -> str:
    honest = jwt.encode(header, claims | {"sub": "subject-9"}, provider.rsa).split(".")
    return ".".join((honest[0], jwt.encode(header, claims, provider.rsa).split(".")[1], honest[2]))


def garbage(provider: Provider, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return "a.b.c"


@pytest.mark.parametrize("forge", [forged_none, forged_hmac, forged_stranger, forged_own_key, forged_weak, changed_body, garbage])
def test_a_forged_id_token_signs_nobody_in(browser: Browser, provider: Provider, forge: Any) -> None:
    provider.signs = lambda header, claims: forge(provider, header, claims)
    assert come_back(browser) == 401


@pytest.mark.parametrize(("named", "status"), [(None, 303), ("https://evil.example", 401)])
def test_the_issuer_in_the_answer_must_be_ours(browser: Browser, provider: Provider, world: World, named: str | None, status: int) -> None:
    provider.metadata |= {"authorization_response_iss_parameter_supported": True} | ({"names": named} if named else {})
    assert come_back(browser) == status


def test_a_promised_issuer_that_is_missing_is_refused(browser: Browser, provider: Provider, world: World) -> None:
    provider.metadata |= {"authorization_response_iss_parameter_supported": True}
    assert browser.get(sent_back(browser).partition("&iss=")[0]).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"jwks_uri": "ftp://127.0.0.1/"},
        {"authorization_endpoint": None},
        {"token_endpoint": "http://localhost/x"},
    ],
    ids=str,
)
def test_metadata_that_do_not_hold_are_not_followed(browser: Browser, provider: Provider, world: World, changed: dict[str, Any]) -> None:
    provider.metadata |= changed
    assert browser.get("/sign-in/openid").status_code == 502


def test_an_answer_is_good_once_and_at_the_browser_that_asked(browser: Browser, provider: Provider, world: World, secret: Path) -> None:
    path, other = sent_back(browser), at(world, provider, secret)
    assert other.get(path).status_code == 401, "login CSRF: this browser never asked"
    assert browser.get(path).status_code == 303
    browser.http.set_cookie("handoff-openid", parse_qs(urlsplit(path).query)["state"][0], domain="127.0.0.1")
    assert browser.get(path).status_code == 401


def test_an_answer_comes_too_late_after_ten_minutes(browser: Browser, provider: Provider, world: World) -> None:
    path = sent_back(browser)
    world.clock.forward(minutes=10)
    assert browser.get(path).status_code == 401


def test_a_provider_that_refuses_signs_nobody_in(browser: Browser, provider: Provider) -> None:
    state = parse_qs(urlsplit(sent_back(browser)).query)["state"][0]
    assert browser.get(f"/sign-in/openid/return?error=access_denied&state={state}").status_code == 401


@pytest.mark.parametrize("query", ["", "?state=", "?code=x", "?state=x&code=y", "?state=%C3%A9&code=y", "?state=a&state=b"])
def test_an_answer_that_nobody_asked_for_is_refused(browser: Browser, query: str) -> None:
    assert browser.get(f"/sign-in/openid/return{query}").status_code == 401


def test_when_the_person_proved_who_they_are_is_what_the_provider_says(browser: Browser, provider: Provider) -> None:
    provider.lie = lambda header, claims: claims.update(auth_time=claims["iat"] - 3600)
    assert come_back(browser) == 303
    assert "sign in again" in browser.get("/account").text


def test_a_provider_that_is_away_is_said_to_be(world: World) -> None:
    gone = Browser(world, openid_issuer="http://127.0.0.1:9", openid_client_id="x", openid_secret_file=None)
    answer = gone.get("/sign-in/openid")
    assert answer.status_code == 502
    assert "password" in answer.text


def test_without_a_provider_none_is_offered(world: World) -> None:
    assert "openid" not in Browser(world).get("/sign-in").text
    assert Browser(world).get("/sign-in/openid").status_code == 404


def test_the_codes_verifier_is_never_shown(browser: Browser, provider: Provider) -> None:
    come_back(browser)
    assert len(urlsafe_b64decode(provider.asked[-1]["code_challenge"] + "=")) == 32
    assert "code_verifier" not in provider.asked[-1]
