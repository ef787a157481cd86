"""Communication -> message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.record.types import Message
from mappings.codes import THO
from mappings.communication import TOPICS
from mappings.from_fhir import reading
from mappings.from_fhir.reading import Read
from mappings.from_fhir.unheld import Resolve

_STATUS = ("preparation", "in-progress", "completed", "entered-in-error")
_CATEGORIES = ("notification", "alert", "reminder", "instruction")
_PRIORITIES = ("routine", "urgent", "asap", "stat")
_TOPIC_OF = {words: topic for topic, words in TOPICS.items()}
FOLDED = reading.folded("Communication", "payload.contentString", "topic.coding.display")


def read(record_id: str, resource: dict[str, Any], _: Sequence[dict[str, Any]], resolve: Resolve) -> Read | None:
    """None also for what was never said; what is on hold or stopped is on its way."""
    client, sent_at = resolve(str(reading.first(resource, "subject.reference")), "client"), reading.moment(resource.get("sent"))
    if client is None or sent_at is None or resource.get("status") == "not-done":
        return None
    return Read(Message(id=record_id, client=client, sent_at=sent_at, **parts(resource, resolve)), FOLDED)


def parts(resource: dict[str, Any], resolve: Resolve) -> dict[str, Any]:
    """The fields of a message beside its id, its client and its moment."""
    sender, recipients = str(reading.first(resource, "sender.reference")), [str(found) for found in reading.every(resource, "recipient.reference")]
    return {
        "sender": resolve(sender, "clinician"),
        "from_partner": resolve(sender, "partner"),
        "to": _first_of(recipients, "clinician", resolve),
        "partner": _first_of(recipients, "partner", resolve),
        "to_client": _first_of(recipients, "client", resolve) is not None and _first_of(recipients, "client", resolve) == resolve(_subject(resource), "client"),
        "category": reading.coded_word(resource, "category", THO + "communication-category", _CATEGORIES) or "notification",
        "topic": next((_TOPIC_OF[words] for words in reading.every(resource, "reasonCode.text") if words in _TOPIC_OF), "other"),
        "priority": reading.one_of(_PRIORITIES, resource.get("priority")) or "routine",
        "subject": reading.title_of(resource.get("topic")),
        "text": reading.joined(reading.every(resource, "payload.contentString")),
        "referral": _first_of([str(found) for found in reading.every(resource, "basedOn.reference")], "referral", resolve),
        "medications": tuple(found for about in reading.every(resource, "about.reference") if (found := resolve(str(about), "medication_note"))),
        "in_reply_to": _first_of([str(found) for found in reading.every(resource, "inResponseTo.reference")], "message", resolve),
        "status": reading.one_of(_STATUS, resource.get("status")) or "in-progress",
        "sensitivity": reading.sensitivity(resource),
    }


def _subject(resource: dict[str, Any]) -> str:
    return str(reading.first(resource, "subject.reference"))


def _first_of(references: Sequence[str], kind: str, resolve: Resolve) -> str | None:
    return next((found for reference in references if (found := resolve(reference, kind))), None)
