"""Observations of scores and risk levels -> Assessment Scale Observations, in Mental Status and as Outcomes (C-CDA 2024-05-01)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mappings.ccda.package import Package, Resource
from mappings.ccda.people import entry_author
from mappings.ccda.section import Form, Line, entry_template, first_code, observed, related, when, words
from mappings.ccda.value import coded, instance, instances, moment, unit_of
from mappings.ccda.xml import Node, node
from mappings.instruments import RISK_LEVEL

_HEADINGS = ("Measure", "Result", "Meaning", "Date")
FORM = Form("10190-7", "Mental Status", "2.16.840.1.113883.10.20.22.2.56", "2015-08-01", _HEADINGS, "This document has no information about mental status.")
OUTCOMES = Form("11383-7", "Health Status Evaluations and Outcomes", "2.16.840.1.113883.10.20.22.2.61", None, _HEADINGS, "This document has no information about outcomes.")
_SCORE = "{score}"
_FINAL = ("final", "amended", "corrected")
_WHOLE = 2**31
"""Scores below it fit every reader's integer."""


def scores(package: Package) -> list[Resource]:
    """Every final observation that says something, the newest first; a panel, which has no value of its own, says nothing."""
    told = [one for one in package.of("Observation") if one.get("status") in _FINAL and _said(one) is not None]
    return sorted(told, key=lambda one: _taken(one) or "", reverse=True)


def line(observation: Resource, identity: str, package: Package) -> Line:
    """A score as it is told, and its observation."""
    return Line(identity, _cells(observation), (_scale(observation, identity, package),))


def outcome(observation: Resource, identity: str, package: Package) -> Line:
    """A score that evaluates a goal."""
    return Line(identity, _cells(observation), (_outcome(observation, identity, package),))


def sums_up(observation: Resource) -> bool:
    """Whether it is a score or the level of suicide risk (https://loinc.org/93374-7), and not an answer to one question."""
    return "valueQuantity" in observation or first_code(observation.get("code")) == RISK_LEVEL


def told(observation: Resource) -> str:
    """A score in a line."""
    meaning = _meaning(observation)
    return f"{words(observation.get('code'))}: {_said(observation)}{f', {meaning}' if meaning else ''} ({when(_taken(observation)) or 'date unknown'})"


def goals_of(observation: Resource, package: Package) -> list[Resource]:
    """The goals that are measured by the same code."""
    own = {coding.get("code") for coding in observation.get("code", {}).get("coding", [])}
    return [goal for goal in package.of("Goal") if own & {coding.get("code") for target in goal.get("target", []) for coding in target.get("measure", {}).get("coding", [])}]


def _cells(observation: Resource) -> tuple[tuple[str, str | None], ...]:
    return (("what", words(observation.get("code"))), ("result", _said(observation)), ("meaning", _meaning(observation)), ("date", when(_taken(observation))))


def _meaning(observation: Resource) -> str:
    return ", ".join(words(each) for each in observation.get("interpretation", []))


def _taken(observation: Resource) -> str | None:
    taken: str | None = observation.get("effectiveDateTime") or observation.get("effectiveInstant") or observation.get("effectivePeriod", {}).get("start")
    return taken


def _counted(observation: Resource) -> dict[str, Any]:
    """The value as a Quantity, a whole number being a score; empty where it is none."""
    whole = {"value": observation["valueInteger"], "unit": _SCORE} if "valueInteger" in observation else {}
    quantity: dict[str, Any] = observation.get("valueQuantity") or whole
    return quantity if "value" in quantity else {}


def _digits(quantity: dict[str, Any]) -> str:
    """The number as person and machine both read it: a score that is whole without a point."""
    value = Decimal(str(quantity["value"]))
    return str(int(value)) if unit_of(quantity) == _SCORE and value == int(value) else format(value, "f")


def _said(observation: Resource) -> str | None:
    """The value in words; None where there is none."""
    if quantity := _counted(observation):
        unit = str(quantity.get("unit", ""))
        return f"{_digits(quantity)}{'' if unit.startswith('{') or not unit else f' {unit}'}"
    if "valueCodeableConcept" in observation:
        return words(observation["valueCodeableConcept"])
    return observation.get("valueString")


def _scale(observation: Resource, identity: str, package: Package) -> Node:
    head = [entry_template("69", "2022-06-01"), *instances(observation), _code(observation, identity)]
    meaning = observation.get("interpretation", [])[:1]
    return observed(
        identity,
        head,
        moment("effectiveTime", _taken(observation)),
        _value(observation, identity),
        [coded("interpretationCode", each, f"{identity}-meaning") for each in meaning],
        _author(observation, package),
    )


def _code(observation: Resource, identity: str) -> Node:
    return coded("code", observation.get("code"), f"{identity}-what" if observation.get("code", {}).get("text") else None)


def _value(observation: Resource, identity: str) -> Node:
    """A score as a whole number, another quantity with its unit, an answer by its code."""
    if quantity := _counted(observation):
        digits, unit = _digits(quantity), unit_of(quantity)
        is_whole = unit == _SCORE and digits.lstrip("-").isdecimal() and abs(int(digits)) < _WHOLE
        return node("value", value=digits, xsi_type="INT") if is_whole else node("value", value=digits, unit=unit or "1", xsi_type="PQ")
    if "valueCodeableConcept" in observation:
        answer = observation["valueCodeableConcept"]
        return coded("value", answer, f"{identity}-result" if answer.get("text") else None, xsi_type="CD")
    return node("value", text=observation.get("valueString", ""), xsi_type="ST")


def _author(observation: Resource, package: Package) -> Node | None:
    return entry_author(package, next(iter(observation.get("performer", [])), None), _taken(observation))


def _outcome(observation: Resource, identity: str, package: Package) -> Node:
    head = [entry_template("144"), *instances(observation), _code(observation, identity)]
    taken = moment("effectiveTime", _taken(observation))
    evaluated = [reference("GEVL", "Goal", goal["id"]) for goal in goals_of(observation, package) if goal.get("id")]
    return observed(identity, head, taken, _value(observation, identity), _author(observation, package), evaluated)


def reference(type_code: str, resource_type: str, resource_id: str) -> Node:
    """An entry that stands elsewhere in the document, by its id."""
    elsewhere = node(
        "act", entry_template("122"), instance(resource_type, resource_id), node("code", nullFlavor="NP"), node("statusCode", code="completed"), classCode="ACT", moodCode="EVN"
    )
    return related(type_code, elsewhere)
