"""Condition <-> Problem Concern Act with its Problem Observation (C-CDA 2024-05-01)."""

from __future__ import annotations

from typing import Any

from mappings import codes
from mappings.ccda import oid, reading
from mappings.ccda.package import Package, Resource
from mappings.ccda.people import entry_author
from mappings.ccda.section import Form, Line, entry_template, first_code, observed, related, statement, words
from mappings.ccda.value import code, coded, instances, interval
from mappings.ccda.words import Words
from mappings.ccda.xml import Node, attribute, child, children, node, roots
from mappings.element import pruned

FORM = Form(
    "11450-4",
    "Problems",
    "2.16.840.1.113883.10.20.22.2.5.1",
    "2015-08-01",
    ("Problem", "Status", "Since", "Until", "Certainty"),
    "This document has no information about problems.",
)
CONCERN = "2.16.840.1.113883.10.20.22.4.3"
OBSERVATION = "2.16.840.1.113883.10.20.22.4.4"
STATUS = "2.16.840.1.113883.10.20.22.4.6"

STATUSES = {
    "active": "55561003",
    "recurrence": "246455001",
    "relapse": "263855007",
    "inactive": "73425007",
    "remission": "277022003",
    "resolved": "413322009",
}
"""FHIR's clinical status as SNOMED CT (C-CDA on FHIR, ConceptMap FC-ProblemStatus)."""
_STATUS_OF = {snomed: status for status, snomed in STATUSES.items()}
_OVER = ("inactive", "remission", "resolved")
"""Only of these may an end be told (https://hl7.org/fhir/R4/condition.html, con-4)."""
_CONCERN_OVER = ("inactive", "resolved")
_NO_PROBLEM = ("55607006", "64572001", "160245001")
"""Problem, Disease: denied, they say that no problem is known."""


def line(condition: Resource, identity: str, package: Package) -> Line:
    """A problem as it is told, and its concern."""
    cells = (
        ("what", words(condition.get("code"))),
        ("status", first_code(condition.get("clinicalStatus")).capitalize()),
        ("since", _onset(condition) or condition.get("onsetString")),
        ("until", _abatement(condition)),
        ("certainty", first_code(condition.get("verificationStatus")).capitalize()),
    )
    return Line(identity, cells, (_concern(condition, identity, package),))


def _onset(condition: Resource) -> str | None:
    onset: str | None = condition.get("onsetDateTime") or condition.get("onsetPeriod", {}).get("start")
    return onset


def _abatement(condition: Resource) -> str | None:
    ended = condition.get("abatementDateTime") or condition.get("abatementPeriod", {}).get("end")
    return ended if first_code(condition.get("clinicalStatus")) in _OVER else None


def _concern(condition: Resource, identity: str, package: Package) -> Node:
    over = first_code(condition.get("clinicalStatus")) in _CONCERN_OVER
    head = [entry_template("3", "2024-05-01"), node("id", root=oid.part(condition.get("id", ""), "concern")), code("code", "CONC", oid.ACT_CLASS)]
    tracked = interval("effectiveTime", condition.get("recordedDate"), _abatement(condition) if over else None, ended=over)
    status = node("statusCode", code="completed" if over else "active")
    return statement("act", "EVN", identity, head, status, tracked, related("SUBJ", observation(condition, identity, package)))


def observation(condition: Resource, identity: str, package: Package) -> Node:
    """The problem itself; its clinical status too where one is given."""
    status = first_code(condition.get("clinicalStatus"))
    told_at = f"{identity}-what" if condition.get("code", {}).get("text") else None
    head = [entry_template("4", "2024-05-01"), *instances(condition), code("code", "55607006", oid.SNOMED)]
    return observed(
        identity,
        head,
        interval("effectiveTime", _onset(condition), _abatement(condition), ended=status in _CONCERN_OVER),
        coded("value", condition.get("code"), told_at, xsi_type="CD"),
        entry_author(package, condition.get("recorder"), condition.get("recordedDate")),
        related("REFR", _status(status, identity)) if status in STATUSES else None,
        negated=first_code(condition.get("verificationStatus")) == "refuted",
    )


def _status(status: str, identity: str) -> Node:
    head = [entry_template("6", "2019-06-20"), code("code", "33999-4", oid.LOINC)]
    value = code("value", STATUSES[status], oid.SNOMED, "CD")
    return observed(f"{identity}-status", head, value)


def conditions(concern: Node, told: Words) -> list[dict[str, Any]]:
    """The Conditions of a concern, or of a Problem Observation that stands alone; none of one that says no problem is known."""
    if OBSERVATION in roots(concern):
        return _condition(concern, None, told)
    return [found for each in children(concern, "entryRelationship", "observation") if OBSERVATION in roots(each) for found in _condition(each, concern, told)]


def _condition(found: Node, concern: Node | None, told: Words) -> list[dict[str, Any]]:
    value, denied = child(found, "value"), attribute(found, "negationInd") == "true"
    what = reading.concept(value, told)
    if denied and _is_none_known(what):
        return []
    status, ended = _clinical_status(found, concern), reading.moment(child(found, "effectiveTime", "high"))
    condition = {
        "resourceType": "Condition",
        "identifier": reading.identifiers(found) or reading.identifiers(concern),
        "clinicalStatus": codes.hl7("condition-clinical", status),
        "verificationStatus": codes.hl7("condition-ver-status", "refuted") if denied else None,
        "category": [codes.hl7("condition-category", "problem-list-item")],
        "code": what or {"text": told.of(child(found, "text")) or "Not stated"},
        "onsetDateTime": reading.moment(child(found, "effectiveTime", "low")) or reading.moment(child(found, "effectiveTime")),
        "abatementDateTime": ended if status in _OVER else None,
        "recordedDate": reading.recorded(found, concern),
    }
    return [dict(pruned(condition))]


def _is_none_known(what: dict[str, Any]) -> bool:
    """Whether what is denied is having a problem at all."""
    return first_code(what) in _NO_PROBLEM or reading.names_nothing(what)


def _clinical_status(found: Node, concern: Node | None) -> str:
    """As it is said; an end that is told makes what is called active resolved, for the time is what counts there."""
    said = next((_STATUS_OF.get(attribute(child(each, "value"), "code") or "") for each in children(found, "entryRelationship", "observation") if STATUS in roots(each)), None)
    has_end = child(found, "effectiveTime", "high") is not None and reading.flavor(child(found, "effectiveTime", "high")) not in ("NA", "NI")
    if has_end and said not in _OVER:
        return "resolved"
    closed = attribute(child(concern, "statusCode"), "code") in ("completed", "aborted")
    return said or ("inactive" if closed else "active")
