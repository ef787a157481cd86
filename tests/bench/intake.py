"""A practice's export into the store, beside the raw driver inserting the very same rows in as many transactions."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Table, select

from gateway.record.intake import take_in
from gateway.record.source import load_table, read
from gateway.store import schema
from tests.bench.export import ROWS_OF_ONE, write_export
from tests.bench.server import ROOT, own_environment
from tests.store.engines import new_postgres
from tests.world import World

LEAST = 0.3
CLIENTS, ROUNDS = 200, 3
ROWS = (10_000, 100_000)
MOST_GROWTH = 1.25
"""The peak at a hundred thousand rows over that at ten thousand; held are the ids that the reader checks references by."""
MOST_IMPORT_S = 0.5
_TABLES = (
    *(schema.record, schema.record_history, schema.resource, schema.resource_history),
    *(schema.token, schema.string, schema.reference, schema.moment),
    *(schema.audit_event, schema.outbox),
)
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-65536")


class Measured(NamedTuple):
    """Resources, and seconds of each round: ours from CSV rows, the driver's from rows it is handed."""

    resources: int
    transactions: int
    ours_s: list[float]
    raw_s: list[float]

    @property
    def ratio(self) -> float:
        return median(raw / ours for ours, raw in zip(self.ours_s, self.raw_s, strict=True))


def intake(cluster: str | None) -> Measured:
    """On SQLite, or on the PostgreSQL of this URL."""
    with tempfile.TemporaryDirectory(prefix="handoff-bench-") as name:
        folder = Path(name)
        write_export(folder / "export", CLIENTS)
        measured = Measured(0, 0, [], [])
        for at in range(ROUNDS + 1):  # the first warms up, and is not counted
            measured = _round(folder, str(at), cluster, measured)
        return measured._replace(ours_s=measured.ours_s[1:], raw_s=measured.raw_s[1:])


def _round(folder: Path, name: str, cluster: str | None, before: Measured) -> Measured:
    with _world(folder / f"ours-{name}", cluster) as world:
        there = {table: set(_rows(world, table)) for table in _TABLES}
        started = time.perf_counter()
        transactions = _import(world, folder / "export")
        ours = time.perf_counter() - started
        rows = {table: [row for row in _rows(world, table) if row not in there[table]] for table in _TABLES}
    with _world(folder / f"raw-{name}", cluster) as world, _raw(world) as run:
        started = time.perf_counter()
        for at in range(transactions):
            run([(table, found[len(found) * at // transactions : len(found) * (at + 1) // transactions]) for table, found in rows.items()])
        raw = time.perf_counter() - started
    return Measured(len(rows[schema.resource]), transactions, [*before.ours_s, ours], [*before.raw_s, raw])


@contextmanager
def _world(folder: Path, cluster: str | None) -> Iterator[World]:
    folder.mkdir()
    with closing(World(folder, new_postgres(cluster) if cluster else None)) as world:
        yield world


def _import(world: World, export: Path) -> int:
    """Returns the number of transactions."""
    batches: list[int] = []
    found = read(export, load_table("openemr"), time_zone=ZoneInfo("America/New_York"))
    report = take_in(world.context(), found.records, source="bench", progress=lambda done, _: batches.append(done))
    assert report.refused == found.faults == [], "the export goes in whole"
    return len(batches)


def _rows(world: World, table: Table) -> list[tuple[Any, ...]]:
    """A new gateway holds its catalogue already: those rows are not the import's."""
    with world.store.read() as connection:
        return [tuple(row) for row in connection.execute(select(table))]


@contextmanager
def _raw(world: World) -> Iterator[Callable[[Sequence[tuple[Table, list[tuple[Any, ...]]]]], None]]:
    """One transaction of inserts on the driver's own connection."""
    mark = "?" if world.store.is_sqlite else "%s"
    with closing(_connection(world)) as connection:

        def run(parts: Sequence[tuple[Table, list[tuple[Any, ...]]]]) -> None:
            cursor = connection.cursor()
            for table, rows in parts:
                names = table.columns.keys()
                cursor.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})", rows)  # noqa: S608 - our own table names
            connection.commit()

        yield run


def _connection(world: World) -> Any:
    if not world.store.is_sqlite:
        return psycopg.connect(world.settings.database_url)
    connection = sqlite3.connect(world.store.engine.url.database or "")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


_AND_TELL = "import atexit, sys; atexit.register(lambda: sys.stderr.write(open('/proc/self/status').read())); from gateway.cli import main; main()"


def peak_mb(rows: int) -> float:
    """The most memory that `handoff import` of about so many CSV rows held at once, as it reads it off itself at its end."""
    with tempfile.TemporaryDirectory(prefix="handoff-bench-") as name:
        folder = Path(name)
        write_export(folder / "export", rows // ROWS_OF_ONE)
        with _world(folder / "world", None) as world:
            named = {"HANDOFF_DATABASE_URL": world.settings.database_url, "HANDOFF_SECRET_KEY_FILE": str(world.settings.secret_key_file)}
        command = [sys.executable, "-c", _AND_TELL, "import", str(folder / "export")]
        said = subprocess.run(command, env=own_environment(named), check=True, capture_output=True, text=True).stderr
        return int(next(line for line in said.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def import_s() -> float:
    """CPU seconds that Python takes to import all mappings; the best of five."""
    asked = "import time; started = time.process_time(); import mappings; print(time.process_time() - started)"
    return min(float(subprocess.run([sys.executable, "-c", asked], env=own_environment({}), cwd=ROOT, check=True, capture_output=True, text=True).stdout) for _ in range(5))
