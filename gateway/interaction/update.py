"""https://hl7.org/fhir/R4/http.html#update"""

from __future__ import annotations

from typing import Any

from gateway.context import Context
from gateway.fhir import outcome
from gateway.interaction.answer import Answer, check_scope, events, of, refusals_audited
from gateway.interaction.write import check_body, expected_version, store_next
from gateway.store import audit


def update(context: Context, resource_type: str, resource_id: str, resource: dict[str, Any], if_match: str | None = None) -> Answer:
    """The next version. Ids are given by this server: an unknown id is 404, never created."""
    with refusals_audited(context, "update"):
        check_scope(context, resource_type, "u")
        check_body(resource, resource_type, "update")
        if resource.get("id") != resource_id:
            raise outcome.id_differs(resource_type)
        with context.store.change() as connection:
            stored = store_next(context, connection, resource, expected_version(resource_type, if_match))
            audit.append(connection, events(context, "update", [stored]))
    return of(stored)
