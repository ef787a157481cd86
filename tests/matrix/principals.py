"""Who knocks: forty-odd principals and states of a token, each minted straight into the store with any scope."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert

from gateway.clock import to_ms
from gateway.store.grant import GrantRow
from gateway.store.schema_access import access_token, account, oauth_client, oauth_grant, session
from tests.matrix.scopes import STRINGS
from tests.matrix.town import NEXT_DOOR, SITES
from tests.world import PRACTICE, World

HOUR = 3_600_000


@dataclass(frozen=True)
class Knocker:
    """Who sends the request. `spoilt`: what is wrong with the token, so that it is worth nothing; empty for a good one."""

    name: str
    role: str = "user"
    """practice, partner or user."""
    practice: str = PRACTICE
    recipient: str | None = None
    purpose: str = "TREAT"
    duties: tuple[str, ...] = ()
    clinician: str | None = None
    client: str | None = None
    context: str | None = None
    """The client record that is the patient in context."""
    spoilt: str = ""
    header: str = "Bearer {token}"
    token: dict[str, Any] = field(default_factory=dict, hash=False)
    """Columns of the token, of its grant, account, session and client that are not as usual."""
    grant: dict[str, Any] = field(default_factory=dict, hash=False)
    person: dict[str, Any] = field(default_factory=dict, hash=False)
    session: dict[str, Any] | None = field(default=None, hash=False)
    app: dict[str, Any] = field(default_factory=dict, hash=False)


def _partner(name: str, recipient: str, **more: Any) -> Knocker:
    return Knocker(name, "partner", recipient=recipient, **more)


def _staff(name: str, duty: str, clinician: str | None = None, **more: Any) -> Knocker:
    return Knocker(name, duties=tuple(duty.split()), clinician=clinician, **more)


_SYSTEMS = [
    Knocker("the practice's system", "practice"),
    Knocker("the system next door", "practice", NEXT_DOOR),
    _partner("harbor", "harbor"),
    _partner("pier", "pier"),
    _partner("a release that ran out", "gone"),
    _partner("a revoked release", "void"),
    _partner("a release for a court", "court"),
    _partner("a court that says so", "court", purpose="HLEGAL"),
    _partner("a payer as if it treated", "payer"),
    _partner("a payer", "payer", purpose="HPAYMT"),
    _partner("harbor for payment", "harbor", purpose="HPAYMT"),
    _partner("detox", "detox"),
    _partner("asked by a referral", "asked"),
    _partner("nobody's partner", "nobody"),
    _partner("no partner on file", "stranger"),
    _partner("harbor next door", "harbor", practice=NEXT_DOOR),
]

_PEOPLE = [
    _staff("therapist of ana", "therapist", "first"),
    _staff("therapist of ben", "therapist", "second"),
    _staff("on both teams", "therapist", "third"),
    _staff("supervisor", "supervisor", "chief"),
    _staff("supervisor of nobody", "supervisor", "second"),
    _staff("therapist and supervisor", "therapist supervisor", "chief"),
    _staff("front desk", "front_desk"),
    _staff("front desk who is ana's therapist", "front_desk therapist", "first"),
    _staff("administrator", "administrator"),
    _staff("administrator who is ben's therapist", "administrator therapist", "second"),
    _staff("auditor", "auditor"),
    _staff("therapist of nobody", "therapist", "idle"),
    _staff("therapist without a clinician", "therapist"),
    _staff("no duty", "", "first"),
    _staff("therapist next door", "therapist", "first", practice=NEXT_DOOR),
    _staff("front desk next door", "front_desk", practice=NEXT_DOOR),
    Knocker("ana", duties=("client",), client="ana"),
    Knocker("ben", duties=("client",), client="ben"),
    Knocker("ana with herself", duties=("client",), client="ana", context="ana"),
    Knocker("ben with himself", duties=("client",), client="ben", context="ben"),
    Knocker("ana with ben", duties=("client",), client="ana", context="ben"),
    _staff("therapist with ana", "therapist", "first", context="ana"),
    _staff("therapist with ben, who is not hers", "therapist", "first", context="ben"),
    _staff("both teams with ben", "therapist", "third", context="ben"),
    _staff("supervisor with cal", "supervisor", "chief", context="cal"),
    _staff("front desk with ana", "front_desk", context="ana"),
    _staff("administrator with ana", "administrator", context="ana"),
    _staff("therapist with eve from next door", "therapist", "first", context="eve"),
    _staff("therapist in a session", "therapist", "third", session={}),
    _staff("a token for this server by name", "therapist", "third", token={"audience": "http://127.0.0.1:8000/fhir"}),
    _staff("a scheme in small letters", "therapist", "third", header="bearer {token}"),
]


def _spoilt(name: str, **more: Any) -> Knocker:
    return Knocker(name, duties=("therapist",), clinician="third", **{"spoilt": name} | more)


_SPOILT = [
    _spoilt("no header", header=""),
    _spoilt("a header without a token", header="Bearer"),
    _spoilt("a header with blanks", header="Bearer   "),
    _spoilt("basic authentication", header="Basic eDp5"),
    _spoilt("a token without a scheme", header="{token}"),
    _spoilt("an unknown scheme", header="Token {token}"),
    _spoilt("an unknown token", header="Bearer nothing-like-it"),
    _spoilt("a token and a word", header="Bearer {token} more"),
    _spoilt("a token cut short", header="Bearer {cut}"),
    _spoilt("the digest for the token", header="Bearer {digest}"),
    _spoilt("a token much too long", header="Bearer {token}{token}{token}{token}"),
    _spoilt("run out", token={"expires_at": -1}),
    _spoilt("revoked", token={"revoked_at": -1}),
    _spoilt("revoked client", app={"revoked_at": -1}),
    _spoilt("client never approved", app={"registration_digest": "x", "approved_at": None}),
    _spoilt("revoked grant", grant={"revoked_at": -1}),
    _spoilt("grant run out", grant={"expires_at": -1}),
    _spoilt("grant gone", grant={"id": "elsewhere"}),
    _spoilt("session ended", session={"ended_at": -1}),
    _spoilt("session run out", session={"expires_at": -1}),
    _spoilt("session gone", grant={"session": "no such session"}),
    _spoilt("disabled person", person={"disabled_at": -1}),
    _spoilt("person gone", person={"id": "elsewhere"}),
    _spoilt("an app without a person", grant={"id": "elsewhere"}, token={"grant_id": None}),
    _spoilt("bound to a key, without a proof", token={"jkt": "a-thumbprint"}),
    _spoilt("bound to a key, as DPoP", token={"jkt": "a-thumbprint"}, header="DPoP {token}"),
    _spoilt("for another server", token={"audience": "https://elsewhere.example.org/fhir"}),
    Knocker("practice's system, revoked", "practice", spoilt="revoked", token={"revoked_at": -1}),
    Knocker("partner, run out", "partner", recipient="harbor", spoilt="run out", token={"expires_at": -1}),
    Knocker("partner, revoked client", "partner", recipient="harbor", spoilt="revoked", app={"revoked_at": -1}),
]

KNOCKERS: tuple[Knocker, ...] = (*_SYSTEMS, *_PEOPLE, *_SPOILT)


class Keys:
    """Tokens for everyone and every scope, minted when someone is first met."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[tuple[str, str], dict[str, str]] = {}

    def headers(self, who: Knocker, scope: str) -> dict[str, str]:
        if (who.name, scope) not in self._made:
            with self._world.store.write() as connection:
                self._made |= {(who.name, one): self._minted(connection, who, one) for one in STRINGS}
        return self._made[who.name, scope]

    def _minted(self, connection: Connection, who: Knocker, scope: str) -> dict[str, str]:
        token = hashlib.sha256(f"{who.name}|{scope}".encode()).hexdigest()[:43]
        digest = hashlib.sha256(token.encode()).hexdigest()
        now = to_ms(self._world.clock())
        for table, row in _rows(who, scope, digest):
            connection.execute(insert(table), {name: _valued(name, value, now) for name, value in row.items()})
        header = who.header.format(token=token, cut=token[:-1], digest=digest)
        return {"Authorization": header} if header else {}


def _valued(name: str, value: Any, now: int) -> Any:
    """Times are given from now on; `elsewhere` is the id of something that is not there."""
    if value == "elsewhere":
        return str(uuid.uuid4())
    return now + value if name.endswith("_at") and isinstance(value, int) else value


Rows = list[tuple[Any, dict[str, Any]]]


def _rows(who: Knocker, scope: str, digest: str) -> Rows:
    """What sign-in, consent and the token endpoint would leave; times in ms from now."""
    client_id = str(uuid.uuid4())
    about = {"practice": who.practice, "recipient": who.recipient, "purpose": who.purpose, "role": "app" if who.role == "user" else who.role}
    client = {"client_id": client_id, "name": who.name, "scope": scope, "created_at": 0, "approved_at": 0, "auth_method": "none"} | about | who.app
    token = {"digest": digest, "client_id": client_id, "scope": scope, "issued_at": -1, "expires_at": HOUR}
    if who.role != "user":
        return [(oauth_client, client), (access_token, token | who.token)]
    grant_id, more = _grant_rows(who, scope, client_id)
    return [(oauth_client, client), (access_token, token | {"grant_id": grant_id} | who.token), *more]


def _grant_rows(who: Knocker, scope: str, client_id: str) -> tuple[str, Rows]:
    person, grant_id, signed_in = str(uuid.uuid4()), str(uuid.uuid4()), str(uuid.uuid4())
    site = SITES[who.practice]
    fhir_user = f"Practitioner/{site.id('clinician', who.clinician)}" if who.clinician else f"Patient/{site.id('client', who.client)}" if who.client else None
    someone = {"id": person, "practice": who.practice, "name": person, "display": "A Person", "roles": " ".join(who.duties), "fhir_user": fhir_user, "created_at": 0}
    patient = (SITES[NEXT_DOOR] if who.context == "eve" else site).id("client", who.context) if who.context else None
    row = GrantRow(grant_id, who.practice, client_id, person, None, scope, patient, None, json.dumps({}), None, -1, -1, HOUR)._asdict()
    rows: Rows = [(account, someone | who.person), (oauth_grant, row | ({"session": signed_in} if who.session is not None else {}) | who.grant)]
    if who.session is not None:
        began = {"digest": signed_in, "id": signed_in, "account": person, "methods": "pwd", "authenticated_at": -1, "seen_at": -1, "expires_at": HOUR}
        rows.append((session, began | who.session))
    return grant_id, rows
