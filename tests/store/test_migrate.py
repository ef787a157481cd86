"""The migrations lead to the schema that the code wants, on both engines, and lead nowhere twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, inspect, select, text

from gateway.store.engine import Store
from gateway.store.migrate import current, migrate, newest
from gateway.store.resource import Placing
from gateway.store.schema import metadata, moment
from gateway.store.version import put
from tests.store.engines import ENGINES, new_database


@pytest.fixture(params=ENGINES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = Store(new_database(request, tmp_path))
    yield store
    store.close()


def _differences(store: Store) -> list[Any]:
    with store.read() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True}), metadata))


def test_the_migrated_schema_is_the_one_the_code_wants(empty: Store) -> None:
    assert current(empty) is None
    assert migrate(empty) == newest(empty) == current(empty)
    assert _differences(empty) == []


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(empty: Store) -> None:
    migrate(empty)
    with empty.write() as connection:
        connection.execute(text("INSERT INTO practice (id, name, time_zone, created_at) VALUES ('p', 'P', 'UTC', 0)"))
    assert migrate(empty) == newest(empty)
    with empty.read() as connection:
        assert connection.scalar(text("SELECT name FROM practice")) == "P"


def test_text_that_is_searched_by_prefix_is_compared_by_its_bytes(empty: Store) -> None:
    migrate(empty)
    columns = {column["name"]: column for column in inspect(empty.engine).get_columns("string")}
    assert empty.is_sqlite or getattr(columns["normal"]["type"], "collation", None) == "C"


def test_a_schema_that_differs_is_seen(empty: Store) -> None:
    migrate(empty)
    with empty.write() as connection:
        connection.execute(text("ALTER TABLE release DROP COLUMN purpose"))
    assert _differences(empty) != []


def test_a_care_team_that_was_stored_before_says_when_its_members_left(empty: Store) -> None:
    migrate(empty)
    member = {"member": {"reference": "Practitioner/one"}, "period": {"end": "2020-12-31"}}
    team = {"resourceType": "CareTeam", "id": "team", "status": "active", "subject": {"reference": "Patient/ana"}, "participant": [member, {"member": {"display": "Mother"}}]}
    kept = select(moment).where(moment.c.parameter == "CareTeam.participant of Practitioner/one")
    with empty.write() as connection:
        connection.execute(text("INSERT INTO practice (id, name, time_zone, created_at) VALUES ('p', 'P', 'America/New_York', 0)"))
        put(connection, team, Placing("p", "ana", 0, 0, ZoneInfo("America/New_York")), 1_000, security=[])
        before = connection.execute(kept).all()
        connection.execute(delete(moment))
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    migrate(empty)
    with empty.read() as connection:
        assert (len(before), connection.execute(kept).all()) == (1, before)
