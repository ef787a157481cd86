"""Family history -> FamilyMemberHistory (https://hl7.org/fhir/R4/familymemberhistory.html); the relative is not named."""

from __future__ import annotations

from typing import Any

from gateway.record.types import FamilyHistory
from mappings import codes
from mappings.element import UCUM, day, meta, note
from mappings.identity import Site


def of_family_history(history: FamilyHistory, site: Site) -> list[dict[str, Any]]:
    age = history.onset_age
    return [
        {
            "resourceType": "FamilyMemberHistory",
            "id": site.id("family_history", history.id),
            "meta": meta(sensitivity=history.sensitivity),
            "identifier": [site.identifier("family_history", history.id)],
            "status": "completed",
            "patient": site.reference("Patient", "client", history.client),
            "date": day(history.recorded_on),
            "relationship": codes.hl7("v3-RoleCode", history.relationship),
            "deceasedBoolean": history.deceased,
            "note": [note(history.note)],
            "condition": [
                {
                    "code": codes.written(history.codes, history.condition),
                    "onsetAge": None if age is None else {"value": age, "unit": "years", "system": UCUM, "code": "a"},
                }
            ],
        }
    ]
