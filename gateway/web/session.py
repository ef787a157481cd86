"""Who is signed in at this browser, for every page that asks; and the token that proves a form came from our own page."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from urllib.parse import quote

from flask import Response

from gateway.fhir import outcome
from gateway.people import session as sessions
from gateway.people.session import Begun
from gateway.store.account import AccountRow
from gateway.web.ground import COOKIE, Ground, check_own_form, cookie, drop_cookie, local_path, see_other, set_cookie


@dataclass(frozen=True)
class SignedIn:
    """A person at a browser. `authenticated_at` in ms since 1970; `methods` as in RFC 8176; `csrf` goes into every form."""

    account: AccountRow
    session_id: str
    authenticated_at: int
    methods: tuple[str, ...]
    csrf: str = field(repr=False)
    site: str = ""
    """Our own public address, where forms come from."""


def signed_in(ground: Ground) -> SignedIn | None:
    """Who sent this request; None for nobody, and for a session that ended, idled or whose account was disabled."""
    value = cookie(ground, COOKIE)
    found = sessions.find(ground.store, ground.clock, value, ground.settings.session_idle_minutes) if value else None
    if found is None:
        return None
    account, row = found
    return SignedIn(account, row.id, row.authenticated_at, tuple(row.methods.split()), _csrf(value), ground.settings.base_url)


def to_sign_in(next_path: str) -> Response:
    """Off to the sign-in page and then on to `next_path`, a local path with its query (anything else becomes /account)."""
    return see_other(f"/sign-in?next={quote(local_path(next_path), safe='/')}")


def check_csrf(signed: SignedIn, form_value: str) -> None:
    """Raise 403 unless the form came from a page of ours in this very session."""
    check_own_form(signed.site)
    if not hmac.compare_digest(signed.csrf.encode(), form_value.encode()):
        raise outcome.foreign_form()


def start_session(ground: Ground, response: Response, begun: Begun) -> Response:
    """Give the browser its cookie."""
    set_cookie(ground, response, COOKIE, begun.cookie)
    return response


def forget_session(ground: Ground, response: Response) -> Response:
    drop_cookie(ground, response, COOKIE)
    return response


def _csrf(cookie_value: str) -> str:
    return hmac.digest(cookie_value.encode(), b"handoff form", "sha256").hex()
