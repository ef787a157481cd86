"""Filled-in instruments -> QuestionnaireResponse (US Core), items by their LOINC codes."""

from __future__ import annotations

from typing import Any

from gateway.record.types import OutcomeMeasure, RiskAssessment
from mappings import codes
from mappings.element import meta, moment
from mappings.identity import Site
from mappings.instruments import DIFFICULTY, FORMS, RISK_ITEMS, RISK_PANEL, WITH_CODED_DIFFICULTY, Answer, Item

_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def of_outcome_measure(measure: OutcomeMeasure, site: Site) -> dict[str, Any]:
    """The answers given; what was left open has no item."""
    form = FORMS[measure.instrument]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": site.id("outcome_measure", measure.id),
        "meta": meta("questionnaireresponse", sensitivity=measure.sensitivity),
        "identifier": site.identifier("outcome_measure", measure.id),
        "questionnaire": form.questionnaire,
        "status": "completed",
        "subject": site.reference("Patient", "client", measure.client),
        "encounter": measure.session and site.reference("Encounter", "session", measure.session),
        "authored": moment(measure.taken_at),
        "author": measure.clinician and site.reference("Practitioner", "clinician", measure.clinician),
        "source": site.reference("Patient", "client", measure.client),
        "item": [
            *(_item(item, measure.answers.get(name)) for name, item in form.items.items()),
            _item(DIFFICULTY, measure.difficulty, None if measure.instrument in WITH_CODED_DIFFICULTY else "difficulty"),
            _score(form.score, measure.score),
        ],
    }


def of_risk_assessment(risk: RiskAssessment, site: Site) -> dict[str, Any] | None:
    """The screener's answers; None where the level was set by judgement alone."""
    answers: dict[str, bool | None] = {str(name): answer for name, answer in risk.answers.items()}
    answered = [_item(item, int(answer)) for name, item in RISK_ITEMS.items() if (answer := answers.get(name)) is not None]
    if not answered:
        return None
    return {
        "resourceType": "QuestionnaireResponse",
        "id": site.id("risk_assessment", risk.id),
        "meta": meta("questionnaireresponse", sensitivity=risk.sensitivity),
        "identifier": site.identifier("risk_assessment", risk.id),
        "questionnaire": f"http://loinc.org/q/{RISK_PANEL}",
        "status": "completed",
        "subject": site.reference("Patient", "client", risk.client),
        "encounter": risk.session and site.reference("Encounter", "session", risk.session),
        "authored": moment(risk.assessed_at),
        "author": risk.clinician and site.reference("Practitioner", "clinician", risk.clinician),
        "source": site.reference("Patient", "client", risk.client),
        "item": answered,
    }


def answer_coding(answer: Answer, score: int) -> dict[str, Any]:
    """The answer's Coding with its weight (HL7 extension ordinalValue)."""
    return {"extension": [{"url": _ORDINAL, "valueDecimal": score}], **codes.coding(codes.LOINC, answer.code)}


def _item(item: Item, score: int | None, link_id: str | None = None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {"linkId": link_id or f"/{item.code}", "text": item.label, "answer": [{"valueCoding": answer_coding(item.answers[score], score)}]}


def _score(code: str, score: int | None) -> dict[str, Any] | None:
    return None if score is None else {"linkId": f"/{code}", "text": "Total score", "answer": [{"valueDecimal": score}]}
