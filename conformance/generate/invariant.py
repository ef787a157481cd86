"""R4's invariants that one object can answer for itself, as a table; each becomes a rule of the generated schema.

A condition is an element's name (it is there), or a tuple: ("not", c), ("any", c, ...), ("all", c, ...), ("is", element, value, ...),
("least" or "most", element, number), ("many", element, count), ("coded", element, system, code, ...), ("each", element, c), ("then", if, then).
Elements are named without [x]. Rules that look at dates, several objects or the whole resource are in gateway/fhir/rules.py.
Keys and meaning: the pages of each type, https://hl7.org/fhir/R4/<type>.html; errors only, no warnings. The sentences are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Condition = Any
Names = dict[str, tuple[list[str], list[str]]]
"""For each element its JSON properties, and those for the extensions of a primitive."""


class Invariant(NamedTuple):
    key: str
    condition: Condition
    sentence: str


_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_UCUM = "http://unitsofmeasure.org"


def _unless(one: Condition, other: Condition) -> Condition:
    """Not both."""
    return ("not", ("all", one, other))


def _quantity(key: str) -> list[Invariant]:
    """What Age, Count, Distance, Duration and SimpleQuantity share with Quantity."""
    return [Invariant("qty-3", ("then", "code", "system"), "has a unit code and so needs the unit's system"), *_MEASURES.get(key, [])]


_NEEDS_CODE = ("then", "value", "code")
_IN_UCUM = ("then", "system", ("is", "system", _UCUM))
_MEASURES: dict[str, list[Invariant]] = {
    "Age": [Invariant("age-1", ("all", _NEEDS_CODE, _IN_UCUM, ("then", "value", ("not", ("most", "value", 0)))), "needs a UCUM code of time with its value, which is above 0")],
    "Count": [Invariant("cnt-3", ("all", _NEEDS_CODE, _IN_UCUM, ("then", "code", ("is", "code", "1"))), 'needs the UCUM code "1" with its value')],
    "Distance": [Invariant("dis-1", ("all", _NEEDS_CODE, _IN_UCUM), "needs a UCUM code of length with its value")],
    "Duration": [Invariant("drt-1", ("then", "code", ("all", ("is", "system", _UCUM), "value")), "has a code of time and so needs a value and the system UCUM")],
}

_DISPLAY = ("is", "type", "display")

INVARIANTS: dict[str, list[Invariant]] = {
    "Extension": [Invariant("ext-1", ("any", ("all", "extension", ("not", "value")), ("all", "value", ("not", "extension"))), "needs either a value or extensions, not both")],
    **{name: _quantity(name) for name in ("Quantity", "SimpleQuantity", "MoneyQuantity", "Age", "Count", "Distance", "Duration")},
    "Attachment": [Invariant("att-1", ("then", "data", "contentType"), "has data and so needs its contentType")],
    "ContactPoint": [Invariant("cpt-2", ("then", "value", "system"), "has a value and so needs a system (phone, email, ...)")],
    "DataRequirement.codeFilter": [
        Invariant("drq-1", ("any", ("all", "path", ("not", "searchParam")), ("all", "searchParam", ("not", "path"))), "needs path or searchParam, not both")
    ],
    "DataRequirement.dateFilter": [
        Invariant("drq-2", ("any", ("all", "path", ("not", "searchParam")), ("all", "searchParam", ("not", "path"))), "needs path or searchParam, not both")
    ],
    "Expression": [Invariant("exp-1", ("any", "expression", "reference"), "needs an expression or a reference")],
    "Ratio": [
        Invariant(
            "rat-1",
            ("any", ("all", "numerator", "denominator"), ("all", "extension", ("not", ("any", "numerator", "denominator")))),
            "needs both numerator and denominator, or neither and an extension",
        )
    ],
    "TriggerDefinition": [
        Invariant("trd-1", _unless("data", "timing"), "has either a timing or a data requirement, not both"),
        Invariant("trd-2", ("then", "condition", "data"), "has a condition only with a data requirement"),
    ],
    "Timing.repeat": [
        Invariant("tim-1", ("then", "duration", "durationUnit"), "has a duration and so needs its durationUnit"),
        Invariant("tim-2", ("then", "period", "periodUnit"), "has a period and so needs its periodUnit"),
        Invariant("tim-4", ("least", "duration", 0), "has a duration that is below 0"),
        Invariant("tim-5", ("least", "period", 0), "has a period that is below 0"),
        Invariant("tim-6", ("then", "periodMax", "period"), "has a periodMax and so needs a period"),
        Invariant("tim-7", ("then", "durationMax", "duration"), "has a durationMax and so needs a duration"),
        Invariant("tim-8", ("then", "countMax", "count"), "has a countMax and so needs a count"),
        Invariant(
            "tim-9", ("then", "offset", ("all", "when", ("each", "when", ("not", ("value", "C", "CM", "CD", "CV"))))), "has an offset and so needs a when other than a meal itself"
        ),
        Invariant("tim-10", _unless("timeOfDay", "when"), "has either timeOfDay or when, not both"),
    ],
    "AllergyIntolerance": [
        Invariant(
            "ait-1",
            ("any", "clinicalStatus", ("coded", "verificationStatus", _TERMINOLOGY + "allergyintolerance-verification", "entered-in-error")),
            "needs a clinicalStatus unless it was entered in error",
        ),
        Invariant(
            "ait-2",
            _unless("clinicalStatus", ("coded", "verificationStatus", _TERMINOLOGY + "allergyintolerance-verification", "entered-in-error")),
            "was entered in error and so has no clinicalStatus",
        ),
    ],
    "Appointment": [
        Invariant("app-2", ("any", ("all", "start", "end"), ("not", ("any", "start", "end"))), "needs both start and end, or neither"),
        Invariant(
            "app-3", ("any", ("all", "start", "end"), ("is", "status", "proposed", "cancelled", "waitlist")), "needs start and end unless it is proposed, cancelled or waitlisted"
        ),
        Invariant("app-4", ("then", "cancelationReason", ("is", "status", "noshow", "cancelled")), "has a cancelationReason only when cancelled or a no-show"),
    ],
    "Appointment.participant": [Invariant("app-1", ("any", "type", "actor"), "needs a type or an actor")],
    "AuditEvent.entity": [Invariant("sev-1", _unless("name", "query"), "has either a name or a query, not both")],
    "Bundle": [
        Invariant("bdl-1", ("then", "total", ("is", "type", "searchset", "history")), "has a total only as a searchset or history"),
        Invariant("bdl-10", ("then", ("is", "type", "document"), "timestamp"), "is a document and so needs a timestamp"),
    ],
    "Bundle.entry": [Invariant("bdl-5", ("any", "resource", "request", "response"), "needs a resource unless it has a request or a response")],
    "CarePlan.activity": [Invariant("cpl-3", _unless("detail", "reference"), "has either a detail or a reference, not both")],
    "Composition.section": [
        Invariant("cmp-1", ("any", "text", "entry", "section"), "needs text, entries or sections"),
        Invariant("cmp-2", _unless("emptyReason", "entry"), "has an emptyReason only without entries"),
    ],
    "Condition": [
        Invariant(
            "con-4",
            ("then", "abatement", ("coded", "clinicalStatus", _TERMINOLOGY + "condition-clinical", "resolved", "remission", "inactive")),
            "has abated and so needs the clinicalStatus inactive, resolved or remission",
        ),
        Invariant(
            "con-5",
            _unless("clinicalStatus", ("coded", "verificationStatus", _TERMINOLOGY + "condition-ver-status", "entered-in-error")),
            "was entered in error and so has no clinicalStatus",
        ),
    ],
    "Condition.stage": [Invariant("con-1", ("any", "summary", "assessment"), "needs a summary or an assessment")],
    "Condition.evidence": [Invariant("con-2", ("any", "code", "detail"), "needs a code or a detail")],
    "Consent": [Invariant("ppc-1", ("any", "policy", "policyRule"), "needs a policy or a policyRule")],
    "FamilyMemberHistory": [
        Invariant("fhs-1", _unless("age", "born"), "has either an age or a birth, not both"),
        Invariant("fhs-2", ("then", "estimatedAge", "age"), "has estimatedAge and so needs an age"),
    ],
    "Goal.target": [Invariant("gol-1", ("then", "detail", "measure"), "has a detail and so needs a measure")],
    "Group": [Invariant("grp-1", ("then", "member", ("is", "actual", True)), "has members only as an actual group")],
    "Immunization.education": [Invariant("imm-1", ("any", "documentType", "reference"), "needs a documentType or a reference")],
    "List": [
        Invariant("lst-1", _unless("emptyReason", "entry"), "has an emptyReason only without entries"),
        Invariant("lst-2", ("any", ("is", "mode", "changes"), ("each", "entry", ("not", ("key", "deleted")))), "marks entries deleted only in the mode changes"),
        Invariant("lst-3", ("any", ("is", "mode", "working"), ("each", "entry", ("not", ("key", "date")))), "dates its entries only in the mode working"),
    ],
    "Observation": [Invariant("obs-6", _unless("dataAbsentReason", "value"), "has either a value or a dataAbsentReason, not both")],
    "Observation.referenceRange": [Invariant("obs-3", ("any", "low", "high", "text"), "needs a low, a high or a text")],
    "Organization": [
        Invariant("org-1", ("any", "name", "identifier"), "needs a name or an identifier"),
        Invariant("org-2", ("each", "address", ("not", ("is", "use", "home"))), "has no address for use at home"),
        Invariant("org-3", ("each", "telecom", ("not", ("is", "use", "home"))), "has no telecom for use at home"),
    ],
    "Parameters.parameter": [
        Invariant(
            "inv-1",
            ("any", *(("all", one, ("not", ("any", *others))) for one, *others in (("part", "value", "resource"), ("value", "part", "resource"), ("resource", "part", "value")))),
            "needs exactly one of value, resource and part",
        )
    ],
    "Patient.contact": [Invariant("pat-1", ("any", "name", "telecom", "address", "organization"), "needs a name, telecom, address or organization")],
    "Questionnaire.item": [
        Invariant("que-1", ("all", ("then", ("is", "type", "group"), "item"), ("then", _DISPLAY, ("not", "item"))), "needs items as a group, and has none as a display"),
        Invariant("que-3", _unless(_DISPLAY, "code"), "has no code as a display"),
        Invariant("que-4", _unless("answerOption", "answerValueSet"), "has either answerOption or answerValueSet, not both"),
        Invariant("que-6", _unless(_DISPLAY, ("any", "required", "repeats")), "is neither required nor repeated as a display"),
        Invariant("que-8", _unless(("is", "type", "group", "display"), "initial"), "has no initial value as a group or display"),
        Invariant("que-9", _unless(_DISPLAY, "readOnly"), "is not read-only as a display"),
        Invariant("que-11", _unless("answerOption", "initial"), "has either answerOption or initial, not both"),
        Invariant("que-13", ("any", ("is", "repeats", True), ("not", ("many", "initial", 2))), "has several initial values only when it repeats"),
    ],
    "Questionnaire.item.enableWhen": [
        Invariant("que-7", ("then", ("is", "operator", "exists"), ("key", "answerBoolean")), "asks whether an answer exists and so needs answerBoolean")
    ],
    "QuestionnaireResponse.item": [Invariant("qrs-1", _unless("answer", "item"), "has items under itself or under its answer, not both")],
    "RiskAssessment.prediction": [Invariant("ras-2", ("most", "probability", 100), "has a probability above 100")],
    "ServiceRequest": [Invariant("prr-1", ("then", "orderDetail", "code"), "has an orderDetail and so needs a code")],
}


def compiled(invariant: Invariant, names: Names) -> dict[str, Any]:
    """The invariant as a subschema whose only keyword is anyOf, so that its error stands on the object itself."""
    return {"title": invariant.key, "description": f"{invariant.sentence}.", "anyOf": [_compile(invariant.condition, names)]}


def _compile(condition: Condition, names: Names) -> dict[str, Any]:
    if isinstance(condition, str):
        return {"anyOf": [{"required": [key]} for keys in names[condition] for key in keys]}
    kind, *rest = condition
    return _COMBINED[kind](rest, names) if kind in _COMBINED else _LEAVES[kind](*rest)


def _coded(element: str, system: str, *codes: str) -> dict[str, Any]:
    one = {"required": ["system", "code"], "properties": {"system": {"const": system}, "code": {"enum": list(codes)}}}
    return {"required": [element], "properties": {element: {"required": ["coding"], "properties": {"coding": {"contains": one}}}}}


_COMBINED: dict[str, Callable[[list[Any], Names], dict[str, Any]]] = {
    "not": lambda rest, names: {"not": _compile(rest[0], names)},
    "any": lambda rest, names: {"anyOf": [_compile(c, names) for c in rest]},
    "all": lambda rest, names: {"allOf": [_compile(c, names) for c in rest]},
    "then": lambda rest, names: {"anyOf": [{"not": _compile(rest[0], names)}, _compile(rest[1], names)]},
    "each": lambda rest, names: {"properties": {rest[0]: {"items": _compile(rest[1], names)}}},
    "most": lambda rest, names: {"properties": {key: {"maximum": rest[1]} for key in names[rest[0]][0]}},
    "least": lambda rest, names: {"properties": {key: {"minimum": rest[1]} for key in names[rest[0]][0]}},
}

_LEAVES: dict[str, Callable[..., dict[str, Any]]] = {
    "is": lambda element, *values: {"required": [element], "properties": {element: {"enum": list(values)}}},
    "value": lambda *values: {"enum": list(values)},
    "key": lambda key: {"required": [key]},
    "many": lambda element, count: {"required": [element], "properties": {element: {"minItems": count}}},
    "coded": _coded,
}
