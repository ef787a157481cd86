"""Attacks by sessions that are over, cookies that are none, and hidden frames that ask without a question (ASVS 5.0 V7, OpenID Connect Core 3.1.2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from sqlalchemy import literal_column, select

from gateway.people import session as sessions
from gateway.store import account as accounts
from gateway.store.schema_access import session as session_table
from gateway.web import asked as web_asked
from gateway.web.session import SignedIn
from tests.attack.attack import Answer, Attack, answer_of, fault, refused, replaced
from tests.attack.consent import mara
from tests.attack.stage import Stage
from tests.authorize.clinic import Walk

Run = Callable[[Stage], Answer]
TO_SIGN_IN = Answer(303, "sign-in")


def _asks(who: Callable[[Stage], Walk], **changes: Any) -> Run:
    """A request at this browser, followed as far as it goes."""

    def run(stage: Stage) -> Answer:
        walk = who(stage)
        answer = answer_of(walk.ask(**changes))
        return TO_SIGN_IN if any(address.startswith("/sign-in") for address in walk.seen) else answer

    return run


def _nobody(stage: Stage) -> Walk:
    """While somebody else is signed in elsewhere."""
    mara(stage)
    return stage.people.browser()


def _later(**by: float) -> Callable[[Stage], Walk]:
    def walk(stage: Stage) -> Walk:
        found = mara(stage)
        stage.clock.forward(**by)
        return found

    return walk


def _ended(stage: Stage) -> Walk:
    cookie, walk = stage.people.session(stage.people.clinic.mara), stage.people.browser()
    stage.people.give(walk, cookie)
    walk.browser.post("/sign-out", {"csrf": walk.browser.csrf()})
    stage.people.give(walk, cookie)
    return walk


def _digest_as_cookie(stage: Stage) -> Walk:
    walk = stage.people.browser()
    stage.people.give(walk, sessions.digest_of(stage.people.session(stage.people.clinic.mara)))
    return walk


def _somebody(ground: Any) -> Any:
    """Whoever comes is the person who signed in last."""
    with ground.store.read() as connection:
        row = connection.execute(select(session_table).order_by(literal_column("rowid").desc()).limit(1)).one()
        account = accounts.account(connection, row.account)
    assert account is not None
    return SignedIn(account, row.id, 2**60, ("pwd",), "csrf")


_PROMPTED = web_asked.check_request
DIGEST_IS_A_COOKIE = fault("a session's digest is as good as its cookie", replaced(sessions, "digest_of", lambda text: text if len(text) == 64 else _DIGEST_OF(text)))
_DIGEST_OF = sessions.digest_of
SOMEBODY = fault("who has no session is whoever came last", replaced(web_asked, "signed_in", _somebody))
NO_FRESHNESS = fault("how long ago somebody signed in is not looked at", replaced(web_asked, "_fresh_since", lambda *_: 0))
ANY_PROMPT = fault("prompt is not looked at", replaced(web_asked, "check_request", lambda *args, **more: dataclasses.replace(_PROMPTED(*args, **more), prompt=frozenset())))
LIVE_FOR_EVER = fault("a session lives for ever", replaced(sessions, "is_live", lambda *_: True))

ATTACKS = [
    *refused(
        TO_SIGN_IN,
        ("Nobody is signed in, and an app is to be allowed", "RFC 6749 3.1", _asks(_nobody, scope="user/*.rs"), SOMEBODY),
        ("A session that has idled too long allows an app", "ASVS 5.0 7.3.1", _asks(_later(hours=2), scope="user/*.rs"), LIVE_FOR_EVER),
        ("A session beyond its absolute end allows an app", "ASVS 5.0 7.3.2", _asks(_later(hours=13), scope="user/*.rs"), LIVE_FOR_EVER),
        ("The cookie of a session that was ended allows an app", "ASVS 5.0 7.4.1", _asks(_ended, scope="user/*.rs"), LIVE_FOR_EVER),
        ("A session's digest, read from a stolen backup, is a cookie", "ASVS 5.0 7.2.2; RFC 6819 5.1.4.1.3", _asks(_digest_as_cookie, scope="user/*.rs"), DIGEST_IS_A_COOKIE),
        ("An old session serves where the app asks to sign in again", "OpenID Connect Core 3.1.2.1", _asks(_later(minutes=5), scope="user/*.rs", prompt="login"), NO_FRESHNESS),
        ("An old session serves where the app sets an age", "OpenID Connect Core 3.1.2.1; ASVS 5.0 10.2", _asks(_later(minutes=5), scope="user/*.rs", max_age="60"), NO_FRESHNESS),
    ),
    Attack(
        "A hidden frame asks whether somebody is signed in, and nobody is",
        "OpenID Connect Core 3.1.2.6",
        _asks(_nobody, scope="user/*.rs", prompt="none"),
        Answer(303, "login_required"),
        SOMEBODY & ANY_PROMPT,
    ),
    Attack(
        "A hidden frame asks for a code without a question",
        "OpenID Connect Core 3.1.2.6; ASVS 5.0 10.7.1",
        _asks(mara, scope="user/*.rs", prompt="none"),
        Answer(303, "consent_required"),
        ANY_PROMPT,
    ),
    Attack(
        "A hidden frame asks for a client's record without a question",
        "OpenID Connect Core 3.1.2.6",
        _asks(mara, scope="patient/*.rs", prompt="none"),
        Answer(303, "interaction_required"),
        ANY_PROMPT,
    ),
]
