"""A practice's export, imported twice by the command line, and its resources as the practice's own system reads them over HTTP."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from gateway.cli import main
from gateway.fhir.capability import SERVED
from tests.world import PRACTICE, Caller, StillClock, World

ZONE = ZoneInfo("America/New_York")
TABLES = ("record", "record_history", "resource", "resource_history", "release", "opening", "outbox")

TERMINOLOGY = ("CodeSystem", "ValueSet", "ConceptMap")
"""What belongs to nobody."""
OF_PRACTICE = tuple(kind for kind in SERVED if kind not in TERMINOLOGY)
"""What is served of the practice and its clients."""

Resource = dict[str, Any]


class Heard(logging.Handler):
    """Everything logged, in words, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Imported:
    """The gateway after two imports of the same folder: what it said, and what it holds."""

    def __init__(self, export: Path, folder: Path, heard: Heard) -> None:
        self.folder, self.heard = folder, heard
        self.expected: dict[str, Any] = json.loads((export / "expected.json").read_text("utf-8"))
        at_noon = datetime.fromisoformat(self.expected["export_date"]).replace(hour=12, tzinfo=ZONE)
        self.world = World(folder, clock=StillClock(at_noon))
        self.first = self._import(export, "first.json")
        self.after_first = self.rows()
        self.second = self._import(export, "second.json")
        self.after_second = self.rows()
        self.practice = self.world.client(practice=True)

    def _import(self, export: Path, report: str) -> Result:
        environment = {"HANDOFF_DATABASE_URL": self.world.settings.database_url, "HANDOFF_SECRET_KEY_FILE": str(self.world.settings.secret_key_file)}
        return CliRunner().invoke(main, ["import", str(export), "--source", "openemr", "--report", str(self.folder / report)], env=environment)

    def report(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_bytes())
        return found

    def rows(self) -> dict[str, set[tuple[Any, ...]]]:
        """Every row of what an import writes, its audit trail apart."""
        with self.world.store.read() as connection:
            return {table: {tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))} for table in TABLES}  # noqa: S608 - our own table names

    @cached_property
    def all(self) -> dict[str, list[Resource]]:
        """Everything that the practice sees, by type."""
        return {kind: self.practice.all(f"{kind}?_count=500") for kind in SERVED}

    @cached_property
    def by_id(self) -> dict[str, Resource]:
        return {name_of(one): one for found in self.all.values() for one in found}

    @cached_property
    def clients(self) -> dict[str, str]:
        """The practice's client number -> Patient id, found by identifier."""
        return {number: self._patient(number) for number in self.expected["clients"]}

    def _patient(self, number: str) -> str:
        (found,) = self.practice.all(f"Patient?identifier=urn:handoff:{PRACTICE}:client|{number}")
        return str(found["id"])

    @cached_property
    def _of_patient(self) -> dict[tuple[str, str], list[Resource]]:
        grouped: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for kind, found in self.all.items():
            for one in found:
                grouped[kind, patient_of(one)].append(one)
        return grouped

    def of(self, kind: str, number: str) -> list[Resource]:
        """The resources of one type about one client."""
        return self._of_patient[kind, self.clients[number]]

    def partner(self, number: str) -> Caller:
        """A client that acts for one entry of the practice's address book."""
        return self.world.client(partner=number)

    def partners(self) -> list[str]:
        """Every entry of the address book that has a release of any kind."""
        return sorted({str(one["recipient_user_id"]) for facts in self.expected["clients"].values() for one in facts["consents"]})


def name_of(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def patient_of(resource: Resource) -> str:
    """The Patient a resource is about, by its own references; "" where there is none."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    found = next((resource[name]["reference"] for name in ("subject", "patient", "for") if name in resource), "")
    return str(found).removeprefix("Patient/")


def own_id(resource: Resource) -> str:
    """The practice's own id of the record behind a resource."""
    found = resource["identifier"]
    return str((found if isinstance(found, dict) else found[0])["value"])


def local_day(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZONE).date().isoformat()


def codes(concept: Resource, system: str) -> list[str]:
    return [one["code"] for one in concept.get("coding", ()) if one.get("system") == system]


def listen() -> Iterator[Heard]:
    """Hear every logger at DEBUG for a while."""
    heard, root = Heard(), logging.getLogger()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(heard)
        root.setLevel(before)


@pytest.fixture(scope="package")
def heard() -> Iterator[Heard]:
    yield from listen()


@pytest.fixture(scope="package")
def imported(reference_data: Path, tmp_path_factory: pytest.TempPathFactory, heard: Heard) -> Iterator[Imported]:
    found = Imported(reference_data / "practice-export", tmp_path_factory.mktemp("imported"), heard)
    yield found
    found.world.close()
