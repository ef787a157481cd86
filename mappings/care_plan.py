"""Treatment plan -> CarePlan with Goals, CareTeam and planned ServiceRequests; safety plan -> CarePlan (US Core).

A goal or a piece of work that may be labelled apart stays out of the plan's narrative: the plan may be read by someone who
may not read that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.record.types import Activity, Goal, Record, SafetyPlan, TreatmentPlan
from gateway.record.types.instrument import named
from mappings import care_team, codes, goal, service_request, task
from mappings.element import day, days, meta, note, said
from mappings.identity import Site
from mappings.narrative import narrative
from mappings.over_time import may_rest_on

_ASSESS_PLAN = ("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan")
_SAFETY_PLAN = (codes.SNOMED, "735324008")
"""Treatment escalation plan (record artifact), as SPiER 0.1.0 marks a safety plan."""

_TOLD = (
    ("presenting_issues", "Presenting issues"),
    ("history", "History"),
    ("diagnosis_text", "Diagnosis"),
    ("treatment_received", "Treatment received"),
    ("recommendation", "Recommendation"),
    ("other", "Other"),
)


def of_treatment_plan(plan: TreatmentPlan, site: Site, beside: Sequence[Record] = ()) -> list[dict[str, Any]]:
    """`beside`: the client's other records, by which goals stand as their scores say and a replaced plan is revoked."""
    plan = plan.model_copy(update={"status": "revoked"}) if plan.status in ("active", "on-hold") and _is_replaced(plan, beside) else plan
    goals = [goal.of_goal(each, plan, site, beside) for each in plan.goals]
    team = care_team.of_treatment_plan(plan, site)
    work = [_work(activity, plan, site) for activity in plan.activities]
    author = plan.author and site.reference("Practitioner", "clinician", plan.author)
    care_plan = {
        "resourceType": "CarePlan",
        "id": site.id("treatment_plan", plan.id),
        "meta": meta("careplan", sensitivity=plan.sensitivity),
        "text": narrative(plan.title, _sections(plan)),
        "identifier": [site.identifier("treatment_plan", plan.id)],
        "instantiatesCanonical": [site.canonical("protocol", protocol) for protocol in plan.protocols],
        "replaces": [plan.replaces and site.reference("CarePlan", "treatment_plan", plan.replaces)],
        "status": plan.status,
        "intent": "plan",
        "category": [codes.concept(*_ASSESS_PLAN)],
        "title": plan.title,
        "subject": site.reference("Patient", "client", plan.client),
        "period": days(plan.period.start, plan.period.end),
        "created": day(plan.written_on),
        "author": author,
        "contributor": [author],
        "careTeam": [{"reference": f"CareTeam/{team['id']}"}],
        "addresses": [site.reference("Condition", "problem", problem) for problem in plan.problems],
        "goal": [{"reference": f"Goal/{each['id']}"} for each in goals],
        "activity": [_activity(activity, each, site) for activity, each in zip(plan.activities, work, strict=True)],
        "note": [note(getattr(plan, field), title) for field, title in _TOLD],
    }
    return [care_plan, *goals, team, *work]


def _work(activity: Activity, plan: TreatmentPlan, site: Site) -> dict[str, Any]:
    return (task.of_homework if activity.kind == "homework" else service_request.of_activity)(activity, plan, site)


def _activity(activity: Activity, work: dict[str, Any], site: Site) -> dict[str, Any]:
    """What is planned is a resource of its own (cpl-3: then never a detail too); how it goes stands here, unless it may be labelled apart."""
    told = activity.progress if _may_be_done_openly(activity) else ()
    return {
        "outcomeReference": [site.reference("Encounter", "session", session) for session in activity.sessions],
        "progress": [{"time": day(each.on), "text": each.text} for each in told],
        "reference": {"reference": f"{work['resourceType']}/{work['id']}"},
    }


def _sections(plan: TreatmentPlan) -> list[tuple[str, Any]]:
    return [
        ("Status", plan.status),
        ("Written on", day(plan.written_on)),
        *((title, getattr(plan, field)) for field, title in _TOLD),
        ("Goals", [_told_goal(each) for each in plan.goals if _may_be_told(each)]),
        ("Planned work", [each.description for each in plan.activities if _may_be_done_openly(each)]),
    ]


def _is_replaced(plan: TreatmentPlan, beside: Iterable[Record]) -> bool:
    others = (each for each in beside if isinstance(each, TreatmentPlan) and each.replaces == plan.id and each.client == plan.client)
    return any(other.status != "draft" and may_rest_on(other.sensitivity, plan.sensitivity) for other in others)


def _may_be_told(each: Goal) -> bool:
    """A goal tied to an instrument with a label of its own (AUDIT-C measures alcohol use) tells of it."""
    form = named(each.measure)
    return each.sensitivity == "normal" and not (form and form.label)


def _may_be_done_openly(activity: Activity) -> bool:
    """Of coded work only what the table holds as an intervention; any other code may carry a label of its own."""
    if activity.sensitivity != "normal":
        return False
    return activity.code is None or (activity.code.system, activity.code.code) in codes.value_set("interventions")


def _told_goal(each: Goal) -> str:
    return f"{each.description} ({each.status}{f', by {each.due.isoformat()}' if each.due else ''})"


_STEPS = (
    ("warning_signs", "Warning signs"),
    ("coping", "What I can do myself"),
    ("distraction", "Places and people that take my mind off it"),
    ("people", "People I can ask for help"),
    ("professionals", "Professionals and services to call"),
    ("means_safety", "Making my surroundings safer"),
    ("reasons_for_living", "What I live for"),
)
"""Section names of our own: the form commonly used asks for permission."""
_STEP_STATUS = {"active": "in-progress", "completed": "completed", "revoked": "stopped"}


def of_safety_plan(plan: SafetyPlan, site: Site) -> list[dict[str, Any]]:
    """Each filled-in section is one activity, in the client's words; the crisis lines close it."""
    steps = [(title, getattr(plan, field)) for field, title in _STEPS if getattr(plan, field)]
    steps += [("Crisis lines", "\n".join(plan.crisis_lines))] if plan.crisis_lines else []
    review = day(plan.review_on)
    return [
        {
            "resourceType": "CarePlan",
            "id": site.id("safety_plan", plan.id),
            "meta": meta("careplan", sensitivity=plan.sensitivity),
            "text": narrative("Safety plan", [("Status", plan.status), ("Written on", day(plan.written_on)), *steps, ("Review on", review)]),
            "identifier": [site.identifier("safety_plan", plan.id)],
            "status": plan.status,
            "intent": "plan",
            "category": [codes.concept(*_ASSESS_PLAN), codes.concept(*_SAFETY_PLAN, "Safety plan")],
            "title": "Safety plan",
            "subject": site.reference("Patient", "client", plan.client),
            "encounter": plan.session and site.reference("Encounter", "session", plan.session),
            "created": day(plan.written_on),
            "author": plan.author and site.reference("Practitioner", "clinician", plan.author),
            "activity": [
                *({"detail": {"code": said(title), "status": _STEP_STATUS[plan.status], "description": text}} for title, text in steps),
                review and {"detail": {"code": said("Review of the plan"), "status": "scheduled", "scheduledPeriod": {"start": review, "end": review}}},
            ],
        }
    ]
