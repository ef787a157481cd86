"""The search parameters that are served, as one table, and what each finds in a resource.

Paths are dotted element names; `[x]` stands for any type of a choice element. Source: the search parameter registry of
R4 (https://hl7.org/fhir/R4/searchparameter-registry.html). What is indexed is read from here, and so is what
/fhir/metadata says.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

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
_CANONICAL = (
    _IDENTIFIER
    | _STATUS
    | {
        "url": Parameter("uri", ("url",)),
        "version": _token("version"),
        "name": _string("name"),
        "title": _string("title"),
        "description": _string("description"),
        "publisher": _string("publisher"),
        "date": _date("date"),
    }
)
"""What every resource of a catalogue is found by."""
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
    "Coverage": _IDENTIFIER
    | _STATUS
    | {
        "patient": _reference("beneficiary"),
        "beneficiary": _reference("beneficiary"),
        "payor": _reference("payor"),
        "subscriber": _reference("subscriber"),
        "type": _token("type"),
    },
    "FamilyMemberHistory": _IDENTIFIER
    | _STATUS
    | {"patient": _reference("patient"), "code": _token("condition.code"), "relationship": _token("relationship"), "sex": _token("sex"), "date": _date("date")},
    "CarePlan": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "instantiates-canonical": Parameter("uri", ("instantiatesCanonical",)),
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
    "Procedure": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "code": _token("code"),
        "category": _token("category"),
        "date": _date("performed[x]"),
        "encounter": _reference("encounter"),
        "performer": _reference("performer.actor"),
        "based-on": _reference("basedOn"),
        "reason-reference": _reference("reasonReference"),
        "instantiates-canonical": Parameter("uri", ("instantiatesCanonical",)),
    },
    "ClinicalImpression": _IDENTIFIER
    | _SUBJECT
    | _STATUS
    | {
        "date": _date("date"),
        "encounter": _reference("encounter"),
        "assessor": _reference("assessor"),
        "problem": _reference("problem"),
        "supporting-info": _reference("supportingInfo"),
    },
    "Flag": _IDENTIFIER | _SUBJECT | {"date": _date("period"), "author": _reference("author"), "encounter": _reference("encounter")},
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
    "PlanDefinition": _IDENTIFIER
    | _STATUS
    | {
        "url": Parameter("uri", ("url",)),
        "title": _string("title"),
        "version": _token("version"),
        "type": _token("type"),
        "topic": _token("topic"),
        "date": _date("date"),
    },
    "Provenance": {"target": _reference("target"), "recorded": _date("recorded"), "agent": _reference("agent.who"), "patient": _reference("target")},
    "CodeSystem": _CANONICAL | {"code": _token("concept.code"), "system": Parameter("uri", ("url",)), "content-mode": _token("content")},
    "ValueSet": _CANONICAL | {"code": _token("compose.include.concept.code"), "reference": Parameter("uri", ("compose.include.system",))},
    "ConceptMap": _CANONICAL
    | {
        "source-code": _token("group.element.code"),
        "source-system": Parameter("uri", ("group.source",)),
        "target-code": _token("group.element.target.code"),
        "target-system": Parameter("uri", ("group.target",)),
    },
}
"""Served resource types and, for each, its parameters beside `_id` and `_lastUpdated`."""

TYPES = tuple(PARAMETERS)


def parameter(resource_type: str, name: str) -> Parameter | None:
    return PARAMETERS[resource_type].get(name)
