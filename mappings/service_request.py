"""Planned work and referrals -> ServiceRequest (US Core; a referral in the shape of BSeR)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Activity, Referral, TreatmentPlan
from mappings import codes
from mappings.element import day, meta, moment, note, said
from mappings.identity import Site


def of_activity(activity: Activity, plan: TreatmentPlan, site: Site) -> dict[str, Any]:
    category = codes.translated("activity-category", activity.kind)
    return {
        "resourceType": "ServiceRequest",
        "id": site.id("treatment_plan", plan.id, f"activity:{activity.id}"),
        "meta": meta("servicerequest", sensitivity=(plan.sensitivity, activity.sensitivity)),
        "identifier": [site.identifier("treatment_plan", f"{plan.id}/{activity.id}")],
        "basedOn": [site.reference("CarePlan", "treatment_plan", plan.id)],
        "status": activity.status,
        "intent": "plan",
        "category": [{"coding": [category], "text": activity.kind}],
        "code": codes.written((activity.code,) if activity.code else (), activity.description),
        "subject": site.reference("Patient", "client", plan.client),
        "occurrenceTiming": activity.times and {"repeat": _repeat(activity)},
        "authoredOn": day(plan.written_on),
        "requester": plan.author and site.reference("Practitioner", "clinician", plan.author),
        "note": [note(each.text, each.on.isoformat()) for each in activity.progress],
    }


def _repeat(activity: Activity) -> dict[str, Any]:
    length = {"duration": activity.minutes, "durationUnit": "min"} if activity.minutes else {}
    return {**length, "frequency": activity.times, "period": activity.per, "periodUnit": activity.unit}


_STATUS = {
    "draft": "draft",
    "requested": "active",
    "accepted": "active",
    "declined": "revoked",
    "in-progress": "active",
    "completed": "completed",
    "cancelled": "revoked",
}
_ASKED_FOR = {
    "psychiatry": "Psychiatry",
    "child-psychiatry": "Child and adolescent psychiatry",
    "primary-care": "Primary care",
    "social-work": "Clinical social work",
    "emergency": "Emergency department",
    "addiction": "Addiction counseling",
    "obstetrics-gynecology": "Obstetrics and gynecology",
    "psychology": "Psychology",
    "support-group": "Support group",
    "other": "Other service",
}


def of_referral(referral: Referral, site: Site) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "id": site.id("referral", referral.id),
        "meta": meta("servicerequest", sensitivity=referral.sensitivity),
        "identifier": [site.identifier("referral", referral.id)],
        "status": _STATUS[referral.status],
        "intent": "order",
        "category": [{"coding": [codes.translated("referral-category", referral.service)]}],
        "priority": referral.priority,
        "code": {"coding": [codes.translated("referral-service", referral.service)], "text": _ASKED_FOR[referral.service]},
        "subject": site.reference("Patient", "client", referral.client),
        "authoredOn": moment(referral.requested_at),
        "requester": referral.author and site.reference("PractitionerRole", "clinician", referral.author, "role"),
        "performer": [site.reference("PractitionerRole", "partner", referral.partner, "role")],
        "reasonCode": [said(referral.reason), *(codes.written((code,), None) for code in referral.diagnoses)],
        "reasonReference": [site.reference("Condition", "problem", problem) for problem in referral.problems],
        "note": [note(referral.risk_level, "Risk level, as the practice set it")],
    }
