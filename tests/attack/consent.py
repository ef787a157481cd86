"""Attacks at the browser of a person whom an app asks: other sessions, other clients, forged forms, launches, frames (RFC 9700 sections 4.7 and 4.16, ASVS 5.0 V10.7)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from gateway.smart import asking
from gateway.smart.scope import parse
from gateway.store import single_use
from gateway.web import asked as web_asked
from gateway.web import authorize as web_authorize
from gateway.web import choosing, consenting, launching
from tests.attack.attack import Answer, Attack, answer_of, fault, refused, replaced
from tests.attack.authorize_request import PAGE
from tests.attack.stage import BASE_URL, Stage
from tests.authorize.clinic import REDIRECT, VERIFIER, Walk, offered
from tests.store.engines import SITE
from tests.world import PRACTICE

Run = Callable[[Stage], Answer]
DENIED = Answer(303, "access_denied")
FOREIGN_FORM = Answer(403, "page")
MADE_UP = "t" * 43


def hidden(response: TestResponse) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(ticket|csrf)" value="([^"]*)"', response.text)}


def consent_page(walk: Walk, scope: str = "user/*.rs", **changes: Any) -> TestResponse:
    """The consent page of a request that needs no client."""
    shown = walk.ask(scope=scope, **changes)
    assert "/oauth/authorize/decide" in shown.text, shown.text
    return shown


def decided(walk: Walk, form: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    sent = {"answer": "allow", "scope": ["user/*.rs"]} | form
    shown = walk.browser.http.post("/oauth/authorize/decide", data=sent, base_url=BASE_URL, headers={"Sec-Fetch-Site": "same-origin"} | (headers or {}))
    return _outcome(shown)


def _outcome(shown: TestResponse) -> Answer:
    """A code is what an attacker wants; another step without one is "no code"."""
    answer = answer_of(shown)
    return Answer(answer.status, "no code") if answer.is_granted and "code=" not in shown.headers.get("Location", "") else answer


def mara(stage: Stage) -> Walk:
    return stage.people.browser(stage.people.clinic.mara)


def _forged(change: Callable[[Stage, dict[str, str]], dict[str, Any]], **headers: str) -> Run:
    """The form of the consent page, sent by another site's page (or changed)."""

    def run(stage: Stage) -> Answer:
        walk = mara(stage)
        return decided(walk, change(stage, hidden(consent_page(walk))), {name.replace("_", "-"): value for name, value in headers.items()})

    return run


def _csrf_of_another(stage: Stage, form: dict[str, str]) -> dict[str, Any]:
    other = stage.people.browser(stage.people.clinic.nils)
    return form | {"csrf": hidden(consent_page(other))["csrf"]}


def _ticket_of_another(stage: Stage) -> Answer:
    """A request that one person began is answered by another, who took over its ticket."""
    ticket = hidden(consent_page(mara(stage)))["ticket"]
    other = stage.people.browser(stage.people.clinic.nils)
    mine = hidden(consent_page(other))
    return decided(other, {"ticket": ticket, "csrf": mine["csrf"]})


def _answered_twice(stage: Stage) -> Answer:
    walk = mara(stage)
    form = hidden(consent_page(walk))
    assert decided(walk, form).is_granted
    return decided(walk, form)


def _answered_late(stage: Stage) -> Answer:
    walk = mara(stage)
    form = hidden(consent_page(walk))
    stage.clock.forward(minutes=11)
    return decided(walk, form)


def _made_up_ticket(stage: Stage) -> Answer:
    walk = mara(stage)
    return decided(walk, hidden(consent_page(walk)) | {"ticket": MADE_UP})


def _exchanged(stage: Stage, walk: Walk, form: dict[str, Any]) -> set[str]:
    """The scopes of the token that comes of it."""
    shown = walk.browser.http.post("/oauth/authorize/decide", data={"answer": "allow"} | form, base_url=BASE_URL, headers={"Sec-Fetch-Site": "same-origin"})
    found = re.search(r"code=([^&]+)", shown.headers.get("Location", ""))
    assert found is not None, shown.text
    sent = {"grant_type": "authorization_code", "code": found[1], "redirect_uri": REDIRECT, "code_verifier": VERIFIER, "client_id": stage.people.app}
    given = stage.post("/oauth/token", sent).get_json()
    return set(str(given.get("scope", "")).split())


def _ticked(scope: str, asked: str = "user/Patient.rs", who: str = "mara") -> Run:
    """A scope that the page did not offer is added to its form; told by what the token then holds."""

    def run(stage: Stage) -> Answer:
        walk = stage.people.browser(getattr(stage.people.clinic, who))
        shown = consent_page(walk, asked)
        held = _exchanged(stage, walk, hidden(shown) | {"scope": [*offered(shown), scope]})
        return Answer(200) if scope in held else Answer(200, "not widened")

    return run


def _beyond_duties(stage: Stage) -> Answer:
    """Who may only read allows an app to write."""
    walk = stage.people.browser(stage.people.clinic.own)
    shown = consent_page(walk, "user/Patient.cruds")
    return Answer(200) if "user/Patient.cruds" in offered(shown) else Answer(200, "not widened")


def _picks(client: Callable[[Stage], str], **changes: Any) -> Run:
    """A client that the picker did not offer is chosen by the form."""

    def run(stage: Stage) -> Answer:
        walk = mara(stage)
        form = hidden(walk.ask(scope="launch/patient patient/*.rs", **changes))
        return answer_of(walk.browser.post("/oauth/authorize/patient", form | {"patient": client(stage)}))

    return run


def _cid(stage: Stage) -> str:
    return SITE.id("client", stage.people.clinic.cid)


def _skips_the_picker(stage: Stage) -> Answer:
    walk = mara(stage)
    form = hidden(walk.ask(scope="launch/patient patient/*.rs"))
    return decided(walk, form | {"scope": ["launch/patient", "patient/*.rs"]})


def _visit_of_another(stage: Stage) -> Answer:
    walk, clinic = mara(stage), stage.people.clinic
    shown = walk.pick(walk.ask(scope="launch/patient launch/encounter patient/*.rs"), clinic.bea)
    return answer_of(walk.browser.post("/oauth/authorize/encounter", hidden(shown) | {"encounter": SITE.id("session", clinic.visit)}))


def _of_another_practice(stage: Stage) -> Answer:
    return answer_of(stage.people.browser(stage.people.elsewhere).ask(scope="user/*.rs"))


# Faults


def _bound_to_nobody(_store: Any, _clock: Any, found: Any, _session: str) -> Any:
    return found


def _live_again(*args: Any) -> Any:
    """What was used, or has run out, is found all the same."""
    connection, kind, digest = args[:3]
    return single_use.known(connection, kind, digest)


def _unused(*args: Any) -> Any:
    found = _USE(*args)
    return found and found._replace(first=True, live=True)


def _everything(offered_scopes: Any, ticked: Any) -> Any:
    return parse(" ".join(ticked))


def _ours(found: Any) -> Any:
    return dataclasses.replace(found, account=found.account._replace(practice=PRACTICE))


def _known_ticket(text: str) -> str:
    """A ticket is found by how it begins, and a made-up one begins like every other."""
    return _TICKETS.setdefault(text, _DIGEST(text)) if text != MADE_UP else next(reversed(_TICKETS.values()))


_USE, _SIGNED_IN = single_use.use, web_asked.signed_in

NO_CSRF = fault("where a form comes from is not looked at", *(replaced(room, "check_csrf", lambda *_: None) for room in (web_authorize, launching)))
ANY_SESSION = fault("whose request it is is not looked at", replaced(asking, "bound", _bound_to_nobody))
AGAIN = fault("what was used may be used again", replaced(single_use, "look", _live_again), replaced(single_use, "use", _unused))
CHANGES_LATE = fault("a request may be changed for ever", replaced(single_use, "change", lambda *_: True))
NEWEST_TICKET = fault("every ticket is the newest one", replaced(asking, "digest_of", _known_ticket))
_DIGEST = asking.digest_of
_TICKETS: dict[str, str] = {}
ANY_TICK = fault("what is ticked is allowed, offered or not", replaced(consenting, "kept", _everything))
ANY_DUTY = fault("what a person's duties allow is not looked at", replaced(web_asked, "narrowed", lambda scopes, _: scopes))
ANY_CLIENT = fault("every client may be chosen", replaced(choosing, "client", lambda _, one: choosing.Choice(one, "A client", "")))
ANY_VISIT = fault("every visit may be chosen", replaced(choosing, "is_about", lambda *_: True))
PICKER_SKIPPED = fault("a client need not be chosen", replaced(web_asked.Visit, "needs_patient", False))
ANY_PRACTICE = fault("everybody is of this practice", replaced(web_asked, "signed_in", lambda ground: (found := _SIGNED_IN(ground)) and _ours(found)))

_CSRF = "RFC 9700 4.7; ASVS 5.0 10.7.1, 3.5.1"

ATTACKS = [
    *refused(
        FOREIGN_FORM,
        ("Another site's page allows an app in a person's name", _CSRF, _forged(lambda _, form: {"ticket": form["ticket"]}), NO_CSRF),
        ("A consent is sent with the token of another session", _CSRF, _forged(_csrf_of_another), NO_CSRF),
        ("A consent is sent with a good token by another site", f"{_CSRF}; Fetch Metadata", _forged(lambda _, form: form, Sec_Fetch_Site="cross-site"), NO_CSRF),
        ("A consent is sent with a good token by a sister site", f"{_CSRF}; Fetch Metadata", _forged(lambda _, form: form, Sec_Fetch_Site="same-site"), NO_CSRF),
    ),
    *refused(
        PAGE,
        ("A person answers what another one was asked", "RFC 9700 4.7; ASVS 5.0 10.7.2", _ticket_of_another, ANY_SESSION),
        ("A consent is sent twice, for two codes", "RFC 9700 4.2.4", _answered_twice, AGAIN),
        ("A consent is sent long after it was asked for", "ASVS 5.0 10.7.2", _answered_late, AGAIN & CHANGES_LATE),
        ("A consent is sent for a request that never was", "ASVS 5.0 10.7.2", _made_up_ticket, NEWEST_TICKET),
    ),
    *refused(
        Answer(200, "not widened"),
        ("A scope is added to the form of the consent page", "ASVS 5.0 10.7.2; RFC 6749 3.3", _ticked("user/*.cruds"), ANY_TICK),
        ("A system's scope is added to the form of the consent page", "ASVS 5.0 10.7.2", _ticked("system/*.cruds"), ANY_TICK),
        ("Lasting access is added to the form of the consent page", "ASVS 5.0 10.7.2", _ticked("offline_access"), ANY_TICK),
        ("Who may only read allows an app to write", "SMART 2.2 [119]", _beyond_duties, ANY_DUTY),
    ),
    *refused(
        DENIED,
        ("A client of another therapist's is chosen by the form", "ASVS 5.0 8.2.2; SMART 2.2 [119]", _picks(_cid), ANY_CLIENT),
        ("A client that is none is chosen by the form", "ASVS 5.0 8.2.2", _picks(lambda _: "' OR 1=1"), ANY_CLIENT),
        ("A visit of another client is chosen by the form", "ASVS 5.0 8.2.2", _visit_of_another, ANY_VISIT),
        ("A person of another practice allows an app of this one", "ASVS 5.0 8.4.1", _of_another_practice, ANY_PRACTICE),
    ),
    Attack("A consent is sent before a client was chosen", "SMART 2.2 [164]", _skips_the_picker, Answer(303, "no code"), PICKER_SKIPPED),
]
