"""Problem -> Condition (US Core problems and health concerns, encounter diagnosis)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Problem
from mappings import codes
from mappings.element import day, extension, meta, note
from mappings.identity import Site

_ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
_HEALTH_CONCERN = ("http://hl7.org/fhir/us/core/CodeSystem/condition-category", "health-concern")
_LISTED_AS = {
    "problem": ((codes.THO + "condition-category", "problem-list-item"),),
    "health-concern": (_HEALTH_CONCERN,),
    "social-need": (_HEALTH_CONCERN, ("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh")),
    "encounter-diagnosis": ((codes.THO + "condition-category", "encounter-diagnosis"),),
}


def of_problem(problem: Problem, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Condition",
            "id": site.id("problem", problem.id),
            "meta": meta(_profile(problem), sensitivity=problem.sensitivity),
            "extension": [problem.recorded_on and extension(_ASSERTED, valueDateTime=day(problem.recorded_on))],
            "identifier": [site.identifier("problem", problem.id)],
            "clinicalStatus": _clinical_status(problem),
            "verificationStatus": codes.hl7("condition-ver-status", problem.verification),
            "category": _categories(problem),
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


def _profile(problem: Problem) -> str:
    return "condition-encounter-diagnosis" if problem.listed_as == "encounter-diagnosis" else "condition-problems-health-concerns"


def _categories(problem: Problem) -> list[dict[str, Any]]:
    """A concern until it is confirmed, then a problem, unless the practice says what it is."""
    assumed = "problem" if problem.verification in ("confirmed", "refuted", "entered-in-error") else "health-concern"
    return [codes.concept(system, code) for system, code in _LISTED_AS[problem.listed_as or assumed]]
