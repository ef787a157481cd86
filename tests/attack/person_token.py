"""Attacks with an app's tokens in place of access tokens, and with those of people who are gone or see less (ASVS 5.0 V10.3)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from gateway.http import guard
from gateway.smart import bearer, token
from gateway.store.session import end_session
from tests.attack.attack import INVALID_TOKEN, Answer, Fault, fault, refused, replaced
from tests.attack.bearer import ANY_TEXT, NOT_FOUND
from tests.attack.introspection import NEVER_ENDS
from tests.attack.stage import Stage
from tests.store.engines import patient_id
from tests.token.given import App, allow, app, disable, person, sign_in

Run = Callable[[Stage], Answer]
SCOPE = "user/*.rs"
OFFLINE = "user/Patient.rs offline_access"
ONLINE = "user/Patient.rs online_access"


def _bearing(of: Callable[[App, Any, dict[str, Any]], str], scope: str = f"{SCOPE} offline_access openid") -> Run:
    """Something of an app's that is no access token, sent as one."""

    def run(stage: Stage) -> Answer:
        mine = app(stage.world, scope=scope)
        code = allow(stage.world, mine, scope)
        return stage.fhir("Patient", of(mine, code, mine.tokens(code)))

    return run


def _user_token(stage: Stage, scope: str, who: str | None = None, **grant: Any) -> str:
    mine = app(stage.world, scope=scope)
    return str(mine.tokens(allow(stage.world, mine, scope, who, **grant))["access_token"])


def _after(change: Callable[[Stage, str, str], None]) -> Run:
    """A person's token, after something happened to the person (account, session)."""

    def run(stage: Stage) -> Answer:
        who = person(stage.world)
        session = sign_in(stage.world, who)
        borne = _user_token(stage, SCOPE, who, session=session)
        change(stage, who, session)
        token.forget(stage.store)
        return stage.fhir("Patient", borne)

    return run


def _signed_out(stage: Stage, who: str, session: str) -> None:
    with stage.store.write() as connection:
        end_session(connection, who, session, stage.now)


def _reads(who: str, client: Callable[[Stage], str], scope: str = SCOPE, **grant: Any) -> Run:
    def run(stage: Stage) -> Answer:
        clinic = stage.people.clinic
        borne = _user_token(stage, scope, getattr(clinic, who).account.id, **{name: value(stage) for name, value in grant.items()})
        return stage.fhir(f"Patient/{client(stage)}", borne)

    return run


def _patient(name: str) -> Callable[[Stage], str]:
    return lambda stage: patient_id(getattr(stage.people.clinic, name))


def _every_caseload(stage: Stage) -> Any:
    known = bearer.user_of
    others = (stage.people.clinic.mara.account.fhir_user or "",)
    return patch.object(bearer, "user_of", lambda *args: dataclasses.replace(found := known(*args), caseloads=(*found.caseloads, *others)))


EVERY_CASELOAD = Fault("a therapist treats everybody", (_every_caseload,))


ANY_PATIENT = fault("patient/ scopes are taken for user/ scopes", replaced(guard, "narrowing", lambda *_: None))


ATTACKS = [
    *refused(
        INVALID_TOKEN,
        ("An id_token is sent as an access token", "RFC 9068 5; RFC 8725 3.12", _bearing(lambda _, __, tokens: tokens["id_token"]), ANY_TEXT),
        ("A refresh token is sent as an access token", "RFC 6749 1.5", _bearing(lambda _, __, tokens: tokens["refresh_token"]), ANY_TEXT),
        ("A code is sent as an access token", "RFC 6749 1.3.1", _bearing(lambda _, code, __: code.value), ANY_TEXT),
        ("A token of a person who has signed out", "ASVS 5.0 7.4.1; SMART 2.2 [100]", _after(_signed_out), NEVER_ENDS),
        ("A token of a person whose account was disabled", "ASVS 5.0 7.4.2", _after(lambda stage, who, _: disable(stage.world, who)), NEVER_ENDS),
    ),
    *refused(
        NOT_FOUND,
        ("A therapist's app reads a client of another therapist's", "SMART 2.2 [119]; ASVS 5.0 8.2.2", _reads("nils", _patient("bea")), EVERY_CASELOAD),
        (
            "An app for one client reads another one's record",
            "SMART 2.2 scopes, patient; ASVS 5.0 8.2.2",
            _reads("mara", _patient("bea"), "patient/*.rs", patient=_patient("ada")),
            ANY_PATIENT,
        ),
    ),
]
