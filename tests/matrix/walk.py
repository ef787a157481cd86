"""The matrix walked: every decision asked of the gateway in this process and held against the oracle."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from werkzeug.test import TestResponse

from gateway.store.engine import Connection
from tests.matrix import elsewhere, records, requests
from tests.matrix.oracle import Judge, Town
from tests.matrix.principals import KNOCKERS, Keys, Knocker
from tests.matrix.requests import Drawn, Expected, Request
from tests.matrix.scopes import STRINGS
from tests.matrix.town import stock, words
from tests.world import World

OPERATIONS: dict[tuple[str, str], Drawn] = {
    ("/fhir", "POST"): requests.transaction,
    ("/fhir/", "POST"): requests.transaction,
    ("/fhir/<kind>", "GET"): requests.search,
    ("/fhir/<kind>", "POST"): requests.create,
    ("/fhir/<kind>/_search", "POST"): requests.search_posted,
    ("/fhir/<kind>/<key>", "GET"): requests.read,
    ("/fhir/<kind>/<key>", "PUT"): requests.update,
    ("/fhir/<kind>/<key>/_history", "GET"): requests.history,
    ("/fhir/<kind>/<key>/_history/<version>", "GET"): requests.vread,
    ("/records", "POST"): records.posted,
    ("/records/<kind>", "GET"): records.listed,
    ("/records/<kind>/<key>", "GET"): records.got,
    ("/records/<kind>/<key>", "PUT"): records.put,
    ("/records/ccda", "POST"): records.taken,
    ("/records/referral/<key>/$ccda", "GET"): records.about_a_referral("$ccda"),
    ("/records/referral/<key>/$preview", "GET"): records.about_a_referral("$preview"),
    ("/records/referral/<key>/$send", "POST"): records.about_a_referral("$send", "POST"),
    ("/records/treatment_plan/<key>/$ccda", "GET"): records.plan_document,
    ("/oauth/userinfo", "GET"): elsewhere.userinfo("GET"),
    ("/oauth/userinfo", "POST"): elsewhere.userinfo("POST"),
}
"""Every address and method for bearers -> how a request to it is drawn, with what the oracle says of it."""

INTERACTIONS = {
    "read": ("/fhir/<kind>/<key>", "GET"),
    "vread": ("/fhir/<kind>/<key>/_history/<version>", "GET"),
    "history-instance": ("/fhir/<kind>/<key>/_history", "GET"),
    "search-type": ("/fhir/<kind>", "GET"),
    "create": ("/fhir/<kind>", "POST"),
    "update": ("/fhir/<kind>/<key>", "PUT"),
    "transaction": ("/fhir", "POST"),
}
"""What the CapabilityStatement promises -> where the matrix asks for it."""

_REFERENCE = re.compile(rb'"reference":"([A-Za-z]+/[^"]+)"')


class Cell(NamedTuple):
    """One decision of the matrix."""

    rule: tuple[str, str]
    who: Knocker
    scope: str


class Walk:
    """A town and its keys; nothing that is asked here is kept, so that every decision is about the same town."""

    def __init__(self, world: World) -> None:
        self._world, self._keys = world, Keys(world)
        self.town = Town(stock(world))
        self.decisions = 0

    def disagreements(self, cells: Sequence[Cell], seed: int) -> Iterator[str]:
        """What the gateway decides otherwise than the oracle, one by one."""
        with pytest.MonkeyPatch.context() as patch, _forgetful(self._world, patch):
            for at, cell in enumerate(cells):
                drawn = OPERATIONS[cell.rule](random.Random(f"{seed} {at}"), self.town)  # noqa: S311 - a test's own dice
                if fault := self._fault(cell, drawn):
                    yield f"{cell.who.name} | {cell.scope} | {drawn.method} {drawn.path} {dict(drawn.headers)}: {fault}"

    def _fault(self, cell: Cell, drawn: Request) -> str:
        self.decisions += 1
        judge = Judge(self.town, cell.who, cell.scope)
        expected = requests.only(401) if cell.who.spoilt else drawn.expect(judge)
        answer = self.ask(drawn.method, drawn.path, cell.who, cell.scope, drawn.body, drawn.media, dict(drawn.headers))
        if answer.status_code not in expected.statuses:
            return f"answered {answer.status_code}, expected {sorted(expected.statuses)[:4]}"
        if leaked := words(answer.data) - expected.held:
            return f"leaked {sorted(leaked)}"
        return _wrong_names(answer, expected) or ("" if answer.status_code == 201 or (drawn.body and not drawn.headers) else self._hidden_reference(answer, judge))

    def ask(
        self, method: str, path: str, who: Knocker, scope: str, body: bytes | None = None, media: str = "application/fhir+json", headers: dict[str, str] | None = None
    ) -> TestResponse:
        sent = self._keys.headers(who, scope) | (headers or {})
        return self._world.http.open(path, method=method, data=body, headers=sent, content_type=media if body is not None else None)

    def _hidden_reference(self, answer: TestResponse, judge: Judge) -> str:
        """A reference to what these eyes may not see is redacted; a scope hides resources alone, not what others say of them."""
        if answer.status_code >= 400 or not (answer.mimetype or "").endswith("json"):
            return ""
        named = {(judge.who.practice, found.decode()) for found in _REFERENCE.findall(answer.data)}
        hidden = [name for name in named if name in self.town.by_name and not judge.sees(self.town.by_name[name], self.town.by_name[name].current)]
        return f"names {min(hidden)[1]}, which is hidden" if hidden else ""


def _wrong_names(answer: TestResponse, expected: Expected) -> str:
    if answer.status_code != 200 or expected.names is None:
        return ""
    found = frozenset(_names(answer.get_json()))
    right = found <= expected.names if expected.most is not None else found == expected.names
    return "" if right else f"missing {sorted(expected.names - found)[:2]}, too many {sorted(found - expected.names)[:2]}"


def _names(bundle: dict[str, Any]) -> Iterator[str]:
    for resource in (entry["resource"] for entry in bundle.get("entry", []) if "resource" in entry):
        if resource["resourceType"] == "Bundle":
            yield from _names(resource)
        else:
            name = f"{resource['resourceType']}/{resource['id']}"
            yield f"{name}/_history/{resource['meta']['versionId']}" if bundle["type"] == "history" else name


@contextmanager
def _forgetful(world: World, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Writes are answered and then taken back; the trail of reads, which other tests are about, is left out."""
    keeping = world.store.change

    @contextmanager
    def change() -> Iterator[Connection]:
        with keeping() as connection:
            yield connection
            connection.rollback()

    patch.setattr(world.store, "change", change)
    patch.setattr(world.journal, "record", lambda _: None)
    yield


def cells(scopes_each: int, rounds: int, seed: int) -> list[Cell]:
    """Every address and method, everyone at it, with so many scopes each (all of them where there are fewer)."""
    draw = random.Random(seed)  # noqa: S311 - a test's own dice
    return [
        Cell(rule, who, scope)
        for _ in range(rounds)
        for rule in OPERATIONS
        for who in KNOCKERS
        for scope in (STRINGS if scopes_each >= len(STRINGS) else draw.sample(STRINGS, scopes_each))
    ]
