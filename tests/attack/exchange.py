"""Attacks on the exchange of a code for tokens, and on what those tokens open (RFC 6749, RFC 7636, RFC 9700, ASVS 5.0 V10.4)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import flask
import werkzeug
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy import literal_column, select
from werkzeug.datastructures import ImmutableMultiDict

from gateway.smart import client_secret, code_grant, token
from gateway.smart.client import OAuthClient, revoke_client
from gateway.smart.code_grant import Code, CodeGrant, Pkce
from gateway.store import single_use
from gateway.store.grant import GrantRow, Living, grant, revoke_grant
from gateway.store.schema_access import oauth_client
from gateway.store.schema_access import single_use as single_uses
from gateway.store.single_use import Used
from tests.attack.assertion_claims import REVOKED_TOO
from tests.attack.attack import INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, INVALID_TOKEN, Answer, Attack, Fault, answer_of, fault, refused, replaced
from tests.attack.client_auth import GRANTS_OF_ANYBODY, UNPROVEN
from tests.attack.stage import Stage
from tests.token.given import REDIRECT, App, allow, app, disable, person, sign_in

Run = Callable[[Stage], Answer]
SCOPE = "user/*.rs"


def _exchange(*, method: Any = "none", payload: dict[str, Any] | None = None, after: Callable[[Stage, App, Any], None] | None = None, **changes: Any) -> Run:
    """A good exchange of a good code, but for this."""

    def run(stage: Stage) -> Answer:
        mine = app(stage.world, method)
        code = allow(stage.world, mine, SCOPE, payload=payload)
        if after is not None:
            after(stage, mine, code)
        return _send(mine, code, **changes)

    return run


def _send(mine: App, made: Any, /, **changes: Any) -> Answer:
    form = {"grant_type": "authorization_code", "code": made.value, "redirect_uri": REDIRECT, "code_verifier": made.verifier}
    return answer_of(mine.ask("/oauth/token", **(form | changes)))


def _used(_: Stage, mine: App, code: Any) -> None:
    mine.tokens(code)


def _late(stage: Stage, _: App, __: Any) -> None:
    stage.clock.forward(seconds=61)


def _taken_back(stage: Stage, _: App, code: Any) -> None:
    with stage.store.write() as connection:
        revoke_grant(connection, code.grant, stage.now)


def _by_another(stage: Stage) -> Answer:
    code = allow(stage.world, app(stage.world), SCOPE)
    return answer_of(app(stage.world).exchange(code))


def _by_a_system(stage: Stage) -> Answer:
    code = allow(stage.world, app(stage.world), SCOPE)
    form = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": REDIRECT, "code_verifier": code.verifier}
    return stage.token(stage.ehr.proof(**form))


def _of_a_person_gone(stage: Stage) -> Answer:
    mine, who = app(stage.world), person(stage.world)
    code = allow(stage.world, mine, SCOPE, who)
    disable(stage.world, who)
    return answer_of(mine.exchange(code))


def _of_a_session_ended(stage: Stage) -> Answer:
    mine, who = app(stage.world), person(stage.world)
    code = allow(stage.world, mine, SCOPE, who, session=sign_in(stage.world, who, life_s=1))
    stage.clock.forward(seconds=2)
    return answer_of(mine.exchange(code))


def _replayed(then: Callable[[App, dict[str, Any]], Any]) -> Run:
    """A code is used, then used again; then comes the first user's token."""

    def run(stage: Stage) -> Answer:
        mine = app(stage.world, scope=f"{SCOPE} offline_access")
        code = allow(stage.world, mine, f"{SCOPE} offline_access")
        tokens = mine.tokens(code)
        mine.exchange(code)
        return answer_of(then(mine, tokens))

    return run


def _at_fhir(mine: App, tokens: dict[str, Any]) -> Any:
    return mine.world.http.get("/fhir/Patient", headers={"Authorization": f"Bearer {tokens['access_token']}"})


def _basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()}


def _confidential(headers: Callable[[Stage, App], dict[str, str]], **form: str) -> Run:
    """The code of an app with a secret, by whoever says it is that app."""

    def run(stage: Stage) -> Answer:
        mine = app(stage.world, "client_secret_basic")
        code = allow(stage.world, mine, SCOPE)
        whole = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": REDIRECT, "code_verifier": code.verifier, "client_id": mine.client_id} | form
        return stage.token({name: value.format(secret=mine.secret) for name, value in whole.items()}, headers(stage, mine))

    return run


def _with_keys_alone_named(stage: Stage) -> Answer:
    mine = app(stage.world, "private_key_jwt")
    code = allow(stage.world, mine, SCOPE)
    form = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": REDIRECT, "code_verifier": code.verifier, "client_id": mine.client_id}
    return stage.token(form)


def _of_a_revoked_app(stage: Stage) -> Answer:
    mine = app(stage.world)
    code = allow(stage.world, mine, SCOPE)
    revoke_client(stage.store, stage.clock, mine.client_id)
    return answer_of(mine.exchange(code))


def _wider(stage: Stage) -> Answer:
    """The exchange names a scope of its own; told by the scope that is given."""
    mine = app(stage.world, scope="user/*.cruds")
    given = mine.exchange(allow(stage.world, mine, "user/Patient.rs"), scope="user/*.cruds").get_json()
    return Answer(200) if given.get("scope") == "user/*.cruds" else Answer(200, "not widened")


# Faults

_USE, _LIVING = single_use.use, code_grant.living


def _always_first(*args: Any) -> Used | None:
    found = _USE(*args)
    return found and found._replace(first=True)


def _always_live(*args: Any) -> Used | None:
    found = _USE(*args)
    return found and found._replace(live=True)


def _any_app(self: Any, code: str, _client: OAuthClient) -> Code:
    digest = token.digest_of(code)
    with self.server.issuer.store.read() as connection:
        return Code(digest, single_use.known(connection, "code", digest) or _newest(connection))


def _newest(connection: Any) -> dict[str, Any]:
    """What a look-up by a part of the code, or by nothing, might find."""
    found = connection.scalars(select(single_uses.c.payload).where(single_uses.c.kind == "code").order_by(literal_column("rowid").desc())).first()
    return dict(json.loads(found))


def _lives_on(connection: Any, grant_id: str, _now: int) -> Living:
    row: GrantRow | None = grant(connection, grant_id)
    assert row is not None
    return Living(row, "A Person", None, None, row.expires_at + 10**9)


def _challenge_as_verifier(stage: Stage) -> Answer:
    mine = app(stage.world)
    code = allow(stage.world, mine, SCOPE)
    challenge = create_s256_code_challenge(code.verifier)
    return answer_of(mine.exchange(code, code_verifier=challenge))


def _refresh_as_code(stage: Stage) -> Answer:
    mine = app(stage.world, scope=f"{SCOPE} offline_access")
    code = allow(stage.world, mine, f"{SCOPE} offline_access")
    tokens = mine.tokens(code)
    return _send(mine, code, code=tokens["refresh_token"])


def _digest(stage: Stage, mine: App) -> str:
    """As it would be read from a stolen backup."""
    with stage.store.read() as connection:
        return connection.scalar(select(oauth_client.c.secret_digest).where(oauth_client.c.client_id == mine.client_id)) or ""


def _secret_of_another(stage: Stage, mine: App) -> dict[str, str]:
    return _basic(mine.client_id, app(stage.world, "client_secret_basic").secret or "")


def _digest_too(client: OAuthClient, secret: str) -> bool:
    return secret in client.secrets or _SECRET_OF(client, secret)


def _no_code(_: Stage) -> Any:
    form = property(lambda asked: ImmutableMultiDict({"code": "c"} | werkzeug.Request.form.__get__(asked).to_dict()))
    return patch.object(flask.Request, "form", form, create=True)


_SECRET_OF = OAuthClient.check_client_secret
ANY_SECRET = fault("every secret is good", replaced(OAuthClient, "check_client_secret", lambda *_: True), replaced(client_secret, "_decoded", lambda text: text))
DIGEST_IS_A_SECRET = fault("a secret's digest is as good as the secret", replaced(OAuthClient, "check_client_secret", _digest_too))
REUSED = fault("a code may be used again", replaced(single_use, "use", _always_first))
FOR_EVER = fault("a code does not run out", replaced(single_use, "use", _always_live))
ANY_CODE = fault("whose code it is is not looked at", replaced(CodeGrant, "query_authorization_code", _any_app))
GUESSED = ANY_CODE & fault("a code that is not there was never used", replaced(single_use, "use", lambda *_: Used({}, True, True)))
ANY_ADDRESS = fault("the redirect URI of an exchange is not compared", replaced(Code, "get_redirect_uri", lambda _: None))
NO_PKCE = fault("the verifier is not looked at", replaced(Pkce, "validate_code_verifier", lambda *_: None))
PLAIN = fault("a challenge is compared by plain", replaced(code_grant, "create_s256_code_challenge", lambda verifier: verifier))
FAMILY_LIVES = fault("a replay ends nothing, as in Authlib", replaced(code_grant, "revoke_grant", lambda *_: None))
LIVES_ON = fault("whether a grant is still in force is not looked at", replaced(code_grant, "living", _lives_on))
WIDER = fault("the scope of an exchange counts", replaced(code_grant, "bound_by", lambda asked, scope: _BOUND(asked, asked.form.get("scope") or scope)))
_BOUND = code_grant.bound_by

_CODE = "RFC 6749 4.1.3"
_PKCE = "RFC 7636 4.6; RFC 9700 2.1.1; ASVS 5.0 10.4.6"
_SECRET = "RFC 6749 2.3.1; ASVS 5.0 10.4.10"

ATTACKS = [
    *refused(
        INVALID_GRANT,
        ("A code is used twice", "RFC 9700 4.2.4; ASVS 5.0 10.4.2", _exchange(after=_used), REUSED),
        ("A code is used a second after its minute", "RFC 6749 4.1.2; ASVS 5.0 10.4.3", _exchange(after=_late), FOR_EVER),
        ("A code is guessed", "RFC 6749 10.10; RFC 6819 4.4.1.3", _exchange(code="c" * 43), GUESSED),
        ("A code is used by another app", f"{_CODE}; RFC 9700 4.5", _by_another, ANY_CODE),
        ("A code that was sent to another address is slipped in", f"{_CODE}; RFC 9700 4.5.3", _exchange(redirect_uri="https://app.example.org/other"), ANY_ADDRESS),
        ("A code without the address it was sent to", _CODE, _exchange(redirect_uri=None), ANY_ADDRESS),
        ("A code with an address that differs in a slash", _CODE, _exchange(redirect_uri=f"{REDIRECT}/"), ANY_ADDRESS),
        ("A stolen code with a verifier of the thief's", _PKCE, _exchange(code_verifier="w" * 64), NO_PKCE),
        ("A code of an app with a secret, stolen, without its verifier", _PKCE, _exchange(method="client_secret_basic", code_verifier="w" * 64), NO_PKCE),
        ("A stolen code with the challenge as its verifier", f"{_PKCE} (downgrade)", _challenge_as_verifier, PLAIN),
        ("A code of a grant that was taken back meanwhile", "ASVS 5.0 10.4.9", _exchange(after=_taken_back), LIVES_ON),
        ("A code of a person whose account was disabled meanwhile", "ASVS 5.0 7.4.2", _of_a_person_gone, LIVES_ON),
        ("A code of a session that has ended meanwhile", "ASVS 5.0 7.4.1", _of_a_session_ended, LIVES_ON),
        ("A code that is bound to a key, without the key", "RFC 9449 10", _exchange(payload={"jkt": "k" * 43}), ANY_CODE),
        ("A refresh token is sent as a code", "RFC 6749 5.2", _refresh_as_code, GUESSED),
    ),
    *refused(
        INVALID_REQUEST,
        ("A code without any verifier", _PKCE, _exchange(code_verifier=None), NO_PKCE),
        ("A code of an app with a secret, without any verifier", _PKCE, _exchange(method="client_secret_basic", code_verifier=None), NO_PKCE),
        ("A code with an empty verifier", _PKCE, _exchange(code_verifier=""), NO_PKCE),
        ("A code with a verifier too short to be one", "RFC 7636 4.1", _exchange(code_verifier="v"), NO_PKCE),
        ("A code with a verifier of other characters", "RFC 7636 4.1", _exchange(code_verifier="v" * 50 + "\u00e9"), NO_PKCE),
        ("An exchange without a code", _CODE, _exchange(code=None), Fault("a missing code is an empty one", (_no_code,)) & GUESSED),
    ),
    *refused(
        INVALID_CLIENT,
        ("The code of an app with a secret, without the secret", _SECRET, _confidential(lambda *_: {}), UNPROVEN),
        ("The code of an app with a secret, with a wrong one", _SECRET, _confidential(lambda _, mine: _basic(mine.client_id, "wrong")), ANY_SECRET),
        ("The code of an app with a secret, with an empty one", _SECRET, _confidential(lambda _, mine: _basic(mine.client_id, "")), ANY_SECRET),
        ("The code of an app with a secret, with another app's", _SECRET, _confidential(_secret_of_another), UNPROVEN),
        (
            "The code of an app with a secret, the secret in the body",
            f"{_SECRET}; SMART 2.2 client-confidential-symmetric",
            _confidential(lambda *_: {}, client_secret="{secret}"),
            UNPROVEN,
        ),
        (
            "The code of an app with a secret, the secret in both places",
            "RFC 6749 2.3",
            _confidential(lambda _, mine: _basic(mine.client_id, mine.secret or ""), client_secret="s"),
            UNPROVEN,
        ),
        (
            "The code of an app with a secret, the digest of the secret as one",
            "RFC 6819 5.1.4.1.3",
            _confidential(lambda stage, mine: _basic(mine.client_id, _digest(stage, mine))),
            DIGEST_IS_A_SECRET,
        ),
        ("The code of an app with keys, with nothing but its name", _SECRET, _with_keys_alone_named, UNPROVEN),
        ("The code of an app that was revoked meanwhile", "ASVS 5.0 10.4.9", _of_a_revoked_app, REVOKED_TOO & LIVES_ON),
    ),
    Attack("A code is used by a system", _CODE, _by_a_system, Answer(400, "unauthorized_client"), ANY_CODE & GRANTS_OF_ANYBODY),
    Attack("The token of a code that was used twice lives on", "RFC 6749 4.1.2; RFC 9700 4.2.4; ASVS 5.0 10.4.2", _replayed(_at_fhir), INVALID_TOKEN, FAMILY_LIVES),
    Attack(
        "The refresh token of a code that was used twice lives on",
        "RFC 9700 4.2.4; ASVS 5.0 10.4.2",
        _replayed(lambda mine, tokens: mine.refresh(tokens["refresh_token"])),
        INVALID_GRANT,
        FAMILY_LIVES,
    ),
    Attack("An exchange names a wider scope than was allowed", "RFC 6749 4.1.3", _wider, Answer(200, "not widened"), WIDER),
]
