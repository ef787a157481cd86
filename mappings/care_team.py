"""Who carries a treatment plan -> CareTeam (US Core)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import TreatmentPlan
from mappings import codes
from mappings.element import days, meta
from mappings.identity import Site

_STATUS = {"draft": "proposed", "active": "active", "on-hold": "suspended", "revoked": "inactive", "completed": "inactive"}


def of_treatment_plan(plan: TreatmentPlan, site: Site) -> dict[str, Any]:
    """The client always belongs to it, so that a plan without a named clinician has a team too."""
    clinicians = dict.fromkeys(member for member in (plan.author, *plan.team) if member)
    return {
        "resourceType": "CareTeam",
        "id": site.id("treatment_plan", plan.id, "team"),
        "meta": meta("careteam", sensitivity=plan.sensitivity),
        "status": _STATUS[plan.status],
        "name": "Treatment team",
        "subject": site.reference("Patient", "client", plan.client),
        "period": days(plan.period.start, plan.period.end),
        "participant": [
            {
                "role": [codes.concept(codes.SNOMED, "116154003", "Client")],
                "member": site.reference("Patient", "client", plan.client),
            },
            *(
                {
                    "role": [{"text": "Clinician responsible for the plan" if member == plan.author else "Clinician"}],
                    "member": site.reference("Practitioner", "clinician", member),
                }
                for member in clinicians
            ),
        ],
    }
