"""Two stores that differ only in what a reader may not see answer that reader alike, byte for byte."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from gateway.record.types import Record
from gateway.store.resource import counts
from tests.store.engines import ENGINES, client, consent, new_database, partner, patient_id, plan, problem, record
from tests.world import Caller, World

TYPES = ("Patient", "CarePlan", "Goal", "Condition", "Provenance", "DocumentReference", "CareTeam", "ServiceRequest", "Observation", "Organization", "Consent")
ANA, BEN, ZOE = "ana", "ben", "zoe"


def _visible(name: str) -> list[Record]:
    note = record("note", id=f"note-{name}", client=name, written_at="2026-05-05T10:00:00-04:00", text="Worked.")
    return [client(name), consent(name, "harbor", id=f"consent-{name}"), plan(f"plan-{name}", name, ("g1", "g2", "g3")), problem(f"problem-{name}", name), note]


def _hidden() -> list[Record]:
    """Nothing of it for the harbor: another's client, restricted records, a code for substance use in a restricted problem's stead."""
    restricted = [problem(f"secret-{name}-{at}", name, sensitivity="restricted") for name in (ANA, BEN) for at in range(3)]
    notes = [record("note", id=f"secret-{at}", client=ANA, written_at="2026-05-06T10:00:00-04:00", text="Hidden.", sensitivity="restricted") for at in range(2)]
    others = [
        client(ZOE),
        plan("plan-zoe", ZOE),
        problem("problem-zoe", ZOE, "F10.20", title="A use"),
        partner("pier"),
        consent(ANA, "pier", id="consent-pier"),
        consent(ZOE, "pier", id="consent-zoe"),
    ]
    return [*restricted, *notes, *others, problem("hiv", ANA, "B20", title="Care")]


@pytest.fixture(scope="module", params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Caller, Caller]]:
    """The same reader at a store without what is hidden, and at one with it, between and before and after the rest."""
    worlds, callers = [], []
    for secret in (False, True):
        folder = tmp_path_factory.mktemp("store")
        world = World(folder, new_database(request, folder))
        worlds.append(world)
        world.take_in([partner("harbor"), partner("pier"), client(ANA), client(BEN)])
        hidden = _hidden() if secret else []
        for part in (hidden[: len(hidden) // 2], _visible(ANA), hidden[len(hidden) // 2 :], _visible(BEN), hidden):
            world.take_in(part)
        callers.append(world.client(partner="harbor"))
    yield callers[0], callers[1]
    for world in worlds:
        world.close()


def _told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, [(name, value) for name, value in answer.headers if name != "X-Request-Id"]


def _requests() -> list[str]:
    """About 150 of them, drawn once and for all."""
    draw = random.Random(7)  # noqa: S311 - no secret hangs on it
    people = [patient_id(name) for name in (ANA, BEN, ZOE)]
    queries = ["", "_sort=-_id", "_sort=_lastUpdated", "_count=1", "_count=2", "_summary=count", "_count=2&_sort=-_lastUpdated", "_revinclude=Provenance:target", "_total=none"]
    made = [f"{kind}?{draw.choice(queries)}&{draw.choice(['', f'patient={draw.choice(people)}'])}" for kind in TYPES[1:9] for _ in range(9)]
    made += [f"{kind}/{draw.choice(people)}{rest}" for kind in ("Patient", "Goal") for rest in ("", "/_history", "/_history/1", "/_history/2") for _ in range(3)]
    made += [f"Condition?code:not={code}&_count=1" for code in ("B20", "F10.20", "F32.1")] + ["Condition?code=B20", "Condition?code=F32.1", "Condition?clinical-status=active"]
    made += [f"Patient?name={text}&_revinclude=Condition:subject&_revinclude=CarePlan:subject" for text in ("q", "Quist", "zoe")]
    made += [f"CarePlan?_include=CarePlan:{name}&_count={count}" for name in ("goal", "condition", "subject", "care-team") for count in (1, 5)]
    made += [
        "CodeSystem?_count=1&_sort=-_lastUpdated",
        "ConceptMap?_summary=count",
        "ValueSet/suicide/_history",
        "ValueSet?name=i&_revinclude=Provenance:target",
        "Consent",
        "Consent?actor=Organization/x",
        "Organization",
        "Organization?name=harbor",
        "Practitioner",
        "Patient?_id=" + ",".join(people),
        "Patient?unheard=of",
        "Device",
    ]
    return [*made, *(f"{kind}?_count=1" for kind in TYPES)]


def test_what_is_hidden_changes_no_answer(both: tuple[Caller, Caller]) -> None:
    without, with_secrets = both
    asked = 0
    for path in _requests():
        url = f"/fhir/{path}"
        for _ in range(6):
            one, other = without.ask("GET", url), with_secrets.ask("GET", url)
            assert _told(one) == _told(other), url
            asked += 1
            links = (one.get_json() or {}).get("link", [])
            following = [link["url"].partition("://127.0.0.1:8000")[2] for link in links if link["relation"] == "next"]
            if not following:
                break
            url = following[0]
    assert asked > 150


def test_the_two_stores_do_differ(both: tuple[Caller, Caller]) -> None:
    """Else the test above could not fail: ids that only the second store knows, read by its own practice, are there."""
    without, with_secrets = both
    sizes = []
    for caller in (without, with_secrets):
        wired = caller.http.application.extensions["handoff"]
        with wired.store.read() as connection:
            sizes.append(counts(connection, "test-practice")["Condition"])
    assert sizes[0] == 2
    assert sizes[1] > 8
    assert without.get("Condition")["total"] == 2
