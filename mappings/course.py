"""What only shows over time: a score after the one before, a goal by its scores, a screening after a screening.

Pure functions of a record and the client's other records, in whatever order they came. The *baseline* of a score is the
first score of its instrument in the episode: an episode begins with the first score of all, and anew with the first one
after more than `PAUSE` without any.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from gateway.record.types import Client, OutcomeMeasure, Record, RiskAssessment, TreatmentPlan
from gateway.record.types.instrument import Change, Instrument, Score
from mappings import care_plan, codes, observation, risk_path
from mappings.element import meta, note
from mappings.identity import Site
from mappings.instruments import CHANGE_MEANING, concept, quantity
from mappings.over_time import scores

PAUSE = timedelta(days=365 + 60)
"""A year and the sixty days that CMS159 still counts to it: a score within it belongs to the same episode."""


def of_outcome_measure(measure: OutcomeMeasure, beside: Sequence[Record], site: Site) -> list[dict[str, Any]]:
    """The score again where its cut-off hangs on the client's sex, its change from the baseline, and the risk path where it opens one."""
    sex = next((each.sex for each in beside if isinstance(each, Client) and each.id == measure.client), None)
    by_sex = any(cut_off.sex for cut_off in measure.form.cut_offs)
    return [
        *(observation.of_score(measure, site, sex) if by_sex else []),
        *_change(measure, scores(beside, measure.form, measure.client, measure.sensitivity), site),
        *risk_path.of_screening(measure, beside, site),
    ]


def of_risk_assessment(risk: RiskAssessment, beside: Sequence[Record], site: Site) -> list[dict[str, Any]]:
    return risk_path.of_screening(risk, beside, site)


def of_treatment_plan(plan: TreatmentPlan, beside: Sequence[Record], site: Site) -> list[dict[str, Any]]:
    return care_plan.of_treatment_plan(plan, site, beside)


def baseline(measure: OutcomeMeasure, course: Sequence[OutcomeMeasure]) -> OutcomeMeasure | None:
    """The first score of the episode that a measure of this course stands in; None where it has no score."""
    if measure.score is None:
        return None
    until = [each for each in course if (each.taken_at, each.id) <= (measure.taken_at, measure.id)]
    starts = [later for earlier, later in pairwise(until) if later.taken_at - earlier.taken_at > PAUSE]
    return starts[-1] if starts else next(iter(until), None)


def meanings(form: Instrument, before: Score, now: Score) -> list[str]:
    """What the change from the baseline is called, in our own codes; nothing where no threshold is published."""
    change = form.change
    if change is None:
        return []
    fallen = form.rounded(before - now) if form.higher == "worse" else form.rounded(now - before)
    return [*_reliable(change, fallen), *_answered(change, before, now)]


def _reliable(change: Change, better_by: Score) -> list[str]:
    if change.reliable is None:
        return []
    if abs(better_by) < change.reliable:
        return ["no-reliable-change"]
    return ["reliable-improvement" if better_by > 0 else "reliable-deterioration"]


def _answered(change: Change, before: Score, now: Score) -> list[str]:
    """Response and remission, for instruments on which a higher score is worse; remission is for who began as a case."""
    responds = change.response is not None and before > 0 and before - now >= change.response * before
    remits = change.remission is not None and now < change.remission and before >= (change.case or change.remission)
    return [*(["response"] if responds else []), *(["remission"] if remits else [])]


def _change(measure: OutcomeMeasure, course: Sequence[OutcomeMeasure], site: Site) -> list[dict[str, Any]]:
    first, score, form = baseline(measure, course), measure.score, measure.form
    if first is None or first.score is None or score is None or first.id == measure.id:
        return []
    return [
        observation.observation(measure, site, "change", concept(form, "change"))
        | {
            "meta": meta("observation-screening-assessment", sensitivity=(first.sensitivity, measure.sensitivity)),
            "valueQuantity": quantity(form.rounded(score - first.score)),
            "interpretation": [_meaning(word) for word in meanings(form, first.score, score)],
            "note": [note(_on_whose_word(form))],
            "derivedFrom": [site.reference("Observation", "outcome_measure", each.id, "score") for each in (first, measure)],
        }
    ]


def _meaning(word: str) -> dict[str, Any]:
    coding = codes.coding(CHANGE_MEANING, word)
    return {"coding": [coding], "text": coding.get("display", word)}


def _on_whose_word(form: Instrument) -> str | None:
    return f"From the first score of the episode. Thresholds: {form.change.citation}." if form.change else None
