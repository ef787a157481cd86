"""Object identifiers <-> FHIR URIs: one table for code systems, and instance identifiers by HL7's own rule.

Sources: the NamingSystem and CodeSystem resources of FHIR R4 and of terminology.hl7.org; for identifiers without an OID the
rule of the C-CDA on FHIR guide (https://build.fhir.org/ig/HL7/ccda-on-fhir/mappingGuidance.html): the OID of "a URI" as the
root, system and value as the extension.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import NAMESPACE_URL, uuid5

LOINC = "2.16.840.1.113883.6.1"
SNOMED = "2.16.840.1.113883.6.96"
RXNORM = "2.16.840.1.113883.6.88"
NUCC = "2.16.840.1.113883.6.101"
RACE_AND_ETHNICITY = "2.16.840.1.113883.6.238"
ACT_CODE = "2.16.840.1.113883.5.4"
ACT_CLASS = "2.16.840.1.113883.5.6"
ACT_PRIORITY = "2.16.840.1.113883.5.7"
CONFIDENTIALITY = "2.16.840.1.113883.5.25"
GENDER = "2.16.840.1.113883.5.1"
CRITICALITY = "2.16.840.1.113883.5.1063"
ROLE_CODE = "2.16.840.1.113883.5.111"
MARITAL_STATUS = "2.16.840.1.113883.5.2"

_V3 = "http://terminology.hl7.org/CodeSystem/v3-"

CODE_SYSTEMS: dict[str, str] = {
    LOINC: "http://loinc.org",
    SNOMED: "http://snomed.info/sct",
    RXNORM: "http://www.nlm.nih.gov/research/umls/rxnorm",
    "2.16.840.1.113883.6.90": "http://hl7.org/fhir/sid/icd-10-cm",
    "2.16.840.1.113883.6.103": "http://hl7.org/fhir/sid/icd-9-cm",
    "2.16.840.1.113883.6.12": "http://www.ama-assn.org/go/cpt",
    "2.16.840.1.113883.6.69": "http://hl7.org/fhir/sid/ndc",
    "2.16.840.1.113883.4.9": "http://fdasis.nlm.nih.gov",
    "2.16.840.1.113883.12.292": "http://hl7.org/fhir/sid/cvx",
    "2.16.840.1.113883.6.8": "http://unitsofmeasure.org",
    "2.16.840.1.113883.6.254": "http://hl7.org/fhir/sid/icf-nl",
    "2.16.840.1.113883.3.26.1.1": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    NUCC: "http://nucc.org/provider-taxonomy",
    RACE_AND_ETHNICITY: f"urn:oid:{RACE_AND_ETHNICITY}",
    GENDER: f"{_V3}AdministrativeGender",
    MARITAL_STATUS: f"{_V3}MaritalStatus",
    ACT_CODE: f"{_V3}ActCode",
    ACT_CLASS: f"{_V3}ActClass",
    ACT_PRIORITY: f"{_V3}ActPriority",
    "2.16.840.1.113883.5.8": f"{_V3}ActReason",
    "2.16.840.1.113883.5.14": f"{_V3}ActStatus",
    CONFIDENTIALITY: f"{_V3}Confidentiality",
    "2.16.840.1.113883.5.83": f"{_V3}ObservationInterpretation",
    "2.16.840.1.113883.5.85": f"{_V3}orderableDrugForm",
    "2.16.840.1.113883.5.88": f"{_V3}ParticipationFunction",
    ROLE_CODE: f"{_V3}RoleCode",
    "2.16.840.1.113883.5.112": f"{_V3}RouteOfAdministration",
    "2.16.840.1.113883.5.1008": f"{_V3}NullFlavor",
}
"""Every code system with a name of its own on both sides; any other OID becomes `urn:oid:` and back."""

_CODE_OIDS = {uri: oid for oid, uri in CODE_SYSTEMS.items()}

NPI = "2.16.840.1.113883.4.6"
_IDENTIFIER_SYSTEMS = {NPI: "http://hl7.org/fhir/sid/us-npi", "2.16.840.1.113883.4.1": "http://hl7.org/fhir/sid/us-ssn"}
_IDENTIFIER_OIDS = {uri: oid for oid, uri in _IDENTIFIER_SYSTEMS.items()}
URI = "urn:ietf:rfc:3986"
_URI_ROOT = "2.16.840.1.113883.4.873"

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def part(resource_id: str, name: str) -> str:
    """The id of a part of a resource that has none of its own: always the same one."""
    return str(uuid5(NAMESPACE_URL, f"urn:handoff:{resource_id}:{name}"))


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def system_of(oid: str) -> str:
    """The FHIR URI of a code system: by the table, else the OID or UUID itself as a URN."""
    return CODE_SYSTEMS.get(oid) or _urn(oid)


def oid_of(system: str | None) -> str | None:
    """The OID of a code system; None where it has none, so that its codes cannot stand in a CDA document."""
    if system is None:
        return None
    bare = system.removeprefix("urn:oid:")
    return _CODE_OIDS.get(system) or (bare if _OID.fullmatch(bare) else None)


def instance_of(identifier: dict[str, Any]) -> dict[str, str] | None:
    """`root` and `extension` of a FHIR Identifier; None where it has no value."""
    system, value = str(identifier.get("system") or ""), str(identifier.get("value") or "")
    if not value:
        return None
    if system == URI:
        bare = value.removeprefix("urn:oid:").removeprefix("urn:uuid:")
        return {"root": bare} if _is_uid(bare) else {"root": _URI_ROOT, "extension": value}
    bare = system.removeprefix("urn:oid:").removeprefix("urn:uuid:")
    if root := _IDENTIFIER_OIDS.get(system) or (bare if _is_uid(bare) else None):
        return {"root": root, "extension": value}
    return {"root": _URI_ROOT, "extension": f"{system or 'urn:handoff'}{_separator(system)}{value}"}


def identifier_of(root: str, extension: str | None) -> dict[str, Any]:
    """The FHIR Identifier of a root and an extension; the inverse of `instance_of`."""
    if not extension:
        return {"system": URI, "value": _urn(root)}
    if root == _URI_ROOT and (mark := _separator(extension)) in extension:
        system, _, value = extension.rpartition(mark)
        return {"system": system, "value": value}
    return {"system": _IDENTIFIER_SYSTEMS.get(root) or _urn(root), "value": extension}


def _is_uid(text: str) -> bool:
    return bool(_OID.fullmatch(text) or _UUID.fullmatch(text))


def _separator(uri: str) -> str:
    return "/" if "://" in uri else ":"


def _urn(uid: str) -> str:
    return f"urn:uuid:{uid.lower()}" if _UUID.fullmatch(uid) else f"urn:oid:{uid}"
