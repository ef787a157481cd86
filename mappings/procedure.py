"""Intervention -> Procedure (US Core): what was done, not what was planned."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Intervention
from mappings import codes
from mappings.element import meta, moment, note, said
from mappings.identity import Site

_AREAS = {
    "psychotherapy": "Psychotherapy",
    "support": "Emotional support",
    "coping-skills": "Coping skills",
    "education": "Education",
    "crisis": "Crisis intervention",
    "evaluation": "Evaluation",
    "coordination": "Coordination of care",
}


def of_intervention(intervention: Intervention, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Procedure",
            "id": site.id("intervention", intervention.id),
            "meta": meta("procedure", sensitivity=intervention.sensitivity),
            "identifier": [site.identifier("intervention", intervention.id)],
            "instantiatesCanonical": [intervention.protocol and site.canonical("protocol", intervention.protocol)],
            "basedOn": [intervention.plan and site.reference("CarePlan", "treatment_plan", intervention.plan)],
            "status": intervention.status,
            "category": {"coding": [codes.translated("intervention-area", intervention.area)], "text": _AREAS[intervention.area]},
            "code": codes.written((intervention.code,) if intervention.code else (), intervention.title),
            "subject": site.reference("Patient", "client", intervention.client),
            "encounter": intervention.session and site.reference("Encounter", "session", intervention.session),
            "performedPeriod": {"start": moment(intervention.start), "end": moment(intervention.end)},
            "performer": [intervention.clinician and {"actor": site.reference("Practitioner", "clinician", intervention.clinician)}],
            "reasonReference": [site.reference("Condition", "problem", problem) for problem in intervention.problems],
            "outcome": said(intervention.outcome),
            "note": [note(intervention.note)],
        }
    ]
