"""The terminology comes with the gateway: there once a practice is made, brought up to date at every start, else left alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from gateway.cli import serving
from gateway.clock import to_ms
from gateway.store.engine import Store
from gateway.store.resource import counts
from gateway.store.version import remove_many
from mappings.terminology import shipped
from tests.cli.desk import Desk
from tests.world import START

PRACTICES = ("larkmoor", "saltmarsh")
SHIPPED = {kind: len([one for one in shipped() if one["resourceType"] == kind]) for kind in ("CodeSystem", "ConceptMap", "ValueSet")}
TABLES = ("resource", "resource_history", "token", "string", "moment", "audit_event")


def _store(desk: Desk) -> Store:
    return Store(str(desk.environment["HANDOFF_DATABASE_URL"]))


def _counted(desk: Desk, practice: str) -> dict[str, int]:
    with _store(desk).read() as connection:
        return counts(connection, practice)


def _rows(desk: Desk) -> dict[str, list[Any]]:
    with _store(desk).read() as connection:
        return {table: connection.execute(text(f"SELECT * FROM {table}")).all() for table in TABLES}  # noqa: S608 - our own table names


def _as_an_older_version_left_it(desk: Desk) -> None:
    """One value set is not there yet, in both practices."""
    with _store(desk).write() as connection:
        for practice in PRACTICES:
            remove_many(connection, practice, ["ValueSet/list-modes"], to_ms(START))


@pytest.fixture
def two(desk: Desk) -> Desk:
    assert desk.json("init", "--practice", PRACTICES[1], "--name", "Saltmarsh Therapy")["added"]
    return desk


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ends as soon as it starts."""

    class Ended:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def serve(self) -> None: ...

    monkeypatch.setattr(serving, "Granian", Ended)


@pytest.mark.parametrize("practice", PRACTICES)
def test_a_new_practice_has_its_terminology(two: Desk, practice: str) -> None:
    assert _counted(two, practice) == SHIPPED


def test_making_a_practice_again_changes_nothing(two: Desk) -> None:
    before = _rows(two)
    assert not two.json("init", "--practice", PRACTICES[1], "--name", "Saltmarsh Therapy")["added"]
    assert _rows(two) == before


@pytest.mark.parametrize("command", [("migrate",), ("serve", "--no-worker")], ids=" ".join)
def test_a_second_start_changes_nothing(two: Desk, served: None, command: tuple[str, ...]) -> None:
    before = _rows(two)
    for _ in range(2):
        assert two.run(*command).exit_code == 0
    assert _rows(two) == before


@pytest.mark.parametrize("command", [("migrate",), ("serve", "--no-worker")], ids=" ".join)
def test_a_start_brings_every_practice_what_its_version_lacked(two: Desk, served: None, command: tuple[str, ...]) -> None:
    _as_an_older_version_left_it(two)
    assert _counted(two, PRACTICES[0]) != SHIPPED
    result = two.run(*command)
    assert result.exit_code == 0, result.output
    assert [_counted(two, practice) for practice in PRACTICES] == [SHIPPED, SHIPPED]


def test_migrate_says_how_much_of_the_terminology_changed(two: Desk) -> None:
    assert two.json("migrate")["terminology"] == 0
    _as_an_older_version_left_it(two)
    assert two.json("migrate")["terminology"] == len(PRACTICES)
