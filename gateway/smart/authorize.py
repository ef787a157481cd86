"""An authorization request, checked parameter by parameter before anybody is asked to sign in.

RFC 6749 section 4.1.1, RFC 7636, RFC 8707, RFC 9126, RFC 9700 section 2.1, SMART 2.2.0 app-launch, OpenID Connect Core 3.1.2.1.
Authlib's own check of this request is not run: it lets pass a challenge by `plain`, no challenge, no `state` and no `aud`, so that
each of its rules would stand twice. Its errors are used, and its exchange of the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from authlib.oauth2.rfc6749 import OAuth2Error

from gateway.clock import Clock
from gateway.smart.client import OAuthClient, find_client
from gateway.smart.pushed_request import PREFIX, BadReference, take
from gateway.smart.resource_indicator import check_resource
from gateway.smart.scope import BadScope, Scopes, check_app, check_one_lasting, within
from gateway.smart.scope import understood as understood_scopes
from gateway.store.engine import Store

MOST_PARAMETERS = 64
LONGEST_STATE = 1024
PROMPTS = ("none", "login", "consent", "select_account")

_VISIBLE = re.compile(rf"[\x20-\x7e]{{1,{LONGEST_STATE}}}")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_LAUNCH = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request that keeps every rule; who signs in and what they allow is not known yet."""

    client: OAuthClient
    redirect_uri: str
    state: str = field(repr=False)
    scopes: Scopes
    code_challenge: str = field(repr=False)
    launch: str | None = field(repr=False)
    nonce: str | None = field(repr=False)
    prompt: frozenset[str]
    max_age: int | None
    """Seconds."""
    jkt: str | None
    resource: str | None


class Asked(NamedTuple):
    """The parameters as they came: those with a value, and the names of those that came twice."""

    values: Mapping[str, str]
    repeated: frozenset[str] = frozenset()


class _Rule(NamedTuple):
    """What one parameter must be (None where it was left out), and what is answered where it is not."""

    parameter: str
    holds: Callable[[str | None], bool]
    error: str
    description: str


def asked_by(pairs: Iterable[tuple[str, str]]) -> Asked:
    """A parameter without a value counts as left out, but not as unsaid where it stands twice (RFC 6749 section 3.1)."""
    listed = list(pairs)
    names = [name for name, _ in listed]
    return Asked({name: value for name, value in listed if value}, frozenset(name for name in names if names.count(name) > 1))


def pushed_for(store: Store, clock: Clock, asked: Asked) -> Asked | None:
    """The parameters that a request_uri of ours stands for, used up with it; whatever else was sent counts for nothing (RFC 9126 section 4).

    None where the request brings no such request_uri. Raises OAuth2Error, for a page.
    """
    if not asked.values.get("request_uri", "").startswith(PREFIX):
        return None
    if {"client_id", "request_uri"} & asked.repeated:
        raise _refused("invalid_request", "No parameter may be sent twice.")
    client_id = asked.values.get("client_id", "")
    try:
        return Asked(take(store, clock, client_id, asked.values["request_uri"]) | {"client_id": client_id})
    except BadReference:
        raise _refused("invalid_request_uri", "The request that the app pushed was used already or has run out; go back to the app and start again.") from None


def check_request(store: Store, clock: Clock, fhir_base: str, asked: Asked, *, pushed: bool = False) -> AuthorizationRequest:
    """`pushed`: the app sent it itself, to /oauth/par.

    Raises OAuth2Error: with a `redirect_uri` (and the `state`) where the app may be told, without one where only a page may say it.
    """
    client = _client(store, clock, asked)
    redirect_uri = _redirect_uri(client, asked)
    state = asked.values.get("state", "")
    try:
        if client.strict and not pushed:
            raise _refused("invalid_request", "This app must push its requests to /oauth/par first.")
        return _checked(client, redirect_uri, fhir_base, asked)
    except OAuth2Error as error:
        error.redirect_uri = redirect_uri
        error.state = state if _is_state(state) and "state" not in asked.repeated else None
        raise


def understood(asked: Asked) -> dict[str, str]:
    """What of the parameters means something here; a `login_hint`, which may hold a name, does not."""
    return {name: value for name, value in asked.values.items() if name in _UNDERSTOOD}


def to_app(request: AuthorizationRequest, error: str, description: str) -> OAuth2Error:
    """A refusal that the app is told."""
    return OAuth2Error(description, error=error, redirect_uri=request.redirect_uri, state=request.state)


def _client(store: Store, clock: Clock, asked: Asked) -> OAuthClient:
    client_id = asked.values.get("client_id", "")
    if not client_id or "client_id" in asked.repeated:
        raise _refused("invalid_request", "The request must name one client_id.")
    client = find_client(store, clock, client_id) if client_id.isprintable() and len(client_id) <= LONGEST_STATE else None
    if client is None or not client.is_app:
        raise _refused("unauthorized_client", "This app is not registered here, or not any more.")
    return client


def _redirect_uri(client: OAuthClient, asked: Asked) -> str:
    redirect_uri = asked.values.get("redirect_uri", "")
    if "redirect_uri" in asked.repeated or not client.check_redirect_uri(redirect_uri):
        raise _refused("invalid_request", "The address to go back to (redirect_uri) is not one that this app registered.")
    return redirect_uri


def _checked(client: OAuthClient, redirect_uri: str, fhir_base: str, asked: Asked) -> AuthorizationRequest:
    if asked.repeated:
        raise _refused("invalid_request", "No parameter may be sent twice.")
    values = asked.values
    for rule in _RULES:
        if not rule.holds(values.get(rule.parameter)):
            raise _refused(rule.error, rule.description)
    _check_audience(fhir_base, values)
    scopes = _scopes(client, values)
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        state=values["state"],
        scopes=scopes,
        code_challenge=values["code_challenge"],
        launch=values.get("launch"),
        nonce=values.get("nonce"),
        prompt=frozenset(values.get("prompt", "").split()),
        max_age=int(values["max_age"]) if "max_age" in values else None,
        jkt=values.get("dpop_jkt"),
        resource=check_resource(client, fhir_base, values.get("resource")),
    )


def _check_audience(fhir_base: str, values: Mapping[str, str]) -> None:
    """SMART 2.2.0 app-launch: a request meant for another server is a sign of a counterfeit one. A slash at the end is let pass."""
    if values.get("aud", "") not in (fhir_base, f"{fhir_base}/"):
        raise _refused("invalid_request", "aud must be the address of this FHIR server, as its .well-known/smart-configuration is found below it.")


def _scopes(client: OAuthClient, values: Mapping[str, str]) -> Scopes:
    """What is understood of what is asked: an app asks the same of every server, also for types that this one has not."""
    try:
        scopes = understood_scopes(values.get("scope", ""))
        check_app(scopes)
        check_one_lasting(scopes)
        inside = within(scopes, understood_scopes(client.scope))
    except BadScope as fault:
        raise _refused("invalid_scope", str(fault)) from None
    if not scopes.names:
        raise _refused("invalid_scope", "The request must name a scope that means something here; see scopes_supported in smart-configuration.")
    if not inside:
        raise _refused("invalid_scope", "The scope goes beyond what this app is registered for.")
    launches = "launch" in scopes.special
    if launches and "launch" not in values:
        raise _refused("invalid_request", "The scope launch goes with a launch parameter; without one, ask for launch/patient.")
    if not launches and "launch" in values:
        raise _refused("invalid_scope", "A launch parameter needs the scope launch.")
    return scopes


def _is_state(value: str | None) -> bool:
    return value is not None and _VISIBLE.fullmatch(value) is not None


def _is_challenge(value: str | None) -> bool:
    return value is not None and _DIGEST.fullmatch(value) is not None


def _optional(pattern: re.Pattern[str]) -> Callable[[str | None], bool]:
    return lambda value: value is None or pattern.fullmatch(value) is not None


def _is_prompt(value: str | None) -> bool:
    asked = set(value.split(" ")) if value else set()
    return asked <= set(PROMPTS) and ("none" not in asked or len(asked) == 1)


_RULES = (
    _Rule("state", _is_state, "invalid_request", f"state is required: 1 to {LONGEST_STATE} printable ASCII characters."),
    _Rule("request", lambda value: value is None, "request_not_supported", "Request objects are not supported; push the parameters to /oauth/par instead."),
    _Rule("request_uri", lambda value: value is None, "request_uri_not_supported", "The only request_uri taken is one that /oauth/par gave."),
    _Rule("response_type", lambda value: value is not None, "invalid_request", "response_type is missing; it must be code."),
    _Rule("response_type", lambda value: value == "code", "unsupported_response_type", "The only response_type here is code."),
    _Rule("response_mode", lambda value: value in (None, "query"), "invalid_request", "The only response_mode here is query."),
    _Rule("code_challenge_method", lambda value: value == "S256", "invalid_request", "PKCE is required: code_challenge_method must be S256."),
    _Rule("code_challenge", _is_challenge, "invalid_request", "PKCE is required: code_challenge must be 43 characters of base64url."),
    _Rule("prompt", _is_prompt, "invalid_request", "prompt must be none alone, or of login, consent and select_account."),
    _Rule("max_age", _optional(_SECONDS), "invalid_request", "max_age must be a whole number of seconds."),
    _Rule("nonce", _optional(_VISIBLE), "invalid_request", f"nonce must be at most {LONGEST_STATE} printable ASCII characters."),
    _Rule("dpop_jkt", _optional(_DIGEST), "invalid_request", "dpop_jkt must be the SHA-256 thumbprint of a key, 43 characters of base64url."),
    _Rule("launch", _optional(_LAUNCH), "invalid_request", "launch is not one that this server gave."),
)
_UNDERSTOOD = {"client_id", "redirect_uri", "aud", "scope", "resource", *(rule.parameter for rule in _RULES)}


def _refused(error: str, description: str) -> OAuth2Error:
    return OAuth2Error(description, error=error)
