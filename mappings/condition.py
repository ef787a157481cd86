"""Problem -> Condition (US Core problems and health concerns, encounter diagnosis)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Problem
from mappings import codes
from mappings.element import day, extension, meta, note
from mappings.identity import Site

_CATEGORY = codes.THO + "condition-category"
_US_CORE_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
_US_CORE_TOPIC = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category"
_ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"

LISTED: dict[str, tuple[tuple[str, str], ...]] = {
    "problem": ((_CATEGORY, "problem-list-item"),),
    "health-concern": ((_US_CORE_CATEGORY, "health-concern"),),
    "social-need": ((_US_CORE_CATEGORY, "health-concern"), (_US_CORE_TOPIC, "sdoh")),
    "encounter-diagnosis": ((_CATEGORY, "encounter-diagnosis"),),
}
"""Where a problem is listed, as the categories that US Core asks for."""
_PROFILES = {"encounter-diagnosis": "condition-encounter-diagnosis"}


def listed_by_rule(verification: str) -> str:
    """Where a problem is listed that does not say so itself."""
    return "problem" if verification in ("confirmed", "refuted", "entered-in-error") else "health-concern"


def _listed_as(problem: Problem) -> str:
    return problem.listed_as or listed_by_rule(problem.verification)


def of_problem(problem: Problem, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Condition",
            "id": site.id("problem", problem.id),
            "meta": meta(_PROFILES.get(_listed_as(problem), "condition-problems-health-concerns"), sensitivity=problem.sensitivity),
            "extension": [problem.recorded_on and extension(_ASSERTED, valueDateTime=day(problem.recorded_on))],
            "identifier": [site.identifier("problem", problem.id)],
            "clinicalStatus": _clinical_status(problem),
            "verificationStatus": codes.hl7("condition-ver-status", problem.verification),
            "category": [codes.concept(*place) for place in LISTED[_listed_as(problem)]],
            "code": codes.diagnosis(problem.codes, problem.title),
            "subject": site.reference("Patient", "client", problem.client),
            "onsetDateTime": day(problem.onset),
            "abatementDateTime": None if _in_error(problem) else day(problem.abatement),
            "recordedDate": day(problem.recorded_on),
            "recorder": problem.recorder and site.reference("Practitioner", "clinician", problem.recorder),
            "note": [note(problem.note)],
        }
    ]


def _clinical_status(problem: Problem) -> dict[str, Any] | None:
    """Absent for what was entered in error (https://hl7.org/fhir/R4/condition.html, con-5), and with it the abatement (con-4)."""
    return None if _in_error(problem) else codes.hl7("condition-clinical", problem.clinical_status)


def _in_error(problem: Problem) -> bool:
    return problem.verification == "entered-in-error"
