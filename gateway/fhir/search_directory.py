"""The search parameters of who there is, and of what a practice and this project define."""

from __future__ import annotations

from gateway.fhir.search_kind import CANONICAL, HUMAN_NAME, IDENTIFIER, STATUS, Parameter, date, reference, string, token

DIRECTORY: dict[str, dict[str, Parameter]] = {
    "Patient": IDENTIFIER
    | HUMAN_NAME
    | {"birthdate": date("birthDate"), "gender": token("gender"), "active": token("active"), "general-practitioner": reference("generalPractitioner")},
    "RelatedPerson": IDENTIFIER | {"patient": reference("patient"), "name": string("name"), "relationship": token("relationship"), "active": token("active")},
    "Practitioner": IDENTIFIER | HUMAN_NAME | {"active": token("active")},
    "PractitionerRole": IDENTIFIER
    | {
        "practitioner": reference("practitioner"),
        "organization": reference("organization"),
        "specialty": token("specialty"),
        "role": token("code"),
        "endpoint": reference("endpoint"),
    },
    "Organization": IDENTIFIER | {"name": string("name", "alias"), "type": token("type"), "partof": reference("partOf"), "endpoint": reference("endpoint")},
    "Endpoint": IDENTIFIER | STATUS | {"name": string("name"), "connection-type": token("connectionType"), "organization": reference("managingOrganization")},
}
"""Clients and those around them; staff, places and partners."""

CATALOGUE: dict[str, dict[str, Parameter]] = {
    "PlanDefinition": IDENTIFIER
    | STATUS
    | {
        "url": Parameter("uri", ("url",)),
        "title": string("title"),
        "version": token("version"),
        "type": token("type"),
        "topic": token("topic"),
        "date": date("date"),
    },
    "CodeSystem": CANONICAL | {"code": token("concept.code"), "system": Parameter("uri", ("url",)), "content-mode": token("content")},
    "ValueSet": CANONICAL | {"code": token("compose.include.concept.code"), "reference": Parameter("uri", ("compose.include.system",))},
    "ConceptMap": CANONICAL
    | {
        "source-code": token("group.element.code"),
        "source-system": Parameter("uri", ("group.source",)),
        "target-code": token("group.element.target.code"),
        "target-system": Parameter("uri", ("group.target",)),
    },
}
"""About no one client."""
