"""One treatment plan of forty fields: from the record to the bytes that are stored, beside its bare mapping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import orjson

import mappings
from gateway.fhir.json import render
from gateway.fhir.validation import is_valid
from gateway.privacy import label
from gateway.privacy.category import category_of
from gateway.record.types import TreatmentPlan
from mappings.care_plan import of_treatment_plan
from mappings.identity import Site

MOST = 4.0
ROUNDS, TIMES = 400, 3
_SITE = Site("bench")
_TEXT = "The client reports low mood since the spring, sleeps badly and has given up most of what used to be a pleasure."


class Measured(NamedTuple):
    """The best of some rounds, in microseconds."""

    whole_us: float
    bare_us: float

    @property
    def ratio(self) -> float:
        return self.whole_us / self.bare_us


def plan_of_forty_fields() -> TreatmentPlan:
    goals = [
        {"id": f"g{at}", "description": f"Goal {at}", "start": "2026-02-01", "due": "2026-06-01", "measure": "phq-9", "target_score": 9, "problems": ["d1"], "term": "long"}
        for at in range(2)
    ]
    work = [{"id": f"a{at}", "description": "Behavioral activation", "times": 1, "per": 1, "unit": "wk", "minutes": 50} for at in range(2)]
    told = dict.fromkeys(("presenting_issues", "history", "diagnosis_text", "treatment_received", "recommendation", "other"), _TEXT)
    named = {"id": "t1", "client": "c1", "author": "s1", "team": ["s2"], "written_on": "2026-02-01", "period": {"start": "2026-02-01"}, "problems": ["d1", "d2"]}
    return TreatmentPlan.model_validate({**named, **told, "title": "Plan for the spring", "status": "active", "goals": goals, "activities": work})


def fields(value: object) -> int:
    """How many values a record holds."""
    if isinstance(value, dict | list):
        return sum(fields(inner) for inner in (value.values() if isinstance(value, dict) else value))
    return 1


def measure() -> Measured:
    """Many short rounds of both in turn; the best of each, which what else runs disturbed least."""
    plan = plan_of_forty_fields()
    assert fields(plan.model_dump(exclude_defaults=True, mode="json")) >= 40
    assert all(_whole(plan)), "the plan is mapped before it is measured"
    rounds = [(_timed(_whole, plan), _timed(_bare, plan)) for _ in range(ROUNDS)]
    return Measured(min(whole for whole, _ in rounds), min(bare for _, bare in rounds))


def _whole(plan: TreatmentPlan) -> list[bytes]:
    """Mapped, checked, labelled, placed, rendered: what an intake does for a record before it reaches the store."""
    found = []
    for resource in mappings.resources_of(plan, _SITE):
        assert is_valid(resource)
        labels = label.labels_of(resource, in_sud_treatment=False)
        category_of(resource)
        entering = label.untagged(resource)
        found.append(render(entering | {"meta": entering["meta"] | {"versionId": "1", "lastUpdated": "2026-02-01T00:00:00.000Z", "security": label.security(labels)}}))
    return found


def _bare(plan: TreatmentPlan) -> list[bytes]:
    return [orjson.dumps(resource) for resource in of_treatment_plan(plan, _SITE)]


def _timed(run: Callable[[TreatmentPlan], list[bytes]], plan: TreatmentPlan) -> float:
    started = time.perf_counter()
    for _ in range(TIMES):
        run(plan)
    return (time.perf_counter() - started) / TIMES * 1e6
