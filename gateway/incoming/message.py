"""A partner's Communication comes in: a message to the practice."""

from __future__ import annotations

from typing import Any

from gateway.clock import from_ms
from gateway.context import Context
from gateway.incoming.ground import client_of, keep, partner_of, resolver, source_of
from gateway.record.types import Message
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from mappings.from_fhir import communication, reading, unheld_beyond
from mappings.from_fhir.reading import Read

_NOT_SENT = ("preparation", "not-done")
"""Statuses by which nobody has been told anything (https://hl7.org/fhir/R4/valueset-event-status.html)."""


def receive_message(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """Keep what the partner says now as one message; the sender is who sent it here, whatever it says."""
    if resource.get("status") in _NOT_SENT:
        return
    practice = context.principal.practice
    resolve = resolver(connection, practice)
    said = communication.parts(resource, resolve) | {"sender": None, "from_partner": partner_of(context, connection)}
    message = Message(
        id=f"Communication-{stored.id}",
        client=client_of(connection, practice, stored.patient),
        sent_at=reading.moment(resource.get("sent")) or from_ms(stored.last_updated),
        patient=f"Patient/{stored.patient}" if stored.patient else None,
        source=source_of(stored),
        **said,
    )
    unheld = unheld_beyond(Read(message, (*communication.FOLDED, "Communication.subject.reference")), [resource], resolve)
    told = {"patient": stored.patient, "category": message.category, "priority": message.priority}
    keep(context, connection, message.model_copy(update={"unheld": unheld}), topic="message-received", told=told)
