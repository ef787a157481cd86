"""The search parameters that are served, as one table, and what each finds in a resource.

Paths are dotted element names; `[x]` stands for any type of a choice element. Source: the search parameter registry of
R4 (https://hl7.org/fhir/R4/searchparameter-registry.html). What is indexed is read from here, and so is what
/fhir/metadata says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from gateway.fhir.search_value import elements

Kind = Literal["token", "string", "reference", "date", "uri"]


class Parameter(NamedTuple):
    """One search parameter of one resource type: its kind and where its values stand."""

    kind: Kind
    paths: tuple[str, ...]


def _token(*paths: str) -> Parameter:
    return Parameter("token", paths)


def _string(*paths: str) -> Parameter:
    return Parameter("string", paths)


def _reference(*paths: str) -> Parameter:
    return Parameter("reference", paths)


def _date(*paths: str) -> Parameter:
    return Parameter("date", paths)


_IDENTIFIER = {"identifier": _token("identifier")}
_SUBJECT = {"patient": _reference("subject"), "subject": _reference("subject")}
_STATUS = {"status": _token("status")}
_HUMAN_NAME = {"name": _string("name"), "family": _string("name.family"), "given": _string("name.given")}

PARAMETERS: dict[str, dict[str, Parameter]] = {
    "Patient": _IDENTIFIER | _HUMAN_NAME | {"birthdate": _date("birthDate"), "gender": _token("gender"), "active": _token("active")},
    "RelatedPerson": _IDENTIFIER | {"patient": _reference("patient"), "name": _string("name"), "relationship": _token("relationship"), "active": _token("active")},
    "Practitioner": _IDENTIFIER | _HUMAN_NAME | {"active": _token("active")},
    "PractitionerRole": _IDENTIFIER
    | {
        "practitioner": _reference("practitioner"),
        "organization": _reference("organization"),
        "specialty": _token("specialty"),
        "role": _token("code"),
        "endpoint": _reference("endpoint"),
    },
    "Organization": _IDENTIFIER | {"name": _string("name", "alias"), "type": _token("type"), "partof": _reference("partOf"), "endpoint": _reference("endpoint")},
    "Endpoint": _IDENTIFIER | _STATUS | {"name": _string("name"), "connection-type": _token("connectionType"), "organization": _reference("managingOrganization")},
    "Condition": _IDENTIFIER
    | _SUBJECT
    | {
        "category": _token("category"),
        "code": _token("code"),
        "clinical-status": _token("clinicalStatus"),
        "verification-status": _token("verificationStatus"),
        "encounter": _reference("encounter"),
        "onset-date": _date("onset[x]"),
        "abatement-date": _date("abatement[x]"),
        "recorded-date": _date("recordedDate"),
    },
    "CarePlan": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "category": _token("category"),
        "intent": _token("intent"),
        "date": _date("period"),
        "goal": _reference("goal"),
        "condition": _reference("addresses"),
        "care-team": _reference("careTeam"),
        "activity-reference": _reference("activity.reference"),
        "replaces": _reference("replaces"),
    },
    "Goal": _IDENTIFIER
    | _SUBJECT
    | {
        "category": _token("category"),
        "lifecycle-status": _token("lifecycleStatus"),
        "achievement-status": _token("achievementStatus"),
        "start-date": _date("start[x]"),
        "target-date": _date("target.due[x]"),
    },
    "CareTeam": _IDENTIFIER | _SUBJECT | _STATUS | {"category": _token("category"), "date": _date("period"), "participant": _reference("participant.member")},
    "ServiceRequest": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "category": _token("category"),
        "code": _token("code"),
        "intent": _token("intent"),
        "priority": _token("priority"),
        "authored": _date("authoredOn"),
        "occurrence": _date("occurrence[x]"),
        "requester": _reference("requester"),
        "performer": _reference("performer"),
        "encounter": _reference("encounter"),
        "based-on": _reference("basedOn"),
    },
    "Task": _IDENTIFIER
    | _STATUS
    | {
        "patient": _reference("for"),
        "subject": _reference("for"),
        "code": _token("code"),
        "intent": _token("intent"),
        "priority": _token("priority"),
        "business-status": _token("businessStatus"),
        "owner": _reference("owner"),
        "requester": _reference("requester"),
        "focus": _reference("focus"),
        "based-on": _reference("basedOn"),
        "part-of": _reference("partOf"),
        "authored-on": _date("authoredOn"),
        "modified": _date("lastModified"),
    },
    "Observation": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "category": _token("category"),
        "code": _token("code"),
        "date": _date("effective[x]"),
        "encounter": _reference("encounter"),
        "performer": _reference("performer"),
        "has-member": _reference("hasMember"),
        "derived-from": _reference("derivedFrom"),
        "value-concept": _token("valueCodeableConcept"),
    },
    "QuestionnaireResponse": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "authored": _date("authored"),
        "author": _reference("author"),
        "encounter": _reference("encounter"),
        "questionnaire": Parameter("uri", ("questionnaire",)),
        "source": _reference("source"),
    },
    "MedicationRequest": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "intent": _token("intent"),
        "code": _token("medicationCodeableConcept"),
        "category": _token("category"),
        "authoredon": _date("authoredOn"),
        "requester": _reference("requester"),
        "encounter": _reference("encounter"),
        "medication": _reference("medicationReference"),
    },
    "MedicationStatement": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "code": _token("medicationCodeableConcept"),
        "category": _token("category"),
        "effective": _date("effective[x]"),
        "source": _reference("informationSource"),
        "medication": _reference("medicationReference"),
    },
    "MedicationDispense": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "code": _token("medicationCodeableConcept"),
        "type": _token("type"),
        "whenhandedover": _date("whenHandedOver"),
        "prescription": _reference("authorizingPrescription"),
        "medication": _reference("medicationReference"),
    },
    "List": _IDENTIFIER | _SUBJECT | _STATUS | {"code": _token("code"), "date": _date("date"), "item": _reference("entry.item"), "source": _reference("source")},
    "AllergyIntolerance": _IDENTIFIER
    | {
        "patient": _reference("patient"),
        "code": _token("code"),
        "clinical-status": _token("clinicalStatus"),
        "verification-status": _token("verificationStatus"),
        "category": _token("category"),
        "date": _date("recordedDate"),
        "recorder": _reference("recorder"),
    },
    "Encounter": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "class": _token("class"),
        "type": _token("type"),
        "date": _date("period"),
        "participant": _reference("participant.individual"),
        "service-provider": _reference("serviceProvider"),
        "location": _reference("location.location"),
    },
    "DocumentReference": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "type": _token("type"),
        "category": _token("category"),
        "date": _date("date"),
        "period": _date("context.period"),
        "author": _reference("author"),
        "encounter": _reference("context.encounter"),
    },
    "Consent": _IDENTIFIER
    | _STATUS
    | {
        "patient": _reference("patient"),
        "category": _token("category"),
        "scope": _token("scope"),
        "date": _date("dateTime"),
        "period": _date("provision.period"),
        "actor": _reference("provision.actor.reference"),
    },
    "Communication": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "category": _token("category"),
        "sent": _date("sent"),
        "received": _date("received"),
        "sender": _reference("sender"),
        "recipient": _reference("recipient"),
        "based-on": _reference("basedOn"),
    },
    "Provenance": {"target": _reference("target"), "recorded": _date("recorded"), "agent": _reference("agent.who"), "patient": _reference("target")},
}
"""Served resource types and, for each, its parameters beside `_id` and `_lastUpdated`."""

TYPES = tuple(PARAMETERS)

_CLINICAL_DATE: dict[str, tuple[str, ...]] = {
    "Condition": ("onset[x]", "recordedDate"),
    "CarePlan": ("period", "created"),
    "Goal": ("start[x]",),
    "CareTeam": ("period",),
    "ServiceRequest": ("authoredOn", "occurrence[x]"),
    "Task": ("authoredOn",),
    "Observation": ("effective[x]",),
    "QuestionnaireResponse": ("authored",),
    "MedicationRequest": ("authoredOn", "dosageInstruction.timing.repeat.boundsPeriod"),
    "MedicationStatement": ("effective[x]", "dateAsserted"),
    "MedicationDispense": ("whenHandedOver",),
    "List": ("date",),
    "AllergyIntolerance": ("recordedDate",),
    "Encounter": ("period",),
    "DocumentReference": ("date",),
    "Consent": ("dateTime",),
    "Communication": ("sent", "received"),
    "Provenance": ("recorded",),
    "Patient": ("birthDate",),
}
"""The date that a type is sorted by, first found first."""

SORTED_BY: dict[str, tuple[str, ...]] = {
    resource_type: tuple(name for name, parameter in parameters.items() if parameter.kind == "date" and parameter.paths[0] in _CLINICAL_DATE.get(resource_type, ())[:1])
    for resource_type, parameters in PARAMETERS.items()
}
"""The date parameters by which `_sort` may order each type."""


def parameter(resource_type: str, name: str) -> Parameter | None:
    return PARAMETERS[resource_type].get(name)


def clinical_dates(resource: dict[str, Any]) -> Iterator[Any]:
    for path in _CLINICAL_DATE.get(resource["resourceType"], ()):
        yield from elements(resource, path)
