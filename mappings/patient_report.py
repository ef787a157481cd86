"""What the client says without a questionnaire -> Observation: preferences (US Core) and possible side effects."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Preference, SideEffect
from mappings import codes
from mappings.element import day, meta, note, said
from mappings.identity import Site

_PREFERENCES = {
    "care-experience": ("care-experience-preference", "95541-9", "How the client wants to be treated"),
    "treatment": ("treatment-intervention-preference", "75773-2", "What the client wants of treatment"),
}
"""By what it is about: US Core profile (7.0.0 and 8.0.0; 6.1.0 has none), LOINC code, our words.

No category: US Core's code for it is unknown to 6.1.0, and the profile asks for none.
"""


def of_preference(preference: Preference, site: Site) -> list[dict[str, Any]]:
    name, code, text = _PREFERENCES[preference.about]
    return [
        _reported("preference", preference, site)
        | {
            "meta": meta(name, sensitivity=preference.sensitivity),
            "code": codes.concept(codes.LOINC, code, text),
            "effectiveDateTime": day(preference.recorded_on),
            "valueString": preference.text,
        }
    ]


def of_side_effect(effect: SideEffect, site: Site) -> list[dict[str, Any]]:
    """The client's words for the prescriber to judge: no code says that the medication is the cause."""
    return [
        _reported("side_effect", effect, site)
        | {
            "meta": meta(sensitivity=effect.sensitivity),
            "category": [codes.concept(codes.REPORT, "side-effect")],
            "code": said("Possible side effect of a medication"),
            "focus": [effect.medication and site.reference("MedicationRequest", "medication_note", effect.medication)],
            "effectiveDateTime": day(effect.noticed_on),
            "valueCodeableConcept": said(effect.effect),
            "interpretation": [said(effect.severity)],
            "note": [note(effect.note)],
        }
    ]


def _reported(kind: str, record: Preference | SideEffect, site: Site) -> dict[str, Any]:
    """The client reported it, so the client performed; who wrote it down stands beside."""
    client = site.reference("Patient", "client", record.client)
    return {
        "resourceType": "Observation",
        "id": site.id(kind, record.id),
        "identifier": [site.identifier(kind, record.id)],
        "status": "final",
        "subject": client,
        "performer": [client, record.recorder and site.reference("Practitioner", "clinician", record.recorder)],
    }
