"""The sample practice in ./demo: made once, kept ever after."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import click

from gateway.cli.ground import now, operator, stock
from gateway.cli.sample_people import make_people, sign_in_words
from gateway.clock import system_clock
from gateway.record.intake import take_in
from gateway.sample import DEMO_PSYCHIATRIST, PRACTICE_ID, PRACTICE_NAME, TIME_ZONE, sample_records
from gateway.settings import Settings
from gateway.smart.client import add_client
from gateway.smart.key import create, public_jwks
from gateway.smart.scope import RECORD_WRITE
from gateway.store import practice as practices
from gateway.store.engine import Store

_CLIENTS: dict[str, tuple[str, str, str | None]] = {
    "practice": ("Alder Quay's own record system", f"system/*.cruds {RECORD_WRITE}", None),
    "psychiatrist": ("Breakwater Psychiatry EHR", "system/*.crus", DEMO_PSYCHIATRIST),
    "stranger": ("A system with no release", "system/*.rs", None),
}
"""Sample client -> (name, scope, partner)."""


def make_sample(store: Store, settings: Settings) -> None:
    """Import the sample practice, register its clients and give its people accounts; a second call changes nothing."""
    with store.write() as connection:
        practices.add(connection, PRACTICE_ID, PRACTICE_NAME, TIME_ZONE, now())
    stock(store)
    if not sample_clients(settings):
        _import(store)
        _register(store, settings)
    make_people(store, settings)


def _import(store: Store) -> None:
    records = sample_records(datetime.now(ZoneInfo(TIME_ZONE)).date())
    with click.progressbar(length=len(records), label="Making the sample practice") as bar:
        seen = 0

        def progress(done: int, _total: int | None) -> None:
            nonlocal seen
            bar.update(done - seen)
            seen = done

        report = take_in(operator(store, PRACTICE_ID), records, source="sample", progress=progress)
    if report.refused:
        raise click.ClickException(f"{len(report.refused)} sample records were refused: {report.refused[0].rule}.")


def sample_clients(settings: Settings) -> dict[str, dict[str, str]]:
    """Sample client -> client_id, key file and scope; empty before the sample was made."""
    path = _list(settings)
    return json.loads(path.read_text()) if path.exists() else {}


def welcome(settings: Settings) -> str:
    return f"""Handoff serves {PRACTICE_NAME} (a sample: everyone in it is invented).
  Look:     {settings.base_url}/
  FHIR:     {settings.fhir_base}   (a token is needed; the page shows how)
{sign_in_words(settings)}
  Keys of the sample clients: {settings.secret_key_file.parent}/
  The exchange in plain words: .venv/bin/handoff demo --script
Stop with Ctrl-C; what was made stays in {settings.secret_key_file.parent.parent}."""


def _register(store: Store, settings: Settings) -> None:
    keys_folder = settings.secret_key_file.parent
    found: dict[str, dict[str, str]] = {}
    for name, (title, scope, partner) in _CLIENTS.items():
        path = keys_folder / f"{name}.jwks.json"
        path.unlink(missing_ok=True)
        role: Literal["practice", "partner"] = "practice" if RECORD_WRITE in scope else "partner"
        client_id = add_client(store, system_clock, practice=PRACTICE_ID, name=title, scope=scope, jwks=public_jwks(create(path)), jwks_uri=None, role=role, recipient=partner)
        found[name] = {"client_id": client_id, "key": str(path), "scope": " ".join(part for part in scope.split() if part.startswith("system/")) if role == "partner" else scope}
    _list(settings).write_text(json.dumps(found, indent=2) + "\n")


def _list(settings: Settings) -> Path:
    return settings.secret_key_file.parent / "clients.json"
