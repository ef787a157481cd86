"""What a person writes is about those whom the duties that write name; a token that hangs on nothing is worth nothing."""

from __future__ import annotations

from sqlalchemy import insert, update

from gateway.clock import to_ms
from gateway.smart.token import digest_of
from gateway.store.schema_access import access_token, oauth_client
from tests.apps import app, caller, person
from tests.interaction.resources import observation
from tests.store.engines import client, fresh, patient_id, record
from tests.world import Caller, World


def test_a_therapist_who_also_keeps_the_front_desk_writes_about_the_own_caseload_alone(world: World) -> None:
    me, mine, other, place = (fresh(name) for name in ("me", "mine", "other", "place"))
    staff = record("clinician", id=me, name={"family": "Marsh"}, practice=place)
    world.take_in([record("practice", id=place, name="Larkmoor"), staff, client(mine, therapist=me), client(other)])
    both = caller(world, person(world, "therapist", "front_desk", clinician=me), "user/*.cruds")
    assert both.ask("GET", f"Patient/{patient_id(other)}").status_code == 200
    both.post("Observation", observation(patient_id(mine)))
    assert both.ask("POST", "Observation", observation(patient_id(other))).status_code == 422


def test_the_token_of_an_app_that_lost_its_approval_is_worth_nothing(world: World) -> None:
    used = app(world)
    theirs = caller(world, person(world, "administrator"), "user/*.rs", client_id=used)
    with world.store.write() as connection:
        connection.execute(update(oauth_client).where(oauth_client.c.client_id == used).values(registration_digest="x", approved_at=None))
    assert theirs.ask("GET", "Practitioner").status_code == 401


def test_the_token_of_an_app_in_nobodys_hands_is_worth_nothing(world: World) -> None:
    used, now, token = app(world), to_ms(world.clock()), fresh("token")
    with world.store.write() as connection:
        row = {"digest": digest_of(token), "client_id": used, "scope": "system/*.cruds", "issued_at": now, "expires_at": now + 60_000}
        connection.execute(insert(access_token), row)
    assert Caller(world.http, token, used).ask("GET", "CodeSystem").status_code == 401
