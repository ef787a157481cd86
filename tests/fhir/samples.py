"""One small valid resource of each main type, to be broken in one place at a time."""

from __future__ import annotations

import copy
from typing import Any

XHTML = "http://www.w3.org/1999/xhtml"
_TERMS = "http://terminology.hl7.org/CodeSystem/"

Resource = dict[str, Any]


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": _TERMS + system, "code": code}]}


_PATIENT = {"reference": "Patient/p1"}
_TEXT = {"text": "Counselling"}

SAMPLES: dict[str, Resource] = {
    "Patient": {
        "id": "p1",
        "text": {"status": "generated", "div": f'<div xmlns="{XHTML}"><p>A client</p></div>'},
        "identifier": [{"system": "urn:example:clients", "value": "17"}],
        "name": [
            {"given": ["Ana", None], "_given": [None, {"extension": [{"url": "http://example.org/e", "valueCode": "masked"}]}], "period": {"start": "2020-01-01", "end": "2020"}}
        ],
        "gender": "female",
        "birthDate": "2004-02-29",
        "telecom": [{"system": "phone", "value": "+1 555 0100"}],
        "contact": [{"name": {"family": "Diaz"}}],
        "extension": [{"url": "http://example.org/e", "valueBoolean": True}],
        "photo": [{"contentType": "image/png", "data": "AAAA"}],
    },
    "Practitioner": {"name": [{"family": "Okafor"}]},
    "PractitionerRole": {"practitioner": {"reference": "https://other.example.org/fhir/Practitioner/9"}},
    "Organization": {"name": "Practice"},
    "Endpoint": {"status": "active", "connectionType": {"code": "hl7-fhir-rest"}, "payloadType": [{"text": "any"}], "address": "https://example.org/fhir"},
    "RelatedPerson": {"patient": _PATIENT},
    "Condition": {
        "clinicalStatus": _concept("condition-clinical", "resolved"),
        "subject": _PATIENT,
        "onsetDateTime": "2024-05",
        "abatementString": "spring",
        "evidence": [{"code": [_TEXT]}],
    },
    "CarePlan": {"status": "active", "intent": "plan", "subject": _PATIENT, "activity": [{"reference": {"reference": "ServiceRequest/s1"}}], "period": {"start": "2024-01-01"}},
    "Goal": {"lifecycleStatus": "active", "description": _TEXT, "subject": _PATIENT, "target": [{"measure": _TEXT, "detailInteger": 4}]},
    "CareTeam": {"subject": _PATIENT, "participant": [{"member": {"reference": "Practitioner/1"}, "onBehalfOf": {"reference": "Organization/1"}}]},
    "ServiceRequest": {"status": "active", "intent": "order", "subject": _PATIENT, "code": _TEXT},
    "Task": {"status": "requested", "intent": "order", "authoredOn": "2024-01-01", "lastModified": "2024-01-01T10:00:00Z"},
    "Observation": {
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        "subject": _PATIENT,
        "effectiveDateTime": "2024-05-06T10:00:00+02:00",
        "valueQuantity": {"value": 12.5, "unit": "score", "system": "http://unitsofmeasure.org", "code": "{score}"},
        "component": [{"code": {"coding": [{"system": "http://loinc.org", "code": "44250-9"}]}, "valueInteger": 1}],
        "referenceRange": [{"low": {"value": 9}}],
    },
    "QuestionnaireResponse": {"status": "completed", "subject": _PATIENT, "item": [{"linkId": "1", "answer": [{"valueInteger": 2}]}]},
    "Questionnaire": {"status": "active", "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "1.1", "type": "choice", "answerOption": [{"valueInteger": 0}]}]}]},
    "MedicationRequest": {
        "contained": [{"resourceType": "Medication", "id": "m", "code": _TEXT}],
        "status": "active",
        "intent": "plan",
        "medicationReference": {"reference": "#m"},
        "subject": _PATIENT,
        "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, "doseAndRate": [{"doseQuantity": {"value": 20, "unit": "mg"}}]}],
    },
    "MedicationStatement": {"status": "active", "medicationCodeableConcept": _TEXT, "subject": _PATIENT},
    "MedicationDispense": {"status": "completed", "medicationCodeableConcept": _TEXT, "whenPrepared": "2024-01-01", "whenHandedOver": "2024-01-02"},
    "AllergyIntolerance": {"clinicalStatus": _concept("allergyintolerance-clinical", "active"), "patient": _PATIENT},
    "Encounter": {"status": "finished", "class": {"system": _TERMS + "v3-ActCode", "code": "AMB"}},
    "Procedure": {"status": "completed", "subject": _PATIENT},
    "DocumentReference": {"status": "current", "content": [{"attachment": {"contentType": "text/plain", "url": "Binary/1"}}]},
    "Consent": {"status": "active", "scope": _concept("consentscope", "patient-privacy"), "category": [_TEXT], "patient": _PATIENT, "policyRule": _TEXT},
    "Communication": {"status": "completed", "payload": [{"contentString": "Side effects reported"}]},
    "Coverage": {"status": "active", "beneficiary": _PATIENT, "payor": [{"display": "A plan"}]},
    "FamilyMemberHistory": {"status": "completed", "patient": _PATIENT, "relationship": _TEXT, "condition": [{"code": _TEXT}]},
    "ClinicalImpression": {"status": "completed", "subject": _PATIENT, "summary": "Better"},
    "Flag": {"status": "active", "code": _TEXT, "subject": _PATIENT},
    "Provenance": {"target": [{"reference": "Task/1/_history/2"}], "recorded": "2024-05-06T10:00:00.123Z", "agent": [{"who": {"reference": "Organization/1"}}]},
    "RiskAssessment": {"status": "final", "subject": _PATIENT, "prediction": [{"probabilityDecimal": 20}]},
    "Bundle": {
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:0d9d5f0a-3b65-4f34-9c4f-6c9a4e0f2b10",
                "resource": {"resourceType": "RelatedPerson", "patient": {"reference": "Patient?identifier=urn:x|1"}},
                "request": {"method": "POST", "url": "RelatedPerson"},
            }
        ],
    },
    "Parameters": {"parameter": [{"name": "resource", "resource": {"resourceType": "Flag", "status": "active", "code": _TEXT, "subject": _PATIENT}}]},
    "List": {"status": "current", "mode": "working", "entry": [{"item": {"reference": "Condition/1"}}]},
    "Composition": {
        "status": "final",
        "type": _TEXT,
        "date": "2024",
        "author": [{"reference": "Practitioner/1"}],
        "title": "Note",
        "section": [{"text": {"status": "additional", "div": f'<div xmlns="{XHTML}">x</div>'}}],
    },
    "Slot": {"schedule": {"reference": "Schedule/1"}, "status": "free", "start": "2024-01-01T10:00:00Z", "end": "2024-01-01T10:50:00Z"},
    "Appointment": {"status": "booked", "start": "2024-01-01T10:00:00Z", "end": "2024-01-01T10:50:00Z", "participant": [{"actor": _PATIENT, "status": "accepted"}]},
}


def sample(resource_type: str) -> Resource:
    """A fresh copy, to be changed at will."""
    return {"resourceType": resource_type} | copy.deepcopy(SAMPLES[resource_type])


def changed(resource_type: str, *changes: tuple[str, Any]) -> Resource:
    """The sample with each place, `contact.0.name` say, set to a value; Ellipsis takes it away."""
    resource = sample(resource_type)
    for place, value in changes:
        _set(resource, place.split("."), value)
    return resource


def _set(resource: Resource, steps: list[str], value: Any) -> None:
    node: Any = resource
    for step in steps[:-1]:
        node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
    key: Any = int(steps[-1]) if isinstance(node, list) else steps[-1]
    if value is ...:
        del node[key]
    else:
        node[key] = copy.deepcopy(value)
