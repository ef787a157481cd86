"""Resources broken in one place: what each breaks -> (resource, issue code, FHIRPath of the fault)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.fhir.samples import XHTML, changed, sample

Case = tuple[dict[str, Any], str, str]

_UCUM = "http://unitsofmeasure.org"
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_IN_ERROR = {"coding": [{"system": _TERMS + "allergyintolerance-verification", "code": "entered-in-error"}]}
_CONDITION_IN_ERROR = {"coding": [{"system": _TERMS + "condition-ver-status", "code": "entered-in-error"}]}
_REPEAT = "dosageInstruction.0.timing.repeat"
_REPEAT_PATH = "MedicationRequest.dosageInstruction[0].timing.repeat"


def _div(body: str, attributes: str = f'xmlns="{XHTML}"') -> dict[str, Any]:
    return changed("Patient", ("text.div", f"<div {attributes}>{body}</div>"))


STRUCTURE: dict[str, Case] = {
    "no resourceType": ({"id": "x"}, "required", "resourceType"),
    "an unknown type": ({"resourceType": "Client"}, "structure", "resourceType"),
    "an unknown element": (changed("Patient", ("nickname", "x")), "structure", "Patient.nickname"),
    "a missing element": (changed("Condition", ("subject", ...)), "required", "Condition.subject"),
    "a missing code": (changed("Observation", ("status", ...)), "required", "Observation.status"),
    "no choice made": (changed("MedicationStatement", ("medicationCodeableConcept", ...)), "required", "MedicationStatement.medication"),
    "two choices made": (changed("Observation", ("valueString", "x")), "structure", "Observation.value"),
    "a code outside its set": (changed("Patient", ("gender", "F")), "code-invalid", "Patient.gender"),
    "a concept outside its set": (changed("Condition", ("clinicalStatus.coding.0.code", "better")), "code-invalid", "Condition.clinicalStatus"),
    "a concept of another system": (changed("Condition", ("clinicalStatus.coding.0.system", "http://x.org")), "code-invalid", "Condition.clinicalStatus"),
    "a concept in words alone": (changed("AllergyIntolerance", ("clinicalStatus", {"text": "active"})), "code-invalid", "AllergyIntolerance.clinicalStatus"),
    "an id of 65 characters": (changed("Patient", ("id", "a" * 65)), "value", "Patient.id"),
    "an id with a slash": (changed("Patient", ("id", "a/b")), "value", "Patient.id"),
    "a reference to a wrong type": (changed("Condition", ("subject.reference", "Practitioner/1")), "value", "Condition.subject.reference"),
    "a reference without a type": (changed("Condition", ("subject.reference", "17")), "value", "Condition.subject.reference"),
    "a reference to no type of R4": (changed("Provenance", ("target.0.reference", "Client/1")), "value", "Provenance.target[0].reference"),
    "an absolute reference to a wrong type": (changed("Condition", ("subject.reference", "https://x.org/fhir/Device/1")), "value", "Condition.subject.reference"),
    "an empty object": (changed("Patient", ("contact.0.name", {})), "structure", "Patient.contact[0].name"),
    "an empty list": (changed("Patient", ("name", [])), "structure", "Patient.name"),
    "null": (changed("Patient", ("gender", None)), "structure", "Patient.gender"),
    "null in a list": (changed("Patient", ("name", [None])), "structure", "Patient.name[0]"),
    "null for which no extension stands": (changed("Patient", ("name.0._given.1", None)), "structure", "Patient.name[0].given[1]"),
    "an object for a list": (changed("Patient", ("name", {"family": "x"})), "structure", "Patient.name"),
    "a list for a value": (changed("Patient", ("gender", ["female"])), "structure", "Patient.gender"),
    "text for an object": (changed("Patient", ("contact", ["x"])), "structure", "Patient.contact[0]"),
    "empty text": (changed("Organization", ("name", "")), "value", "Organization.name"),
    "blank text": (changed("Organization", ("name", " \t\u00a0")), "value", "Organization.name"),
    "a control character": (changed("Organization", ("name", "a\x00b")), "value", "Organization.name"),
    "a boolean as text": (changed("Patient", ("extension.0.valueBoolean", "true")), "value", "Patient.extension[0].value"),
    "an integer as text": (changed("QuestionnaireResponse", ("item.0.answer.0.valueInteger", "2")), "value", "QuestionnaireResponse.item[0].answer[0].value"),
    "an integer with a point": (changed("QuestionnaireResponse", ("item.0.answer.0.valueInteger", Decimal("2.0"))), "value", "QuestionnaireResponse.item[0].answer[0].value"),
    "an integer past 32 bits": (changed("QuestionnaireResponse", ("item.0.answer.0.valueInteger", 2**31)), "value", "QuestionnaireResponse.item[0].answer[0].value"),
    "a decimal as text": (changed("Observation", ("valueQuantity.value", "12.5")), "value", "Observation.value.value"),
    "a uri with a space": (changed("Patient", ("identifier.0.system", "urn:a b")), "value", "Patient.identifier[0].system"),
    "bad base64": (changed("Patient", ("photo.0.data", "AAA*")), "value", "Patient.photo[0].data"),
    "base64 without padding": (changed("Patient", ("photo.0.data", "AAAAA")), "value", "Patient.photo[0].data"),
    "30 February": (changed("Patient", ("birthDate", "2026-02-30")), "value", "Patient.birthDate"),
    "29 February of a plain year": (changed("Patient", ("birthDate", "1900-02-29")), "value", "Patient.birthDate"),
    "a date written otherwise": (changed("Patient", ("birthDate", "02/03/2004")), "value", "Patient.birthDate"),
    "a dateTime without a zone": (changed("Observation", ("effectiveDateTime", "2024-05-06T10:00:00")), "value", "Observation.effective"),
    "an instant of a day": (changed("Provenance", ("recorded", "2024-05-06")), "value", "Provenance.recorded"),
    "a code with a space at its end": (changed("Observation", ("code.coding.0.code", "44261-6 ")), "value", "Observation.code.coding[0].code"),
    "a media type without a slash": (changed("Patient", ("photo.0.contentType", "png")), "code-invalid", "Patient.photo[0].contentType"),
    "an unknown contained type": (changed("MedicationRequest", ("contained.0.resourceType", "Pill")), "structure", "MedicationRequest.contained[0].resourceType"),
    "an invalid contained resource": (changed("MedicationRequest", ("contained.0.status", "gone")), "code-invalid", "MedicationRequest.contained[0].status"),
    "an invalid resource in Parameters": (changed("Parameters", ("parameter.0.resource.status", "on")), "code-invalid", "Parameters.parameter[0].resource.status"),
    "a surrogate": (changed("Organization", ("name", "\ud800")), "structure", "Organization"),
}

INVARIANTS: dict[str, Case] = {
    "ext-1, both": (changed("Patient", ("extension.0.extension", [{"url": "u", "valueCode": "c"}])), "invariant", "Patient.extension[0]"),
    "ext-1, neither": (changed("Patient", ("extension.0.valueBoolean", ...)), "invariant", "Patient.extension[0]"),
    "ele-1": (changed("Patient", ("contact.0.name", {"id": "a"})), "invariant", "Patient.contact[0].name"),
    "per-1": (changed("CarePlan", ("period.end", "2023-12")), "invariant", "CarePlan.period"),
    "per-1, with zones": (changed("CarePlan", ("period", {"start": "2024-01-01T10:00:00Z", "end": "2024-01-01T10:30:00+01:00"})), "invariant", "CarePlan.period"),
    "rng-2": (changed("Goal", ("target.0", {"measure": {"text": "x"}, "detailRange": {"low": {"value": 5}, "high": {"value": 4}}})), "invariant", "Goal.target[0].detail"),
    "ref-1": (changed("Condition", ("subject.reference", "#gone")), "invariant", "Condition.subject"),
    "qty-3": (changed("Observation", ("valueQuantity.system", ...)), "invariant", "Observation.value"),
    "cpt-2": (changed("Patient", ("telecom.0.system", ...)), "invariant", "Patient.telecom[0]"),
    "att-1": (changed("Patient", ("photo.0.contentType", ...)), "invariant", "Patient.photo[0]"),
    "rat-1": (changed("Observation", ("valueQuantity", ...), ("valueRatio", {"numerator": {"value": 1}})), "invariant", "Observation.value"),
    "tim-1": (changed("MedicationRequest", (f"{_REPEAT}.duration", 1)), "invariant", _REPEAT_PATH),
    "tim-2": (changed("MedicationRequest", (f"{_REPEAT}.periodUnit", ...)), "invariant", _REPEAT_PATH),
    "tim-5": (changed("MedicationRequest", (f"{_REPEAT}.period", -1)), "invariant", _REPEAT_PATH),
    "tim-6": (changed("MedicationRequest", (_REPEAT, {"periodMax": 2})), "invariant", _REPEAT_PATH),
    "tim-8": (changed("MedicationRequest", (f"{_REPEAT}.countMax", 2)), "invariant", _REPEAT_PATH),
    "tim-9": (changed("MedicationRequest", (f"{_REPEAT}.offset", 2), (f"{_REPEAT}.when", ["C"])), "invariant", _REPEAT_PATH),
    "tim-10": (changed("MedicationRequest", (f"{_REPEAT}.when", ["AC"]), (f"{_REPEAT}.timeOfDay", ["10:00:00"])), "invariant", _REPEAT_PATH),
    "dom-2": (changed("MedicationRequest", ("contained.0.contained", [{"resourceType": "Patient"}])), "invariant", "MedicationRequest.contained[0].contained"),
    "dom-3": (changed("MedicationRequest", ("medicationReference.reference", "Medication/1")), "invariant", "MedicationRequest.contained[0]"),
    "dom-4": (changed("MedicationRequest", ("contained.0.meta.versionId", "1")), "invariant", "MedicationRequest.contained[0].meta"),
    "dom-5": (changed("MedicationRequest", ("contained.0.meta.security", [{"code": "R"}])), "invariant", "MedicationRequest.contained[0].meta.security"),
    "ait-1": (changed("AllergyIntolerance", ("clinicalStatus", ...)), "invariant", "AllergyIntolerance"),
    "ait-2": (changed("AllergyIntolerance", ("verificationStatus", _IN_ERROR)), "invariant", "AllergyIntolerance"),
    "app-1": (changed("Appointment", ("participant.0.actor", ...)), "invariant", "Appointment.participant[0]"),
    "app-2": (changed("Appointment", ("end", ...)), "invariant", "Appointment"),
    "app-period": (changed("Appointment", ("end", "2024-01-01T10:00:00+01:00")), "invariant", "Appointment.end"),
    "slot-period": (changed("Slot", ("end", "2023-01-01T10:00:00Z")), "invariant", "Slot.end"),
    "contained-id": (
        changed("MedicationRequest", ("contained", sample("MedicationRequest")["contained"] * 2)),
        "invariant",
        "MedicationRequest.contained[1].id",
    ),
    "bdl-9": (changed("Bundle", ("type", "document")), "invariant", "Bundle.identifier"),
    "bdl-1": (changed("Bundle", ("total", 1)), "invariant", "Bundle"),
    "bdl-2": (changed("Bundle", ("entry.0.search", {"mode": "match"})), "invariant", "Bundle.entry[0].search"),
    "bdl-3": (changed("Bundle", ("entry.0.request", ...)), "invariant", "Bundle.entry[0]"),
    "bdl-4": (changed("Bundle", ("entry.0.response", {"status": "200"})), "invariant", "Bundle.entry[0]"),
    "bdl-5": (changed("Bundle", ("type", "collection"), ("entry", [{"fullUrl": "urn:x:1"}])), "invariant", "Bundle.entry[0]"),
    "bdl-7": (changed("Bundle", ("entry", sample("Bundle")["entry"] * 2)), "invariant", "Bundle.entry[1].fullUrl"),
    "bdl-8": (changed("Bundle", ("entry.0.fullUrl", "https://x.org/Patient/1/_history/2")), "invariant", "Bundle.entry[0].fullUrl"),
    "bdl-11": (changed("Bundle", ("type", "document")), "invariant", "Bundle.entry"),
    "bdl-12": (changed("Bundle", ("type", "message")), "invariant", "Bundle.entry"),
    "cpl-3": (changed("CarePlan", ("activity.0.detail", {"status": "scheduled"})), "invariant", "CarePlan.activity[0]"),
    "cmp-1": (changed("Composition", ("section", [{"title": "Empty"}])), "invariant", "Composition.section[0]"),
    "con-2": (changed("Condition", ("evidence", [{"id": "a", "extension": [{"url": "u", "valueCode": "c"}]}])), "invariant", "Condition.evidence[0]"),
    "con-4": (changed("Condition", ("clinicalStatus.coding.0.code", "active")), "invariant", "Condition"),
    "con-5": (changed("Condition", ("verificationStatus", _CONDITION_IN_ERROR)), "invariant", "Condition"),
    "ctm-1": (changed("CareTeam", ("participant.0.member.reference", "RelatedPerson/1")), "invariant", "CareTeam.participant[0].onBehalfOf"),
    "gol-1": (changed("Goal", ("target.0.measure", ...)), "invariant", "Goal.target[0]"),
    "inv-1 of Parameters": (changed("Parameters", ("parameter.0.valueString", "x")), "invariant", "Parameters.parameter[0]"),
    "inv-1 of Task": (changed("Task", ("lastModified", "2023-12-31")), "invariant", "Task.lastModified"),
    "lst-1": (changed("List", ("emptyReason", {"text": "x"})), "invariant", "List"),
    "lst-2": (changed("List", ("entry.0.deleted", True)), "invariant", "List"),
    "mdd-1": (changed("MedicationDispense", ("whenHandedOver", "2023")), "invariant", "MedicationDispense.whenHandedOver"),
    "obs-3": (changed("Observation", ("referenceRange.0", {"type": {"text": "x"}})), "invariant", "Observation.referenceRange[0]"),
    "obs-6": (changed("Observation", ("dataAbsentReason", {"text": "x"})), "invariant", "Observation"),
    "obs-7": (changed("Observation", ("component.0.code.coding.0.code", "44261-6")), "invariant", "Observation.component[0].code"),
    "org-1": (changed("Organization", ("name", ...), ("active", True)), "invariant", "Organization"),
    "org-3": (changed("Organization", ("telecom", [{"system": "phone", "value": "1", "use": "home"}])), "invariant", "Organization"),
    "pat-1": (changed("Patient", ("contact", [{"gender": "male"}])), "invariant", "Patient.contact[0]"),
    "ppc-1": (changed("Consent", ("policyRule", ...)), "invariant", "Consent"),
    "prr-1": (changed("ServiceRequest", ("code", ...), ("orderDetail", [{"text": "x"}])), "invariant", "ServiceRequest"),
    "que-1": (changed("Questionnaire", ("item.0.item", ...)), "invariant", "Questionnaire.item[0]"),
    "que-2": (changed("Questionnaire", ("item.0.item.0.linkId", "1")), "invariant", "Questionnaire.item[0].item[0].linkId"),
    "que-11": (changed("Questionnaire", ("item.0.item.0.initial", [{"valueInteger": 0}])), "invariant", "Questionnaire.item[0].item[0]"),
    "qrs-1": (changed("QuestionnaireResponse", ("item.0.item", [{"linkId": "2"}])), "invariant", "QuestionnaireResponse.item[0]"),
    "ras-1": (
        changed("RiskAssessment", ("prediction.0", {"probabilityRange": {"low": {"value": 1, "code": "1", "system": _UCUM}}})),
        "invariant",
        "RiskAssessment.prediction[0].probability",
    ),
    "ras-2": (changed("RiskAssessment", ("prediction.0.probabilityDecimal", 101)), "invariant", "RiskAssessment.prediction[0]"),
}

NARRATIVE: dict[str, Case] = {
    "a script": (_div("<script>alert(1)</script>"), "invariant", "Patient.text.div"),
    "an event attribute": (_div('<p onclick="x()">x</p>'), "invariant", "Patient.text.div"),
    "a link that runs": (_div('<a href="java&#10;script:x()">x</a>'), "invariant", "Patient.text.div"),
    "a link without a scheme to another host": (_div('<a href="//evil.example">x</a>'), "invariant", "Patient.text.div"),
    "an image from elsewhere": (_div('<img src="https://evil.example/p.png"/>'), "invariant", "Patient.text.div"),
    "an image that is SVG": (_div('<img src="data:image/svg+xml;base64,AAAA"/>'), "invariant", "Patient.text.div"),
    "a style that loads": (_div('<p style="background:url(https://evil.example/x)">x</p>'), "invariant", "Patient.text.div"),
    "a style that hides its scheme": (_div('<p style="background:u\\72l(x)">x</p>'), "invariant", "Patient.text.div"),
    "a frame": (_div('<iframe src="x"/>'), "invariant", "Patient.text.div"),
    "a form": (_div("<form><input/></form>"), "invariant", "Patient.text.div"),
    "SVG": (_div('<svg xmlns="http://www.w3.org/2000/svg"/>x'), "invariant", "Patient.text.div"),
    "a processing instruction": (_div("<?php x ?>x"), "invariant", "Patient.text.div"),
    "no text": (_div(" <p> </p>"), "invariant", "Patient.text.div"),
    "HTML that is not XML": (_div("<p>x<br>"), "structure", "Patient.text.div"),
    "an HTML entity": (_div("a&nbsp;b"), "structure", "Patient.text.div"),
    "no namespace": (_div("x", ""), "structure", "Patient.text.div"),
    "two divs": (changed("Patient", ("text.div", f'<div xmlns="{XHTML}">x</div><div xmlns="{XHTML}">y</div>')), "structure", "Patient.text.div"),
    "an entity from a file": (
        changed("Patient", ("text.div", f'<!DOCTYPE div [<!ENTITY e SYSTEM "file:///etc/passwd">]><div xmlns="{XHTML}">&e;</div>')),
        "structure",
        "Patient.text.div",
    ),
    "script in a section": (changed("Composition", ("section.0.text.div", f'<div xmlns="{XHTML}"><script/>x</div>')), "invariant", "Composition.section[0].text.div"),
}

BROKEN: dict[str, Case] = STRUCTURE | INVARIANTS | NARRATIVE
