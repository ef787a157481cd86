"""What a mapping makes is checked before it is stored; how many records go in together makes no difference to what is there."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import select

import mappings
from gateway.record import intake
from gateway.record.types import Record
from gateway.store import schema
from tests.mappings.corpus import record as full
from tests.store.engines import client, consent, fresh, partner, plan, problem, record
from tests.world import PRACTICE, World


def _broken(kind: str) -> Any:
    sound = mappings.MAPPED[kind]
    return lambda record, site: [one | {"clinicalStatus": "active"} for one in sound(record, site)]


def test_a_resource_that_is_not_r4_refuses_its_record_by_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name, wrong, right = fresh("client"), fresh("problem"), fresh("allergy")
    monkeypatch.setitem(mappings.MAPPED, "problem", _broken("problem"))
    report = world.take_in([client(name), problem(wrong, name), record("allergy", id=right, client=name, title="Latex")])
    (fault,) = report.refused
    assert (fault.kind, fault.id, report.created) == ("problem", wrong, 2)
    assert "Condition.clinicalStatus" in fault.rule
    assert "report this" in fault.mend
    monkeypatch.undo()
    assert world.take_in([problem(wrong, name)]).created == 1


def test_a_change_that_would_not_be_r4_leaves_what_is_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name, key = fresh("client"), fresh("problem")
    world.take_in([client(name), problem(key, name)])
    before = _state(world)
    monkeypatch.setitem(mappings.MAPPED, "problem", _broken("problem"))
    assert len(world.take_in([problem(key, name, "F33.1")]).refused) == 1
    assert _state(world) == before


def _state(world: World) -> list[tuple[Any, ...]]:
    """Every live resource with where it belongs, times and versions apart."""
    with world.store.read() as connection:
        found = connection.execute(select(schema.resource).where(schema.resource.c.practice == PRACTICE)).all()
    rows = [(one.type, one.id, one.labels, one.category, one.date, one.deleted, _plain(one.body)) for one in found]
    return sorted(rows, key=str)


def _plain(body: bytes) -> Any:
    found = orjson.loads(body) if body else {}
    found.pop("recorded", None)
    return found | {"meta": {name: value for name, value in found.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}}


def _story(world_client: str) -> list[Record]:
    """A client whose first evidence of substance use comes among the rest, with releases, plans and notes."""
    at = "2026-05-05T10:00:00-04:00"
    return [
        partner("p"),
        client(world_client),
        problem("d1", world_client),
        problem("d2", world_client, "F10.20", title="A use"),
        record("session", id="s", client=world_client, start=at, sensitivity="restricted"),
        record("outcome_measure", id="m", client=world_client, instrument="phq-9", taken_at=at, total=9),
        plan("t1", world_client, problems=["d1"]),
        plan("t2", world_client, problems=["d1", "d2"]),
        record("note", id="n", client=world_client, session="s", written_at=at, text="Worked."),
        consent(world_client, "p"),
    ]


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_it_makes_no_difference_how_many_go_in_at_once(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(intake, "BATCH", batch)
    given = _story("c")
    together, alone = World(tmp_path / "together"), World(tmp_path / "alone")
    try:
        assert together.take_in(given).refused == []
        for one in given:
            assert alone.take_in([one]).refused == []
        assert _state(together) == _state(alone)
        assert len(_state(alone)) > 20
    finally:
        together.close()
        alone.close()


@pytest.mark.parametrize("kind", ["medication_change", "consultation", "incoming_referral"])
def test_what_a_partner_sent_is_not_written_by_an_import(world: World, kind: str) -> None:
    name = fresh("client")
    report = world.take_in([client(name), full(kind, id=fresh(kind), client=name)])
    assert [(one.kind, "is written by the gateway" in one.rule) for one in report.refused] == [(kind, True)]
    assert report.created == 1


def test_a_message_that_claims_to_have_come_in_is_refused(world: World) -> None:
    name = fresh("client")
    claimed = full("message", id=fresh("message"), client=name, sender=None, partner=None, to=None, medications=[], referral=None, source="Communication/1/_history/1")
    assert [one.kind for one in world.take_in([client(name), claimed]).refused] == ["message"]
