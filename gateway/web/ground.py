"""What every page stands on, put together once by create_app; and what a browser sends with a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Response, request

from gateway.clock import Clock, to_ms
from gateway.fhir import outcome
from gateway.people.attempts import Tried, network_of, tried
from gateway.people.secret_key import SecretKey
from gateway.people.trace import Asked
from gateway.settings import Settings
from gateway.store.audit import Journal
from gateway.store.engine import Store
from gateway.store.registration import count

COOKIE = "handoff"
"""The session's."""
MOST_BEGUN, BEGUN_IN_MS = 3_000, 600_000
"""A practice of hundreds behind one address stays far below."""
_LONGEST_PATH = 8_000


@dataclass(frozen=True)
class Ground:
    """`request_id` names the request at hand."""

    settings: Settings
    store: Store
    clock: Clock
    key: SecretKey
    request_id: Callable[[], str]
    journal: Journal

    @property
    def is_secure(self) -> bool:
        return self.settings.base_url.startswith("https://")

    @property
    def now(self) -> int:
        """Milliseconds since 1970 UTC."""
        return to_ms(self.clock())

    def asked(self) -> Asked:
        return Asked(self.now, self.request_id(), self.settings.base_url, cookie=cookie(self, COOKIE))

    def check_pace(self, what: str) -> None:
        """Raise 429 where this address makes us keep too much: what anybody may begin is stored before we know who it is."""
        with self.store.write() as connection:
            wait_ms = count(connection, self.key.mark("attempt", what, network_of(request.remote_addr or "")).hex(), self.now, MOST_BEGUN, BEGUN_IN_MS)
        if wait_ms:
            raise outcome.too_many_requests(-(-wait_ms // 1000))

    def tried(self, name: str | None) -> Tried:
        return tried(self.key, name, request.remote_addr or "")


def cookie_name(is_secure: bool, name: str) -> str:
    """`__Host-` ties a cookie to this very host over https (RFC 6265bis section 4.1.3.2); plain http on this machine cannot have it."""
    return f"__Host-{name}" if is_secure else name


def set_cookie(ground: Ground, response: Response, name: str, value: str, max_age_s: int | None = None) -> None:
    """HttpOnly, SameSite=Lax (a link from elsewhere may open a page, a form from elsewhere may not), for the whole site."""
    response.set_cookie(cookie_name(ground.is_secure, name), value, max_age=max_age_s, path="/", secure=ground.is_secure, httponly=True, samesite="Lax")


def drop_cookie(ground: Ground, response: Response, name: str) -> None:
    response.delete_cookie(cookie_name(ground.is_secure, name), path="/", secure=ground.is_secure, httponly=True, samesite="Lax")


def cookie(ground: Ground, name: str) -> str:
    return request.cookies.get(cookie_name(ground.is_secure, name), "")


def check_own_form(base_url: str) -> None:
    """Raise 403 for a form that another site's page sent (Fetch Metadata where the browser sends it, else Origin)."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = (base_url,) if base_url.startswith("https://") else (base_url, request.host_url)  # behind a proxy we hear http, where anybody on the way may be us
    is_own = site in ("same-origin", "none") if site is not None else origin is None or origin in {"://".join(urlsplit(url)[:2]) for url in own}
    if not is_own:
        raise outcome.foreign_form()


def local_path(path: str) -> str:
    """The path if it leads to this site, else the account page: no open redirect."""
    is_local = path.startswith("/") and not path.startswith("//") and path.isascii() and path.isprintable() and not any(sign in path for sign in '\\ "<>')
    return path if is_local and len(path) <= _LONGEST_PATH and not urlsplit(path).netloc else "/account"


def see_other(path: str) -> Response:
    """After a form: the browser asks for the next page by GET."""
    response = Response(status=303)
    response.headers.update({"Location": path, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return response
