"""MedicationRequest and MedicationStatement -> Medication Activity (C-CDA 2024-05-01), the way out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from mappings.ccda import oid
from mappings.ccda.package import Package, Resource
from mappings.ccda.people import entry_author, full_name, party
from mappings.ccda.section import Form, Line, entry_template, related, statement, words
from mappings.ccda.value import code, coded, instances, interval, null, unit_of
from mappings.ccda.xml import Node, node

FORM = Form(
    "10160-0",
    "Medications",
    "2.16.840.1.113883.10.20.22.2.1.1",
    "2014-06-09",
    ("Medication", "Directions", "Status", "From", "Until", "Note"),
    "This document has no information about medications.",
)
ACTIVITY = "2.16.840.1.113883.10.20.22.4.16"
SIG = "2.16.840.1.113883.10.20.22.4.147"

STATUSES = {"active": "active", "intended": "active", "on-hold": "suspended", "completed": "completed", "stopped": "aborted", "cancelled": "aborted", "not-taken": "completed"}
"""FHIR's status as an ActStatus (C-CDA on FHIR, FC-MedicationStatus); one that is not here is said to be unknown."""
_ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
UNITS = ("s", "min", "h", "d", "wk", "mo", "a")
"""FHIR's units of time, which are UCUM's (https://hl7.org/fhir/R4/valueset-units-of-time.html)."""


def medications(package: Package) -> list[Resource]:
    """What the client takes or was prescribed, each once: a statement that is based on a request given too adds nothing."""
    requests = package.of("MedicationRequest")
    given = {f"MedicationRequest/{one.get('id')}" for one in requests}
    statements = [one for one in package.of("MedicationStatement") if not given & {each.get("reference") for each in one.get("basedOn", [])}]
    return [one for one in (*requests, *statements) if one.get("status") != "draft"]


def line(medication: Resource, identity: str, package: Package) -> Line:
    """A medication as it is told, and its activity."""
    cells = (
        ("what", words(package.concept(medication, "medication"))),
        ("directions", _directions(medication)),
        ("status", str(medication.get("status", "unknown")).capitalize()),
        ("from", _period(medication).get("start")),
        ("until", _period(medication).get("end")),
        ("note", "\n".join(_notes(medication, package))),
    )
    return Line(identity, cells, (_activity(medication, identity, package),))


def _notes(medication: Resource, package: Package) -> list[str]:
    by = full_name(party(package, medication.get("requester")).name)
    return [*([f"Prescribed by {by}"] if by else []), *(one["text"] for one in medication.get("note", []) if one.get("text"))]


def _dosages(medication: Resource) -> list[dict[str, Any]]:
    return list(medication.get("dosageInstruction") or medication.get("dosage") or [])


def _directions(medication: Resource) -> str:
    """What is taken, in the words there are; of a dose in numbers alone the numbers."""
    return "\n".join(said for one in _dosages(medication) if (said := one.get("text") or one.get("patientInstruction") or _amount(one)))


def _amount(dosage: dict[str, Any]) -> str:
    dose = _dose(dosage)
    return f"{dose['value']} {dose.get('unit') or dose.get('code') or ''}".strip() if "value" in dose else ""


def _dose(dosage: dict[str, Any]) -> dict[str, Any]:
    return dict(next((one["doseQuantity"] for one in dosage.get("doseAndRate", []) if "doseQuantity" in one), {}))


def _period(medication: Resource) -> dict[str, Any]:
    """From when to when it is taken."""
    if medication["resourceType"] == "MedicationStatement":
        return dict(medication.get("effectivePeriod") or {"start": medication.get("effectiveDateTime")})
    return dict(next((bounds for one in _dosages(medication) if (bounds := one.get("timing", {}).get("repeat", {}).get("boundsPeriod"))), {}))


def _activity(medication: Resource, identity: str, package: Package) -> Node:
    """What is said to be taken is an event; what somebody ordered, an intent."""
    only = _dosages(medication) if len(_dosages(medication)) == 1 else []
    dosage: dict[str, Any] = next(iter(only), {})
    mood = "INT" if medication.get("intent") in _ORDERS else "EVN"
    status = STATUSES.get(medication.get("status", ""))
    period = _period(medication)
    route = dosage.get("route")
    return statement(
        "substanceAdministration",
        mood,
        identity,
        [entry_template("16", "2014-06-09"), *instances(medication)],
        node("statusCode", code=status) if status else null("statusCode"),
        interval("effectiveTime", period.get("start"), period.get("end"), xsi_type="IVL_TS"),
        _rhythm(dosage.get("timing", {}).get("repeat", {})),
        coded("routeCode", route) if route else None,
        _dose_quantity(_dose(dosage)),
        node("consumable", _product(package.concept(medication, "medication"), identity)),
        _author(medication, mood, package),
        related("COMP", _sig(mood, identity)) if any(one.get("text") or one.get("patientInstruction") for one in _dosages(medication)) else None,
        negated=medication.get("doNotPerform") is True or medication.get("status") == "not-taken",
    )


def _author(medication: Resource, mood: str, package: Package) -> Node | None:
    """Of an order who ordered it; of what is said to be taken who wrote that down."""
    by = medication.get("requester") if mood == "INT" else medication.get("recorder") or medication.get("informationSource")
    return entry_author(package, by, medication.get("authoredOn") or medication.get("dateAsserted"))


def _rhythm(repeat: dict[str, Any]) -> Node | None:
    """How often, where it comes out even; the words say the rest."""
    frequency, period, unit = repeat.get("frequency", 1), repeat.get("period"), repeat.get("periodUnit")
    if not period or unit not in UNITS:
        return None
    every = Fraction(str(period)) / frequency
    if every.denominator != 1 and unit == "d":
        every, unit = every * 24, "h"
    if every.denominator != 1:
        return None
    return node("effectiveTime", node("period", value=str(every.numerator), unit=unit), xsi_type="PIVL_TS", operator="A", institutionSpecified="true" if frequency > 1 else None)


def _dose_quantity(dose: dict[str, Any]) -> Node:
    if "value" not in dose:
        return null("doseQuantity")
    return node("doseQuantity", value=format(Decimal(str(dose["value"])), "f"), unit=unit_of(dose))


def _product(concept: dict[str, Any], identity: str) -> Node:
    told_at = f"{identity}-what" if concept.get("text") else None
    material = node("manufacturedMaterial", coded("code", concept, told_at, only=oid.RXNORM))
    return node("manufacturedProduct", entry_template("23", "2014-06-09"), material, classCode="MANU")


def _sig(mood: str, identity: str) -> Node:
    """The directions in the words of whoever wrote them."""
    no_drug = node("consumable", node("manufacturedProduct", node("manufacturedLabeledDrug", nullFlavor="NA")))
    return statement("substanceAdministration", mood, f"{identity}-directions", [entry_template("147"), code("code", "76662-6", oid.LOINC)], no_drug)
