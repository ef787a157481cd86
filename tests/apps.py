"""People with an app in their hands: accounts, apps and tokens straight in the store, as sign-in and consent would leave them."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from gateway.clock import to_ms
from gateway.smart.app import Registration, add_app
from gateway.smart.token import digest_of
from gateway.store import grant as grants
from gateway.store import oauth
from gateway.store.grant import GrantRow
from gateway.store.schema_access import account
from tests.store.engines import SITE
from tests.world import PRACTICE, Caller, World

HOUR_MS = 3_600_000
EVERY_SCOPE = "launch launch/patient launch/encounter openid fhirUser profile offline_access patient/*.cruds user/*.cruds"


@dataclass(frozen=True)
class Person:
    """Someone with an account."""

    account: str
    fhir_user: str | None


def person(world: World, *duties: str, clinician: str | None = None, client: str | None = None, practice: str = PRACTICE) -> Person:
    """An account with these duties, for a clinician or a client on file."""
    fhir_user = f"Practitioner/{SITE.id('clinician', clinician)}" if clinician else f"Patient/{SITE.id('client', client)}" if client else None
    made = Person(str(uuid.uuid4()), fhir_user)
    row = {"id": made.account, "practice": practice, "name": made.account, "display": "A Person", "roles": " ".join(duties), "fhir_user": fhir_user}
    with world.store.write() as connection:
        connection.execute(insert(account), row | {"created_at": to_ms(world.clock())})
    return made


def app(world: World, scope: str = EVERY_SCOPE, *, redirect_uris: Sequence[str] = ("https://app.example.org/back",), practice: str = PRACTICE) -> str:
    """A public app's client_id."""
    return add_app(world.store, world.clock, practice, Registration("An App", scope, redirect_uris)).client_id


def caller(world: World, who: Person, scope: str, *, patient: str | None = None, client_id: str | None = None, practice: str = PRACTICE) -> Caller:
    """The app of this person with a token of this scope; `patient`: the logical id of the one in context."""
    used, token, now, grant_id = client_id or app(world, practice=practice), secrets.token_urlsafe(32), to_ms(world.clock()), str(uuid.uuid4())
    row = GrantRow(grant_id, practice, used, who.account, None, scope, patient, None, "{}", None, now, now, now + 24 * HOUR_MS)
    with world.store.write() as connection:
        grants.add_grant(connection, row)
        oauth.add_token(connection, digest_of(token), used, scope, now, now + HOUR_MS, grant_id=grant_id)
    return Caller(world.http, token, used)
