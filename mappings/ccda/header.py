"""The US Realm Header (2.16.840.1.113883.10.20.22.1.1, 2024-05-01): which document, of whom, by whom, for whom."""

from __future__ import annotations

from typing import Any

from mappings.ccda import oid, people
from mappings.ccda.package import Package, Resource
from mappings.ccda.people import Party
from mappings.ccda.value import address, code, coded, instances, interval, moment, name, null, telecom
from mappings.ccda.xml import Child, Node, node, template

_REALM = "2.16.840.1.113883.10.20.22.1.1"
_VERSION = "2024-05-01"
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_GENDER = {"male": "M", "female": "F"}
_NO_GENDER = {"other": "OTH"}


def document(root: str, loinc: str, title: str, package: Package, document_id: str, created: str, *content: Child) -> Node:
    """A whole document; `content` is everything from the custodian on."""
    return node(
        "ClinicalDocument",
        node("realmCode", code="US"),
        node("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        template(_REALM, _VERSION),
        template(root, _VERSION),
        _document_id(document_id),
        code("code", loinc, oid.LOINC),
        node("title", text=title),
        moment("effectiveTime", created),
        code("confidentialityCode", package.confidentiality(), oid.CONFIDENTIALITY),
        node("languageCode", code="en-US"),
        _record_target(package.one("Patient")),
        *content,
    )


def _document_id(document_id: str) -> Node:
    """A UUID or an OID as it is; anything else as a name of ours."""
    bare = document_id.removeprefix("urn:uuid:").removeprefix("urn:oid:")
    found = oid.instance_of({"system": oid.URI, "value": bare}) or {}
    return node("id", **(found if found.get("root") == bare else oid.instance_of({"system": "urn:handoff:document", "value": document_id}) or {}))


def _record_target(patient: Resource) -> Node:
    person = node(
        "patient",
        [name(each) for each in patient.get("name", [])] or name(None),
        _gender(patient.get("gender")),
        moment("birthTime", patient.get("birthDate")),
        _deceased(patient),
        _marital_status(patient),
        _categories(patient, "race", "raceCode"),
        _categories(patient, "ethnicity", "ethnicGroupCode"),
        [_language(each) for each in patient.get("communication", [])],
    )
    role = node("patientRole", instances(patient), address(patient.get("address", [])), telecom(patient.get("telecom", [])), person)
    return node("recordTarget", role)


def _gender(gender: str | None) -> Node:
    """HL7 V3 has no code for "other" (its UN is undifferentiated)."""
    known = _GENDER.get(gender or "")
    return code("administrativeGenderCode", known, oid.GENDER) if known else null("administrativeGenderCode", _NO_GENDER.get(gender or "", "UNK"))


def _deceased(patient: Resource) -> list[Node]:
    if not (patient.get("deceasedBoolean") or patient.get("deceasedDateTime")):
        return []
    return [node("sdtc:deceasedInd", value="true"), moment("sdtc:deceasedTime", patient.get("deceasedDateTime"))]


def _marital_status(patient: Resource) -> Node | None:
    status = patient.get("maritalStatus")
    return coded("maritalStatusCode", status, only=oid.MARITAL_STATUS) if status and _has(status, oid.MARITAL_STATUS) else None


def _has(concept: dict[str, Any], system: str) -> bool:
    return any(oid.oid_of(coding.get("system")) == system for coding in concept.get("coding", []))


def _categories(patient: Resource, short: str, tag: str) -> list[Node]:
    """us-core-race and us-core-ethnicity: one broad category stands first, all else in the extension of namespace sdtc."""
    parts = [part for one in patient.get("extension", []) if one.get("url") == _US_CORE + short for part in one.get("extension", [])]
    given = [(part["url"], part["valueCoding"]) for part in parts if "valueCoding" in part]
    broad = [coding for url, coding in given if url == "ombCategory"]
    others = [*broad[1:], *(coding for url, coding in given if url != "ombCategory")]
    return [_category(tag, broad[0]) if broad else null(tag), *(_category(f"sdtc:{tag}", coding) for coding in others)]


def _category(tag: str, coding: dict[str, Any]) -> Node:
    if coding.get("system") == _NULL_FLAVOR:
        return null(tag, coding["code"])
    return node(tag, code=coding.get("code"), codeSystem=oid.RACE_AND_ETHNICITY, displayName=coding.get("display"))


def _language(communication: dict[str, Any]) -> Node:
    spoken = next((coding["code"] for coding in communication.get("language", {}).get("coding", []) if coding.get("code")), None)
    preferred = node("preferenceInd", value="true") if communication.get("preferred") else None
    return node("languageCommunication", node("languageCode", code=spoken) if spoken else null("languageCode"), preferred)


def care_provision(start: str | None, end: str | None, party: Party) -> Node:
    """The care that a document tells of: from when to when, and who gives it."""
    event = node("serviceEvent", interval("effectiveTime", start, end), people.performer(party), classCode="PCPR")
    return node("documentationOf", event)


def authorizations(package: Package) -> list[Node]:
    """The consents on file that go with it, by their ids."""
    active = [one for one in package.of("Consent") if one.get("status") == "active"]
    return [node("authorization", node("consent", instances(one), node("statusCode", code="completed")), typeCode="AUTH") for one in active]


def body(*sections: Child) -> Node:
    return node("component", node("structuredBody", *sections))
