"""Release of information -> Consent, in the basic shape of IHE Privacy Consent on FHIR (https://profiles.ihe.net/ITI/PCF).

This is the consent as a document for others to read. What it opens here is decided from the record, not from this.
"""

from __future__ import annotations

from typing import Any

from gateway.record.types import Consent
from mappings import codes
from mappings.element import day, meta
from mappings.identity import Site
from mappings.narrative import narrative

_ACT_CODE = codes.THO + "v3-ActCode"
_PART2 = (_ACT_CODE, "42CFRPart2")
_POLICY = {
    True: ("https://www.ecfr.gov/current/title-42/part-2/section-2.31", _PART2),
    False: ("https://www.ecfr.gov/current/title-45/section-164.508", (codes.THO + "consentpolicycodes", "hipaa-auth")),
}
"""By `part2`: the law the form was signed under, and FHIR's code for it."""
_ACTIONS = {"disclose": ("disclose",), "obtain": ("collect",), "both": ("disclose", "collect")}
_PURPOSES = {
    "treatment": ("TREAT",),
    "care-coordination": ("TREAT", "CAREMGT"),
    "payment": ("HPAYMT",),
    "operations": ("HOPERAT",),
    "legal": ("HLEGAL",),
    "patient-request": ("PATRQT",),
    "other": (),
}
"""v3-ActReason; coordination of care is treatment too (45 CFR 164.501)."""
_TYPES = {
    "demographics": ("Patient", "RelatedPerson"),
    "attendance": ("Encounter",),
    "diagnoses": ("Condition",),
    "medications": ("MedicationRequest", "MedicationStatement", "MedicationDispense", "List", "Observation"),
    "allergies": ("AllergyIntolerance",),
    "assessments": ("Observation", "QuestionnaireResponse", "FamilyMemberHistory", "Flag"),
    "treatment_plan": ("CarePlan", "Goal", "CareTeam", "ServiceRequest", "Task", "Observation"),
    "progress_notes": ("DocumentReference", "Procedure", "ClinicalImpression"),
    "safety_plan": ("CarePlan",),
    "referrals": ("ServiceRequest", "Task"),
    "sud_records": (),
    "coverage": ("Coverage",),
}
"""The resource types in which a category is found; `sud_records` is a label, not a type."""


def of_consent(consent: Consent, site: Site) -> list[dict[str, Any]]:
    uri, rule = _POLICY[consent.part2]
    return [
        {
            "resourceType": "Consent",
            "id": site.id("consent", consent.id),
            "meta": meta(),
            "text": narrative("Release of information", _sections(consent)),
            "identifier": [site.identifier("consent", consent.id)],
            "status": "inactive" if consent.revoked_on else "active",
            "scope": codes.hl7("consentscope", "patient-privacy"),
            "category": [codes.concept(codes.LOINC, "59284-0"), codes.concept(_ACT_CODE, "IDSCL")],
            "patient": site.reference("Patient", "client", consent.client),
            "dateTime": day(consent.signed_on),
            "performer": [_signer(consent, site)],
            "policy": [{"uri": uri}],
            "policyRule": codes.concept(*rule),
            "provision": _provision(consent, site),
        }
    ]


def _signer(consent: Consent, site: Site) -> dict[str, Any]:
    """The record names a guardian who signed, it does not point to one."""
    if consent.signer_is_guardian:
        return {"type": "RelatedPerson", "display": consent.signed_by}
    return site.reference("Patient", "client", consent.client)


def _provision(consent: Consent, site: Site) -> dict[str, Any]:
    """Permits what was released; inside, unless the form opens them, substance use disorder records are denied."""
    opens_part2 = consent.part2 and "sud_records" in consent.categories
    resource_types = dict.fromkeys(found for category in consent.categories for found in _TYPES[category])
    return {
        "type": "permit",
        "period": _in_force(consent),
        "actor": [{"role": codes.hl7("v3-ParticipationType", "IRCP"), "reference": _recipient(consent, site)}],
        "action": [codes.hl7("consentaction", action) for action in _ACTIONS[consent.direction]],
        "securityLabel": [codes.coding(*_PART2)] if opens_part2 else [],
        "purpose": [codes.coding(codes.THO + "v3-ActReason", purpose) for purpose in _PURPOSES[consent.purpose]],
        "class": [codes.coding("http://hl7.org/fhir/resource-types", found) for found in resource_types],
        "code": [codes.concept(codes.RELEASE_CATEGORY, category) for category in dict.fromkeys(consent.categories)],
        "provision": [] if opens_part2 else [{"type": "deny", "securityLabel": [codes.coding(*_PART2)]}],
    }


def _recipient(consent: Consent, site: Site) -> dict[str, Any]:
    on_file = site.reference("PractitionerRole", "partner", consent.partner, "role") if consent.partner else {}
    return on_file | {"display": consent.recipient_text}


def _in_force(consent: Consent) -> dict[str, Any]:
    """From the first day, else the signature, to the last day, or to the revocation where that came before it."""
    ends = [end for end in (consent.period.end, consent.revoked_on) if end]
    start, end = consent.period.start or consent.signed_on, min(ends, default=None)
    return {"start": day(start) if not (start and end and end < start) else None, "end": day(end)}


def _sections(consent: Consent) -> list[tuple[str, Any]]:
    return [
        ("To", consent.recipient_text),
        ("Direction", consent.direction),
        ("Purpose", consent.purpose_text or consent.purpose),
        ("Opens", [codes.table()[codes.RELEASE_CATEGORY, category].display for category in dict.fromkeys(consent.categories)]),
        ("Signed by", consent.signed_by),
        ("Signed on", day(consent.signed_on)),
        ("Ends", consent.expires_event),
        ("Revoked on", day(consent.revoked_on)),
    ]
