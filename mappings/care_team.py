"""Who carries a treatment plan, and who shares a client's care inside and outside the practice -> CareTeam (US Core)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import CareTeam, Member, TreatmentPlan
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
            _client(plan.client, site),
            *(
                {
                    "role": [{"text": "Clinician responsible for the plan" if member == plan.author else "Clinician"}],
                    "member": site.reference("Practitioner", "clinician", member),
                }
                for member in clinicians
            ),
        ],
    }


_ROLES = {
    "therapist": "Therapist",
    "counselor": "Counselor",
    "psychiatrist": "Psychiatrist",
    "primary-care": "Primary care physician",
    "social-worker": "Social worker",
    "case-manager": "Case manager",
    "supervisor": "Supervisor",
    "family": "Family or support person",
    "other": "Other",
}


def of_care_team(team: CareTeam, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "CareTeam",
            "id": site.id("care_team", team.id),
            "meta": meta("careteam", sensitivity=team.sensitivity),
            "identifier": [site.identifier("care_team", team.id)],
            "status": team.status,
            "name": team.name,
            "subject": site.reference("Patient", "client", team.client),
            "period": days(team.period.start, team.period.end),
            "participant": [_client(team.client, site), *(_member(member, site) for member in team.members)],
        }
    ]


def _client(client: str, site: Site) -> dict[str, Any]:
    return {"role": [codes.concept(codes.SNOMED, "116154003", "Client")], "member": site.reference("Patient", "client", client)}


def _member(member: Member, site: Site) -> dict[str, Any]:
    """A partner belongs to it by its role, which names person and organization."""
    return {
        "role": [{"coding": [codes.translated("care-team-role", member.role)], "text": member.role_text or _ROLES[member.role]}],
        "member": _who(member, site),
        "period": days(member.period.start, member.period.end),
    }


def _who(member: Member, site: Site) -> dict[str, Any]:
    if member.clinician:
        return site.reference("Practitioner", "clinician", member.clinician)
    if member.partner:
        return site.reference("PractitionerRole", "partner", member.partner, "role")
    return site.reference("RelatedPerson", "guardian", str(member.guardian))
