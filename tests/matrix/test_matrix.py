"""The authorization matrix: every address and method, everyone who may knock, every kind of scope, against an oracle written from the design alone."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import settings

from gateway.fhir.capability import SERVED
from gateway.http.access import ACCESS
from gateway.privacy.decision import clearance
from gateway.privacy.principal import Duty
from tests.matrix.elsewhere import doors
from tests.matrix.principals import KNOCKERS
from tests.matrix.requests import FORM
from tests.matrix.scopes import STRINGS
from tests.matrix.town import town, words
from tests.matrix.walk import INTERACTIONS, OPERATIONS, Walk, cells
from tests.store.engines import ENGINES, new_database

SEED = 20_261_124
PROVES = settings.default is not None and settings.default.max_examples > 100
"""`make prove`: the whole; else a fixed sample."""


@pytest.fixture(scope="module", params=ENGINES)
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("town")
    with town(folder, new_database(request, folder)) as world:
        yield Walk(world)


def scopes_each(engine: str) -> int:
    """How many scopes everyone has at each address: all of them only on SQLite, where the rules are the same."""
    whole = engine == "sqlite"
    return (len(STRINGS) if whole else 4) if PROVES else (3 if whole else 1)


def test_the_gateway_decides_as_the_oracle_does(walk: Walk, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    engine, seed = request.node.callspec.params["walk"], int(request.config.getoption("hypothesis_seed") or SEED) if PROVES else SEED
    asked = cells(scopes_each(engine), 2 if PROVES and engine == "sqlite" else 1, seed)
    found = list(walk.disagreements(asked, seed))
    with capsys.disabled():
        print(f"\nauthorization matrix on {engine}: {len(asked)} decisions, {len(found)} disagreements (seed {seed})")  # noqa: T201 - the number is what the run is for
    assert not found, "\n".join(found[:20])
    assert len(asked) >= 100_000 or not PROVES or engine != "sqlite"


def test_the_matrix_is_as_wide_as_promised() -> None:
    assert len({who.name for who in KNOCKERS}) == len(KNOCKERS) >= 40
    assert len(set(STRINGS)) == len(STRINGS) >= 30


def test_every_address_for_bearers_stands_in_the_matrix() -> None:
    bearers = {(rule, method) for rule, methods in ACCESS.items() for method, access in methods.items() if access.who == "bearer"}
    assert set(OPERATIONS) == bearers, "a new address or method needs a line in OPERATIONS and what the oracle says of it"


def test_every_interaction_that_is_promised_stands_in_the_matrix(walk: Walk) -> None:
    rest = walk.ask("GET", "/fhir/metadata", KNOCKERS[0], STRINGS[0]).get_json()["rest"][0]
    promised = {one["code"] for one in itertools.chain(rest["interaction"], *(resource["interaction"] for resource in rest["resource"]))}
    assert promised == set(INTERACTIONS)
    assert not any("operation" in one for one in (rest, *rest["resource"])), "an operation needs a line in the matrix"
    assert set(INTERACTIONS.values()) <= set(OPERATIONS)
    assert {held.current["resourceType"] for held in walk.town.stock} == set(SERVED), "of every type that is served the town needs one"


@pytest.mark.parametrize("walk", ["sqlite"], indirect=True)
def test_where_no_bearer_is_asked_for_a_token_opens_nothing(walk: Walk) -> None:
    draw, faults = random.Random(SEED), []  # noqa: S311 - a test's own dice
    for address, method, is_served in doors():
        for who in KNOCKERS if PROVES else draw.sample(KNOCKERS, 4):
            answer = walk.ask(method, address, who, draw.choice(STRINGS), b"" if method != "GET" else None, FORM)
            told = words(answer.data) | words(answer.headers.get("Location", "").encode())
            if told or answer.status_code >= 500 or (answer.status_code < 400 and not is_served):
                faults.append(f"{who.name} {method} {address}: {answer.status_code} {told}")
    assert not faults, "\n".join(faults[:20])


_SEARCH, _READ, _CREATE = ("/fhir/<kind>", "GET"), ("/fhir/<kind>/<key>", "GET"), ("/fhir/<kind>", "POST")
_EVERYONE = ("desk", "staff")
FAULTS: dict[str, tuple[str, Any, tuple[str, str]]] = {
    "a scope narrows nothing": ("gateway.http.guard.narrowing", lambda *_: None, _SEARCH),
    "system/ counts for persons": ("gateway.http.guard.contexts_of", lambda _: frozenset({"system", "user", "patient"}), _READ),
    "a token lives for ever": ("gateway.store.oauth.TokenRow.is_live", lambda *_: True, _READ),
    "a key is not asked for": ("gateway.http.guard.check_bound", lambda *_: None, _SEARCH),
    "every duty is the front desk's": ("gateway.privacy.duty.RELATIONS", dict.fromkeys(get_args(Duty), _EVERYONE), _SEARCH),
    "a court gets what a release names": ("gateway.privacy.decision._BY_PURPOSE", {"TREAT": ("TREAT", "HLEGAL"), "HLEGAL": ("HLEGAL",)}, _SEARCH),
    "who sees a client writes about the client": ("gateway.privacy.decision._writer", clearance, _CREATE),
    "a Provenance tells of anything": ("gateway.privacy.decision._check_targets", lambda *_: None, _CREATE),
    "the practice's side is open to all": ("gateway.http.records.check_extension", lambda *_: None, ("/records/<kind>", "GET")),
    "what is hidden is named": ("gateway.interaction.search_type.redacted", lambda _, __, stored: list(stored), _SEARCH),
}
"""What is broken, where and by what, and an address at which it must show."""


@pytest.mark.parametrize("walk", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_gateway_shows_in_the_matrix(walk: Walk, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, instead, rule = FAULTS[fault]
    asked = [cell for cell in cells(len(STRINGS), 2, SEED) if cell.rule == rule]
    monkeypatch.setattr(where, instead)
    assert next(walk.disagreements(asked, SEED), None) is not None
