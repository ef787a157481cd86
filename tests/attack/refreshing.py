"""Attacks on refreshing: reuse, other hands, wider scopes, what has ended (RFC 6749 section 6, RFC 9700 section 4.14, ASVS 5.0 10.4.5)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import flask
import werkzeug
from sqlalchemy import literal_column, select
from werkzeug.datastructures import ImmutableMultiDict

from gateway.smart import client, refresh, token
from gateway.smart.refresh import Refresh, RefreshGrant
from gateway.store.grant import GrantRow, Living, RefreshRow, add_refresh_token, grant, revoke_grant
from gateway.store.schema_access import refresh_token
from gateway.store.session import end_session
from tests.attack.attack import INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, INVALID_SCOPE, INVALID_TOKEN, Answer, Attack, Fault, answer_of, fault, refused, replaced
from tests.attack.client_auth import GRANTS_OF_ANYBODY, UNPROVEN
from tests.attack.stage import Stage
from tests.token.given import App, allow, app, disable, person, sign_in

Run = Callable[[Stage], Answer]
SCOPE = "user/*.rs"
OFFLINE = "user/Patient.rs offline_access"
ONLINE = "user/Patient.rs online_access"


def _refresh(*, scope: str = OFFLINE, registered: str = "", after: Any = None, grant: Callable[[Stage], dict[str, Any]] = lambda _: {}, **changes: Any) -> Run:
    """A good refresh of a good token, but for this."""

    def run(stage: Stage) -> Answer:
        mine = app(stage.world, scope=registered or scope)
        code = allow(stage.world, mine, scope, **grant(stage))
        given = mine.tokens(code)
        if after is not None:
            after(stage, mine, code, given)
        return _send(mine, given, **changes)

    return run


def _send(mine: App, given: dict[str, Any], **changes: Any) -> Answer:
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    return answer_of(mine.ask("/oauth/token", **(form | changes)))


def _wider(scope: str, registered: str = "user/*.cruds offline_access") -> Run:
    """The refresh names another scope than its person allowed."""

    def run(stage: Stage) -> Answer:
        mine = app(stage.world, scope=registered)
        return _send(mine, mine.tokens(allow(stage.world, mine, OFFLINE)), scope=scope)

    return run


def _access_as_refresh(stage: Stage) -> Answer:
    mine = app(stage.world, scope=OFFLINE)
    return answer_of(mine.refresh(mine.tokens(allow(stage.world, mine, OFFLINE))["access_token"]))


def _used(_: Stage, mine: App, __: Any, given: dict[str, Any]) -> None:
    assert mine.refresh(given["refresh_token"]).status_code == 200


def _taken_back(stage: Stage, _: App, code: Any, __: Any) -> None:
    with stage.store.write() as connection:
        revoke_grant(connection, code.grant, stage.now)


def _given_back(_: Stage, mine: App, __: Any, given: dict[str, Any]) -> None:
    assert mine.ask("/oauth/revoke", token=given["refresh_token"]).status_code == 200


def _reused_then(ask: Callable[[App, dict[str, Any]], Any]) -> Run:
    """A refresh token is used, and used again by whoever else has it; then comes the newest token of the family."""

    def run(stage: Stage) -> Answer:
        mine = app(stage.world, scope=OFFLINE)
        first = mine.tokens(allow(stage.world, mine, OFFLINE))
        second = mine.refresh(first["refresh_token"]).get_json()
        mine.refresh(first["refresh_token"])
        return answer_of(ask(mine, second))

    return run


def _fhir(mine: App, given: dict[str, Any]) -> Any:
    return mine.world.http.get("/fhir/Patient", headers={"Authorization": f"Bearer {given['access_token']}"})


def _by(who: Callable[[Stage, dict[str, str], App], Answer], method: Any = "none") -> Run:
    """An app's refresh token, in other hands."""

    def run(stage: Stage) -> Answer:
        mine, text = app(stage.world, method, scope=OFFLINE), token.new_token()
        code = allow(stage.world, mine, OFFLINE)
        with stage.store.write() as connection:
            add_refresh_token(connection, RefreshRow(token.digest_of(text), code.grant, OFFLINE, stage.now, stage.now + 10**7))
        return who(stage, {"grant_type": "refresh_token", "refresh_token": text}, mine)

    return run


def _another_app(stage: Stage, form: dict[str, str], _: App) -> Answer:
    return answer_of(app(stage.world, scope=OFFLINE).ask("/oauth/token", **form))


def _a_system(stage: Stage, form: dict[str, str], _: App) -> Answer:
    return stage.token(stage.ehr.proof(**form))


def _nobody(stage: Stage, form: dict[str, str], _: App) -> Answer:
    return stage.token(form)


def _name_alone(stage: Stage, form: dict[str, str], mine: App) -> Answer:
    return stage.token(form | {"client_id": mine.client_id})


def _online(stage: Stage) -> dict[str, Any]:
    who = person(stage.world)
    return {"person_id": who, "session": sign_in(stage.world, who)}


def _row(stage: Stage, code: Any) -> GrantRow:
    with stage.store.read() as connection:
        row = grant(connection, code.grant)
    assert row is not None
    return row


def _signs_out(stage: Stage, _: App, code: Any, __: Any) -> None:
    row = _row(stage, code)
    with stage.store.write() as connection:
        end_session(connection, row.account, row.session or "", stage.now)


def _is_disabled(stage: Stage, _: App, code: Any, __: Any) -> None:
    disable(stage.world, _row(stage, code).account)


def _runs_out(stage: Stage, _: App, __: Any, ___: Any) -> None:
    stage.clock.forward(days=31)


# Faults

_FOUND = refresh._found  # noqa: SLF001 (what the faults stand before)
_CLIENT_OF = client.client_of


def _newest(store: Any, _token: str) -> Refresh:
    """What a look-up by a part of the token, or by nothing, might find."""
    with store.read() as connection:
        row = connection.execute(select(refresh_token).order_by(literal_column("rowid").desc()).limit(1)).one()
        found = grant(connection, row.grant_id)
    assert found is not None
    return Refresh(RefreshRow(*row), found)


def _any_app(self: Any, text: str) -> Refresh:
    found = _FOUND(self.server.issuer.store, text)
    assert found is not None
    return found


def _lives_on(connection: Any, grant_id: str, now: int) -> Living:
    row: GrantRow | None = grant(connection, grant_id)
    assert row is not None
    return Living(row, "A Person", None, None, now + 10**9)


def _row_for_ever(store: Any, text: str) -> Refresh | None:
    found = _FOUND(store, text)
    return found and dataclasses.replace(found, row=found.row._replace(expires_at=2**60))


def _no_token(_: Stage) -> Any:
    form = property(lambda asked: ImmutableMultiDict({"refresh_token": "r"} | werkzeug.Request.form.__get__(asked).to_dict()))
    return patch.object(flask.Request, "form", form, create=True)


NO_ROTATION = fault("a refresh token may be used again and again, as in Authlib", replaced(refresh, "use_refresh_token", lambda *_: True))
FAMILY_LIVES = fault("reuse ends nothing", replaced(refresh, "revoke_grant", lambda *_: None))
ANY_APP = fault("whose refresh token it is is not looked at", replaced(RefreshGrant, "authenticate_refresh_token", _any_app), replaced(Refresh, "check_client", lambda *_: True))
GUESSED = fault("a refresh token is found by a part of it", replaced(refresh, "_found", _newest)) & NO_ROTATION
LIVES_ON = fault("whether a grant is in force is not looked at", replaced(refresh, "living", _lives_on))
FOR_EVER = LIVES_ON & fault("a refresh token never runs out", replaced(refresh, "_found", _row_for_ever))
ANY_SCOPE = fault("a refresh may name every scope", replaced(RefreshGrant, "_validate_token_scope", lambda *_: None))
NO_TOKEN_NEEDED = Fault("a missing token is an empty one", (_no_token,))
ALL_PUBLIC = fault("every app is a public one", replaced(client, "client_of", lambda *args: dataclasses.replace(_CLIENT_OF(*args), auth_method="none")))

_ROTATION = "RFC 9700 4.14.2; ASVS 5.0 10.4.5"
_NARROW = "RFC 6749 6; SMART 2.2 [103-109]"
_PROOF = "RFC 6749 6; ASVS 5.0 10.4.10"

ATTACKS = [
    Attack("The newest access token after an old refresh token was used again", _ROTATION, _reused_then(_fhir), INVALID_TOKEN, FAMILY_LIVES),
    *refused(
        INVALID_GRANT,
        ("A refresh token is used twice", _ROTATION, _refresh(after=_used), NO_ROTATION),
        ("The newest refresh token after an old one was used again", _ROTATION, _reused_then(lambda mine, second: mine.refresh(second["refresh_token"])), FAMILY_LIVES),
        ("A refresh token is used by another app", "RFC 6749 6, 10.4", _by(_another_app), ANY_APP),
        ("A refresh token is guessed", "RFC 6749 10.10", _refresh(refresh_token="r" * 43), GUESSED),
        ("An access token is sent as a refresh token", "RFC 6749 6", _access_as_refresh, GUESSED),
        ("A refresh token that its app gave back", "RFC 7009 2.1", _refresh(after=_given_back), LIVES_ON),
        ("A refresh token of a grant that its person took back", "ASVS 5.0 10.4.9", _refresh(after=_taken_back), LIVES_ON),
        ("A refresh token for online access after its person signed out", "SMART 2.2 [100-101]", _refresh(scope=ONLINE, grant=_online, after=_signs_out), LIVES_ON),
        ("A refresh token of a person whose account was disabled", "ASVS 5.0 7.4.2", _refresh(after=_is_disabled), LIVES_ON),
        ("A refresh token beyond the end of its grant", "ASVS 5.0 10.4.8", _refresh(after=_runs_out), FOR_EVER),
    ),
    *refused(
        INVALID_SCOPE,
        ("A refresh asks for another type", _NARROW, _wider("user/Condition.rs"), ANY_SCOPE),
        ("A refresh asks for more letters", _NARROW, _wider("user/Patient.cruds"), ANY_SCOPE),
        ("A refresh asks for more in the words of version 1", _NARROW, _wider("user/Patient.write"), ANY_SCOPE),
        ("A refresh asks for every type, though its person unticked it", _NARROW, _wider("user/*.rs"), ANY_SCOPE),
        ("A refresh asks who the person is", "OpenID Connect Core 12", _wider("openid fhirUser", "user/*.cruds openid fhirUser offline_access"), ANY_SCOPE),
        ("A refresh asks for a system's scope", _NARROW, _wider("system/*.rs"), ANY_SCOPE),
    ),
    *refused(
        INVALID_CLIENT,
        ("The refresh token of an app with a secret, by nobody in particular", _PROOF, _by(_nobody, "client_secret_basic"), ALL_PUBLIC),
        ("The refresh token of an app with a secret, by its name alone", _PROOF, _by(_name_alone, "client_secret_basic"), UNPROVEN),
        ("The refresh token of an app with keys, by its name alone", _PROOF, _by(_name_alone, "private_key_jwt"), UNPROVEN),
    ),
    Attack("A refresh token is used by a system", "RFC 6749 6", _by(_a_system), Answer(400, "unauthorized_client"), ANY_APP & GRANTS_OF_ANYBODY),
    Attack("A refresh names no token", "RFC 6749 6", _refresh(refresh_token=None), INVALID_REQUEST, NO_TOKEN_NEEDED & GUESSED),
]
