"""An app in the hands of a person: what the duty lets see, what the patient in context leaves of it, what a query in a scope leaves of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.apps import Person, caller, person
from tests.interaction.resources import condition, entry, observation, transaction
from tests.store.engines import client, consent, fresh, partner, patient_id, problem, record
from tests.world import Caller, World

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def categorised(patient: str, category: str, **more: Any) -> dict[str, Any]:
    return observation(patient, category=[{"coding": [{"system": CATEGORY, "code": category}]}], **more)


@dataclass(frozen=True)
class House:
    """Two therapists, the supervisor of the first, and a client of each."""

    therapist: Person
    supervisor: Person
    desk: Person
    administrator: Person
    ana: Person
    ana_id: str
    ben_id: str
    therapist_key: str
    practice: Caller


@pytest.fixture(scope="module")
def house(world: World) -> House:
    first, second, chief, ana, ben = (fresh(name) for name in ("first", "second", "chief", "ana", "ben"))
    place = record("practice", id=fresh("place"), name="Larkmoor")
    staff = [
        record("clinician", id=key, name={"family": "Marsh", "given": ["Ida"]}, practice=place.id, supervisor=above)
        for key, above in ((chief, None), (first, chief), (second, None))
    ]
    clients = [client(ana, therapist=first), client(ben, therapist=second)]
    report = world.take_in(
        [
            place,
            *staff,
            *clients,
            problem(fresh("p"), ana),
            problem(fresh("p"), ben),
            record("session", id=fresh("s"), client=ana, start="2026-03-02T10:00:00-05:00"),
        ]
    )
    assert not report.refused, report.refused
    people = [
        person(world, "therapist", clinician=first),
        person(world, "supervisor", clinician=chief),
        person(world, "front_desk"),
        person(world, "administrator"),
        person(world, "client", client=ana),
    ]
    return House(*people, patient_id(ana), patient_id(ben), first, world.client(practice=True))


def found(caller_: Caller, path: str) -> set[str]:
    page = caller_.get(path)
    ids = {one["resource"]["id"] for one in page.get("entry", [])}
    assert page["total"] == len([one for one in page.get("entry", []) if one["search"]["mode"] == "match"])
    return ids


def test_a_therapist_sees_the_own_caseload_and_a_supervisor_the_supervisees(world: World, house: House) -> None:
    for who in (house.therapist, house.supervisor):
        theirs = caller(world, who, "user/*.rs")
        assert found(theirs, "Patient") == {house.ana_id}
        assert {one["resource"]["subject"]["reference"] for one in theirs.get("Condition")["entry"]} == {f"Patient/{house.ana_id}"}
        assert theirs.ask("GET", f"Patient/{house.ben_id}").status_code == 404
        assert theirs.get(f"Condition?patient={house.ben_id}")["total"] == 0


def test_the_front_desk_sees_who_comes_and_when_and_nothing_clinical(world: World, house: House) -> None:
    desk = caller(world, house.desk, "user/*.rs")
    assert {house.ana_id, house.ben_id} <= found(desk, "Patient")
    assert desk.get("Encounter")["total"] >= 1
    assert desk.get("Condition")["total"] == desk.get("Observation")["total"] == desk.get("CarePlan")["total"] == 0


def test_an_administrator_sees_who_works_here_and_no_client(world: World, house: House) -> None:
    administrator = caller(world, house.administrator, "user/*.rs")
    assert administrator.get("Practitioner")["total"] >= 3
    assert administrator.get("Patient")["total"] == administrator.get("Encounter")["total"] == 0


def test_a_client_sees_the_own_record_and_nobody_elses(world: World, house: House) -> None:
    own = caller(world, house.ana, "patient/*.rs", patient=house.ana_id)
    assert found(own, "Patient") == {house.ana_id}
    assert own.get("Condition")["total"] >= 1
    assert own.ask("GET", f"Patient/{house.ben_id}").status_code == 404


def test_a_client_does_not_write(world: World, house: House) -> None:
    own = caller(world, house.ana, "patient/*.cruds", patient=house.ana_id)
    assert own.ask("POST", "Observation", observation(house.ana_id)).status_code == 403


def test_a_therapist_writes_about_the_own_caseload_alone_and_never_an_order(world: World, house: House) -> None:
    theirs = caller(world, house.therapist, "user/*.cruds")
    made = theirs.post("Observation", observation(house.ana_id))
    theirs.put(f"Observation/{made['id']}", made | {"status": "amended"})
    assert theirs.ask("POST", "Observation", observation(house.ben_id)).status_code == 422
    assert theirs.ask("PUT", f"Observation/{made['id']}", made | {"subject": {"reference": f"Patient/{house.ben_id}"}}).status_code == 422
    assert theirs.ask("POST", "Patient", {"resourceType": "Patient", "name": [{"family": "X"}]}).status_code == 403
    assert theirs.ask("POST", "Organization", {"resourceType": "Organization", "name": "X"}).status_code == 403
    order = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": {"reference": f"Patient/{house.ana_id}"}}
    assert theirs.ask("POST", "MedicationRequest", order | {"medicationCodeableConcept": {"text": "Sertraline"}}).status_code == 422


def test_a_patient_scope_is_about_the_patient_in_context_and_those_around(world: World, house: House) -> None:
    other = fresh("other")
    world.take_in([client(other, therapist=house.therapist_key)])
    wide, narrow = caller(world, house.therapist, "user/*.rs"), caller(world, house.therapist, "patient/*.rs", patient=house.ana_id)
    assert {house.ana_id, patient_id(other)} == found(wide, "Patient")
    assert found(narrow, "Patient") == {house.ana_id}
    assert narrow.ask("GET", f"Patient/{patient_id(other)}").status_code == 404
    assert narrow.get("Practitioner")["total"] >= 1
    assert narrow.ask("GET", f"Patient/{patient_id(other)}/_history").status_code == 404
    assert caller(world, house.therapist, "patient/*.rs").get("Patient")["total"] == 0


@pytest.fixture(scope="module")
def surveys(world: World, house: House) -> dict[str, str]:
    """One Observation of each category, by its category; and one of both."""
    made = {kind: house.practice.post("Observation", categorised(house.ana_id, kind))["id"] for kind in ("survey", "social-history", "exam")}
    both = observation(house.ana_id, category=[{"coding": [{"system": CATEGORY, "code": kind} for kind in ("survey", "exam")]}])
    return made | {"both": house.practice.post("Observation", both)["id"]}


REACH = {
    f"user/Observation.rs?category={CATEGORY}|survey": {"survey", "both"},
    "user/Observation.rs?category=survey": {"survey", "both"},
    f"user/Observation.rs?category={CATEGORY}%7Csurvey&category=exam": {"both"},
    "user/Observation.rs?category=survey user/Observation.rs?category=social-history": {"survey", "social-history", "both"},
    "user/Observation.rs?category=survey user/Observation.rs": {"survey", "social-history", "exam", "both"},
    "user/Observation.rs?category=laboratory": set(),
    "user/Observation.rs?category=urn:other|survey": set(),
}


@pytest.mark.parametrize("scope", REACH)
def test_a_scope_with_a_query_reaches_what_meets_it_by_every_way(world: World, house: House, surveys: dict[str, str], scope: str) -> None:
    theirs = caller(world, house.therapist, f"{scope} user/Patient.rs user/Provenance.rs")
    reached = {name for name, key in surveys.items() if theirs.ask("GET", f"Observation/{key}").status_code == 200}
    assert reached == REACH[scope]
    assert {name for name, key in surveys.items() if theirs.ask("GET", f"Observation/{key}/_history").status_code == 200} == reached
    assert {name for name, key in surveys.items() if theirs.ask("GET", f"Observation/{key}/_history/1").status_code == 200} == reached
    ours = set(surveys.values())
    assert found(theirs, f"Observation?patient={house.ana_id}&_count=200") & ours == {surveys[name] for name in reached}
    asked = transaction(entry("GET", "Observation?_count=200"), *(entry("GET", f"Observation/{surveys[name]}") for name in sorted(reached)))
    answered = theirs.post("", asked, status=200)
    assert {one["resource"]["id"] for one in answered["entry"][0]["resource"].get("entry", [])} & ours == {surveys[name] for name in reached}


def test_what_a_query_hides_is_not_brought_by_an_include(world: World, house: House) -> None:
    member = house.practice.post("Observation", categorised(house.ana_id, "exam"))["id"]
    panel = house.practice.post("Observation", categorised(house.ana_id, "survey", hasMember=[{"reference": f"Observation/{member}"}]))["id"]
    path = f"Observation?_id={panel}&_include=Observation:has-member"
    assert member in {one["resource"]["id"] for one in caller(world, house.therapist, "user/Observation.rs").get(path)["entry"]}
    narrow = caller(world, house.therapist, "user/Observation.rs?category=survey").get(path)
    assert [one["resource"]["id"] for one in narrow["entry"]] == [panel]
    assert narrow["entry"][0]["resource"]["hasMember"] == [{"reference": f"Observation/{member}"}], "a scope hides resources, not what others say of them"


def test_a_version_that_the_query_does_not_reach_stays_hidden(world: World, house: House) -> None:
    made = house.practice.post("Observation", categorised(house.ana_id, "exam"))
    house.practice.put(f"Observation/{made['id']}", made | {"category": categorised(house.ana_id, "survey")["category"]})
    theirs = caller(world, house.therapist, "user/Observation.rs?category=survey")
    assert theirs.ask("GET", f"Observation/{made['id']}/_history/1").status_code == 404
    assert theirs.get(f"Observation/{made['id']}/_history")["total"] == 1


def test_a_write_stays_within_the_query(world: World, house: House) -> None:
    theirs = caller(world, house.therapist, "user/Observation.crus?category=survey")
    made = theirs.post("Observation", categorised(house.ana_id, "survey"))
    refused = theirs.ask("POST", "Observation", categorised(house.ana_id, "exam"))
    assert (refused.status_code, "insufficient_scope" in refused.headers["WWW-Authenticate"]) == (403, True)
    assert theirs.ask("PUT", f"Observation/{made['id']}", made | {"category": categorised("x", "exam")["category"]}).status_code == 403
    theirs.put(f"Observation/{made['id']}", made | {"status": "amended"})
    hidden = house.practice.post("Observation", categorised(house.ana_id, "exam"))
    assert theirs.ask("PUT", f"Observation/{hidden['id']}", hidden | {"category": made["category"]}).status_code == 404
    assert theirs.ask("POST", "", transaction(entry("POST", "Observation", categorised(house.ana_id, "exam")))).status_code == 403


def test_a_write_under_a_patient_scope_is_about_that_patient(world: World, house: House) -> None:
    theirs = caller(world, house.therapist, "patient/Observation.crus", patient=house.ana_id)
    theirs.post("Observation", observation(house.ana_id))
    assert theirs.ask("POST", "Observation", observation(house.ben_id)).status_code == 403


def test_a_partners_query_narrows_what_its_releases_open(world: World) -> None:
    who, to = fresh("client"), fresh("partner")
    world.take_in([client(who), partner(to), consent(who, to)])
    own = world.client(practice=True)
    survey, exam = (own.post("Observation", categorised(patient_id(who), kind))["id"] for kind in ("survey", "exam"))
    wide, narrow = world.client(partner=to), world.client(f"system/Observation.rs?category={CATEGORY}|survey", partner=to)
    assert {survey, exam} <= found(wide, "Observation")
    assert found(narrow, "Observation") == {survey}
    assert narrow.ask("GET", f"Observation/{exam}").status_code == 404


def test_a_condition_on_a_create_finds_only_within_the_query(world: World, house: House) -> None:
    identifier = [{"system": "urn:test", "value": fresh("exam")}]
    hidden = house.practice.post("Observation", categorised(house.ana_id, "exam", identifier=identifier))
    theirs = caller(world, house.therapist, "user/Observation.crus?category=survey")
    made = theirs.ask("POST", "Observation", categorised(house.ana_id, "survey", identifier=identifier), {"If-None-Exist": f"identifier=urn:test|{identifier[0]['value']}"})
    assert made.status_code == 201
    assert made.get_json()["id"] != hidden["id"]


def test_a_system_scope_is_worth_nothing_to_a_person_and_a_user_scope_nothing_to_a_system(world: World, house: House) -> None:
    assert caller(world, house.therapist, "system/*.cruds").ask("GET", "Patient").status_code == 403
    refused = caller(world, house.therapist, "user/Condition.rs").ask("POST", "Condition", condition(house.ana_id))
    assert "user/Condition.c" in refused.get_json()["issue"][0]["diagnostics"]


@pytest.fixture(scope="module")
def visit(world: World, house: House) -> str:
    """A visit of Ana's, as a therapist writes it down: with why she came."""
    told = {"reasonCode": [{"text": "Panic after the separation"}], "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Panic</div>'}}
    period = {"start": "2026-03-09T10:00:00-05:00", "end": "2026-03-09T10:50:00-05:00"}
    room = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    asked = {"resourceType": "Encounter", "status": "finished", "class": room, "subject": {"reference": f"Patient/{house.ana_id}"}, "period": period}
    return str(house.practice.post("Encounter", asked | told)["id"])


def test_why_a_client_comes_is_not_told_to_the_front_desk_by_any_way(world: World, house: House, visit: str) -> None:
    desk = caller(world, house.desk, "user/*.rs")
    ways = [
        f"Encounter/{visit}",
        f"Encounter/{visit}/_history/1",
        f"Encounter/{visit}/_history",
        f"Encounter?_id={visit}",
        f"Patient?_id={house.ana_id}&_revinclude=Encounter:patient",
    ]
    for way in ways:
        answered = desk.ask("GET", way)
        assert (answered.status_code, "2026-03-09T10:00:00-05:00" in answered.text) == (200, True), way
        assert "Panic" not in answered.text, way
    in_a_transaction = desk.ask("POST", "", transaction(entry("GET", f"Encounter/{visit}"), entry("GET", f"Encounter?_id={visit}")))
    assert (in_a_transaction.status_code, "Panic" in in_a_transaction.text) == (200, False)
    assert [one["code"] for one in desk.get(f"Encounter/{visit}")["meta"]["security"]][-1] == "REDACTED"


def test_a_therapist_who_also_works_at_the_front_desk_reads_the_own_visits_whole(world: World, house: House, visit: str) -> None:
    both = caller(world, person(world, "front_desk", "therapist", clinician=house.therapist_key), "user/*.rs")
    assert "Panic" in both.ask("GET", f"Encounter/{visit}").text
    stranger, place = fresh("stranger"), record("practice", id=fresh("place"), name="Larkmoor")
    world.take_in([place, record("clinician", id=stranger, name={"family": "Reed", "given": ["Lou"]}, practice=place.id)])
    another = caller(world, person(world, "front_desk", "therapist", clinician=stranger), "user/*.rs")
    assert "Panic" not in another.ask("GET", f"Encounter/{visit}").text


def test_no_app_says_whose_client_somebody_is(world: World, house: House) -> None:
    """Or a therapist's app would keep the record open after the client has gone, or open it to somebody else."""
    theirs = caller(world, house.therapist, "user/*.cruds")
    member = {"member": {"reference": house.therapist.fhir_user}}
    team = {"resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{house.ana_id}"}, "participant": [member]}
    assert theirs.ask("POST", "CareTeam", team).status_code == 403
    made = house.practice.post("CareTeam", team)
    assert theirs.ask("PUT", f"CareTeam/{made['id']}", made | {"name": "Ours"}).status_code == 403
