"""Attacks on signing out at an app's wish: where the browser is sent, and whose session ends (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable
from typing import Any

from gateway.people.session import digest_of
from gateway.smart.logout import EndSession
from gateway.store.session import session as session_of
from gateway.web import logout
from tests.attack.attack import Answer, fault, refused, replaced
from tests.attack.people import COOKIE
from tests.attack.stage import BASE_URL, Stage
from tests.token.given import App, allow, app

Run = Callable[[Stage], Answer]
AFTER = "https://app.example.org/bye"
EVIL = "https://evil.example/"


class _Seat:
    """A person at a browser and, signed in from there, at an app."""

    def __init__(self, stage: Stage) -> None:
        self.stage, who = stage, stage.people.clinic.clerk
        self.browser = stage.people.browser(who).browser
        with stage.store.read() as connection:
            row = session_of(connection, digest_of(self.browser.cookie(COOKIE)))
        assert row is not None
        self.app: App = app(stage.world, scope="openid user/*.rs", post_logout_redirect_uris=[AFTER])
        self.hint = str(self.app.tokens(allow(stage.world, self.app, "openid user/*.rs", who.account.id, session=row.id))["id_token"])

    def leaves(self, to: str = AFTER, **values: str) -> Answer:
        """Is the browser sent where the attacker wants, or the session ended without a question?"""
        shown = self.browser.http.get("/oauth/logout", query_string={"post_logout_redirect_uri": to} | values, base_url=BASE_URL)
        if shown.headers.get("Location", "").startswith(to):
            return Answer(200)
        return Answer(shown.status_code, "not sent")


def _forged(claims: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)]
    return ".".join([*parts, ""])


def _leaves(values: Callable[[_Seat], dict[str, str]], to: str = AFTER) -> Run:
    def run(stage: Stage) -> Answer:
        seat = _Seat(stage)
        return seat.leaves(to, **values(seat))

    return run


def _another_person(stage: Stage) -> Answer:
    """The id_token of one person ends the session of another without a question."""
    hint, victim = _Seat(stage).hint, stage.people.browser(stage.people.clinic.mara).browser
    victim.http.get("/oauth/logout", query_string={"id_token_hint": hint}, base_url=BASE_URL)
    return Answer(200, "still signed in") if victim.is_signed_in() else Answer(200)


def _unsigned(seat: _Seat) -> dict[str, str]:
    claims = json.loads(base64.urlsafe_b64decode(seat.hint.split(".")[1] + "=="))
    return {"id_token_hint": _forged(claims)}


def _of_another_app(seat: _Seat) -> dict[str, str]:
    """Its own hint, and the name of an app whose address this is not."""
    return {"id_token_hint": seat.hint, "client_id": seat.stage.people.other_app}


def _two_addresses(stage: Stage) -> Answer:
    seat = _Seat(stage)
    sent = [("id_token_hint", seat.hint), ("post_logout_redirect_uri", AFTER), ("post_logout_redirect_uri", EVIL)]
    shown = seat.browser.http.get("/oauth/logout", query_string=sent, base_url=BASE_URL)
    return Answer(200) if shown.headers.get("Location") else Answer(shown.status_code, "not sent")


def _no_hint(stage: Stage) -> Answer:
    victim = stage.people.browser(stage.people.clinic.mara).browser
    victim.http.get("/oauth/logout", base_url=BASE_URL)
    return Answer(200, "still signed in") if victim.is_signed_in() else Answer(200)


# Faults


def _unverified_hint(_: Any, hint: str) -> Any:
    body = hint.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


ANY_AFTER = fault("where an app sends one after signing out is not looked at", replaced(EndSession, "_is_valid_post_logout_redirect_uri", lambda *_: True))
ANY_HINT = fault("an id_token's signature is not verified", replaced(EndSession, "_validate_id_token_hint", _unverified_hint))
NEVER_ASKED = fault("nobody is asked before they are signed out", replaced(logout, "_must_ask", lambda *_: False))

_AFTER = "OpenID Connect RP-Initiated Logout 2, 3; CWE-601"


def _sent_anyway(self: EndSession, values: Any) -> Any:
    return dataclasses.replace(_READ(self, values), redirect_uri=values.get("post_logout_redirect_uri"))


def _without_name(self: EndSession, values: Any) -> Any:
    return _READ(self, {name: value for name, value in values.items() if name != "client_id"})


_READ = EndSession.read
SENT_ANYWAY = NEVER_ASKED & fault("without a hint one is sent on all the same", replaced(EndSession, "read", _sent_anyway))
ANY_NAME = fault("whether hint and client_id mean one app is not looked at", replaced(EndSession, "read", _without_name))
FIRST_OF_TWO = fault("of a parameter sent twice the first counts", replaced(logout, "_single", lambda values: values.to_dict()))

ATTACKS = [
    *refused(
        Answer(200, "not sent"),
        ("An app sends one to an address that it did not register", _AFTER, _leaves(lambda seat: {"id_token_hint": seat.hint}, EVIL), ANY_AFTER),
        ("An app sends one to an address that begins with a registered one", _AFTER, _leaves(lambda seat: {"id_token_hint": seat.hint}, f"{AFTER}.evil.example"), ANY_AFTER),
        ("Nobody in particular sends one to an app's address", _AFTER, _leaves(lambda seat: {"client_id": seat.app.client_id}), SENT_ANYWAY),
        ("A hint without a signature sends one to an app's address", f"{_AFTER}; RFC 8725 3.2", _leaves(_unsigned), ANY_HINT),
    ),
    *refused(
        Answer(400, "not sent"),
        ("A hint of one app comes with the name of another", _AFTER, _leaves(_of_another_app), ANY_NAME),
        ("Two addresses are named, one of them registered", "RFC 6749 3.1", _two_addresses, FIRST_OF_TWO),
    ),
    *refused(
        Answer(200, "still signed in"),
        ("The id_token of one person ends another one's session unasked", "OpenID Connect RP-Initiated Logout 2; CWE-352", _another_person, NEVER_ASKED),
        ("Another site ends a session unasked", "OpenID Connect RP-Initiated Logout 6; CWE-352", _no_hint, NEVER_ASKED),
    ),
]
