"""Signing in at the practice's OpenID provider: only an account that the practice linked, and its second factor is the provider's."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from gateway.people import session
from gateway.people.openid_provider import BadProvider, Provider
from gateway.people.session import Begun
from gateway.people.sign_in import Refused
from gateway.people.trace import Asked, trace, trace_refusal
from gateway.store import account as accounts
from gateway.store import single_use
from gateway.store.engine import Store

AWAY_MS = 600_000
"""How long one may take at the provider."""
_RFC_8176 = frozenset(["face", "fpt", "geo", "hwk", "iris", "kba", "mca", "mfa", "otp", "pin", "pop", "pwd", "rba", "retina", "sc", "sms", "swk", "tel", "user", "vbm", "wia"])


def begin(store: Store, provider: Provider, next_path: str, now: int) -> tuple[str, str]:
    """Where the browser goes, and the state for its cookie. Raises PartnerAway, BadProvider."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    address = provider.authorization_url(state, nonce, verifier)
    with store.write() as connection:
        single_use.add(connection, "openid-state", session.digest_of(state), {"nonce": nonce, "verifier": verifier, "next": next_path}, now, now + AWAY_MS)
    return address, state


def finish(store: Store, provider: Provider, answer: Mapping[str, str], cookie: str, asked: Asked) -> tuple[Begun, str]:
    """What the browser came back with; the new session and where to go. Raises Refused, and PartnerAway where the provider cannot be asked."""
    state = answer.get("state", "")
    if not state or not hmac.compare_digest(state.encode(), cookie.encode()):
        raise Refused
    with store.write() as connection:
        held = single_use.use(connection, "openid-state", session.digest_of(state), asked.now)
    if held is None or not held.first or not held.live:
        raise Refused
    claims = _claims(store, provider, answer, held.payload, asked)
    return _signed_in(store, f"{provider.issuer}|{claims['sub']}", claims, asked), held.payload["next"]


def _claims(store: Store, provider: Provider, answer: Mapping[str, str], held: Mapping[str, str], asked: Asked) -> dict[str, Any]:
    try:
        provider.check_issuer_parameter(answer.get("iss"))
        if "code" not in answer:
            raise BadProvider("it gave no code")
        return provider.claims(answer["code"], held["verifier"], held["nonce"])
    except BadProvider as fault:
        with store.write() as connection:
            trace_refusal(connection, asked, None, f"sign-in refused: OpenID provider, {fault}")
        raise Refused from None


def _signed_in(store: Store, subject: str, claims: Mapping[str, Any], asked: Asked) -> Begun:
    with store.write() as connection:
        row = accounts.account_by_subject(connection, subject)
        if row is None or row.disabled_at is not None:
            trace_refusal(connection, asked, row, "sign-in refused: OpenID provider, no account in force is linked")
            begun = None
        else:
            begun = session.begin(connection, row, _methods(claims), asked, authenticated_at=_when(claims, asked.now))
            trace(connection, asked, "sign-in", row, "signed in: OpenID provider")
    if begun is None:
        raise Refused
    return begun


def _methods(claims: Mapping[str, Any]) -> list[str]:
    """What the provider says it saw, in RFC 8176's words."""
    return [method for method in claims.get("amr") or [] if isinstance(method, str) and method in _RFC_8176]


def _when(claims: Mapping[str, Any], now: int) -> int:
    """When the person proved who they are, which may be long before they came here."""
    told = claims.get("auth_time")
    return min(now, int(told * 1000)) if isinstance(told, int | float) and told > 0 else now
