"""CarePlan, Goal and planned ServiceRequest -> Plan of Treatment, Goals, Interventions and Health Concerns (C-CDA 2024-05-01)."""

from __future__ import annotations

from typing import Any

from mappings.ccda import oid, problem
from mappings.ccda.package import Package, Resource
from mappings.ccda.people import entry_author, party, wrote
from mappings.ccda.score import reference
from mappings.ccda.section import Form, Line, entry_template, first_code, related, statement, words
from mappings.ccda.value import code, coded, instances, interval, moment, null
from mappings.ccda.xml import Node, node

PLAN = Form(
    "18776-5",
    "Plan of Treatment",
    "2.16.840.1.113883.10.20.22.2.10",
    "2014-06-09",
    ("What", "Details", "Status", "When"),
    "This document has no information about planned treatment.",
)
GOALS = Form("61146-7", "Goals", "2.16.840.1.113883.10.20.22.2.60", None, ("Goal", "Measure", "Status", "When"), "This document has no information about goals.")
CONCERNS = Form("75310-3", "Health Concerns", "2.16.840.1.113883.10.20.22.2.58", "2015-08-01", problem.FORM.headings, "This document has no information about health concerns.")
INTERVENTIONS = Form(
    "62387-6",
    "Interventions",
    "2.16.840.1.113883.10.20.21.2.3",
    "2015-08-01",
    ("Intervention", "Details", "Status", "When"),
    "This document has no information about interventions.",
)
_GOAL_STATUSES = {"proposed": "new", "rejected": "cancelled", "cancelled": "cancelled", "on-hold": "suspended", "completed": "completed"}
"""FHIR's lifecycle of a goal as an ActStatus; every other is active."""


def planned(package: Package) -> list[Resource]:
    """Work that is planned, not the referral itself and not what is over."""
    return [one for one in package.of("ServiceRequest") if one.get("intent") == "plan" and one.get("status") in ("active", "draft", "on-hold")]


def told_plan(plan: Resource, identity: str, package: Package, created: str) -> Line:
    """A care plan in the words it is written in, and a note that refers to them."""
    period = plan.get("period", {})
    cells = (
        ("what", plan.get("title") or words(next(iter(plan.get("category", [])), None))),
        ("details", "\n".join(_details(plan))),
        ("status", str(plan.get("status", "")).capitalize()),
        ("when", _when(period.get("start") or plan.get("created"), period.get("end"))),
    )
    written = plan.get("created") or created
    return Line(identity, cells, (note(identity, written, wrote(party(package, plan.get("author")), written)),))


def _details(plan: Resource) -> list[str]:
    """What a plan says of itself; a goal or a piece of work that stands on a line of its own is told there."""
    said = [plan.get("description"), *(one.get("text") for one in plan.get("note", []))]
    done = [_activity(one["detail"]) for one in plan.get("activity", []) if "detail" in one]
    return [each for each in (*said, *done) if each]


def _activity(detail: dict[str, Any]) -> str:
    told = [words(detail["code"]) if "code" in detail else None, detail.get("description"), detail.get("scheduledPeriod", {}).get("start")]
    return ": ".join(each for each in told if each)


def _when(start: str | None, end: str | None) -> str:
    return " to ".join(each for each in (start, end) if each)


def note(line: str, date_time: str | None, by: Node) -> Node:
    """A Note Activity: these words are what somebody wrote (34109-9, Note)."""
    head = [entry_template("202", "2016-11-01"), code("code", "34109-9", oid.LOINC)]
    return statement("act", "EVN", line, head, node("statusCode", code="completed"), moment("effectiveTime", date_time), by)


def told_work(work: Resource, identity: str, package: Package) -> Line:
    """Planned work and its Planned Procedure."""
    return Line(identity, _work_cells(work), (_procedure(work, identity, package),))


def told_intervention(work: Resource, identity: str, package: Package) -> Line:
    """Planned work as a Planned Intervention, for the goals of its plan; one without a goal is a procedure alone, for an intervention needs one."""
    goals = _goals_of(work, package)
    procedure = _procedure(work, identity, package)
    if not goals:
        return Line(identity, _work_cells(work), (procedure,))
    head = [entry_template("146", "2015-08-01"), node("id", root=oid.part(work.get("id", ""), "intervention")), code("code", "362956003", oid.SNOMED)]
    because = [reference("RSON", "Goal", goal["id"]) for goal in goals]
    act = statement("act", "INT", identity, head, node("statusCode", code="active"), related("REFR", procedure), because)
    return Line(identity, _work_cells(work), (act,))


def _work_cells(work: Resource) -> tuple[tuple[str, str | None], ...]:
    notes = "\n".join(one["text"] for one in work.get("note", []) if one.get("text"))
    return (("what", words(work.get("code"))), ("details", notes), ("status", str(work.get("status", "")).capitalize()), ("when", _rhythm(work) or work.get("authoredOn")))


def _rhythm(work: Resource) -> str:
    repeat = work.get("occurrenceTiming", {}).get("repeat", {})
    return f"{repeat.get('frequency', 1)} per {repeat.get('period', 1)} {repeat['periodUnit']}" if "periodUnit" in repeat else ""


def _goals_of(work: Resource, package: Package) -> list[Resource]:
    plans = [package.at(each) for each in work.get("basedOn", [])]
    return [goal for plan in plans for each in plan.get("goal", []) if (goal := package.at(each)).get("id")]


def _procedure(work: Resource, identity: str, package: Package) -> Node:
    told_at = f"{identity}-what" if work.get("code", {}).get("text") else None
    head = [entry_template("41", "2022-06-01"), *instances(work), coded("code", work.get("code"), told_at)]
    by = entry_author(package, work.get("requester"), work.get("authoredOn"))
    return statement("procedure", "INT", identity, head, node("statusCode", code="active"), moment("effectiveTime", work.get("authoredOn")), by)


def told_goal(goal: Resource, identity: str, package: Package) -> Line:
    """A goal and its Goal Observation; what measures it is its code."""
    target: dict[str, Any] = next(iter(goal.get("target", [])), {})
    measure = [words(target["measure"]) if "measure" in target else "", _detail(target)]
    progress = words(goal["achievementStatus"]) if "achievementStatus" in goal else ""
    status = ", ".join(each for each in (str(goal.get("lifecycleStatus", "")).capitalize(), progress) if each)
    cells = (
        ("what", words(goal.get("description"))),
        ("measure", " ".join(each for each in measure if each)),
        ("status", status),
        ("when", _when(goal.get("startDate"), target.get("dueDate"))),
    )
    return Line(identity, cells, (_goal(goal, target, identity, package),))


def _detail(target: dict[str, Any]) -> str:
    quantity = target.get("detailQuantity", {})
    unit = str(quantity.get("unit", ""))
    return " ".join(str(each) for each in (quantity.get("comparator"), quantity.get("value"), "" if unit.startswith("{") else unit) if each not in (None, ""))


def _goal(goal: Resource, target: dict[str, Any], identity: str, package: Package) -> Node:
    """The measure is the code where it has one; a goal in words is its text."""
    measured = target.get("measure", {})
    head = [entry_template("121", "2022-06-01"), *instances(goal), coded("code", measured) if measured.get("coding") else _in_words(identity)]
    concerns = [reference("REFR", "Condition", one["id"]) for each in goal.get("addresses", []) if (one := package.at(each)).get("id") and one["resourceType"] == "Condition"]
    status = node("statusCode", code=_GOAL_STATUSES.get(goal.get("lifecycleStatus", ""), "active"))
    return statement("observation", "GOL", identity, head, status, interval("effectiveTime", goal.get("startDate"), target.get("dueDate")), concerns)


def _in_words(identity: str) -> Node:
    return coded("code", {"text": identity}, f"{identity}-what")


def told_concern(condition: Resource, identity: str, package: Package) -> Line:
    """A problem as a health concern."""
    told = problem.line(condition, identity, package)
    over = first_code(condition.get("clinicalStatus")) in ("inactive", "resolved")
    own = node("id", root=oid.part(condition.get("id", ""), "concern"))
    head = [entry_template("132", "2022-06-01"), own, code("code", "75310-3", oid.LOINC)]
    since = condition.get("recordedDate")
    status = node("statusCode", code="completed" if over else "active")
    act = statement(
        "act", "EVN", identity, head, status, moment("effectiveTime", since) if since else null("effectiveTime"), related("REFR", problem.observation(condition, identity, package))
    )
    return Line(identity, told.cells, (act,))
