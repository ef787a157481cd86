"""One goal of a treatment plan -> Goal (US Core)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Goal, TreatmentPlan
from mappings import codes
from mappings.element import day, meta, said
from mappings.identity import Site
from mappings.instruments import FORMS

_UCUM = "http://unitsofmeasure.org"


def of_goal(goal: Goal, plan: TreatmentPlan, site: Site) -> dict[str, Any]:
    """R4 has no element for short or long term: a category of ours says it beside the due date."""
    return {
        "resourceType": "Goal",
        "id": site.id("treatment_plan", plan.id, f"goal:{goal.id}"),
        "meta": meta("goal", sensitivity=(plan.sensitivity, goal.sensitivity)),
        "identifier": [site.identifier("treatment_plan", f"{plan.id}/{goal.id}")],
        "lifecycleStatus": goal.status,
        "achievementStatus": goal.achievement and codes.hl7("goal-achievement", goal.achievement),
        "category": [*_area(goal), codes.concept(codes.GOAL_TERM, goal.term) if goal.term else None],
        "description": said(goal.description),
        "subject": site.reference("Patient", "client", plan.client),
        "startDate": day(goal.start),
        "target": [_target(goal)],
        "addresses": [site.reference("Condition", "problem", problem) for problem in goal.problems],
    }


def _area(goal: Goal) -> list[dict[str, Any]]:
    if goal.area == "social":
        return [codes.concept("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh")]
    return [codes.hl7("goal-category", goal.area)]


def _target(goal: Goal) -> dict[str, Any]:
    """The score to reach, at or below, and by when; a detail never stands without its measure (gol-1)."""
    score = goal.target_score
    return {
        "measure": _measure(goal.measure or ("Score" if score is not None else None)),
        "detailQuantity": None if score is None else {"value": score, "comparator": "<=", "unit": "{score}", "system": _UCUM, "code": "{score}"},
        "dueDate": day(goal.due),
    }


def _measure(measure: str | None) -> dict[str, Any] | None:
    form = FORMS.get(measure.lower()) if measure else None
    return codes.concept(codes.LOINC, form.score, f"{form.name} total score") if form else said(measure)
