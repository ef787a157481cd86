"""The search parameters that are served, as one table, and what each finds in a resource.

Paths are dotted element names; `[x]` stands for any type of a choice element. Source: the search parameter registry of
R4 (https://hl7.org/fhir/R4/searchparameter-registry.html). What is indexed is read from here, and so is what
/fhir/metadata says.
"""

from __future__ import annotations

from gateway.fhir.search_directory import CATALOGUE, DIRECTORY
from gateway.fhir.search_kind import IDENTIFIER, STATUS, SUBJECT, Kind, Parameter, date, reference, token

__all__ = ["PARAMETERS", "TYPES", "Kind", "Parameter", "parameter"]

_CLINICAL: dict[str, dict[str, Parameter]] = {
    "Condition": IDENTIFIER
    | SUBJECT
    | {
        "category": token("category"),
        "code": token("code"),
        "clinical-status": token("clinicalStatus"),
        "verification-status": token("verificationStatus"),
        "encounter": reference("encounter"),
        "onset-date": date("onset[x]"),
        "abatement-date": date("abatement[x]"),
        "recorded-date": date("recordedDate"),
    },
    "Coverage": IDENTIFIER
    | STATUS
    | {
        "patient": reference("beneficiary"),
        "beneficiary": reference("beneficiary"),
        "payor": reference("payor"),
        "subscriber": reference("subscriber"),
        "type": token("type"),
    },
    "FamilyMemberHistory": IDENTIFIER
    | STATUS
    | {"patient": reference("patient"), "code": token("condition.code"), "relationship": token("relationship"), "sex": token("sex"), "date": date("date")},
    "CarePlan": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "instantiates-canonical": Parameter("uri", ("instantiatesCanonical",)),
        "category": token("category"),
        "intent": token("intent"),
        "date": date("period"),
        "goal": reference("goal"),
        "condition": reference("addresses"),
        "care-team": reference("careTeam"),
        "activity-reference": reference("activity.reference"),
        "replaces": reference("replaces"),
    },
    "Goal": IDENTIFIER
    | SUBJECT
    | {
        "category": token("category"),
        "lifecycle-status": token("lifecycleStatus"),
        "achievement-status": token("achievementStatus"),
        "start-date": date("start[x]"),
        "target-date": date("target.due[x]"),
    },
    "CareTeam": IDENTIFIER | SUBJECT | STATUS | {"category": token("category"), "date": date("period"), "participant": reference("participant.member")},
    "ServiceRequest": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "category": token("category"),
        "code": token("code"),
        "intent": token("intent"),
        "priority": token("priority"),
        "authored": date("authoredOn"),
        "occurrence": date("occurrence[x]"),
        "requester": reference("requester"),
        "performer": reference("performer"),
        "encounter": reference("encounter"),
        "based-on": reference("basedOn"),
    },
    "Task": IDENTIFIER
    | STATUS
    | {
        "patient": reference("for"),
        "subject": reference("for"),
        "code": token("code"),
        "intent": token("intent"),
        "priority": token("priority"),
        "business-status": token("businessStatus"),
        "owner": reference("owner"),
        "requester": reference("requester"),
        "focus": reference("focus"),
        "based-on": reference("basedOn"),
        "part-of": reference("partOf"),
        "authored-on": date("authoredOn"),
        "modified": date("lastModified"),
    },
    "Observation": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "category": token("category"),
        "code": token("code"),
        "date": date("effective[x]"),
        "encounter": reference("encounter"),
        "performer": reference("performer"),
        "has-member": reference("hasMember"),
        "derived-from": reference("derivedFrom"),
        "value-concept": token("valueCodeableConcept"),
    },
    "QuestionnaireResponse": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "authored": date("authored"),
        "author": reference("author"),
        "encounter": reference("encounter"),
        "questionnaire": Parameter("uri", ("questionnaire",)),
        "source": reference("source"),
    },
    "MedicationRequest": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "intent": token("intent"),
        "code": token("medicationCodeableConcept"),
        "category": token("category"),
        "authoredon": date("authoredOn"),
        "requester": reference("requester"),
        "encounter": reference("encounter"),
        "medication": reference("medicationReference"),
    },
    "MedicationStatement": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "code": token("medicationCodeableConcept"),
        "category": token("category"),
        "effective": date("effective[x]"),
        "source": reference("informationSource"),
        "medication": reference("medicationReference"),
    },
    "MedicationDispense": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "code": token("medicationCodeableConcept"),
        "type": token("type"),
        "whenhandedover": date("whenHandedOver"),
        "prescription": reference("authorizingPrescription"),
        "medication": reference("medicationReference"),
    },
    "List": IDENTIFIER | SUBJECT | STATUS | {"code": token("code"), "date": date("date"), "item": reference("entry.item"), "source": reference("source")},
    "AllergyIntolerance": IDENTIFIER
    | {
        "patient": reference("patient"),
        "code": token("code"),
        "clinical-status": token("clinicalStatus"),
        "verification-status": token("verificationStatus"),
        "category": token("category"),
        "date": date("recordedDate"),
        "recorder": reference("recorder"),
    },
    "Encounter": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "class": token("class"),
        "type": token("type"),
        "date": date("period"),
        "participant": reference("participant.individual"),
        "service-provider": reference("serviceProvider"),
        "location": reference("location.location"),
    },
    "Procedure": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "code": token("code"),
        "category": token("category"),
        "date": date("performed[x]"),
        "encounter": reference("encounter"),
        "performer": reference("performer.actor"),
        "based-on": reference("basedOn"),
        "reason-reference": reference("reasonReference"),
        "instantiates-canonical": Parameter("uri", ("instantiatesCanonical",)),
    },
    "ClinicalImpression": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "date": date("date"),
        "encounter": reference("encounter"),
        "assessor": reference("assessor"),
        "problem": reference("problem"),
        "supporting-info": reference("supportingInfo"),
    },
    "Flag": IDENTIFIER | SUBJECT | {"date": date("period"), "author": reference("author"), "encounter": reference("encounter")},
    "DocumentReference": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "type": token("type"),
        "category": token("category"),
        "date": date("date"),
        "period": date("context.period"),
        "author": reference("author"),
        "encounter": reference("context.encounter"),
    },
    "Consent": IDENTIFIER
    | STATUS
    | {
        "patient": reference("patient"),
        "category": token("category"),
        "scope": token("scope"),
        "date": date("dateTime"),
        "period": date("provision.period"),
        "actor": reference("provision.actor.reference"),
    },
    "Communication": IDENTIFIER
    | SUBJECT
    | STATUS
    | {
        "category": token("category"),
        "sent": date("sent"),
        "received": date("received"),
        "sender": reference("sender"),
        "recipient": reference("recipient"),
        "based-on": reference("basedOn"),
    },
    "Provenance": {"target": reference("target"), "recorded": date("recorded"), "agent": reference("agent.who"), "patient": reference("target")},
}
"""What is about a client."""

PARAMETERS: dict[str, dict[str, Parameter]] = {**DIRECTORY, **_CLINICAL, **CATALOGUE}
"""Served resource types and, for each, its parameters beside `_id` and `_lastUpdated`."""

TYPES = tuple(PARAMETERS)


def parameter(resource_type: str, name: str) -> Parameter | None:
    return PARAMETERS[resource_type].get(name)
