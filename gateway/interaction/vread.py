"""https://hl7.org/fhir/R4/http.html#vread"""

from __future__ import annotations

from gateway.context import Context
from gateway.fhir import outcome
from gateway.interaction.answer import Answer, check_scope, events, of, reader, refusals_audited
from gateway.privacy.redaction import redacted
from gateway.store import resource as resources


def vread(context: Context, resource_type: str, resource_id: str, version: str) -> Answer:
    """One version. Raises 404 where it is not visible, 410 where it is the deletion."""
    with refusals_audited(context, "vread"):
        check_scope(context, resource_type, "r")
        number = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0
        with context.store.read() as connection:
            mine = reader(context, "r")
            stored = resources.read_version(connection, mine, resource_type, resource_id, number)
            shown = redacted(connection, mine, [stored] if stored else [])
        if stored is None:
            raise outcome.not_found(resource_type)
        if stored.deleted:
            raise outcome.deleted(resource_type)
    context.journal.record(events(context, "vread", [stored]))
    return of(shown[0])
