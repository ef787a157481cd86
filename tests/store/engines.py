"""A gateway on each engine, one database for each module of tests, and the records that the tests take in."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.record.types import KINDS, Record
from mappings.identity import Site
from tests.world import PRACTICE, World

ENGINES = ("sqlite", "postgresql")
SITE = Site(PRACTICE)
_numbers = itertools.count(1)

EVERYTHING = ["demographics", "attendance", "diagnoses", "medications", "allergies", "assessments", "treatment_plan", "progress_notes", "safety_plan", "referrals"]


def new_database(request: pytest.FixtureRequest, folder: Path) -> str:
    """The URL of a fresh database on the engine that `request` names; skips, and says why, where there is none."""
    if request.param == "sqlite":
        return f"sqlite:///{folder}/handoff.db"
    return new_postgres(request.getfixturevalue("postgres_url"))


def new_postgres(url: str) -> str:
    name = f"handoff_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="module", params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One gateway for a module of tests; each test brings clients and partners of its own."""
    folder = tmp_path_factory.mktemp("world")
    with opened(folder, new_database(request, folder)) as one:
        yield one


@contextmanager
def opened(folder: Path, url: str) -> Iterator[World]:
    one = World(folder, url)
    try:
        yield one
    finally:
        one.close()


def fresh(prefix: str) -> str:
    """An id that no other test uses."""
    return f"{prefix}{next(_numbers)}"


def record(kind: str, **values: Any) -> Record:
    return KINDS[kind].model_validate(values)


def client(record_id: str, **values: Any) -> Record:
    return record("client", **{"id": record_id, "name": {"family": "Quist", "given": ["Ada"]}, "birth_date": "1990-02-03", "sex": "female"} | values)


def partner(record_id: str, **values: Any) -> Record:
    return record("partner", **{"id": record_id, "organization": "Harbor Psychiatry"} | values)


def consent(client_id: str, partner_id: str, *, categories: list[str] | None = None, **values: Any) -> Record:
    """A release of everything but substance-use records, in force, unless `values` say otherwise."""
    given = {"id": fresh("consent"), "client": client_id, "partner": partner_id, "categories": categories or EVERYTHING, "purpose": "treatment", "signed_by": "A. Quist"}
    return record("consent", **given | {"signed_on": "2026-01-05"} | values)


def plan(record_id: str, client_id: str, goals: tuple[str, ...] = ("g1", "g2"), **values: Any) -> Record:
    written = {"id": record_id, "client": client_id, "written_on": "2026-02-01", "goals": [{"id": goal, "description": f"Goal {goal}"} for goal in goals]}
    return record("treatment_plan", **written | values)


def problem(record_id: str, client_id: str, icd10: str = "F32.1", **values: Any) -> Record:
    codes = [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd10}]
    return record("problem", **{"id": record_id, "client": client_id, "title": "A problem", "codes": codes, "recorded_on": "2026-01-10"} | values)


def patient_id(client_id: str) -> str:
    return SITE.id("client", client_id)
