"""Two small courses for the tests: a goal is achieved by its latest score, and a score says how it stands to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import mappings
from gateway.record.types import OutcomeMeasure, Record, TreatmentPlan
from mappings.element import meta, moment
from mappings.goal import of_goal
from mappings.identity import Site

_ACHIEVEMENT = "http://terminology.hl7.org/CodeSystem/goal-achievement"


def _scores(beside: Sequence[Record], instrument: str) -> list[OutcomeMeasure]:
    found = [one for one in beside if isinstance(one, OutcomeMeasure) and one.instrument == instrument and one.score is not None]
    return sorted(found, key=lambda one: (one.taken_at, one.id))


def goals_by_score(plan: TreatmentPlan, beside: Sequence[Record], site: Site) -> list[dict[str, Any]]:
    """Each goal tied to an instrument that has a score, in the place of the plain one."""
    found = []
    for goal in plan.goals:
        scores = _scores(beside, goal.measure or "")
        if scores and goal.target_score is not None:
            code = "achieved" if (scores[-1].score or 0) <= goal.target_score else "in-progress"
            found.append(of_goal(goal, plan, site) | {"achievementStatus": {"coding": [{"system": _ACHIEVEMENT, "code": code}]}})
    return found


def change_since(measure: OutcomeMeasure, beside: Sequence[Record], site: Site) -> list[dict[str, Any]]:
    """The difference to the score before; none for the first."""
    scores = _scores(beside, measure.instrument)
    before = [one for one in scores if (one.taken_at, one.id) < (measure.taken_at, measure.id)]
    if not before or measure.score is None or before[-1].score is None:
        return []
    return [
        {
            "resourceType": "Observation",
            "id": site.id("outcome_measure", measure.id, "change"),
            "meta": meta(),
            "status": "final",
            "code": {"text": "Change since the score before"},
            "subject": site.reference("Patient", "client", measure.client),
            "effectiveDateTime": moment(measure.taken_at),
            "valueInteger": measure.score - before[-1].score,
        }
    ]


def register() -> None:
    """Put both into the public table."""
    mappings.COURSE |= {"treatment_plan": goals_by_score, "outcome_measure": change_since}
    mappings.LOOKED_AT = ("outcome_measure",)


@pytest.fixture
def courses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both courses, and no others, for one test."""
    monkeypatch.setattr(mappings, "COURSE", {})
    monkeypatch.setattr(mappings, "LOOKED_AT", ())
    register()
