"""https://hl7.org/fhir/R4/http.html#read"""

from __future__ import annotations

from gateway.context import Context
from gateway.fhir import outcome
from gateway.interaction.answer import Answer, check_scope, events, of, reader, refusals_audited
from gateway.privacy.redaction import redacted
from gateway.store import resource as resources


def read(context: Context, resource_type: str, resource_id: str) -> Answer:
    """The current version. Raises 404 where none is visible, 410 where it was deleted."""
    with refusals_audited(context, "read"):
        check_scope(context, resource_type, "r")
        with context.store.read() as connection:
            mine = reader(context, "r")
            stored = resources.read(connection, mine, resource_type, resource_id)
            shown = redacted(connection, mine, [stored] if stored else [])
        if stored is None:
            raise outcome.not_found(resource_type)
        if stored.deleted:
            raise outcome.deleted(resource_type)
    context.journal.record(events(context, "read", [stored]))
    return of(shown[0])
