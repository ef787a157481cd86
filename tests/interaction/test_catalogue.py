"""Terminology over FHIR: open to every client with a scope for it, written by nobody, the same at every start, and nothing of the practice in it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.catalogue import synchronise
from gateway.context import Context
from gateway.privacy import placing
from gateway.privacy.category import CATALOGUE_TYPES
from gateway.store import audit
from gateway.store.resource import counts
from gateway.store.version import remove_many
from gateway.trail import events
from mappings.terminology import shipped
from tests.store.engines import client, consent, fresh, partner, patient_id
from tests.world import PRACTICE, Caller, World

Resource = dict[str, Any]
SNOMED = "http://snomed.info/sct"


@pytest.fixture(scope="module")
def stranger(world: World) -> Caller:
    """A partner to whom nobody opened anything."""
    return world.client("system/*.rs", partner=fresh("stranger"))


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


def _without_meta(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "meta"}


@pytest.mark.parametrize("kind", CATALOGUE_TYPES)
def test_a_partner_without_any_release_reads_all_of_it_as_it_ships(stranger: Caller, kind: str) -> None:
    found = {one["id"]: one for one in stranger.all(f"{kind}?_count=7")}
    assert {key: _without_meta(one) for key, one in found.items()} == {one["id"]: one for one in shipped() if one["resourceType"] == kind}
    for key, one in found.items():
        assert stranger.get(f"{kind}/{key}") == one
        assert stranger.get(f"{kind}/{key}/_history/1") == one
        assert stranger.get(f"{kind}/{key}/_history")["total"] == 1
        assert one["meta"]["security"] == [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}]


SEARCHES = {
    "CodeSystem?url=urn:handoff:release-category": {"release-category"},
    "CodeSystem?system=urn:handoff:sensitivity": {"sensitivity"},
    "CodeSystem?code=awaiting-information": {"business-status"},
    "CodeSystem?name=sessionmode&status=active&version=1.0.0": {"session-mode"},
    "CodeSystem?status=draft": set(),
    "CodeSystem?date=lt2020": set(),
    "CodeSystem?identifier=anything": set(),
    "CodeSystem?content-mode=complete&title=kinds": {"activity-category"},
    "ValueSet?url=urn:handoff:value-set:suicide": {"suicide"},
    "ValueSet?code=385724002": {"interventions"},
    "ValueSet?reference=http://hl7.org/fhir/sid/icd-10-cm": {"conditions", "suicide"},
    "ValueSet?title:contains=therapist": {"interventions"},
    "ValueSet?publisher=handoff&name:exact=Flag": set(),
    "ConceptMap?source-system=http://hl7.org/fhir/sid/icd-10-cm": {"diagnosis"},
    "ConceptMap?source-code=F41.1&target-code=21897009": {"diagnosis"},
    "ConceptMap?target-system=http://terminology.hl7.org/CodeSystem/v3-ActCode": {"session-mode"},
    "ConceptMap?url=urn:handoff:concept-map:none": set(),
}


@pytest.mark.parametrize(("path", "ids"), SEARCHES.items())
def test_it_is_found_by_what_it_says(stranger: Caller, path: str, ids: set[str]) -> None:
    assert {one["id"] for one in stranger.all(path)} == ids


@pytest.mark.parametrize("kind", CATALOGUE_TYPES)
def test_it_is_nobodys_and_cannot_be_asked_for_as_a_clients(world: World, stranger: Caller, kind: str) -> None:
    name, other = fresh("client"), fresh("partner")
    world.take_in([client(name), partner(other), consent(name, other)])
    for asked in ("patient", "subject"):
        answer = stranger.ask("GET", f"{kind}?{asked}={patient_id(name)}")
        assert answer.status_code == 400
    assert name not in stranger.ask("GET", f"{kind}?_count=500").get_data(as_text=True)


@pytest.mark.parametrize("kind", CATALOGUE_TYPES)
def test_a_client_without_a_scope_for_the_type_is_refused(world: World, kind: str) -> None:
    narrow = world.client("system/Patient.rs", partner=fresh("narrow"))
    key = next(one["id"] for one in shipped() if one["resourceType"] == kind)
    for path in (kind, f"{kind}/{key}", f"{kind}/{key}/_history", f"{kind}/{key}/_history/1"):
        assert narrow.ask("GET", path).status_code == 403, path
    wide = world.client(f"system/{kind}.rs", partner=fresh("wide"))
    assert wide.get(f"{kind}/{key}")["id"] == key


@pytest.mark.parametrize("kind", CATALOGUE_TYPES)
def test_nobody_writes_it_over_fhir(world: World, practice: Caller, kind: str) -> None:
    one = next(one for one in shipped() if one["resourceType"] == kind)
    for writer in (practice, world.client(partner=fresh("writer"))):
        assert writer.ask("POST", kind, one).status_code == 405
        assert writer.ask("PUT", f"{kind}/{one['id']}", one).status_code == 405
        entry = {"resource": one, "request": {"method": "PUT", "url": f"{kind}/{one['id']}"}}
        assert writer.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).status_code == 405


def _told_of(kind: str, key: str) -> Resource:
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"{kind}/{key}"}],
        "recorded": "2026-10-30T10:00:00Z",
        "agent": [{"who": {"display": "Someone"}}],
    }


def test_what_is_told_of_it_reaches_no_other_partner(world: World, stranger: Caller, practice: Caller) -> None:
    writer = world.client(partner=fresh("writer"))
    made = [caller.post("Provenance", _told_of("ValueSet", "suicide"))["id"] for caller in (writer, practice)]
    assert stranger.all("Provenance?target=ValueSet/suicide") == []
    for one in made:
        assert stranger.ask("GET", f"Provenance/{one}").status_code == 404
    assert set(made) <= {one["id"] for one in practice.all("Provenance?target=ValueSet/suicide")}


# What ships, and what is there


def _events(context: Context) -> int:
    with context.store.read() as connection:
        return audit.count(connection, PRACTICE)


def _versions(caller: Caller) -> dict[str, str]:
    return {f"{kind}/{one['id']}": one["meta"]["versionId"] for kind in CATALOGUE_TYPES for one in caller.all(kind)}


@pytest.fixture
def restored(world: World) -> Iterator[Context]:
    """The practice's side; what ships is there again afterwards."""
    yield world.context()
    synchronise(world.context(), shipped())


def test_bringing_in_the_same_again_changes_nothing(world: World, stranger: Caller) -> None:
    before = _versions(stranger), _events(world.context())
    world.clock.forward(seconds=1)
    assert synchronise(world.context(), shipped()) == 0
    assert (_versions(stranger), _events(world.context())) == (before[0], before[1] + len(CATALOGUE_TYPES))  # the searches in between


def test_only_what_changed_gets_a_new_version_with_an_audit_event(world: World, stranger: Caller, restored: Context) -> None:
    before = _versions(stranger)
    changed = [copy.deepcopy(one) | ({"version": "9.0.0"} if one["id"] == "suicide" else {}) for one in shipped()]
    known = _events(restored)
    assert synchronise(restored, changed) == 1
    assert _events(restored) == known + 1
    after = _versions(stranger)
    assert {name for name in after if after[name] != before[name]} == {"ValueSet/suicide"}
    assert [entry["resource"]["version"] for entry in stranger.get("ValueSet/suicide/_history")["entry"]][:2] == ["9.0.0", "1.0.0"]


def test_what_ships_no_longer_is_gone_and_its_history_stays(stranger: Caller, restored: Context) -> None:
    assert synchronise(restored, [one for one in shipped() if one["id"] != "list-modes"]) == 1
    assert stranger.ask("GET", "ValueSet/list-modes").status_code == 410
    assert stranger.all("ValueSet?url=urn:handoff:value-set:list-modes") == []
    assert stranger.get("ValueSet/list-modes/_history/1")["id"] == "list-modes"


@contextmanager
def _stored(world: World, key: str, *, received: bool) -> Iterator[None]:
    """A value set that ships with nothing, for as long as it is looked at."""
    own, place = {"resourceType": "ValueSet", "id": key, "status": "active", "url": f"urn:test:{key}"}, placing.Place(PRACTICE, ZoneInfo("America/New_York"), received)
    with world.store.change() as connection:
        stored = placing.store(connection, own, place, world.context().now)
        audit.append(connection, events(world.context(), "create", [stored]))
    yield
    with world.store.change() as connection:
        remove_many(connection, PRACTICE, [f"ValueSet/{key}"], world.context().now)
        audit.append(connection, events(world.context(), "delete", [stored]))


def test_what_the_practice_put_into_its_catalogue_itself_is_left_alone_and_open_to_all(world: World, stranger: Caller) -> None:
    key = fresh("house-rules")
    with _stored(world, key, received=False):
        assert synchronise(world.context(), shipped()) == 0
        assert stranger.get(f"ValueSet/{key}")["meta"]["versionId"] == "1"
        assert [one["id"] for one in stranger.all(f"ValueSet?url=urn:test:{key}")] == [key]


def test_what_came_from_a_partner_is_no_catalogue(world: World, stranger: Caller, practice: Caller) -> None:
    key = fresh("theirs")
    with _stored(world, key, received=True):
        assert practice.get(f"ValueSet/{key}")["id"] == key
        assert stranger.ask("GET", f"ValueSet/{key}").status_code == 404
        assert stranger.all(f"ValueSet?url=urn:test:{key}") == []


def test_a_fault_in_one_resource_brings_in_none(world: World, restored: Context) -> None:
    with world.store.read() as connection:
        before = counts(connection, PRACTICE)
    with pytest.raises(KeyError):
        synchronise(restored, [next(iter(shipped())) | {"version": "9.0.0"}, {"resourceType": "ValueSet"}])
    with world.store.read() as connection:
        assert counts(connection, PRACTICE) == before


@pytest.mark.parametrize("kind", CATALOGUE_TYPES)
def test_there_is_nothing_of_the_practice_in_it(practice: Caller, kind: str) -> None:
    told = practice.ask("GET", f"{kind}?_count=500").get_data(as_text=True)
    for word in (PRACTICE, "Test Practice", "Quist", "New_York"):
        assert word not in told.replace("http://127.0.0.1:8000/fhir/", "")
