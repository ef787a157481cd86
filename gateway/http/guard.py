"""Who asks: the bearer token becomes a Principal, and with it the Context of the request. No token, no data, ever."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

from flask import current_app, request

from gateway.context import Context, Principal
from gateway.fhir import outcome
from gateway.http.error import request_id
from gateway.http.wiring import Wiring
from gateway.smart.bearer import contexts_of, narrowing
from gateway.smart.dpop import check_bound
from gateway.smart.scope import parse
from gateway.smart.token import Bearer, bearer_of


def wiring() -> Wiring:
    """What create_app put together."""
    return cast("Wiring", current_app.extensions["handoff"])


def context() -> Context:
    """The Context of this request. Raises 401 without a good token, for this server, from one who may use it."""
    return context_of(wiring(), bearer().principal, request_id())


def bearer() -> Bearer:
    """The token of this request, proven where it is bound to a key. Raises 401."""
    wired = wiring()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "dpop") or not token:
        raise outcome.no_token()
    found = bearer_of(wired.store, wired.clock, token.strip())
    if found.audience not in (None, wired.settings.fhir_base):
        raise outcome.bad_token()
    check_bound(wired.store, wired.clock, found.jkt, request.headers, request.method, f"{wired.settings.base_url}{quote(request.path)}")
    return found


def context_of(wired: Wiring, principal: Principal, request: str) -> Context:
    """A Context for a principal."""
    scopes, contexts = parse(principal.scope), contexts_of(principal)
    return Context(
        principal,
        wired.store,
        wired.journal,
        wired.clock,
        request,
        wired.settings.fhir_base,
        lambda resource_type, letter: scopes.allows(resource_type, letter, contexts),
        lambda letter: narrowing(principal.scope, contexts, letter),
    )


def check_extension(found: Context, name: str) -> None:
    """Raise 403 unless the token carries this extension scope and belongs to the practice's own system."""
    if not parse(found.principal.scope).allows_extension(name) or found.principal.role != "practice":
        raise outcome.scope_too_small(name)
