"""A CDA document that came in, as what it says: of whom, by whom, in answer to what, and the resources it becomes.

Consultation Note, Continuity of Care Document and Referral Note, of every version of their templates. Problems, medications and
allergies become resources; every word of every section is in a DocumentReference; what no resource holds is named.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any, NamedTuple

from mappings import codes
from mappings.ccda import entries, oid, reading
from mappings.ccda.parse import BadDocument, parse
from mappings.ccda.words import Words
from mappings.ccda.xml import HL7, Node, attribute, child, children, roots
from mappings.element import pruned

_DOCUMENT = "2.16.840.1.113883.10.20.22.1."
_TAKEN = {f"{_DOCUMENT}4": "Consultation Note", f"{_DOCUMENT}2": "Continuity of Care Document", f"{_DOCUMENT}14": "Referral Note"}
_REFUSED = {
    f"{_DOCUMENT}3": "History and Physical",
    f"{_DOCUMENT}5": "Diagnostic Imaging Report",
    f"{_DOCUMENT}6": "Procedure Note",
    f"{_DOCUMENT}7": "Operative Note",
    f"{_DOCUMENT}8": "Discharge Summary",
    f"{_DOCUMENT}9": "Progress Note",
    f"{_DOCUMENT}10": "Unstructured Document",
    f"{_DOCUMENT}13": "Transfer Summary",
    f"{_DOCUMENT}15": "Care Plan",
}
_CLINICAL_NOTE = ("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note")
_CONFIDENTIALITY = f"{codes.THO}v3-Confidentiality"
_LEVELS = ("U", "L", "M", "N", "R", "V")
_GENDER = {"M": "male", "F": "female", "UN": "other"}


class Received(NamedTuple):
    """What a document says. `resources` have no subject yet: `about` gives it to them, once the client is known.

    `fulfils`: the ids of the orders it answers, as Identifiers; a referral of ours is there as `urn:uuid:` and the id of its
    ServiceRequest. `unheld`: by section, the entries that became no resource; their words are in the DocumentReference. The titles
    of sections are the document's own, and so nothing for a log.
    """

    type: str
    id: dict[str, Any] | None
    title: str | None
    effective: str | None
    confidentiality: str
    patient: dict[str, Any]
    author: dict[str, Any] | None
    custodian: dict[str, Any] | None
    fulfils: tuple[dict[str, Any], ...]
    resources: tuple[dict[str, Any], ...]
    unheld: tuple[str, ...]

    def about(self, client: dict[str, Any]) -> list[dict[str, Any]]:
        """The resources with a reference to the client they tell of."""
        return [one | {"patient" if one["resourceType"] == "AllergyIntolerance" else "subject": client} for one in self.resources]


def read(document: bytes) -> Received:
    """What a document says. Raises BadDocument, which names the rule and the mend and nothing of the document."""
    root = parse(document)
    kind = _kind(root)
    body = child(root, "component", "structuredBody")
    if body is None:
        raise BadDocument(f"The {kind} has no structured body.", "Send its sections as CDA, not as an embedded file.")
    told, author = Words(root), _author(root)
    found = entries.read(body, told, reading.said_name(child(root, "author", "assignedAuthor", "assignedPerson")))
    confidentiality = _confidentiality(root)
    resources = [_narrative(root, kind, found.sections, told), *_encounter(root, told), *found.resources]
    return Received(
        kind,
        next(iter(reading.identifiers(root)), None),
        reading.line(child(root, "title")),
        reading.moment(child(root, "effectiveTime")),
        confidentiality,
        _patient(root),
        author,
        _organization(child(root, "custodian", "assignedCustodian", "representedCustodianOrganization")),
        tuple(each for order in children(root, "inFulfillmentOf", "order") for each in reading.identifiers(order)),
        tuple(_labelled(one, confidentiality) for one in resources),
        found.unheld,
    )


def _kind(root: Node) -> str:
    templates = roots(root)
    if taken := next((name for template, name in _TAKEN.items() if template in templates), None):
        return taken
    name = next((name for template, name in _REFUSED.items() if template in templates), None)
    called = f"The document is of the kind {name}, which is not taken here." if name else "The document follows no document template that is taken here."
    raise BadDocument(called, "Send a Consultation Note, a Continuity of Care Document or a Referral Note.")


def _confidentiality(root: Node) -> str:
    """The highest that the document or any section of it says; a word that is not one of HL7's is kept close."""
    said = [code for each in root.iter(f"{HL7}confidentialityCode") if (code := attribute(each, "code"))]
    return max((code if code in _LEVELS else "R" for code in said), key=_LEVELS.index, default="N")


def _labelled(resource: dict[str, Any], confidentiality: str) -> dict[str, Any]:
    """How confidential the document is stays with every resource of it."""
    return resource | {"meta": {"security": [{"system": _CONFIDENTIALITY, "code": confidentiality}]}}


def _patient(root: Node) -> dict[str, Any]:
    """Who it is about, as a Patient to match with; it is not stored."""
    role = child(root, "recordTarget", "patientRole")
    person = child(role, "patient")
    born = reading.moment(child(person, "birthTime"))
    patient = {
        "resourceType": "Patient",
        "identifier": reading.identifiers(role),
        "name": reading.names(person),
        "telecom": reading.telecoms(role),
        "gender": _GENDER.get(attribute(child(person, "administrativeGenderCode"), "code") or ""),
        "birthDate": born[:10] if born else None,
        "address": reading.addresses(role),
    }
    return dict(pruned(patient))


def _author(root: Node) -> dict[str, Any] | None:
    """The first person who wrote it, as a Practitioner."""
    entity = next((each for each in children(root, "author", "assignedAuthor") if reading.names(child(each, "assignedPerson"))), None)
    if entity is None:
        return None
    specialty = reading.coding(node) if (node := child(entity, "code")) is not None else None
    person = {
        "resourceType": "Practitioner",
        "identifier": reading.identifiers(entity),
        "name": reading.names(child(entity, "assignedPerson")),
        "telecom": reading.telecoms(entity),
        "address": reading.addresses(entity),
        "qualification": [{"code": {"coding": [specialty]}}] if specialty else [],
    }
    return dict(pruned(person))


def _organization(house: Node | None) -> dict[str, Any] | None:
    if house is None:
        return None
    found = {
        "resourceType": "Organization",
        "identifier": reading.identifiers(house),
        "name": reading.text(child(house, "name")),
        "telecom": reading.telecoms(house),
        "address": reading.addresses(house),
    }
    return dict(pruned(found))


def _narrative(root: Node, kind: str, sections: list[tuple[str, str]], told: Words) -> dict[str, Any]:
    """Every word of every section as plain text, under its title."""
    body = "\n\n".join(f"{title}\n{text}".strip() for title, text in sections).encode()
    written, by = reading.moment(child(root, "effectiveTime")), reading.said_name(child(root, "author", "assignedAuthor", "assignedPerson"))
    keeper = reading.line(child(root, "custodian", "assignedCustodian", "representedCustodianOrganization", "name"))
    attachment = {"contentType": "text/plain; charset=utf-8", "data": b64encode(body).decode(), "size": len(body), "title": reading.line(child(root, "title")), "creation": written}
    document = {
        "resourceType": "DocumentReference",
        "identifier": reading.identifiers(root),
        "status": "current",
        "type": reading.concept(child(root, "code"), told) or {"text": kind},
        "category": [codes.concept(*_CLINICAL_NOTE)],
        "date": written if written and "T" in written else None,
        "author": [{"display": by}] if by else [],
        "custodian": {"display": keeper} if keeper else None,
        "content": [{"attachment": attachment}],
    }
    return dict(pruned(document))


def _encounter(root: Node, told: Words) -> list[dict[str, Any]]:
    """The visit it was written of; CDA does not say how it was held where it says no code of HL7's for that."""
    visit = child(root, "componentOf", "encompassingEncounter")
    if visit is None:
        return []
    what, period = reading.concept(child(visit, "code"), told), reading.period(child(visit, "effectiveTime"))
    acts = [coding for coding in what.get("coding", []) if coding.get("system") == oid.system_of(oid.ACT_CODE)]
    place = reading.line(child(visit, "location", "healthCareFacility", "location", "name"))
    seen_by = reading.said_name(child(visit, "responsibleParty", "assignedEntity", "assignedPerson"))
    encounter = {
        "resourceType": "Encounter",
        "identifier": reading.identifiers(visit),
        "status": "finished" if "end" in period else "unknown",
        "class": next(iter(acts), {"system": f"{codes.THO}v3-NullFlavor", "code": "UNK"}),
        "type": [what],
        "period": period,
        "participant": [{"individual": {"display": seen_by}}] if seen_by else [],
        "location": [{"location": {"display": place}}] if place else [],
    }
    return [dict(pruned(encounter))]
