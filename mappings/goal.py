"""One goal of a treatment plan -> Goal (US Core); how it stands follows the scores of the instrument it is tied to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from gateway.record.types import Goal, OutcomeMeasure, Record, TreatmentPlan
from gateway.record.types.instrument import Instrument, Score, named
from mappings import codes
from mappings.element import day, meta, said
from mappings.identity import Site
from mappings.instruments import concept, quantity
from mappings.over_time import scores

_FOLLOWED = ("accepted", "active", "on-hold")
"""Goals, and plans, whose scores still say how they stand; of any other only the therapist does."""


def of_goal(goal: Goal, plan: TreatmentPlan, site: Site, beside: Sequence[Record] = ()) -> dict[str, Any]:
    """R4 has no element for short or long term: a category of ours says it beside the due date. `beside`: the client's other records."""
    form = named(goal.measure)
    course = scores(beside, form, plan.client, plan.sensitivity, goal.sensitivity) if form and plan.status in _FOLLOWED and goal.status in _FOLLOWED else []
    since = _since(course, goal.start or plan.period.start or plan.written_on)
    achievement = _achievement(goal, plan, form, since)
    return {
        "resourceType": "Goal",
        "id": site.id("treatment_plan", plan.id, f"goal:{goal.id}"),
        "meta": meta("goal", sensitivity=(plan.sensitivity, goal.sensitivity)),
        "identifier": [site.identifier("treatment_plan", f"{plan.id}/{goal.id}")],
        "lifecycleStatus": goal.status,
        "achievementStatus": achievement and codes.hl7("goal-achievement", achievement),
        "category": [*_area(goal), codes.concept(codes.GOAL_TERM, goal.term) if goal.term else None],
        "description": said(goal.description),
        "subject": site.reference("Patient", "client", plan.client),
        "startDate": day(goal.start),
        "target": [_target(goal, form)],
        "addresses": [site.reference("Condition", "problem", problem) for problem in goal.problems],
        "outcomeReference": [site.reference("Observation", "outcome_measure", each.id, "score") for each in since[-1:]],
    }


def _area(goal: Goal) -> list[dict[str, Any]]:
    if goal.area == "social":
        return [codes.concept("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh")]
    return [codes.hl7("goal-category", goal.area)]


def _target(goal: Goal, form: Instrument | None) -> dict[str, Any]:
    """The score to reach, and by when; a detail never stands without its measure (gol-1)."""
    score = goal.target_score
    return {
        "measure": concept(form, "score") if form else said(goal.measure or ("Score" if score is not None else None)),
        "detailQuantity": None if score is None else {"value": score, "comparator": ">=" if form and form.higher == "better" else "<="} | quantity(score),
        "dueDate": day(goal.due),
    }


def _since(course: list[OutcomeMeasure], start: date) -> list[OutcomeMeasure]:
    """The scores from the last one at or before the start on, which is where the goal was measured from; else all of them."""
    before = sum(each.taken_at.date() <= start for each in course)
    return course[max(before - 1, 0) :]


def _achievement(goal: Goal, plan: TreatmentPlan, form: Instrument | None, since: list[OutcomeMeasure]) -> str | None:
    """The therapist's own word, until a score is newer than the plan; then what the scores say."""
    if form is None or not since or (goal.achievement and since[-1].taken_at.date() <= plan.written_on):
        return goal.achievement
    values = [each.score for each in since if each.score is not None]
    return _by_scores(form, goal.target_score, values)


def _by_scores(form: Instrument, target: int | None, values: list[Score]) -> str:
    """`values`: the baseline and every later score. A single score says only that it is being worked on."""
    met = [target is not None and (value >= target if form.higher == "better" else value <= target) for value in values[1:]]
    if not met:
        return "in-progress"
    if met[-1]:
        return "sustaining" if met[-2:] == [True, True] else "achieved"
    return _by_change(form, values[0], values[-1])


def _by_change(form: Instrument, first: Score, last: Score) -> str:
    """By reliable change; where none is published a difference says nothing."""
    if form.change is None or form.change.reliable is None:
        return "in-progress"
    better_by = form.rounded(first - last if form.higher == "worse" else last - first)
    if abs(better_by) < form.change.reliable:
        return "no-change"
    return "improving" if better_by > 0 else "worsening"
