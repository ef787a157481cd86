"""The sample practice's people sign in with what `make run` prints."""

from __future__ import annotations

import json
import re

from gateway.app import create_app
from gateway.cli.sample_people import make_people, sign_in_words
from gateway.record.types import Client
from gateway.sample import DEMO_CLIENT, PRACTICE_ID, PRACTICE_NAME
from gateway.sample.people import CLINICIANS, PRACTICES
from gateway.settings import read_settings
from gateway.store.engine import Store
from tests.cli.desk import Desk
from tests.people.house import code_at
from tests.store.engines import record
from tests.world import START, StillClock


def test_each_signs_in_with_what_is_printed_and_a_second_start_changes_nothing(closed: Desk) -> None:
    closed.json("init", "--practice", PRACTICE_ID, "--name", PRACTICE_NAME)
    ana: Client = record("client", id=DEMO_CLIENT, name={"family": "Quist"}, birth_date="1990-02-03", sex="female")
    rows = [one.model_dump(mode="json", exclude_defaults=True) | {"kind": one.kind} for one in (*PRACTICES, *CLINICIANS, ana)]
    closed.json("import", closed.file("records.ndjson", "\n".join(map(json.dumps, rows)).encode()))
    settings = read_settings({name: value for name, value in closed.environment.items() if value is not None})
    store, clock = Store(settings.database_url), StillClock(START)
    make_people(store, settings)
    printed = sign_in_words(settings)
    make_people(store, settings)
    assert sign_in_words(settings) == printed
    found = re.findall(r"^ +(\w+) +password (\S+) +authenticator secret (\S+)$", printed, re.MULTILINE)
    assert [name for name, _, _ in found] == ["therapist", "supervisor", "frontdesk", "client"]
    app = create_app(settings, store=store, clock=clock)
    for name, password, secret in found:
        browser = app.test_client()
        browser.post("/sign-in", data={"name": name, "password": password})
        assert browser.post("/sign-in/second", data={"code": code_at(secret, int(START.timestamp() * 1000))}).status_code == 303
    assert (closed.folder / "keys" / "people.json").stat().st_mode & 0o077 == 0
