"""Therapy records as FHIR R4 resources: pure, typed, one file for each resource type.

`resources_of` is the way in. The same record of the same practice always becomes the same resources.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.record.types import Record
from mappings import (
    allergy_intolerance,
    care_plan,
    care_team,
    clinical_impression,
    codes,
    communication,
    condition,
    consent,
    course,
    coverage,
    document_reference,
    encounter,
    family_member_history,
    medication_dispense,
    medication_request,
    observation,
    organization,
    patient,
    patient_report,
    plan_definition,
    practitioner,
    procedure,
    related_person,
    task,
)
from mappings.element import pruned
from mappings.identity import Site

__all__ = ["COURSE", "LOOKED_AT", "MAPPED", "course_of", "resources_of"]

MAPPED: dict[str, Callable[[Any, Site], list[dict[str, Any]]]] = {
    "practice": organization.of_practice,
    "clinician": practitioner.of_clinician,
    "partner": practitioner.of_partner,
    "protocol": plan_definition.of_protocol,
    "client": patient.of_client,
    "guardian": related_person.of_guardian,
    "coverage": coverage.of_coverage,
    "problem": condition.of_problem,
    "family_history": family_member_history.of_family_history,
    "allergy": allergy_intolerance.of_allergy,
    "medication_note": medication_request.of_medication_note,
    "dispense": medication_dispense.of_dispense,
    "side_effect": patient_report.of_side_effect,
    "session": encounter.of_session,
    "assessment": document_reference.of_assessment,
    "treatment_plan": care_plan.of_treatment_plan,
    "outcome_measure": observation.of_outcome_measure,
    "risk_assessment": observation.of_risk_assessment,
    "intervention": procedure.of_intervention,
    "progress_review": clinical_impression.of_progress_review,
    "safety_plan": care_plan.of_safety_plan,
    "preference": patient_report.of_preference,
    "care_team": care_team.of_care_team,
    "note": document_reference.of_note,
    "document": document_reference.of_document,
    "consent": consent.of_consent,
    "referral": task.of_referral,
    "message": communication.of_message,
}
"""Each kind of record that becomes resources. A process note's mark, what came in over FHIR, supervision and training become none."""


COURSE: dict[str, Callable[[Any, Sequence[Record], Site], list[dict[str, Any]]]] = {
    "outcome_measure": course.of_outcome_measure,
    "risk_assessment": course.of_risk_assessment,
    "treatment_plan": course.of_treatment_plan,
}
"""Kinds whose resources hang on the client's other records as well: how a plan's goals stand by the scores, what a score
means after the one before. Each gives the resources that do so, from the record and all records of LOOKED_AT of its client."""
LOOKED_AT: tuple[str, ...] = ("client", "outcome_measure", "risk_assessment", "treatment_plan")
"""The kinds of record that COURSE looks at; a new one of these makes the client's course due again."""


def resources_of(record: Record, site: Site) -> list[dict[str, Any]]:
    """The resources of a record by itself, the main one first; BadCode where a code of it cannot be one."""
    mapping = MAPPED.get(record.kind)
    if mapping is None:
        return []
    codes.check(record)
    return [pruned(resource) for resource in mapping(record, site)]


def course_of(record: Record, beside: Sequence[Record], site: Site) -> list[dict[str, Any]]:
    """The resources of a record that hang on others. `beside`: the client's records of LOOKED_AT, this one among them, in any order.

    The promise of every entry of COURSE: the same record and the same records beside it, in any order, give the same resources,
    their ids made from this record (`site.id(kind, id, part)`), each id once. It gives what holds now and nothing about what it
    gave before: whoever stores it remembers that, and removes what is no longer given. A resource of an id that `resources_of`
    gives too stands in its place; when it is no longer given, that of `resources_of` comes back.
    """
    mapping = COURSE.get(record.kind)
    return [pruned(resource) for resource in mapping(record, beside, site)] if mapping else []
