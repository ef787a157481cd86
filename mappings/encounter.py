"""Session -> Encounter (US Core)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Session
from mappings import codes
from mappings.element import meta, moment, said
from mappings.identity import Site

_STATUS = {
    "planned": "planned",
    "arrived": "arrived",
    "in-progress": "in-progress",
    "finished": "finished",
    "cancelled": "cancelled",
    "no-show": "cancelled",
}
"""R4 knows no missed visit: it is a cancelled one (https://hl7.org/fhir/R4/valueset-encounter-status.html)."""


def of_session(session: Session, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Encounter",
            "id": site.id("session", session.id),
            "meta": meta("encounter", sensitivity=session.sensitivity),
            "identifier": [site.identifier("session", session.id)],
            "status": _STATUS[session.status],
            "class": codes.translated("session-mode", session.mode),
            "type": [codes.written(session.codes, session.type_text or "Therapy session")],
            "subject": site.reference("Patient", "client", session.client),
            "participant": [_participant(session.clinician, "PPRF", "Therapist", site), _participant(session.supervisor, "PART", "Supervisor", site)],
            "period": {"start": moment(session.start), "end": moment(session.end)},
            "reasonCode": [said(session.reason)],
            "diagnosis": [{"condition": site.reference("Condition", "problem", problem)} for problem in session.problems],
            "serviceProvider": session.place and site.reference("Organization", "practice", session.place),
        }
    ]


def _participant(clinician: str | None, code: str, text: str, site: Site) -> dict[str, Any] | None:
    if clinician is None:
        return None
    return {
        "type": [codes.concept(codes.THO + "v3-ParticipationType", code, text)],
        "individual": site.reference("Practitioner", "clinician", clinician),
    }
