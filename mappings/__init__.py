"""Therapy records as FHIR R4 resources: pure, typed, one file for each resource type.

`resources_of` is the way in. The same record of the same practice always becomes the same resources.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.record.types import Record
from mappings import (
    allergy_intolerance,
    care_plan,
    codes,
    condition,
    consent,
    document_reference,
    encounter,
    medication_request,
    observation,
    organization,
    patient,
    practitioner,
    related_person,
    task,
)
from mappings.element import pruned
from mappings.identity import Site

__all__ = ["MAPPED", "resources_of"]

MAPPED: dict[str, Callable[[Any, Site], list[dict[str, Any]]]] = {
    "practice": organization.of_practice,
    "clinician": practitioner.of_clinician,
    "partner": practitioner.of_partner,
    "client": patient.of_client,
    "guardian": related_person.of_guardian,
    "problem": condition.of_problem,
    "allergy": allergy_intolerance.of_allergy,
    "medication_note": medication_request.of_medication_note,
    "session": encounter.of_session,
    "assessment": document_reference.of_assessment,
    "treatment_plan": care_plan.of_treatment_plan,
    "outcome_measure": observation.of_outcome_measure,
    "risk_assessment": observation.of_risk_assessment,
    "safety_plan": care_plan.of_safety_plan,
    "note": document_reference.of_note,
    "consent": consent.of_consent,
    "referral": task.of_referral,
}
"""Each kind of record that becomes resources. A process note's mark and a medication change become none."""


def resources_of(record: Record, site: Site) -> list[dict[str, Any]]:
    """The resources of a record, the main one first; BadCode where a code of it cannot be one."""
    mapping = MAPPED.get(record.kind)
    if mapping is None:
        return []
    codes.check(record)
    return [pruned(resource) for resource in mapping(record, site)]
