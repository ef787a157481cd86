"""AllergyIntolerance <-> Allergy Concern Act with its Allergy - Intolerance Observation (C-CDA 2024-05-01)."""

from __future__ import annotations

from typing import Any

from mappings import codes
from mappings.ccda import oid, reading
from mappings.ccda.package import Package, Resource
from mappings.ccda.people import entry_author
from mappings.ccda.section import Cell, Form, Line, entry_template, first_code, observed, related, statement, words
from mappings.ccda.value import code, coded, instances, interval
from mappings.ccda.words import Words
from mappings.ccda.xml import Node, attribute, child, children, node, roots, template
from mappings.element import note, pruned

FORM = Form(
    "48765-2",
    "Allergies and Intolerances",
    "2.16.840.1.113883.10.20.22.2.6.1",
    "2015-08-01",
    ("Substance", "Reaction", "Severity", "Status", "Since", "Certainty"),
    "This document has no information about allergies and intolerances.",
)
CONCERN = "2.16.840.1.113883.10.20.22.4.30"
OBSERVATION = "2.16.840.1.113883.10.20.22.4.7"
STATUS = "2.16.840.1.113883.10.20.22.4.28"
REACTION = "2.16.840.1.113883.10.20.22.4.9"
SEVERITY = "2.16.840.1.113883.10.20.22.4.8"
CRITICALITY = "2.16.840.1.113883.10.20.22.4.145"
_PARENT = ("2.16.840.1.113883.10.20.24.3.90", "2014-06-09")

KINDS = {
    ("allergy", "food"): "414285001",
    ("allergy", "medication"): "416098002",
    ("allergy", None): "419199007",
    ("intolerance", "food"): "235719002",
    ("intolerance", "medication"): "59037007",
    ("intolerance", None): "782197009",
    (None, "food"): "418471000",
    (None, "medication"): "419511003",
    (None, None): "418038007",
}
"""FHIR's type and category as one SNOMED CT code (C-CDA on FHIR, FC-AllergyIntoleranceType and -Category); a category not here counts as none."""
_KIND_OF = {snomed: kind for kind, snomed in KINDS.items()}
STATUSES = {"active": "55561003", "inactive": "73425007", "resolved": "413322009"}
_STATUS_OF = {snomed: status for status, snomed in STATUSES.items()}
SEVERITIES = {"mild": "255604002", "moderate": "6736007", "severe": "24484000"}
_SEVERITY_OF = {snomed: severity for severity, snomed in SEVERITIES.items()}
CRITICALITIES = {"high": "CRITH", "low": "CRITL", "unable-to-assess": "CRITU"}
_CRITICALITY_OF = {hl7: criticality for criticality, hl7 in CRITICALITIES.items()}
NONE_KNOWN = {"716186003": "419199007", "409137002": "416098002", "429625007": "414285001"}
"""No known allergy, drug allergy, food allergy: in CDA the allergy, denied (C-CDA on FHIR, CF-NoKnownAllergies)."""
_NONE_KNOWN_OF = {denied: known for known, denied in NONE_KNOWN.items()}


def line(allergy: Resource, identity: str, package: Package) -> Line:
    """An allergy as it is told, and its concern."""
    shown = _shown(allergy)
    cells: tuple[Cell, ...] = (
        ("what", words(allergy.get("code"))),
        ("reaction", [words(manifestation) for manifestation, _ in shown]),
        ("severity", [str(reaction.get("severity", "")) for _, reaction in shown]),
        ("status", first_code(allergy.get("clinicalStatus")).capitalize()),
        ("since", _onset(allergy)),
        ("certainty", first_code(allergy.get("verificationStatus")).capitalize()),
    )
    return Line(identity, cells, (_concern(allergy, identity, package),))


def _shown(allergy: Resource) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each manifestation with its reaction: CDA tells one at a time."""
    return [(manifestation, reaction) for reaction in allergy.get("reaction", []) for manifestation in reaction.get("manifestation", [])]


def _onset(allergy: Resource) -> str | None:
    onset: str | None = allergy.get("onsetDateTime") or allergy.get("onsetPeriod", {}).get("start")
    return onset


def _concern(allergy: Resource, identity: str, package: Package) -> Node:
    over = first_code(allergy.get("clinicalStatus")) in ("inactive", "resolved")
    head = [entry_template("30", "2015-08-01"), node("id", root=oid.part(allergy.get("id", ""), "concern")), code("code", "CONC", oid.ACT_CLASS)]
    status = node("statusCode", code="completed" if over else "active")
    tracked = interval("effectiveTime", allergy.get("recordedDate"), ended=over)
    return statement("act", "EVN", identity, head, status, tracked, related("SUBJ", _observation(allergy, identity, package)))


def _observation(allergy: Resource, identity: str, package: Package) -> Node:
    status, none_known = first_code(allergy.get("clinicalStatus")), NONE_KNOWN.get(first_code(allergy.get("code")))
    kind = none_known or _kind(allergy)
    head = [template(*_PARENT), entry_template("7", "2014-06-09"), *instances(allergy), code("code", "ASSERTION", oid.ACT_CODE)]
    return observed(
        identity,
        head,
        interval("effectiveTime", _onset(allergy), ended=status == "resolved"),
        code("value", kind, oid.SNOMED, "CD"),
        entry_author(package, allergy.get("recorder"), allergy.get("recordedDate")),
        _substance(allergy, identity, denied=none_known is not None),
        related("SUBJ", _status(status, identity), inverted=True) if status in STATUSES else None,
        [related("MFST", _reaction(allergy, identity, number), inverted=True) for number in range(len(_shown(allergy)))],
        related("SUBJ", _criticality(allergy["criticality"]), inverted=True) if allergy.get("criticality") in CRITICALITIES else None,
        negated=none_known is not None or first_code(allergy.get("verificationStatus")) == "refuted",
    )


def _kind(allergy: Resource) -> str:
    kind, category = allergy.get("type"), next(iter(allergy.get("category", [])), None)
    return KINDS.get((kind, category)) or KINDS[(kind, None)]


def _substance(allergy: Resource, identity: str, *, denied: bool) -> Node:
    told_at = f"{identity}-what" if allergy.get("code", {}).get("text") else None
    concept = {"text": allergy.get("code", {}).get("text")} if denied else allergy.get("code")
    what = node("playingEntity", coded("code", concept, told_at), classCode="MMAT")
    return node("participant", node("participantRole", what, classCode="MANU"), typeCode="CSM")


def _status(status: str, identity: str) -> Node:
    head = [entry_template("28", "2019-06-20"), code("code", "33999-4", oid.LOINC)]
    return observed(f"{identity}-status", head, code("value", STATUSES[status], oid.SNOMED, "CE"))


def _reaction(allergy: Resource, identity: str, number: int) -> Node:
    manifestation, reaction = _shown(allergy)[number]
    told_at, severity = f"{identity}-reaction-{number}", reaction.get("severity")
    own = node("id", root=oid.part(allergy.get("id", ""), f"reaction-{number}"))
    head = [entry_template("9", "2014-06-09"), own, code("code", "ASSERTION", oid.ACT_CODE)]
    shown = coded("value", manifestation, told_at if manifestation.get("text") else None, xsi_type="CD")
    graded = related("SUBJ", _severity(severity, f"{identity}-severity-{number}"), inverted=True) if severity in SEVERITIES else None
    since = interval("effectiveTime", reaction["onset"]) if reaction.get("onset") else None
    return observed(told_at, head, since, shown, graded)


def _severity(severity: str, told_at: str) -> Node:
    head = [entry_template("8", "2014-06-09"), code("code", "SEV", oid.ACT_CODE)]
    return observed(told_at, head, code("value", SEVERITIES[severity], oid.SNOMED, "CD"))


def _criticality(criticality: str) -> Node:
    head = [entry_template("145"), code("code", "82606-5", oid.LOINC)]
    return observed(None, head, code("value", CRITICALITIES[criticality], oid.CRITICALITY, "CD"))


def allergies(concern: Node, told: Words) -> list[dict[str, Any]]:
    """The AllergyIntolerances of a concern, or of an Allergy - Intolerance Observation that stands alone."""
    if OBSERVATION in roots(concern):
        return [_allergy(concern, None, told)]
    return [_allergy(each, concern, told) for each in children(concern, "entryRelationship", "observation") if OBSERVATION in roots(each)]


def _allergy(found: Node, concern: Node | None, told: Words) -> dict[str, Any]:
    kind, category = _KIND_OF.get(attribute(child(found, "value"), "code") or "", (None, None))
    what, denied = _what(found, told), attribute(found, "negationInd") == "true"
    nothing_known = denied and reading.names_nothing(what)
    reactions = [_read_reaction(each, told) for each in _inside(found, REACTION)]
    severity, remark = _own_severity(found, concern, told)
    if severity and len(reactions) == 1 and "severity" not in reactions[0]:
        reactions, remark = [reactions[0] | {"severity": severity}], None
    allergy = {
        "resourceType": "AllergyIntolerance",
        "identifier": reading.identifiers(found) or reading.identifiers(concern),
        "clinicalStatus": codes.hl7("allergyintolerance-clinical", _clinical_status(found, concern)),
        "verificationStatus": codes.hl7("allergyintolerance-verification", "refuted") if denied and not nothing_known else None,
        "type": None if nothing_known else kind,
        "category": [category] if category and not nothing_known else [],
        "criticality": next((_CRITICALITY_OF.get(attribute(child(each, "value"), "code") or "") for each in _inside(found, CRITICALITY)), None),
        "code": _none_known(found, what) if nothing_known else what or {"text": told.of(child(found, "text")) or "Not stated"},
        "onsetDateTime": reading.moment(child(found, "effectiveTime", "low")) or reading.moment(child(found, "effectiveTime")),
        "recordedDate": reading.recorded(found, concern),
        "note": [note(remark, "Severity")],
        "reaction": reactions,
    }
    return dict(pruned(allergy))


def _what(found: Node, told: Words) -> dict[str, Any]:
    playing = next((each for part in children(found, "participant") if attribute(part, "typeCode") == "CSM" for each in children(part, "participantRole", "playingEntity")), None)
    what = reading.concept(child(playing, "code"), told)
    return what or ({"text": named} if (named := reading.text(child(playing, "name"))) else {})


def _none_known(found: Node, what: dict[str, Any]) -> dict[str, Any]:
    known = _NONE_KNOWN_OF.get(attribute(child(found, "value"), "code") or "", "716186003")
    return {"coding": [codes.coding(codes.SNOMED, known)], "text": what.get("text") or "No known allergies"}


def _inside(found: Node | None, root: str) -> list[Node]:
    return [each for each in children(found, "entryRelationship", "observation") if root in roots(each)]


def _clinical_status(found: Node, concern: Node | None) -> str:
    said = next((_STATUS_OF.get(attribute(child(each, "value"), "code") or "") for each in _inside(found, STATUS)), None)
    if said:
        return said
    if child(found, "effectiveTime", "high") is not None:
        return "resolved"
    return "inactive" if attribute(child(concern, "statusCode"), "code") in ("completed", "aborted") else "active"


def _own_severity(found: Node, concern: Node | None, told: Words) -> tuple[str | None, str | None]:
    """How severe an older document calls the allergy as a whole: FHIR's word where it has one, and the document's own."""
    graded = [*_inside(found, SEVERITY), *_inside(concern, SEVERITY)]
    value = child(graded[0], "value") if graded else None
    return _SEVERITY_OF.get(attribute(value, "code") or ""), words(reading.concept(value, told)) if graded else None


def _read_reaction(found: Node, told: Words) -> dict[str, Any]:
    """A reaction needs a manifestation; one without says that it is not described."""
    graded = next((attribute(child(each, "value"), "code") or "" for each in _inside(found, SEVERITY)), "")
    shown = reading.concept(child(found, "value"), told) or {"text": told.of(child(found, "text")) or "Not described"}
    return dict(pruned({"manifestation": [shown], "onset": reading.moment(child(found, "effectiveTime", "low")), "severity": _SEVERITY_OF.get(graded)}))
