"""Filled-in instruments -> QuestionnaireResponse (US Core), items by their codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.record.types import OutcomeMeasure, RiskAssessment
from gateway.record.types.instrument import DIFFICULTY, LOINC, SCREENER, Instrument, Item
from mappings.element import meta, moment
from mappings.identity import Site
from mappings.instruments import coded_answer


def of_outcome_measure(measure: OutcomeMeasure, site: Site) -> dict[str, Any] | None:
    """The answers given; what was left open has no item, and a score alone is no response."""
    form, score = measure.form, measure.score
    hard = [] if measure.difficulty is None else [_item(DIFFICULTY, measure.difficulty, f"/{DIFFICULTY.code}" if form.difficulty else "difficulty")]
    answered = [*_answered(form, measure.answers), *hard]
    total = None if score is None else {"linkId": _link(form, "score"), "text": "Total score", "answer": [{"valueDecimal": score}]}
    return _response(measure, site, form, measure.taken_at) | {"item": [*answered, total]} if answered else None


def of_risk_assessment(risk: RiskAssessment, site: Site) -> dict[str, Any] | None:
    """The screener's answers; None where the level was set by judgement alone."""
    answered = _answered(SCREENER, {str(name): answer for name, answer in risk.answers.items()})
    return _response(risk, site, SCREENER, risk.assessed_at) | {"item": answered} if answered else None


def _response(record: OutcomeMeasure | RiskAssessment, site: Site, form: Instrument, taken: datetime) -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": site.id(record.kind, record.id),
        "meta": meta("questionnaireresponse", sensitivity=record.sensitivity),
        "identifier": site.identifier(record.kind, record.id),
        "questionnaire": form.questionnaire,
        "status": "completed",
        "subject": site.reference("Patient", "client", record.client),
        "encounter": record.session and site.reference("Encounter", "session", record.session),
        "authored": moment(taken),
        "author": record.clinician and site.reference("Practitioner", "clinician", record.clinician),
        "source": site.reference("Patient", "client", record.client),
    }


def _answered(form: Instrument, answers: Mapping[str, int | None]) -> list[dict[str, Any]]:
    return [_item(item, int(answer), _link(form, name)) for name, item in form.items.items() if (answer := answers.get(name)) is not None]


def _item(item: Item, score: int, link_id: str) -> dict[str, Any]:
    answer = item.answers[score]
    return {"linkId": link_id, "text": item.label, "answer": [{"valueCoding": coded_answer(answer, score)} if answer.code else {"valueInteger": score}]}


def _link(form: Instrument, part: str) -> str:
    """LOINC's form of a link where the part has LOINC's code, else our own code."""
    system, code = form.coded(part)
    return f"/{code}" if system == LOINC else code
