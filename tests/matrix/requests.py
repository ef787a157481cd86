"""What is asked: for every address and method of the capability table a way to draw a request, and what the oracle expects of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.fhir.capability import SERVED
from gateway.fhir.search_parameter import PARAMETERS
from tests.matrix.oracle import CATALOGUE, Judge, Town, unmarked
from tests.matrix.town import Held, words
from tests.matrix.writing import may_create, may_update

FORM = "application/x-www-form-urlencoded"
MISSING = "there-is-none-of-this"


@dataclass(frozen=True)
class Expected:
    """What the answer must be. `names`: what a Bundle holds, where it is one; `held`: the words that may stand in it."""

    statuses: frozenset[int]
    names: frozenset[str] | None = None
    held: frozenset[str] = frozenset()
    most: int | None = None
    """Where only a page is asked for: how many of `names` it holds."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    expect: Callable[[Judge], Expected]
    body: bytes | None = None
    media: str = "application/fhir+json"
    headers: tuple[tuple[str, str], ...] = ()


Drawn = Callable[[random.Random, Town], Request]


def only(*statuses: int) -> Expected:
    return Expected(frozenset(statuses))


def carrying(judge: Judge, resources: list[dict[str, Any]], names: list[str] | None = None, most: int | None = None) -> Expected:
    held = frozenset(words(orjson.dumps([judge.told(resource) for resource in resources])))
    return Expected(frozenset({200}), None if names is None else frozenset(names), held, most)


def target(draw: random.Random, town: Town) -> Held:
    """A type first, then one of it: what is rare is asked for as often as what is common."""
    kind = draw.choice(sorted({held.current["resourceType"] for held in town.stock}))
    return draw.choice([held for held in town.stock if held.current["resourceType"] == kind])


def name_of(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def read(draw: random.Random, town: Town) -> Request:
    held = target(draw, town)
    kind = held.current["resourceType"]
    if draw.random() < 0.05:
        return Request("GET", f"/fhir/{kind}/{MISSING}", lambda judge: only(404 if judge.allows(kind, "r") else 403))
    return Request("GET", f"/fhir/{name_of(held.current)}", lambda judge: _read(judge, held))


def _read(judge: Judge, held: Held) -> Expected:
    if not judge.allows(held.current["resourceType"], "r"):
        return only(403)
    return carrying(judge, [held.current]) if judge.current(judge.own(held), "r") else only(404)


def vread(draw: random.Random, town: Town) -> Request:
    held = _rather_changed(draw, town)
    number = draw.randint(1, len(held.versions) + draw.choice((0, 0, 0, 1)))

    def expect(judge: Judge) -> Expected:
        if not judge.allows(held.current["resourceType"], "r"):
            return only(403)
        found = [version for version in judge.shown(judge.own(held), "r") if version["meta"]["versionId"] == str(number)]
        return carrying(judge, found) if found else only(404)

    return Request("GET", f"/fhir/{name_of(held.current)}/_history/{number}", expect)


def _rather_changed(draw: random.Random, town: Town) -> Held:
    """Half of the time one that has changed."""
    return draw.choice([held for held in town.stock if len(held.versions) > 1]) if draw.random() < 0.5 else target(draw, town)


def history(draw: random.Random, town: Town) -> Request:
    held = _rather_changed(draw, town)

    def expect(judge: Judge) -> Expected:
        if not judge.allows(held.current["resourceType"], "r"):
            return only(403)
        found = judge.shown(judge.own(held), "r")
        return carrying(judge, found, [f"{name_of(one)}/_history/{one['meta']['versionId']}" for one in found]) if found else only(404)

    return Request("GET", f"/fhir/{name_of(held.current)}/_history", expect)


def search(draw: random.Random, town: Town) -> Request:
    kind, query, expect = searching(draw, town)
    return Request("GET", f"/fhir/{kind}?{urlencode(query)}", expect)


def search_posted(draw: random.Random, town: Town) -> Request:
    kind, query, expect = searching(draw, town)
    return Request("POST", f"/fhir/{kind}/_search", expect, urlencode(query).encode(), FORM)


def searching(draw: random.Random, town: Town) -> tuple[str, dict[str, str], Callable[[Judge], Expected]]:
    """A type, a query, and what it finds; catalogues are long, so that of them two are asked for."""
    if draw.random() < 0.03:
        return "Device", {}, lambda _: only(404)
    held = target(draw, town)
    kind, is_about = held.current["resourceType"], town.patient(held, held.current)
    query = {"_count": "2" if kind in CATALOGUE else "200"}
    if draw.random() < 0.3:
        query["_id"] = held.current["id"]
    elif is_about and "patient" in PARAMETERS[kind] and draw.random() < 0.5:
        query["patient"] = is_about
    if draw.random() < 0.3:
        query |= draw.choice(
            [{"_revinclude": "Provenance:target"}, *([{"_include": f"{kind}:{'target' if kind == 'Provenance' else 'patient'}"}] if "patient" in PARAMETERS[kind] else [])]
        )
    return kind, query, lambda judge: _found(judge, kind, query)


def _found(judge: Judge, kind: str, query: dict[str, str]) -> Expected:
    if not judge.allows(kind, "s"):
        return only(403)
    matches = [held for held in judge.town.stock if held.current["resourceType"] == kind and judge.current(held, "s") and _matches(judge.town, held, query)]
    included = [held for held in judge.town.stock if held not in matches and _comes_along(judge, held, matches, query)]
    found = [held.current for held in (*matches, *included)]
    return carrying(judge, found, [name_of(one) for one in found], int(query["_count"]) if kind in CATALOGUE else None)


def _matches(town: Town, held: Held, query: dict[str, str]) -> bool:
    is_about = query.get("patient", town.patient(held, held.current))
    return held.current["id"] == query.get("_id", held.current["id"]) and town.patient(held, held.current) == is_about


def _comes_along(judge: Judge, held: Held, matches: list[Held], query: dict[str, str]) -> bool:
    """Whether an include or a reverse include brings it, as what may be read."""
    kind, town, one = held.current["resourceType"], judge.town, (held.practice, name_of(held.current))
    if "_revinclude" in query:
        named = {target["reference"] for target in held.current["target"]} if kind == "Provenance" else set()
        related = any(match.practice == held.practice and name_of(match.current) in named for match in matches)
    elif query.get("_include") == "Provenance:target":
        related = any(match.practice == one[0] and one[1] in {target["reference"] for target in match.current["target"]} for match in matches)
    else:
        is_of = (match.practice == held.practice and town.patient(match, match.current) == held.current["id"] for match in matches)
        related = "_include" in query and kind == "Patient" and any(is_of)
    return related and judge.allows(kind, "r") and judge.current(held, "r")


def create(draw: random.Random, town: Town) -> Request:
    held = target(draw, town)
    kind, body = held.current["resourceType"], {name: value for name, value in unmarked(held.current).items() if name != "id"}
    headers = (("If-None-Exist", f"_id={held.current['id']}"),) if draw.random() < 0.3 else ()
    return Request("POST", f"/fhir/{kind}", lambda judge: created(judge, held, is_conditional=bool(headers)), orjson.dumps(body), headers=headers)


def created(judge: Judge, held: Held, *, is_conditional: bool) -> Expected:
    """201, or 200 with the one that is there; `_id` as a condition finds the one the body was copied from."""
    kind = held.current["resourceType"]
    if not judge.allows(kind, "c"):
        return only(403)
    if "create" not in SERVED[kind].interactions:
        return only(405)
    if is_conditional and not judge.allows(kind, "s"):
        return only(403)
    if is_conditional and judge.current(judge.own(held), "s"):
        return carrying(judge, [held.current])
    return Expected(may_create(judge, held), held=frozenset(words(orjson.dumps(unmarked(held.current)))))


def update(draw: random.Random, town: Town) -> Request:
    held = target(draw, town)
    return Request("PUT", f"/fhir/{name_of(held.current)}", lambda judge: updated(judge, held), orjson.dumps(unmarked(held.current)))


def updated(judge: Judge, held: Held) -> Expected:
    kind = held.current["resourceType"]
    if not judge.allows(kind, "u"):
        return only(403)
    if "update" not in SERVED[kind].interactions:
        return only(405)
    if not judge.current(judge.own(held), "u"):
        return only(404)
    return Expected(may_update(judge, held), held=frozenset(words(orjson.dumps(held.current))))


def transaction(draw: random.Random, town: Town) -> Request:
    """One write, or a search and a read."""
    path, way = draw.choice(("/fhir", "/fhir/")), draw.random()
    if way < 0.05:
        return _posted(path, [], lambda _: only(400), kind="batch")
    held = target(draw, town)
    kind, body = held.current["resourceType"], unmarked(held.current)
    if way < 0.3:
        return _posted(path, [("POST", kind, {name: value for name, value in body.items() if name != "id"})], lambda judge: _bundled(created(judge, held, is_conditional=False)))
    if way < 0.5:
        return _posted(path, [("PUT", name_of(body), body)], lambda judge: _bundled(updated(judge, held)))
    other, query, expect = searching(draw, town)
    entries = [("GET", f"{other}?{urlencode(query)}", None), ("GET", name_of(held.current), None)]
    return _posted(path, entries, lambda judge: _both(expect(judge), _read(judge, held), held))


def _posted(path: str, entries: Sequence[tuple[str, str, dict[str, Any] | None]], expect: Callable[[Judge], Expected], kind: str = "transaction") -> Request:
    made = [{"request": {"method": method, "url": url}} | ({"resource": body} if body else {}) for method, url, body in entries]
    return Request("POST", path, expect, orjson.dumps({"resourceType": "Bundle", "type": kind, "entry": made}))


def _bundled(one: Expected) -> Expected:
    """A transaction answers 200 for what its entries did."""
    return Expected(frozenset(200 if status == 201 else status for status in one.statuses), held=one.held)


def _both(found: Expected, one: Expected, held: Held) -> Expected:
    """Scope refuses entry by entry before anything runs; a type that is not served is refused while entries are read."""
    for status in (404 if found == only(404) else 0, 403):
        if frozenset({status}) in (found.statuses, one.statuses if status == 403 else frozenset()):
            return only(status)
    if one.statuses != {200}:
        return one
    names = None if found.names is None or found.most is not None else found.names | {name_of(held.current)}
    return Expected(frozenset({200}), names, found.held | one.held)
