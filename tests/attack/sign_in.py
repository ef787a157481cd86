"""Attacks on signing in: guessing, codes used twice, steps left out, other sites' forms, planted cookies, where one is sent afterwards (ASVS 5.0 V6 and V7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from werkzeug.test import TestResponse

from gateway.people import password as passwords
from gateway.people import session as sessions
from gateway.people import sign_in, totp
from gateway.people.account import disable
from gateway.store import account as accounts
from gateway.store import single_use
from gateway.store.account import AccountRow
from gateway.store.single_use import Used
from gateway.web import sign_in as web_sign_in
from tests.attack.attack import Answer, Attack, Fault, answer_of, fault, refused, replaced
from tests.attack.people import COOKIE
from tests.attack.stage import BASE_URL, Stage
from tests.people.house import PASSWORD, Browser, Person, asked, code_at, code_of, person
from tests.world import PRACTICE

Run = Callable[[Stage], Answer]
WRONG, TOO_SOON, FOREIGN_FORM = Answer(401, "page"), Answer(429, "page"), Answer(403, "page")
EVIL = "https://evil.example/"


def _person(stage: Stage) -> Person:
    """One for all: a hash is slow on purpose. The clock moves on, so that each code is a new one."""
    found = stage.people.clinic.clerk
    stage.clock.forward(days=2)
    return found


def _in(shown: TestResponse) -> Answer:
    """Whether the way leads to the account, which is what an attacker wants."""
    return answer_of(shown)


def _first(name: Callable[[Person], str], typed: str = PASSWORD, **headers: str) -> Run:
    def run(stage: Stage) -> Answer:
        who, browser = _person(stage), Browser(stage.world)
        return _in(browser.post("/sign-in", {"name": name(who), "password": typed, "next": "/account"}, **headers))

    return run


def _guesses(stage: Stage) -> Answer:
    """Passwords from a list, each from another address; the seventh is the right one."""
    who = _person(stage)
    return [_in(Browser(stage.world).first_step(who.name, PASSWORD if at == 6 else f"guess {at} of many")) for at in range(7)][-1]


def _sprays(stage: Stage) -> Answer:
    """One password for many names, from one address; the last one has it."""
    who, browser = _person(stage), Browser(stage.world)
    return [_in(browser.first_step(who.name if at == 21 else f"nobody{at}", PASSWORD)) for at in range(22)][-1]


def _second(code: Callable[[Stage, Person], str], between: Callable[[Stage], None] = lambda _: None) -> Run:
    def run(stage: Stage) -> Answer:
        who, browser = _person(stage), Browser(stage.world)
        assert browser.first_step(who.name, PASSWORD).status_code == 303
        typed = code(stage, who)
        between(stage)
        return _in(browser.second_step(code=typed))

    return run


def _used_code(stage: Stage, who: Person) -> str:
    Browser(stage.world).sign_in(who)
    return code_of(stage.world, who)


def _old_code(stage: Stage, who: Person) -> str:
    code = code_of(stage.world, who)
    stage.clock.forward(seconds=90)
    return code


def _later_code(stage: Stage, who: Person) -> str:
    return code_at(who.totp_secret, stage.now + 301_000)


def _old_browser(stage: Stage) -> Answer:
    """It sends no Fetch Metadata, but says where a form comes from."""
    who, browser = _person(stage), Browser(stage.world)
    sent = {"name": who.name, "password": PASSWORD}
    return answer_of(browser.http.post("/sign-in", data=sent, base_url=BASE_URL, headers={"Origin": "https://evil.example"}))


def _guessed_codes(stage: Stage) -> Answer:
    who, browser = _person(stage), Browser(stage.world)
    browser.first_step(who.name, PASSWORD)
    return [_in(browser.second_step(code=code_of(stage.world, who) if at == 6 else f"00000{at}")) for at in range(7)][-1]


def _no_first_step(stage: Stage) -> Answer:
    who = _person(stage)
    return _in(Browser(stage.world).second_step(code=code_of(stage.world, who)))


def _step_used_twice(stage: Stage) -> Answer:
    """The cookie between the steps is taken along to another browser, and used there after its owner came in."""
    who, owner, thief = _person(stage), Browser(stage.world), Browser(stage.world)
    owner.first_step(who.name, PASSWORD)
    step = owner.cookie("__Host-handoff-step")
    assert owner.second_step(code=code_of(stage.world, who)).status_code == 303
    thief.http.set_cookie("__Host-handoff-step", step, domain="gateway.example.org", secure=True, path="/")
    stage.clock.forward(seconds=totp.STEP_S)
    return _in(thief.second_step(code=code_of(stage.world, who)))


def _fixed(stage: Stage) -> Answer:
    """The attacker gives the victim's browser a cookie before the sign-in, and uses the same one after it."""
    who, victim, attacker = _person(stage), Browser(stage.world), Browser(stage.world)
    for browser in (victim, attacker):
        browser.http.set_cookie(COOKIE, "fixed" * 8, domain="gateway.example.org", secure=True, path="/")
    victim.sign_in(who)
    return answer_of(attacker.get("/account"))


def _next(path: str) -> Run:
    """Where a link of the attacker's leads after a good sign-in."""

    def run(stage: Stage) -> Answer:
        location = Browser(stage.world).sign_in(_person(stage), path).headers["Location"]
        return Answer(200) if location != "/account" else Answer(303, "not sent")

    return run


def _disabled(stage: Stage) -> Answer:
    who = person(stage.world)
    disable(stage.store, who.name, asked(stage.world))
    return _in(Browser(stage.world).first_step(who.name, PASSWORD))


def _signs_out(change: dict[str, str], **headers: str) -> Run:
    def run(stage: Stage) -> Answer:
        walk = stage.people.browser(stage.people.clinic.clerk)
        return answer_of(walk.browser.post("/sign-out", {"csrf": walk.browser.csrf()} | change, **headers))

    return run


# Faults


def _adopted(connection: Any, account: AccountRow, methods: Any, what: Any) -> Any:
    """The cookie that the browser brought becomes the session's."""
    begun = _BEGIN(connection, account, methods, what)
    row = sessions.sessions.session(connection, sessions.digest_of(begun.cookie))
    assert row is not None
    if what.cookie:
        sessions.sessions.add_session(connection, row._replace(digest=sessions.digest_of(what.cookie), id=f"{row.id}-fixed"))
    return begun


def _used_again(*args: Any) -> Any:
    found = _USE(*args)
    return found and found._replace(first=True, live=True)


def _known_again(connection: Any, kind: Any, digest: str, _now: int) -> Any:
    return single_use.known(connection, kind, digest)


def _any_account(connection: Any) -> AccountRow | None:
    """What a look-up that may be talked into anything finds."""
    return next(row for row in accounts.accounts(connection, PRACTICE) if row.password_hash is not None and row.disabled_at is None)


def _enabled(connection: Any, name: str) -> AccountRow | None:
    found = _BY_NAME(connection, name)
    return found and found._replace(disabled_at=None)


def _clerk(stage: Stage) -> Any:
    """Who has no first step has the clerk's."""
    half = sign_in.HalfWay(stage.people.clinic.clerk.account, "/account")
    return patch.multiple(sign_in, half_way=lambda *_: half, half_way_in=lambda *_: half)


NO_FIRST_STEP = Fault("a first step is not needed", (_clerk, replaced(single_use, "use", lambda *_: Used({}, True, True))))
_BY_NAME = accounts.account_by_name
_BEGIN, _USE = sessions.begin, single_use.use
ANY_PASSWORD = fault("every password is the right one", replaced(passwords, "is_password", lambda *_: True))
NO_WAITING = fault("failures are not counted", replaced(sign_in, "count_ahead", lambda *_: None))
SOMEBODY = ANY_PASSWORD & fault("an unknown name is somebody's", replaced(accounts, "account_by_name", lambda connection, _: _any_account(connection)))
ANY_CODE = fault("every code is the right one", replaced(totp, "step_of", lambda _secret, _code, now: now // 1000 // totp.STEP_S))
CODE_AGAIN = fault("a code may be used again", replaced(accounts, "use_totp_step", lambda *_: True))
LONG_CODES = fault("a code is good for a long time", replaced(totp, "_STEPS_EITHER_WAY", 100))
STEP_AGAIN = fault("a first step may be used again", replaced(single_use, "use", _used_again), replaced(single_use, "look", _known_again))
ANY_FORM = fault("where a form comes from is not looked at", replaced(web_sign_in, "check_own_form", lambda _: None), replaced(web_sign_in, "check_csrf", lambda *_: None))
ADOPTED = fault("a session takes the cookie that the browser brought", replaced(sessions, "begin", _adopted))
ANYWHERE = fault("one is sent wherever the link says", replaced(web_sign_in, "local_path", lambda path: path))
DISABLED_TOO = fault("a disabled account is one", replaced(accounts, "account_by_name", _enabled))

_6 = "ASVS 5.0 6.3.1"
_CSRF = "CWE-352; ASVS 5.0 3.5.1"

ATTACKS = [
    *refused(
        WRONG,
        ("A wrong password for a known name", "ASVS 5.0 6.2", _first(lambda who: who.name, "not the password"), ANY_PASSWORD),
        ("A good password for an unknown name", "ASVS 5.0 6.3.8", _first(lambda _: "nobody"), SOMEBODY),
        ("A good password of an account that was disabled", "ASVS 5.0 7.4.2", _disabled, DISABLED_TOO),
        ("A name that completes a query", "CWE-89", _first(lambda _: "' OR '1'='1"), SOMEBODY),
        ("A password of a megabyte, to keep the server hashing", "ASVS 5.0 6.2.9; CWE-400", _first(lambda who: who.name, "p" * 10_000), ANY_PASSWORD),
        ("A code that was used a moment ago", "RFC 6238 5.2; ASVS 5.0 6.5.1", _second(_used_code), CODE_AGAIN),
        ("A code of a minute and a half ago", "RFC 6238 5.2; ASVS 5.0 6.5.5", _second(_old_code), LONG_CODES),
        ("A code that was guessed", "RFC 6238 5.1", _second(lambda *_: "000000"), ANY_CODE),
        ("An empty code", "RFC 6238 5.1", _second(lambda *_: ""), ANY_CODE),
        ("A code in digits of another script", "CWE-1007", _second(lambda *_: "\u0661\u0662\u0663\u0664\u0665\u0666"), ANY_CODE),
        ("A second step after the time for it", "ASVS 5.0 6.5.5", _second(_later_code, lambda stage: stage.clock.forward(seconds=301)), STEP_AGAIN),
        ("The first step of another browser is used once more", "ASVS 5.0 6.5.1", _step_used_twice, STEP_AGAIN),
    ),
    Attack("A code without a first step", "ASVS 5.0 6.3.4, 6.5.1", _no_first_step, WRONG, NO_FIRST_STEP),
    *refused(
        TOO_SOON,
        ("Seven passwords for one name, from as many addresses", _6, _guesses, NO_WAITING),
        ("One password for many names, from one address", f"{_6}; ASVS 5.0 6.3.5", _sprays, NO_WAITING),
        ("Seven codes in a row", f"{_6}; ASVS 5.0 6.5.5", _guessed_codes, NO_WAITING),
    ),
    *refused(
        FOREIGN_FORM,
        ("Another site signs a person in to the attacker's account", _CSRF, _first(lambda who: who.name, Sec_Fetch_Site="cross-site"), ANY_FORM),
        ("A sister site signs a person in to the attacker's account", _CSRF, _first(lambda who: who.name, Sec_Fetch_Site="same-site"), ANY_FORM),
        ("An old browser's form comes from another origin", _CSRF, _old_browser, ANY_FORM),
        ("Another site signs a person out", _CSRF, _signs_out({"csrf": ""}), ANY_FORM),
    ),
    Attack("A cookie that was planted before the sign-in is a session after it", "CWE-384; ASVS 5.0 7.2.4", _fixed, Answer(303, "sign-in"), ADOPTED),
    *refused(
        Answer(303, "not sent"),
        ("A sign-in leads to another site", "CWE-601", _next(EVIL), ANYWHERE),
        ("A sign-in leads to another site without a scheme", "CWE-601", _next("//evil.example"), ANYWHERE),
        ("A sign-in leads to another site behind a backslash", "CWE-601", _next("/\\evil.example"), ANYWHERE),
        ("A sign-in leads to a script", "CWE-79", _next("javascript:alert(1)"), ANYWHERE),
    ),
]
