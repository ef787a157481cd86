"""Outcome measures and risk assessments -> Observations (US Core screening and assessment), led by their responses.

The shape is US Core's for PHQ-9: a panel without a value of its own, `hasMember` its items and score, `derivedFrom` the
QuestionnaireResponse (https://hl7.org/fhir/us/core/screening-and-assessments.html).
"""

from __future__ import annotations

from typing import Any

from gateway.record.types import OutcomeMeasure, RiskAssessment
from mappings import codes, questionnaire_response
from mappings.element import meta, moment, note, said
from mappings.identity import Site
from mappings.instruments import DIFFICULTY, FORMS, RISK_LEVEL, WITH_CODED_DIFFICULTY, Form, Item, severity

_UCUM = "http://unitsofmeasure.org"


def of_outcome_measure(measure: OutcomeMeasure, site: Site) -> list[dict[str, Any]]:
    """The response, the panel, the score where there is one, then each item that was answered."""
    form = FORMS[measure.instrument]
    members = [*_score(measure, form, site), *_items(measure, form, site)]
    panel = _observation(measure, site, "panel", form.panel, form.name) | {
        "hasMember": [{"reference": f"Observation/{member['id']}"} for member in members],
    }
    return [questionnaire_response.of_outcome_measure(measure, site), panel, *members]


def _score(measure: OutcomeMeasure, form: Form, site: Site) -> list[dict[str, Any]]:
    score = measure.score
    if score is None:
        return []
    word = severity(measure.instrument, score)
    return [
        _observation(measure, site, "score", form.score, f"{form.name} total score")
        | {
            "valueQuantity": {"value": score, "unit": "{score}", "system": _UCUM, "code": "{score}"},
            "interpretation": [said(word)],
        }
    ]


def _items(measure: OutcomeMeasure, form: Form, site: Site) -> list[dict[str, Any]]:
    asked = form.items | ({"difficulty": DIFFICULTY} if measure.instrument in WITH_CODED_DIFFICULTY else {})
    given = {**measure.answers, "difficulty": measure.difficulty}
    return [_item(measure, site, name, item, score) for name, item in asked.items() if (score := given.get(name)) is not None]


def _item(measure: OutcomeMeasure, site: Site, name: str, item: Item, score: int) -> dict[str, Any]:
    answer = item.answers[score]
    return _observation(measure, site, f"item:{name}", item.code, item.label) | {
        "valueCodeableConcept": {"coding": [questionnaire_response.answer_coding(answer, score)], "text": answer.label},
    }


def _observation(measure: OutcomeMeasure, site: Site, part: str, code: str, text: str) -> dict[str, Any]:
    """What panel, score and items share; the client answered, so the client performed where no clinician is named."""
    return {
        "resourceType": "Observation",
        "id": site.id("outcome_measure", measure.id, part),
        "meta": meta("observation-screening-assessment", sensitivity=measure.sensitivity),
        "status": "final",
        "category": [codes.hl7("observation-category", "survey")],
        "code": codes.concept(codes.LOINC, code, text),
        "subject": site.reference("Patient", "client", measure.client),
        "encounter": measure.session and site.reference("Encounter", "session", measure.session),
        "effectiveDateTime": moment(measure.taken_at),
        "performer": [
            site.reference("Practitioner", "clinician", measure.clinician) if measure.clinician else site.reference("Patient", "client", measure.client),
        ],
        "derivedFrom": [site.reference("QuestionnaireResponse", "outcome_measure", measure.id)],
    }


def of_risk_assessment(risk: RiskAssessment, site: Site) -> list[dict[str, Any]]:
    """The screener's response where there is one, and the level in force as an Observation."""
    response = questionnaire_response.of_risk_assessment(risk, site)
    level = codes.translated("risk-level", risk.risk)
    observation = {
        "resourceType": "Observation",
        "id": site.id("risk_assessment", risk.id, "risk"),
        "meta": meta("observation-screening-assessment", sensitivity=risk.sensitivity),
        "identifier": [site.identifier("risk_assessment", risk.id)],
        "status": "final",
        "category": [codes.hl7("observation-category", "survey")],
        "code": codes.concept(codes.LOINC, RISK_LEVEL, "Suicide risk level"),
        "subject": site.reference("Patient", "client", risk.client),
        "encounter": risk.session and site.reference("Encounter", "session", risk.session),
        "effectiveDateTime": moment(risk.assessed_at),
        "performer": [risk.clinician and site.reference("Practitioner", "clinician", risk.clinician)],
        "valueCodeableConcept": {"coding": [level], "text": risk.risk.capitalize()} if level else said("No risk found"),
        "note": [note(risk.note)],
        "derivedFrom": [response and site.reference("QuestionnaireResponse", "risk_assessment", risk.id)],
    }
    return [response, observation] if response else [observation]
