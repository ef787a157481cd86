"""THE table: which resource types are served, with which interactions and profiles. Routes, checks and /fhir/metadata read it.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.fhir.search_parameter import PARAMETERS

FHIR_VERSION = "4.0.1"
SOFTWARE_VERSION = "0.1.0"
_SMART = "http://fhir-registry.smarthealthit.org/StructureDefinition"
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"

READ_ONLY = ("read", "vread", "history-instance", "search-type")
READ_WRITE = (*READ_ONLY, "create", "update")


class Served(NamedTuple):
    """How one type is served."""

    interactions: tuple[str, ...]
    profiles: tuple[str, ...] = ()


def _both(*profiles: str) -> Served:
    return Served(READ_WRITE, tuple(_US_CORE + profile for profile in profiles))


SERVED: dict[str, Served] = {
    "Patient": _both("us-core-patient"),
    "RelatedPerson": _both("us-core-relatedperson"),
    "Practitioner": _both("us-core-practitioner"),
    "PractitionerRole": _both("us-core-practitionerrole"),
    "Organization": _both("us-core-organization"),
    "Endpoint": _both(),
    "Coverage": _both("us-core-coverage"),
    "Condition": _both("us-core-condition-problems-health-concerns", "us-core-condition-encounter-diagnosis"),
    "FamilyMemberHistory": _both(),
    "CarePlan": _both("us-core-careplan"),
    "Goal": _both("us-core-goal"),
    "CareTeam": _both("us-core-careteam"),
    "ServiceRequest": _both("us-core-servicerequest"),
    "Task": _both(),
    "Observation": _both(
        "us-core-observation-screening-assessment", "us-core-simple-observation", "us-core-care-experience-preference", "us-core-treatment-intervention-preference"
    ),
    "QuestionnaireResponse": _both("us-core-questionnaireresponse"),
    "MedicationRequest": _both("us-core-medicationrequest"),
    "MedicationStatement": _both(),
    "MedicationDispense": _both("us-core-medicationdispense"),
    "List": _both(),
    "AllergyIntolerance": _both("us-core-allergyintolerance"),
    "Encounter": _both("us-core-encounter"),
    "Procedure": _both("us-core-procedure"),
    "ClinicalImpression": _both(),
    "Flag": _both(),
    "DocumentReference": _both("us-core-documentreference"),
    "Consent": Served(READ_ONLY),
    "Communication": _both(),
    "PlanDefinition": Served(READ_ONLY),
    "Provenance": _both("us-core-provenance"),
    "CodeSystem": Served(READ_ONLY),
    "ValueSet": Served(READ_ONLY),
    "ConceptMap": Served(READ_ONLY),
}
"""Consent is written as a record, where it takes effect at once, and so is a protocol (PlanDefinition); over FHIR both are read only.

So is terminology, which comes with the gateway."""


def capability_statement(base_url: str, oauth_uris: Mapping[str, str], date: str) -> dict[str, Any]:
    """The CapabilityStatement of this server, kind `instance`."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {"name": "Handoff", "version": SOFTWARE_VERSION},
        "implementation": {"description": "Handoff: a FHIR gateway for behavioral health", "url": base_url},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "implementationGuide": ["http://hl7.org/fhir/us/core/ImplementationGuide/hl7.fhir.us.core|7.0.0"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "Every address but this one and the SMART configuration needs a bearer token; "
                    "a partner's system sees what a release or a referral opened to it, an app what the person who uses it may see and allowed; both all of the terminology. "
                    "Patient.link is kept and opens nothing: what is granted for one Patient never reaches another that it links to."
                ),
                "security": _security(oauth_uris),
                "resource": [_resource(resource_type, served) for resource_type, served in SERVED.items()],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


def _security(oauth_uris: Mapping[str, str]) -> dict[str, Any]:
    return {
        "extension": [{"url": f"{_SMART}/oauth-uris", "extension": [{"url": name, "valueUri": address} for name, address in oauth_uris.items()]}],
        "cors": True,
        "service": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}], "text": "SMART App Launch and backend services"}
        ],
    }


def _resource(resource_type: str, served: Served) -> dict[str, Any]:
    parameters = {"_id": "token", "_lastUpdated": "date"} | {name: parameter.kind for name, parameter in PARAMETERS[resource_type].items()}
    references = [f"{resource_type}:{name}" for name, parameter in PARAMETERS[resource_type].items() if parameter.kind == "reference"]
    return {
        "type": resource_type,
        **({"supportedProfile": list(served.profiles)} if served.profiles else {}),
        "interaction": [{"code": code} for code in served.interactions],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": "create" in served.interactions,
        "conditionalRead": "not-supported",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        **({"searchInclude": references} if references else {}),
        "searchRevInclude": ["Provenance:target"],
        "searchParam": [{"name": name, "type": kind} for name, kind in parameters.items()],
    }
