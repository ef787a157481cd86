"""Referral -> ServiceRequest and its Task, the closed loop of BSeR (HL7 BSeR 2.0.0-ballot, referral-task); homework -> Task for the client."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Activity, Referral, Reply, TreatmentPlan
from mappings import codes, service_request
from mappings.element import day, meta, moment, note
from mappings.identity import Site

STATUS = {
    "draft": "draft",
    "requested": "requested",
    "accepted": "accepted",
    "declined": "rejected",
    "in-progress": "in-progress",
    "completed": "completed",
    "cancelled": "cancelled",
}
"""Where the referral stands, as Task.status; the business status is the concept map `referral-step`."""


def of_referral(referral: Referral, site: Site) -> list[dict[str, Any]]:
    step = codes.translated("referral-step", referral.status)
    task = {
        "resourceType": "Task",
        "id": site.id("referral", referral.id, "task"),
        "meta": meta(sensitivity=referral.sensitivity),
        "identifier": [{"type": codes.hl7("v2-0203", "PLAC"), **site.identifier("referral", referral.id)}],
        "status": STATUS[referral.status],
        "businessStatus": {"coding": [step]},
        "intent": "order",
        "priority": referral.priority,
        "code": codes.concept("http://hl7.org/fhir/CodeSystem/task-code", "fulfill"),
        "focus": site.reference("ServiceRequest", "referral", referral.id),
        "for": site.reference("Patient", "client", referral.client),
        "authoredOn": moment(referral.requested_at),
        "requester": referral.author and site.reference("PractitionerRole", "clinician", referral.author, "role"),
        "owner": site.reference("PractitionerRole", "partner", referral.partner, "role"),
        "output": _output(referral.reply),
    }
    return [service_request.of_referral(referral, site), task]


REPLIED = (("author", "Author"), ("diagnosis", "Diagnosis"), ("findings", "Findings"), ("recommendation", "Recommendation"), ("services", "Services given"))


def _output(reply: Reply | None) -> list[dict[str, Any]]:
    """What came back, each piece under its title."""
    if reply is None:
        return []
    texts = [{"type": {"text": title}, "valueString": getattr(reply, field)} for field, title in REPLIED if getattr(reply, field)]
    return [{"type": {"text": "Received on"}, "valueDate": reply.received_on.isoformat()}, *texts]


_HOMEWORK_STATUS = {"draft": "draft", "active": "in-progress", "on-hold": "on-hold", "revoked": "cancelled", "completed": "completed"}


def of_homework(activity: Activity, plan: TreatmentPlan, site: Site) -> dict[str, Any]:
    """Something to do at home: a Task that the client owns (the pattern of Gravity SDOHCC-TaskForPatient)."""
    client = site.reference("Patient", "client", plan.client)
    return {
        "resourceType": "Task",
        "id": site.id("treatment_plan", plan.id, f"activity:{activity.id}"),
        "meta": meta(sensitivity=(plan.sensitivity, activity.sensitivity)),
        "identifier": [site.identifier("treatment_plan", f"{plan.id}/{activity.id}")],
        "basedOn": [site.reference("CarePlan", "treatment_plan", plan.id)],
        "status": _HOMEWORK_STATUS[activity.status],
        "intent": "plan",
        "code": codes.written((activity.code,) if activity.code else (), "Homework"),
        "description": activity.description,
        "for": client,
        "authoredOn": day(plan.written_on),
        "requester": plan.author and site.reference("Practitioner", "clinician", plan.author),
        "owner": client,
        "restriction": {"period": {"end": day(activity.due)}},
        "note": [note(each.text, each.on.isoformat()) for each in activity.progress],
    }
