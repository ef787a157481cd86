"""What is written says nothing of what its writer may not see, and is about nobody whom the writer's duties do not name; tokens that hang on nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, update

from gateway.clock import to_ms
from gateway.smart.token import digest_of
from gateway.store.schema_access import access_token, oauth_client
from tests.apps import app, caller, person
from tests.interaction.resources import condition, entry, observation, transaction
from tests.store.engines import client, consent, fresh, partner, patient_id, record
from tests.world import Caller, World

NEW = "urn:uuid:6e5d1f0e-9a0d-4b4b-8d8e-3f1a5a1c0001"


def told_of(reference: str) -> dict[str, Any]:
    return {"resourceType": "Provenance", "recorded": "2026-05-06T10:00:00Z", "target": [{"reference": reference}], "agent": [{"who": {"display": "Someone"}}]}


@pytest.fixture
def ehr(world: World) -> tuple[Caller, str]:
    """A partner with a release of one client's problems."""
    who, to = fresh("client"), fresh("partner")
    world.take_in([client(who), partner(to), consent(who, to, categories=["demographics", "diagnoses"])])
    return world.client(partner=to), patient_id(who)


@pytest.mark.parametrize("icd10", ["F10.20", "F32.1"])
def test_a_provenance_of_what_is_hidden_is_answered_as_one_of_nothing(world: World, ehr: tuple[Caller, str], icd10: str) -> None:
    asking, _ = ehr
    stranger = fresh("stranger")
    world.take_in([client(stranger)])
    hidden = world.client(practice=True).post("Condition", condition(patient_id(stranger), icd10))
    answers = [asking.ask("POST", "Provenance", told_of(f"Condition/{key}")) for key in (hidden["id"], "no-such-id")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].data == answers[1].data


def test_a_provenance_of_what_is_visible_or_comes_with_it_is_taken(ehr: tuple[Caller, str]) -> None:
    asking, patient = ehr
    asking.post("Provenance", told_of(f"Patient/{patient}"))
    made = asking.post("", transaction(entry("POST", "Provenance", told_of(NEW)), entry("POST", "Condition", condition(patient), NEW)), status=200)
    assert len(made["entry"]) == 2


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
