"""Message -> Communication (https://hl7.org/fhir/R4/communication.html): from one of us or a partner, to one of us, a partner or the client."""

from __future__ import annotations

from typing import Any

from gateway.record.types import Message
from mappings import codes
from mappings.element import meta, moment, said
from mappings.identity import Site

TOPICS = {
    "medication-evaluation": "Medication evaluation requested",
    "side-effect": "Side effect",
    "progress": "Progress",
    "appointment": "Appointment",
    "safety": "Safety",
    "advocacy": "Advocacy",
}
"""What a message is about, in words: no code of HL7's says these; `other` says nothing."""


def of_message(message: Message, site: Site) -> list[dict[str, Any]]:
    """`topic` is the subject line (so R4 defines it), `reasonCode` our topic."""
    client = message.client and site.reference("Patient", "client", message.client)
    return [
        {
            "resourceType": "Communication",
            "id": site.id("message", message.id),
            "meta": meta(sensitivity=message.sensitivity),
            "identifier": [site.identifier("message", message.id)],
            "basedOn": [message.referral and site.reference("ServiceRequest", "referral", message.referral)],
            "inResponseTo": [message.in_reply_to and site.reference("Communication", "message", message.in_reply_to)],
            "status": message.status,
            "category": [codes.hl7("communication-category", message.category)],
            "priority": message.priority,
            "subject": client,
            "topic": said(message.subject),
            "about": [site.reference("MedicationRequest", "medication_note", medication) for medication in message.medications],
            "sent": moment(message.sent_at),
            "recipient": [_clinician(message.to, site), _partner(message.partner, site), client if message.to_client else None],
            "sender": _clinician(message.sender, site) or _partner(message.from_partner, site),
            "reasonCode": [said(TOPICS.get(message.topic))],
            "payload": [{"contentString": message.text}],
        }
    ]


def _clinician(clinician: str | None, site: Site) -> dict[str, Any] | None:
    return site.reference("PractitionerRole", "clinician", clinician, "role") if clinician else None


def _partner(partner: str | None, site: Site) -> dict[str, Any] | None:
    return site.reference("PractitionerRole", "partner", partner, "role") if partner else None
