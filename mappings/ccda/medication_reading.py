"""Medication Activity -> MedicationRequest where somebody ordered it, MedicationStatement where it is said to be taken: the way in."""

from __future__ import annotations

from typing import Any

from mappings.ccda import reading
from mappings.ccda.medication import SIG, UNITS
from mappings.ccda.words import Words
from mappings.ccda.xml import Node, attribute, child, children, roots
from mappings.element import pruned

_STATUSES = {
    "active": "active",
    "suspended": "on-hold",
    "held": "on-hold",
    "completed": "completed",
    "aborted": "stopped",
    "cancelled": "stopped",
    "nullified": "entered-in-error",
}
_WHEN = frozenset(["HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV"])
"""HL7's timing events that FHIR's `when` knows (https://hl7.org/fhir/R4/valueset-event-timing.html)."""
PLANNED = "2.16.840.1.113883.10.20.22.4.42"
_INTENTS = {"RQO": "order", "PRP": "proposal"}
"""What the mood of a planned activity says of it; any other is a plan."""
INDICATION = "2.16.840.1.113883.10.20.22.4.19"
INSTRUCTIONS = ("2.16.840.1.113883.10.20.22.4.20", "2.16.840.1.113883.10.20.22.4.515")


def medications(activity: Node, told: Words, author: str | None) -> list[dict[str, Any]]:
    """The medication of an activity; none of one that is denied without naming a drug: no medication is known.

    `author`: who wrote the document, and so what in it names no other author.
    """
    what, denied = _what(activity, told), attribute(activity, "negationInd") == "true"
    if denied and reading.names_nothing(what):
        return []
    taken = attribute(activity, "moodCode") in ("EVN", None)
    by = _who(activity, *(("author", "assignedAuthor"),) if taken else _PRESCRIBERS) or author
    common = {
        "identifier": reading.identifiers(activity),
        "status": _STATUSES.get(attribute(child(activity, "statusCode"), "code") or "", "unknown"),
        "medicationCodeableConcept": what or {"text": told.of(child(activity, "text")) or "Not stated"},
        "reasonCode": [found for each in _inside(activity, INDICATION) if (found := reading.concept(child(each, "value"), told))],
    }
    kind = _statement if taken else _request
    return [dict(pruned(common | kind(activity, told, {"display": by} if by else None, denied=denied)))]


def _request(activity: Node, told: Words, by: dict[str, Any] | None, *, denied: bool) -> dict[str, Any]:
    """An order that the document tells of: reported, for the order itself is elsewhere."""
    return {
        "resourceType": "MedicationRequest",
        "intent": _INTENTS.get(attribute(activity, "moodCode") or "", "plan") if PLANNED in roots(activity) else "order",
        "reportedBoolean": True,
        "doNotPerform": True if denied else None,
        "authoredOn": reading.moment(child(activity, "author", "time")),
        "requester": by,
        "dosageInstruction": _dosage(activity, told, _taken(activity)),
    }


def _statement(activity: Node, told: Words, by: dict[str, Any] | None, *, denied: bool) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "effectivePeriod": _taken(activity),
        "dateAsserted": reading.moment(child(activity, "author", "time")),
        "informationSource": by,
        "dosage": _dosage(activity, told, {}),
    } | ({"status": "not-taken"} if denied else {})


_PRESCRIBERS = (("author", "assignedAuthor"), ("performer", "assignedEntity"))


def _who(activity: Node, *paths: tuple[str, str]) -> str | None:
    """Who wrote it, or who gives it; by name, for nobody here knows their records."""
    entities = [entity for path in paths if (entity := child(activity, *path)) is not None]
    found = (reading.said_name(child(entity, "assignedPerson")) or reading.said_name(child(entity, "representedOrganization")) for entity in entities)
    return next((each for each in found if each), None)


def _what(activity: Node, told: Words) -> dict[str, Any]:
    product = child(activity, "consumable", "manufacturedProduct")
    material = child(product, "manufacturedMaterial") if child(product, "manufacturedMaterial") is not None else child(product, "manufacturedLabeledDrug")
    what = reading.concept(child(material, "code"), told)
    return what or ({"text": named} if (named := reading.text(child(material, "name"))) else {})


def _times(activity: Node) -> list[Node]:
    """Every effective time, also those inside a set of them (SXPR_TS)."""
    return [each for outer in children(activity, "effectiveTime") for each in (children(outer, "comp") or [outer])]


def _taken(activity: Node) -> dict[str, Any]:
    spans = [each for each in _times(activity) if child(each, "period") is None and child(each, "event") is None]
    return next((found for each in spans if (found := reading.period(each))), {})


def _dosage(activity: Node, told: Words, bounds: dict[str, Any]) -> list[dict[str, Any]]:
    """One Dosage; empty where nothing is said about how it is taken."""
    sig = next((said for each in children(activity, "entryRelationship", "substanceAdministration") if SIG in roots(each) and (said := told.of(child(each, "text")))), None)
    instruction = next((said for each in _inside(activity, *INSTRUCTIONS) if (said := told.of(child(each, "text")))), None)
    needed = _as_needed(activity, told)
    dosage = {
        "text": sig,
        "patientInstruction": instruction,
        "timing": {"repeat": {"boundsPeriod": bounds} | _rhythm(activity)},
        "asNeededCodeableConcept": needed,
        "asNeededBoolean": True if needed == {} else None,
        "route": reading.concept(child(activity, "routeCode"), told),
        "doseAndRate": [_dose(activity)],
        "maxDosePerAdministration": reading.quantity(child(activity, "maxDoseQuantity", "numerator")) if not children(activity, "maxDoseQuantity", "denominator") else None,
    }
    kept = pruned(dosage)
    return [kept] if kept else []


def _rhythm(activity: Node) -> dict[str, Any]:
    """How often: every so many hours or days, or at an event of the day."""
    for each in _times(activity):
        period, event = child(each, "period"), attribute(child(each, "event"), "code")
        unit, value = attribute(period, "unit"), reading.number(period)
        if value is not None and value > 0 and unit in UNITS:
            return {"frequency": 1, "period": value, "periodUnit": unit}
        if event in _WHEN:
            return {"when": [event]}
    return {}


def _as_needed(activity: Node, told: Words) -> dict[str, Any] | None:
    """For what it is taken as needed; empty where that is not said, None where it is not as needed."""
    criterion = child(activity, "precondition", "criterion")
    if criterion is None:
        return None
    text = told.of(child(criterion, "text"))
    return reading.concept(child(criterion, "value"), told) or ({"text": text} if text else {})


def _dose(activity: Node) -> dict[str, Any]:
    written = child(activity, "doseQuantity")
    form = attribute(child(activity, "administrationUnitCode"), "displayName") or attribute(child(activity, "administrationUnitCode"), "code")
    ends = {name: found for name in ("low", "high") if (found := reading.quantity(child(written, name), form))}
    if len(ends) == 2 and ends["low"]["value"] > ends["high"]["value"]:
        ends = {}
    rate = reading.quantity(child(activity, "rateQuantity"))
    return {"doseQuantity": reading.quantity(written, form), "doseRange": ends, "rateQuantity": rate}


def _inside(activity: Node, *templates: str) -> list[Node]:
    found = [*children(activity, "entryRelationship", "observation"), *children(activity, "entryRelationship", "act")]
    return [each for each in found if roots(each) & set(templates)]
