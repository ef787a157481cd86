"""Client -> Patient (US Core 6.1.0, 7.0.0 and 8.0.0).

Not sent: the partner in couple work (Patient.link is for duplicates, and the fact tells of someone else) and the
extension us-core-sex, a code in 7.0.0 and a Coding in 8.0.0, so that no value of it is valid in both.
"""

from __future__ import annotations

from typing import Any

from gateway.record.types import Client
from mappings import codes
from mappings.element import US_CORE, address, day, extension, human_name, meta, telecom
from mappings.identity import Site

_CDC = "urn:oid:2.16.840.1.113883.6.238"
_NULL_FLAVOR = codes.THO + "v3-NullFlavor"
_NOT_SAID = {"ASKU": "Asked, not answered", "UNK": "Unknown"}
_OMB_RACE = ("1002-5", "2028-9", "2054-5", "2076-8", "2106-3")
_OMB_ETHNICITY = ("2135-2", "2186-5")
_PRONOUNS = "http://hl7.org/fhir/StructureDefinition/individual-pronouns"
_GENDER_IDENTITY = "http://hl7.org/fhir/StructureDefinition/individual-genderIdentity"


def of_client(client: Client, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Patient",
            "id": site.id("client", client.id),
            "meta": meta("patient"),
            "extension": [
                _race(client.races),
                _ethnicity(client.ethnicity),
                *(_tribe(code) for code in client.tribal_affiliations),
                _interpreter(client.interpreter_needed),
                _in_own_words(_GENDER_IDENTITY, client.gender_identity),
                _in_own_words(_PRONOUNS, client.pronouns),
            ],
            "identifier": [site.identifier("client", client.id), *({"system": each.system, "value": each.value} for each in client.identifiers)],
            "active": client.active,
            "name": [human_name(client.name, "official"), _usual_name(client)],
            "telecom": telecom(client.contact),
            "gender": client.sex,
            "birthDate": day(client.birth_date),
            "deceasedDateTime": day(client.deceased_on),
            "address": address(client.address, "home"),
            "maritalStatus": _marital_status(client.marital_status),
            "communication": _communication(client.language),
            "generalPractitioner": [
                client.primary_care and site.reference("PractitionerRole", "partner", client.primary_care, "role"),
                client.therapist and site.reference("PractitionerRole", "clinician", client.therapist, "role"),
            ],
        }
    ]


def _usual_name(client: Client) -> dict[str, Any] | None:
    return {"use": "usual", "family": client.name.family, "given": [client.preferred_name]} if client.preferred_name else None


def _marital_status(code: str | None) -> dict[str, Any] | None:
    return codes.hl7("v3-NullFlavor" if code == "UNK" else "v3-MaritalStatus", code) if code else None


def _communication(language: str | None) -> list[dict[str, Any]]:
    return [{"language": codes.concept("urn:ietf:bcp:47", language), "preferred": True}] if language else []


def _demographic(url: str, chosen: tuple[str, ...], broad: tuple[str, ...]) -> dict[str, Any] | None:
    """The shape of us-core-race and us-core-ethnicity; "asked, not answered" stands alone or not at all (us-core-23)."""
    told = [code for code in dict.fromkeys(chosen) if code not in _NOT_SAID] or list(dict.fromkeys(chosen))[:1]
    if not told:
        return None
    codings = [codes.coding(_NULL_FLAVOR if code in _NOT_SAID else _CDC, code) for code in told]
    parts = [extension("ombCategory" if code in (*broad, *_NOT_SAID) else "detailed", valueCoding=coding) for code, coding in zip(told, codings, strict=True)]
    words = ", ".join(_NOT_SAID.get(code) or coding.get("display", code) for code, coding in zip(told, codings, strict=True))
    return {"extension": [*parts, extension("text", valueString=words)], "url": url}


def _race(chosen: tuple[str, ...]) -> dict[str, Any] | None:
    return _demographic(US_CORE + "race", chosen, _OMB_RACE)


def _ethnicity(chosen: str | None) -> dict[str, Any] | None:
    return _demographic(US_CORE + "ethnicity", (chosen,) if chosen else (), _OMB_ETHNICITY)


def _interpreter(needed: bool | None) -> dict[str, Any] | None:
    """us-core-interpreter-needed (8.0.0; an extension no older version knows, and none forbids)."""
    if needed is None:
        return None
    return extension(US_CORE + "interpreter-needed", valueCoding=codes.coding(codes.SNOMED, "373066001" if needed else "373067005"))


def _tribe(code: str) -> dict[str, Any]:
    return extension(US_CORE + "tribal-affiliation", extension=[extension("tribalAffiliation", valueCodeableConcept=codes.hl7("v3-TribalEntityUS", code))])


def _in_own_words(url: str, words: str | None) -> dict[str, Any] | None:
    """Pronouns or gender identity in the client's own words (HL7 FHIR extensions pack)."""
    return {"extension": [extension("value", valueCodeableConcept={"text": words})], "url": url} if words else None
