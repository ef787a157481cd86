"""Whose clients are whose, as time goes by: a care team that is over, and a member who left it, open nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps import caller, person
from tests.store.engines import client, fresh, patient_id, record
from tests.world import World

PAST, FUTURE = {"start": "2020-01-01", "end": "2020-12-31"}, {"start": "2020-01-01", "end": "2099-12-31"}

TEAMS: dict[str, tuple[dict[str, Any], list[dict[str, Any]], bool]] = {
    "a member": ({}, [{}], True),
    "a member until later": ({}, [{"period": FUTURE}], True),
    "a member who left": ({}, [{"period": PAST}], False),
    "a member who left and came back": ({}, [{"period": PAST}, {"period": {"start": "2021-01-01"}}], True),
    "a member of a team that goes on for now": ({"period": FUTURE}, [{}], True),
    "a member of a team that is over": ({"period": PAST}, [{"period": FUTURE}], False),
}


@pytest.mark.parametrize("case", TEAMS)
def test_a_care_team_opens_a_record_to_those_who_are_in_it_now(world: World, case: str) -> None:
    team, members, opens = TEAMS[case]
    who, clinician = fresh("client"), fresh("clinician")
    place = record("practice", id=fresh("place"), name="Larkmoor")
    world.take_in([place, record("clinician", id=clinician, name={"family": "Marsh", "given": ["Ida"]}, practice=place.id), client(who)])
    therapist = person(world, "therapist", clinician=clinician)
    told = [{"member": {"reference": therapist.fhir_user}} | one for one in members]
    subject = {"reference": f"Patient/{patient_id(who)}"}
    world.client(practice=True).post("CareTeam", {"resourceType": "CareTeam", "status": "active", "subject": subject, "participant": told} | team)
    seen = caller(world, therapist, "user/*.rs").ask("GET", f"Patient/{patient_id(who)}").status_code == 200
    assert seen is opens
