"""https://hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from gateway.clock import instant
from gateway.context import Context
from gateway.fhir import bundle, outcome
from gateway.interaction.answer import Answer, check_scope, events, reader, refusals_audited
from gateway.privacy.redaction import redacted
from gateway.store import resource as resources
from gateway.store.resource import Stored

_STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}


def history_instance(context: Context, resource_type: str, resource_id: str) -> Answer:
    """Every version this client may see, newest first, as a history Bundle. Raises 404 where there is none."""
    with refusals_audited(context, "history-instance"):
        check_scope(context, resource_type, "r")
        with context.store.read() as connection:
            mine = reader(context, "r")
            versions = redacted(connection, mine, resources.history(connection, mine, resource_type, resource_id))
        if not versions:
            raise outcome.not_found(resource_type)
    context.journal.record(events(context, "history-instance", versions[:1]))
    url = f"{context.base_url}/{resource_type}/{resource_id}"
    return Answer(200, bundle.join("history", [_entry(url, stored) for stored in versions], total=len(versions), links=[("self", f"{url}/_history")]))


def _entry(url: str, stored: Stored) -> bundle.Entry:
    address = stored.type if stored.method == "POST" else f"{stored.type}/{stored.id}"
    response = {"status": _STATUS[stored.method], "etag": stored.etag, "lastModified": instant(stored.last_updated)}
    return bundle.Entry(url, stored.body, {"request": {"method": stored.method, "url": address}, "response": response})
