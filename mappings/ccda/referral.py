"""ServiceRequest -> Reason for Referral with its Referral Act, and Assessment (C-CDA 2024-05-01)."""

from __future__ import annotations

from typing import Any

from mappings.ccda import oid, score
from mappings.ccda.package import Package, Resource
from mappings.ccda.people import Party, entry_author, wrote
from mappings.ccda.plan import note
from mappings.ccda.section import Form, Line, entry_template, observed, related, statement, when, words
from mappings.ccda.value import code, coded, instance, instances, interval, moment
from mappings.ccda.xml import Node, node

REASON = Form(
    "42349-1",
    "Reason for Referral",
    "1.3.6.1.4.1.19376.1.5.3.1.3.1",
    "2014-06-09",
    ("Asked for", "Reason", "Priority", "Requested"),
    "This document has no information about the reason for referral.",
)
ASSESSMENT = Form("51848-0", "Assessment", "2.16.840.1.113883.10.20.22.2.8", None, ("Assessment",), "This document has no information about the assessment.")

_PRIORITIES = {"routine": "R", "urgent": "UR", "asap": "A", "stat": "S"}
_STATUSES = {"draft": "new", "active": "active", "on-hold": "suspended", "revoked": "aborted", "completed": "completed"}


def request(package: Package) -> Resource:
    """The referral itself: what is asked of somebody, not what is planned."""
    return next((one for one in package.of("ServiceRequest") if one.get("intent") != "plan"), {})


def reason(asked: Resource, identity: str, package: Package, created: str) -> Line:
    """What is asked for and why; the act carries the referral's id, which an answer names."""
    cells = (
        ("what", words(asked.get("code"))),
        ("reason", "\n".join(_reasons(asked, package))),
        ("priority", str(asked.get("priority", "routine")).capitalize()),
        ("requested", when(asked.get("authoredOn"))),
    )
    return Line(identity, cells, (_act(asked, identity, package, created),))


def _reasons(asked: Resource, package: Package) -> list[str]:
    conditions = [words(one.get("code")) for one in _conditions(asked, package)]
    return list(dict.fromkeys([*(words(each) for each in asked.get("reasonCode", [])), *conditions]))


def _conditions(asked: Resource, package: Package) -> list[Resource]:
    found = [package.at(each) for each in asked.get("reasonReference", [])]
    return [one for one in found if one.get("resourceType") == "Condition" and one in package.of("Condition")]


def _act(asked: Resource, identity: str, package: Package, created: str) -> Node:
    told_at = f"{identity}-what" if asked.get("code", {}).get("text") else None
    head = [entry_template("140"), *instances(asked), coded("code", asked.get("code"), told_at)]
    requested = asked.get("authoredOn") or created
    return statement(
        "act",
        "INT",
        identity,
        head,
        node("statusCode", code=_STATUSES.get(asked.get("status", ""), "active")),
        moment("effectiveTime", requested),
        code("priorityCode", _PRIORITIES.get(asked.get("priority", ""), "R"), oid.ACT_PRIORITY),
        entry_author(package, asked.get("requester"), requested),
        [related("RSON", _indication(one)) for one in _conditions(asked, package)],
        class_code="PCPR",
    )


def _indication(condition: Resource) -> Node:
    """The problem of the problem list that is the reason, by its id."""
    head = [entry_template("19", "2023-05-01"), instance("Condition", condition["id"]), code("code", "55607006", oid.SNOMED)]
    onset: dict[str, Any] = condition.get("onsetPeriod", {})
    since = interval("effectiveTime", condition.get("onsetDateTime") or onset.get("start"))
    return observed(None, head, since, coded("value", condition.get("code"), xsi_type="CD"))


def assessment(asked: Resource, package: Package, writer: Party, created: str) -> list[Line]:
    """The practice's remarks on the referral, each a note of who asks; below them the latest scores, whose entries stand in Mental Status."""
    remarks = [one for one in asked.get("note", []) if one.get("text")]
    latest = {words(one.get("code")): one for one in reversed(score.scores(package)) if score.sums_up(one)}
    written = asked.get("authoredOn") or created
    told = [(one["text"], (note(f"assessment-{number}", written, wrote(writer, written)),)) for number, one in enumerate(remarks)]
    said: list[tuple[str, tuple[Node, ...]]] = [*told, *((score.told(one), ()) for one in latest.values())]
    return [Line(f"assessment-{number}", (("what", text),), entries) for number, (text, entries) in enumerate(said)]
