"""Attacks by introspection and revocation: what a token is worth is told to nobody else, and no one ends another's (RFC 7662, RFC 7009)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.context import Principal
from gateway.smart import introspection, revocation, shown, token
from gateway.smart.client import revoke_client
from gateway.smart.scope import Scopes
from gateway.store.oauth import TokenRow
from tests.attack.attack import INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, Answer, Attack, Fault, answer_of, fault, refused, replaced
from tests.attack.client_auth import ANY_SHAPE, UNPROVEN
from tests.attack.signer import Signer, ec_key
from tests.attack.stage import Stage
from tests.world import PRACTICE

Run = Callable[[Stage], Answer]
INACTIVE = Answer(200, "inactive")


def _asks(asker: Callable[[Stage], Signer], about: Callable[[Stage], str]) -> Run:
    """A client, proven by its assertion, asks about a token."""
    return lambda stage: stage.introspect(asker(stage).proof(token=about(stage)))


def _bearing(bearer: Callable[[Stage], str], about: Callable[[Stage], str]) -> Run:
    """Whoever bears a token asks about another one."""
    return lambda stage: stage.introspect({"token": about(stage)}, {"Authorization": f"Bearer {bearer(stage)}"})


def _ehr(stage: Stage) -> Signer:
    return stage.ehr


def _of_ehr(stage: Stage) -> str:
    return stage.mint(stage.ehr)


def _of_rival(stage: Stage) -> str:
    return stage.mint(stage.rival)


def _knows(who: Callable[[Stage], Signer]) -> Callable[[Stage], str]:
    return lambda stage: stage.mint(who(stage), "__token.introspect")


def _expired(stage: Stage) -> str:
    return stage.mint(stage.ehr, life_s=-1)


def _expired_asker(stage: Stage) -> str:
    return stage.mint(stage.system, "__token.introspect", life_s=-1)


def _revoked(stage: Stage) -> str:
    mine = _of_ehr(stage)
    stage.revoke(stage.ehr.proof(token=mine))
    return mine


def _revoked_asker(stage: Stage) -> str:
    mine = _knows(lambda each: each.system)(stage)
    stage.revoke(stage.system.proof(token=mine))
    return mine


def _of_revoked_client(stage: Stage) -> str:
    gone = stage.signer(ec_key())
    mine = stage.mint(gone)
    revoke_client(stage.store, stage.clock, gone.client_id)
    return mine


def _unproven(path: str) -> Run:
    return lambda stage: answer_of(stage.post(path, {"token": _of_ehr(stage), "client_id": stage.ehr.client_id}))


def _bearer_in_body(stage: Stage) -> Answer:
    return stage.introspect({"token": _of_ehr(stage), "access_token": _knows(lambda each: each.system)(stage)})


def _in_address(path: str) -> Run:
    def run(stage: Stage) -> Answer:
        mine = _of_ehr(stage)
        return answer_of(stage.post(path, stage.ehr.proof(token=mine), query_string={"token": mine}))

    return run


def _revokes_anothers(stage: Stage) -> Answer:
    return stage.revoke(stage.rival.proof(token=_of_ehr(stage)))


def _revokes_by_bearer(stage: Stage) -> Answer:
    """Who stole a token could so end its owner's, or another one."""
    return answer_of(stage.post("/oauth/revoke", {"token": _of_ehr(stage), "client_id": stage.ehr.client_id}, {"Authorization": f"Bearer {_of_ehr(stage)}"}))


def _itself(stage: Stage) -> Answer:
    mine = _of_ehr(stage)
    return stage.introspect({"token": mine}, {"Authorization": f"Bearer {mine}"})


def _still_alive(change: Callable[[str], str]) -> Run:
    """What is like a token is none; asked by its own client."""
    return _asks(_ehr, lambda each: change(_of_ehr(each)))


# Faults


def _any_row(self: Any, asked: Any, _client: Any) -> shown.Shown | None:
    issuer = vars(self)["_issuer"]
    with issuer.store.read() as connection:
        return shown.shown(connection, asked.form["token"], issuer.now)


def _body_too(asked: Any) -> str | None:
    return asked.form.get("access_token")


def _system(*_: Any) -> Principal:
    return Principal("system", "System", PRACTICE, "practice", "system", "TREAT", "__token.introspect system/*.cruds")


def _digested(name: str, change: Callable[[str], str]) -> Fault:
    return fault(name, *(replaced(room, "digest_of", lambda text: _DIGEST(change(text))) for room in (token, shown)))


_DIGEST = token.digest_of

TOLD_TO_ALL = fault("whoever may ask is told about every token", replaced(introspection.Introspection, "authenticate_token", _any_row))
ANY_SCOPE = fault("every token may introspect", replaced(Scopes, "allows_extension", lambda *_: True))
NEVER_ENDS = fault("a token is good for ever", replaced(TokenRow, "is_live", lambda *_: True), replaced(TokenRow, "ends", property(lambda _: [2**60])))
BEARER_IN_BODY = fault("a bearer token is taken from the body", replaced(introspection, "_bearer", _body_too))
ANY_TOKEN = fault("every text is the token of the practice's own system", replaced(token, "principal_of", _system))
ANYBODY_REVOKES = fault("a client may end every token", replaced(revocation.Revocation, "authenticate_token", _any_row))
FIRST_HALF = _digested("tokens are compared by their first half", lambda text: text[:20])
ANY_CAPITALS = _digested("tokens are compared without regard to capitals", str.lower)
SPACES_CUT = _digested("spaces in a token are cut out", lambda text: text.replace(" ", ""))
BY_DIGEST = fault("a token's digest is as good as the token", *(replaced(room, "digest_of", lambda text: text if len(text) == 64 else _DIGEST(text)) for room in (token, shown)))

_7662, _7009 = "RFC 7662 4", "RFC 7009 2.1"

ATTACKS = [
    *refused(
        INACTIVE,
        ("A client asks about another client's token", f"{_7662}; SMART 2.2 token-introspection", _asks(lambda stage: stage.rival, _of_ehr), TOLD_TO_ALL),
        ("A practice's system asks about a token of another practice", _7662, _bearing(_knows(lambda stage: stage.neighbour), _of_ehr), TOLD_TO_ALL),
        ("A token that has run out is asked about", "RFC 7662 2.2", _asks(_ehr, _expired), NEVER_ENDS),
        ("A token that was revoked is asked about", "RFC 7662 2.2; ASVS 5.0 10.4.9", _asks(_ehr, _revoked), NEVER_ENDS),
        ("A token of a client that was revoked is asked about", "RFC 7662 2.2", _bearing(_knows(lambda stage: stage.system), _of_revoked_client), NEVER_ENDS),
        ("The first half of a token is asked about, to guess the rest", "RFC 6819 4.4.1.3", _still_alive(lambda text: text[:20]), FIRST_HALF),
        ("A token in other capitals is asked about", "RFC 6749 10.10", _still_alive(str.swapcase), ANY_CAPITALS),
        ("The digest of a token, read from a stolen backup, is asked about", "RFC 6819 5.1.4.1.3", _still_alive(_DIGEST), BY_DIGEST),
    ),
    *refused(
        INVALID_CLIENT,
        ("Nobody in particular asks about a token", "RFC 7662 2.1", _unproven("/oauth/introspect"), UNPROVEN),
        ("A token without the scope for it introspects", "SMART 2.2 token-introspection", _bearing(lambda stage: stage.mint(stage.system), _of_ehr), ANY_SCOPE),
        ("A token introspects itself, to learn whether it was found out", _7662, _itself, ANY_SCOPE),
        ("A token that has run out introspects", "SMART 2.2 token-introspection", _bearing(_expired_asker, _of_rival), NEVER_ENDS),
        ("A token that was revoked introspects", "SMART 2.2 token-introspection", _bearing(_revoked_asker, _of_rival), NEVER_ENDS),
        ("A token introspects that nobody issued", "SMART 2.2 token-introspection", _bearing(lambda _: "t" * 43, _of_ehr), ANY_TOKEN),
        ("A bearer token in the body introspects", "RFC 6750 2.2; ASVS 5.0 10.3", _bearer_in_body, BEARER_IN_BODY),
        ("Nobody in particular ends a token", _7009, _unproven("/oauth/revoke"), UNPROVEN),
        ("A token's bearer ends tokens", _7009, _revokes_by_bearer, UNPROVEN),
    ),
    Attack("A client ends another client's token", f"{_7009}; RFC 6819 4.4.1", _revokes_anothers, INVALID_GRANT, ANYBODY_REVOKES),
    *refused(
        INVALID_REQUEST,
        ("A token that is asked about stands in the address", "RFC 7662 2.1; CWE-598", _in_address("/oauth/introspect"), ANY_SHAPE),
        ("A token that is to end stands in the address", "RFC 7009 2; CWE-598", _in_address("/oauth/revoke"), ANY_SHAPE),
        (
            "Two tokens are asked about, one of them its own",
            "RFC 6749 3.2",
            lambda stage: stage.introspect(stage.ehr.proof() | {"token": [_of_ehr(stage), _of_rival(stage)]}),
            ANY_SHAPE,
        ),
        ("Two tokens are to end, one of them its own", "RFC 6749 3.2", lambda stage: stage.revoke(stage.ehr.proof() | {"token": [_of_ehr(stage), _of_rival(stage)]}), ANY_SHAPE),
    ),
]
