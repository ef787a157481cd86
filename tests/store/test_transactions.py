"""What belongs together is stored together or not at all; who comes second hears of it; what is read is traced first."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.context import Context
from gateway.privacy.placing import Place, store
from gateway.store import audit, schema
from gateway.store.engine import Store, StoreAway, Untraced
from gateway.store.practice import zone_of
from gateway.trail import events
from tests.interaction.resources import entry, observation, patient, transaction
from tests.store.engines import SITE, client, consent, fresh, partner, patient_id, plan
from tests.world import PRACTICE, Caller, World


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


def _rows(world: World) -> dict[str, int]:
    """How many rows each table holds that belongs to a change."""
    tables = (schema.resource, schema.resource_history, schema.token, schema.string, schema.reference, schema.moment, schema.record, schema.record_history, schema.outbox)
    with world.store.read() as connection:
        return {table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0) for table in tables}


def _place(context: Context) -> Place:
    with context.store.read() as connection:
        return Place(PRACTICE, zone_of(connection, PRACTICE))


def test_a_change_without_its_audit_event_is_not_stored(world: World) -> None:
    context, before = world.context(), _rows(world)
    place = _place(context)
    with pytest.raises(Untraced), world.store.change() as connection:
        store(connection, patient(id=fresh("untraced")), place, context.now)
    assert _rows(world) == before


def test_the_same_change_with_its_audit_event_is_stored(world: World) -> None:
    context, before = world.context(), _rows(world)
    place = _place(context)
    with world.store.change() as connection:
        stored = store(connection, patient(id=fresh("traced")), place, context.now)
        audit.append(connection, events(context, "create", [stored]))
    assert _rows(world)["resource"] == before["resource"] + 1


class _Broken(Exception):
    """Something that goes wrong in the middle."""


def test_a_fault_in_the_middle_leaves_nothing(world: World) -> None:
    context, before = world.context(), _rows(world)
    place = _place(context)
    with world.store.read() as connection:
        events_before = audit.count(connection, PRACTICE)
    with pytest.raises(_Broken), world.store.change() as connection:  # noqa: PT012 - it breaks in the middle
        stored = store(connection, patient(id=fresh("half")), place, context.now)
        audit.append(connection, events(context, "create", [stored]))
        raise _Broken
    assert _rows(world) == before
    with world.store.read() as connection:
        assert audit.count(connection, PRACTICE) == events_before


def test_the_same_record_twice_changes_nothing(world: World) -> None:
    name = fresh("client")
    given = [client(name), plan(fresh("plan"), name)]
    assert world.take_in(given).created == 2
    before = _rows(world)
    again = world.take_in(given)
    assert (again.created, again.changed, again.unchanged, again.resources) == (0, 0, 2, 0)
    assert _rows(world) == before


def test_a_changed_record_becomes_the_next_version_of_the_same_resource(world: World, practice: Caller) -> None:
    name = fresh("client")
    world.take_in([client(name)])
    first = practice.get(f"Patient/{patient_id(name)}")
    world.clock.forward(seconds=1)
    report = world.take_in([client(name, name={"family": "Renamed", "given": ["Ada"]})])
    assert report.changed == 1
    second = practice.get(f"Patient/{patient_id(name)}")
    assert (first["meta"]["versionId"], second["meta"]["versionId"]) == ("1", "2")
    assert second["id"] == first["id"]
    assert practice.get(f"Patient?_id={patient_id(name)}&family=Quist")["total"] == 0
    assert practice.get(f"Patient?_id={patient_id(name)}&family=Renamed")["total"] == 1


def test_a_goal_taken_out_of_a_plan_is_gone_and_comes_back_as_itself(world: World, practice: Caller) -> None:
    name, written = fresh("client"), fresh("plan")
    world.take_in([client(name), plan(written, name, ("kept", "dropped"))])
    goals = {one["description"]["text"]: one["id"] for one in practice.all(f"Goal?patient={patient_id(name)}")}
    world.take_in([plan(written, name, ("kept",))])
    assert practice.ask("GET", f"Goal/{goals['Goal dropped']}").status_code == 410
    assert practice.get(f"Goal/{goals['Goal kept']}")["meta"]["versionId"] == "1"
    world.take_in([plan(written, name, ("kept", "dropped"))])
    assert practice.get(f"Goal/{goals['Goal dropped']}")["meta"]["versionId"] == "3"
    assert [one["request"]["method"] for one in practice.get(f"Goal/{goals['Goal dropped']}/_history")["entry"]] == ["PUT", "DELETE", "POST"]


def test_a_refused_record_changes_nothing_and_the_rest_goes_in(world: World) -> None:
    name = fresh("client")
    report = world.take_in([client(name), plan(fresh("plan"), "nobody")])
    assert (report.created, [one.kind for one in report.refused]) == (1, ["treatment_plan"])
    assert world.take_in([client(name)]).unchanged == 1


def _at_once(world: World, practice: Caller, requests: list[tuple[str, str, Any, dict[str, str]]]) -> Counter[int]:
    """The statuses of requests made together, each on a thread of its own."""
    found: Counter[int] = Counter()
    gate, lock = threading.Barrier(len(requests)), threading.Lock()

    def ask(method: str, path: str, body: Any, headers: dict[str, str]) -> None:
        caller = Caller(world.app.test_client(), practice.token, practice.client_id)
        gate.wait(timeout=30)
        status = caller.ask(method, path, body, headers).status_code
        with lock:
            found[status] += 1

    threads = [threading.Thread(target=ask, args=one) for one in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


@pytest.mark.parametrize("turn", range(5))
def test_of_sixteen_updates_of_one_version_exactly_one_wins(world: World, practice: Caller, turn: int) -> None:
    there = practice.post("Patient", patient())
    path = f"Patient/{there['id']}"
    names = [[{"family": f"Writer {number}"}] for number in range(16)]
    assert _at_once(world, practice, [("PUT", path, there | {"name": name}, {"If-Match": 'W/"1"'}) for name in names]) == {200: 1, 412: 15}
    assert practice.get(path)["meta"]["versionId"] == "2"
    assert practice.get(f"{path}/_history")["total"] == 2


def test_of_updates_without_a_version_all_win_one_after_another(world: World, practice: Caller) -> None:
    there = practice.post("Patient", patient())
    requests: list[tuple[str, str, Any, dict[str, str]]] = [("PUT", f"Patient/{there['id']}", there | {"name": [{"family": f"Writer {number}"}]}, {}) for number in range(8)]
    assert _at_once(world, practice, requests) == {200: 8}
    assert practice.get(f"Patient/{there['id']}/_history")["total"] == 9


def test_of_conditional_creates_at_once_exactly_one_creates(world: World, practice: Caller) -> None:
    value = fresh("mrn-")
    given = patient(identifier=[{"system": "urn:x", "value": value}])
    found = _at_once(world, practice, [("POST", "Patient", given, {"If-None-Exist": f"identifier=urn:x|{value}"})] * 8)
    assert found == {201: 1, 200: 7}


def test_transactions_that_cross_do_not_hold_each_other_up(world: World, practice: Caller) -> None:
    one, other = (practice.post("Patient", patient()) for _ in range(2))
    requests: list[tuple[str, str, Any, dict[str, str]]] = []
    for number in range(8):
        entries = [entry("PUT", f"Patient/{there['id']}", there | {"name": [{"family": f"Crossing {number}"}]}) for there in (one, other)]
        requests.append(("POST", "/fhir", transaction(*entries[:: 1 if number % 2 else -1]), {}))
    assert _at_once(world, practice, requests) == {200: 8}


def _trail(world: World, patient: str | None = None) -> list[Any]:
    with world.store.read() as connection:
        return audit.trail(connection, PRACTICE, patient, limit=100_000)


def test_every_read_is_on_disk_before_its_answer_one_event_for_each_patient(world: World, practice: Caller) -> None:
    value = fresh("Shared")
    made = [practice.post("Patient", patient(value))["id"] for _ in range(3)]
    practice.post("Observation", observation(made[0]))
    before = {who: len(_trail(world, who)) for who in made}
    found = _at_once(world, practice, [("GET", f"Patient?family={value}&_revinclude=Observation:subject", None, {})] * 12)
    assert found == {200: 12}
    assert {who: len(_trail(world, who)) - before[who] for who in made} == dict.fromkeys(made, 12)
    mine = len(_trail(world, made[1]))
    practice.get(f"Patient/{made[1]}")
    assert len(_trail(world, made[1])) == mine + 1


def test_a_store_that_is_away_is_told_as_such_and_nothing_is_answered(tmp_path: Path) -> None:
    world = World(tmp_path)
    practice = world.client(practice=True)
    made = practice.post("Patient", patient())
    world.journal.close()
    world.store.engine.dispose()
    with world.store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_event RENAME TO elsewhere")
    for method, path, body in (("GET", f"Patient/{made['id']}", None), ("GET", "Patient", None), ("POST", "Patient", patient())):
        answer = practice.ask(method, path, body)
        assert answer.status_code == 503, (method, path)
        assert answer.get_json()["issue"][0]["code"] == "transient"
        assert answer.headers["Retry-After"] == "5"
        assert b"Quist" not in answer.data
    world.close()


def test_a_database_that_is_not_there_is_away() -> None:
    away = Store("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreAway), away.read():
        pass
    with pytest.raises(StoreAway), away.change():
        pass
    away.close()


def test_a_consent_takes_effect_with_its_record_and_ends_with_it(world: World) -> None:
    name, other = fresh("client"), fresh("partner")
    world.take_in([client(name), partner(other)])
    ehr, path = world.client(partner=other), f"Patient/{patient_id(name)}"
    assert ehr.ask("GET", path).status_code == 404
    given = consent(name, other)
    world.take_in([given])
    assert ehr.ask("GET", path).status_code == 200
    assert ehr.ask("GET", f"Consent/{SITE.id('consent', given.id)}").status_code == 200
    world.take_in([given.model_copy(update={"revoked_on": world.clock().date()})])
    assert ehr.ask("GET", path).status_code == 404
    assert ehr.ask("GET", f"Consent/{SITE.id('consent', given.id)}").status_code == 404
