"""A screening that found risk is told of once, when it is new, and never for history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import to_ms
from gateway.record import risk
from gateway.record.types import Record
from gateway.store import outbox
from gateway.store.engine import Connection, Store
from gateway.store.migrate import migrate
from tests.mappings.corpus import record

TAKEN = datetime.fromisoformat("2025-01-12T10:20:00-05:00")
POSITIVE = record("risk_assessment")
CLEAR = record("risk_assessment", id="r2", answers={"wish": False}, assessed_at=(TAKEN + timedelta(hours=1)).isoformat())


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    store = Store(f"sqlite:///{tmp_path}/handoff.db")
    migrate(store)
    with store.write() as opened:
        yield opened


def _told(connection: Connection, *beside: Record, after: timedelta = timedelta(minutes=1), **fields: Any) -> list[tuple[str, str, Any]]:
    now = to_ms(TAKEN + after)
    risk.tell(connection, "alder-quay", beside[0], beside, now, **fields)
    return [(letter.topic, letter.subject, letter.payload) for letter in outbox.due(connection, now)]


def test_a_screening_that_found_risk_is_told_of_by_its_name_alone(connection: Connection) -> None:
    assert _told(connection, POSITIVE) == [("risk-found", "risk_assessment/r1", {})]


def test_an_answer_about_self_harm_is_told_of_too(connection: Connection) -> None:
    assert _told(connection, record("outcome_measure")) == [("risk-found", "outcome_measure/o1", {})]


def test_one_that_came_in_after_the_next_screening_is_not(connection: Connection) -> None:
    assert _told(connection, POSITIVE, CLEAR) == []


@pytest.mark.parametrize(("after", "told"), [(timedelta(days=7), 1), (timedelta(days=7, minutes=1), 0), (timedelta(days=3000), 0)])
def test_history_calls_nobody(connection: Connection, after: timedelta, told: int) -> None:
    assert len(_told(connection, POSITIVE, after=after)) == told


def test_a_correction_is_told_of_only_where_it_is_what_found_the_risk(connection: Connection) -> None:
    assert _told(connection, POSITIVE, before=POSITIVE) == []
    assert len(_told(connection, POSITIVE, before=record("risk_assessment", answers={"wish": False}))) == 1


def test_nothing_else_is_told_of(connection: Connection) -> None:
    assert _told(connection, CLEAR) == _told(connection, record("treatment_plan")) == _told(connection, record("outcome_measure", answers={}, total=27)) == []
