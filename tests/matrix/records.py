"""The practice's own side in the matrix: every address below /records is its system's alone, by `__record.write`."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection

import orjson

from tests.matrix.oracle import Judge, Town
from tests.matrix.requests import MISSING, Drawn, Expected, Request, only
from tests.matrix.town import words
from tests.world import PRACTICE

KINDS = ("client", "problem", "consent", "coverage", "session", "note", "treatment_plan", "referral", "message", "partner", "clinician")
NOT_REFUSED = frozenset(range(200, 500)) - {401, 403}


def _own(judge: Judge, statuses: Collection[int]) -> Expected:
    """What the practice's own system gets: nothing but its practice's words, in any of these statuses; everybody else 403."""
    if not judge.writes_records:
        return only(403)
    told = orjson.dumps([version for held in judge.town.stock if held.practice == judge.who.practice for version in held.versions])
    return Expected(frozenset(statuses), held=frozenset(words(told)))


def _asked(method: str, path: str, statuses: Callable[[Judge], Collection[int]], body: bytes | None = None, media: str = "application/json") -> Request:
    return Request(method, path, lambda judge: _own(judge, statuses(judge)), body, media)


def listed(draw: random.Random, _: Town) -> Request:
    return _asked("GET", f"/records/{draw.choice(KINDS)}", lambda _: {200})


def got(draw: random.Random, _: Town) -> Request:
    kind, name = draw.choice(("problem", "message", "session", "coverage")), draw.choice(("ana", "ben", "eve"))

    def statuses(judge: Judge) -> set[int]:
        return {200} if (judge.who.practice == PRACTICE) == (name != "eve") else {404}

    return _asked("GET", f"/records/{kind}/{kind}-{name}", statuses)


def put(draw: random.Random, _: Town) -> Request:
    return _asked("PUT", f"/records/problem/new-{draw.randint(1, 9)}", _taken_here, orjson.dumps({"client": "ana", "title": "A worry"}))


def posted(_: random.Random, __: Town) -> Request:
    return _asked("POST", "/records", lambda _: {200, 207}, orjson.dumps([{"kind": "problem", "id": "new", "client": "ana", "title": "A worry"}]))


def _taken_here(judge: Judge) -> Collection[int]:
    """Ana is a client of this practice and not of the one next door."""
    return {200, 201} if judge.who.practice == PRACTICE else {400, 422}


def taken(_: random.Random, __: Town) -> Request:
    return _asked("POST", "/records/ccda", lambda _: {400, 422}, b"<ClinicalDocument/>", "application/xml")


def about_a_referral(ending: str, method: str = "GET") -> Drawn:
    def drawn(draw: random.Random, _: Town) -> Request:
        key = MISSING if method == "POST" else draw.choice(("referral-ana", "referral-ben", MISSING))
        return _asked(
            method, f"/records/referral/{key}/{ending}", lambda judge: {404} if key == MISSING or judge.who.practice != PRACTICE else NOT_REFUSED, b"" if method == "POST" else None
        )

    return drawn


def plan_document(draw: random.Random, _: Town) -> Request:
    key = draw.choice(("plan-ana", "plan-ben", MISSING))
    return _asked("GET", f"/records/treatment_plan/{key}/$ccda", lambda judge: {404} if key == MISSING or judge.who.practice != PRACTICE else NOT_REFUSED)
