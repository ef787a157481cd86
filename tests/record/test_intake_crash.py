"""An import that is killed in the middle and run again ends where one that was not disturbed does, its courses too."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gateway.store import outbox, schema
from tests.bench.export import write_export
from tests.store.engines import ENGINES, new_postgres
from tests.world import PRACTICE, World

ROOT = Path(__file__).parent.parent.parent
BATCH = 20
CLIENTS = 6
PATIENCE_S = 120
_IMPORT = f"from tests.record import scores; scores.register(); from gateway.record import intake; intake.BATCH = {BATCH}; from gateway.cli import main; main()"

KILLS = max(1, settings().max_examples // 50)
"""Beside the one in the middle: one in `make test`, forty in `make prove`; each starts the command twice."""

State = list[tuple[Any, ...]]


@pytest.fixture(scope="module", params=ENGINES)
def new_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], World]]:
    """A gateway on a database of its own, as often as asked."""
    opened: list[World] = []
    cluster = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None

    def new() -> World:
        opened.append(World(tmp_path_factory.mktemp("crash"), new_postgres(cluster) if cluster else None))
        return opened[-1]

    yield new
    for world in opened:
        world.close()


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    write_export(folder, CLIENTS)
    return folder


@pytest.fixture(scope="module")
def undisturbed(new_world: Callable[[], World], export: Path) -> tuple[State, int]:
    """How a whole import ends, and how many versions it wrote."""
    world = new_world()
    _finish(_start(world, export))
    return _state(world), _versions(world)


def _start(world: World, export: Path) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
    named = {"HANDOFF_DATABASE_URL": world.settings.database_url, "HANDOFF_SECRET_KEY_FILE": str(world.settings.secret_key_file), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", _IMPORT, "import", str(export)], env=kept | named, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _finish(process: subprocess.Popen[bytes]) -> None:
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said.decode()


def _kill_at(process: subprocess.Popen[bytes], world: World, versions: int) -> bool:
    """Kill it as soon as so many versions are stored; False where it came to its end before."""
    for _ in itertools.count():
        try:
            process.communicate(timeout=0.002)
        except subprocess.TimeoutExpired:
            if _versions(world) >= versions:
                process.kill()
                process.communicate(timeout=PATIENCE_S)
                return process.returncode != 0
        else:
            return False
    return False


def _versions(world: World) -> int:
    with world.store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(schema.resource_history)) or 0)


def _state(world: World) -> State:
    """Every record and every version, times apart; the letters; the courses that are still due (there must be none)."""
    with world.store.read() as connection:
        kept = connection.execute(select(schema.record.c["kind", "id", "version", "client", "digest", "course"])).all()
        versions = connection.execute(select(schema.resource_history.c["type", "id", "version", "patient", "labels", "category", "method"])).all()
        letters = connection.execute(select(schema.outbox.c["topic", "subject"]).where(schema.outbox.c.topic == "record-changed")).all()
        indexed = connection.execute(select(schema.token.c["parameter", "code", "system", "patient", "date"])).all()
        assert outbox.clients_due(connection, PRACTICE, 10) == []
    return sorted((tuple(row) for row in (*kept, *versions, *letters, *indexed)), key=str)


def test_an_undisturbed_import_settles_its_courses(undisturbed: tuple[State, int]) -> None:
    state, versions = undisturbed
    assert versions > 400
    assert any(row[0] == "outcome_measure" and row[-1] for row in state), "the courses gave something"


@settings(max_examples=KILLS, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(part=st.floats(0, 1))
@example(part=0.5)
def test_a_killed_import_ends_where_an_undisturbed_one_does(new_world: Callable[[], World], export: Path, undisturbed: tuple[State, int], part: float) -> None:
    state, versions = undisturbed
    world = new_world()
    assert _kill_at(_start(world, export), world, int(part * versions)) or part > 0.5
    _finish(_start(world, export))
    assert _state(world) == state
