"""Labels over time: what the first evidence of substance use changes, what a Provenance follows, what an update may not loosen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.interaction.resources import condition, observation
from tests.store.engines import client, consent, fresh, partner, patient_id, plan, problem, record
from tests.world import Caller, World


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


def _shared(world: World, **values: Any) -> tuple[str, Caller]:
    """A client with a plan, and a reader under a release."""
    name, other = fresh("client"), fresh("partner")
    world.take_in([client(name), partner(other), consent(name, other, **values), plan(fresh("plan"), name)])
    return name, world.client(partner=other)


def _seen(caller: Caller, name: str, resource_type: str) -> set[str]:
    return {str(one["id"]) for one in caller.all(f"{resource_type}?patient={patient_id(name)}")}


NARRATIVE = ("CarePlan", "Goal")


def test_the_first_evidence_of_substance_use_tightens_what_was_written_before(world: World, practice: Caller) -> None:
    name, ehr = _shared(world)
    before = {kind: _seen(ehr, name, kind) for kind in NARRATIVE}
    assert all(before.values())
    assert _seen(ehr, name, "Provenance")
    world.clock.forward(seconds=1)
    world.take_in([problem(fresh("problem"), name, "F10.20", title="A use")])
    for kind, ids in before.items():
        assert _seen(ehr, name, kind) == set()
        assert _seen(practice, name, kind) == ids
        for key in ids:
            for path in (f"{kind}/{key}", f"{kind}/{key}/_history", f"{kind}/{key}/_history/1", f"{kind}/{key}/_history/2"):
                assert ehr.ask("GET", path).status_code == 404, path
            codes = [one["code"] for one in practice.get(f"{kind}/{key}")["meta"]["security"]]
            assert "42CFRPart2" in codes
    assert ehr.ask("GET", f"Patient/{patient_id(name)}").status_code == 200


def test_a_part_2_consent_goes_on_showing_it(world: World) -> None:
    name, ehr = _shared(world, part2=True, categories=["treatment_plan", "sud_records"])
    before = _seen(ehr, name, "Goal")
    world.take_in([problem(fresh("problem"), name, "F11.20", title="A use")])
    assert _seen(ehr, name, "Goal") == before != set()
    assert _seen(ehr, name, "Condition") == set()


def test_what_is_written_after_the_evidence_is_tightened_too(world: World) -> None:
    name, ehr = _shared(world)
    world.take_in([problem(fresh("problem"), name, "F10.20", title="A use")])
    world.take_in([plan(fresh("plan"), name), problem(fresh("problem"), name)])
    assert _seen(ehr, name, "CarePlan") == set()
    assert len(_seen(ehr, name, "Condition")) == 1


def test_tobacco_is_no_evidence(world: World) -> None:
    name, ehr = _shared(world)
    world.take_in([problem(fresh("problem"), name, "F17.210", title="Smoking")])
    assert _seen(ehr, name, "CarePlan")
    assert len(_seen(ehr, name, "Condition")) == 1


def test_evidence_from_a_partner_tightens_the_practices_story(world: World) -> None:
    name, ehr = _shared(world)
    ehr.post("Condition", condition(patient_id(name), "F10.20"))
    assert _seen(ehr, name, "CarePlan") == set()


@pytest.mark.parametrize("kind", ["Goal", "CarePlan"])
def test_a_provenance_is_seen_by_whoever_sees_its_targets(world: World, practice: Caller, kind: str) -> None:
    name, ehr = _shared(world)
    key = next(iter(_seen(ehr, name, kind)))
    told = {one["id"] for one in ehr.all(f"Provenance?target={kind}/{key}")}
    assert told
    world.take_in([problem(fresh("problem"), name, "F10.20", title="A use")])
    assert ehr.all(f"Provenance?target={kind}/{key}") == []
    assert told <= {one["id"] for one in practice.all(f"Provenance?target={kind}/{key}")}
    for one in told:
        assert ehr.ask("GET", f"Provenance/{one}").status_code == 404


def test_a_record_tightened_later_takes_its_provenance_along(world: World, practice: Caller) -> None:
    name, ehr = _shared(world)
    key = fresh("problem")
    world.take_in([problem(key, name)])
    found = _seen(ehr, name, "Condition")
    told = [one["id"] for one in ehr.all(f"Provenance?target=Condition/{next(iter(found))}")]
    assert told
    world.take_in([problem(key, name, sensitivity="restricted")])
    assert _seen(ehr, name, "Condition") == set()
    for one in told:
        assert ehr.ask("GET", f"Provenance/{one}").status_code == 404
        assert practice.ask("GET", f"Provenance/{one}").status_code == 200
    assert "V" in [one["code"] for one in practice.get(f"Condition/{next(iter(found))}")["meta"]["security"]]


def test_a_restricted_record_is_seen_by_the_practice_alone(world: World, practice: Caller) -> None:
    name, ehr = _shared(world, part2=True, categories=["progress_notes", "sud_records"])
    for sensitivity in ("normal", "restricted", "substance-use"):
        world.take_in([record("note", id=fresh("note"), client=name, written_at="2026-05-05T10:00:00-04:00", text="Worked.", sensitivity=sensitivity)])
    assert len(_seen(practice, name, "DocumentReference")) == 3
    assert len(_seen(ehr, name, "DocumentReference")) == 2


def test_an_update_by_a_partner_loosens_nothing(world: World) -> None:
    name, ehr = _shared(world)
    other = fresh("partner")
    world.take_in([partner(other), consent(name, other)])
    colleague = world.client(partner=other)
    sensitive = observation(patient_id(name)) | {"meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}]}}
    made = ehr.post("Observation", sensitive)
    assert colleague.ask("GET", f"Observation/{made['id']}").status_code == 404
    ehr.put(f"Observation/{made['id']}", {name: value for name, value in made.items() if name != "meta"} | {"status": "amended"})
    assert colleague.ask("GET", f"Observation/{made['id']}").status_code == 404
    plain = ehr.post("Observation", observation(patient_id(name)))
    assert colleague.ask("GET", f"Observation/{plain['id']}").status_code == 200


@pytest.mark.parametrize("form", ["Condition/{}", "{}"])
def test_nothing_is_found_by_a_reference_that_is_masked(world: World, practice: Caller, form: str) -> None:
    name, ehr = _shared(world)
    world.take_in([problem(fresh("problem"), name, sensitivity="restricted")])
    hidden = next(iter(_seen(practice, name, "Condition")))
    there = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": f"Patient/{patient_id(name)}"}}
    made = practice.post("CarePlan", there | {"addresses": [{"reference": f"Condition/{hidden}"}]})
    path = f"CarePlan?condition={form.format(hidden)}"
    assert practice.get(path)["total"] == 1
    assert hidden not in ehr.ask("GET", f"CarePlan/{made['id']}").get_data(as_text=True)
    assert ehr.get(path)["total"] == 0
    world.take_in([problem(fresh("problem"), name)])
    (shown,) = _seen(ehr, name, "Condition")
    practice.put(f"CarePlan/{made['id']}", made | {"addresses": [{"reference": f"Condition/{shown}"}]})
    assert ehr.get(f"CarePlan?condition={form.format(shown)}")["total"] == 1


def test_a_code_nobody_knows_goes_to_nobody_but_its_author(world: World, practice: Caller) -> None:
    name, ehr = _shared(world, part2=True, categories=["demographics", "assessments", "sud_records"])
    odd = observation(patient_id(name)) | {"code": {"coding": [{"system": "urn:odd", "code": "1"}]}}
    made = practice.post("Observation", odd)
    assert ehr.ask("GET", f"Observation/{made['id']}").status_code == 404
    mine = ehr.post("Observation", odd)
    assert ehr.ask("GET", f"Observation/{mine['id']}").status_code == 200
