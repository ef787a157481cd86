"""https://hl7.org/fhir/R4/http.html#create, conditional create included."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qsl

from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.search_query import read_query
from gateway.interaction.answer import Answer, check_scope, events, of, reader, refusals_audited
from gateway.interaction.write import check_body, store_new
from gateway.privacy.redaction import redacted
from gateway.store import audit
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.resource import Stored
from gateway.store.search import find


def create(context: Context, resource_type: str, resource: dict[str, Any], if_none_exist: str | None = None) -> Answer:
    """201 with the new resource and its Location; 200 with the one that is there where `if_none_exist` finds it."""
    with refusals_audited(context, "create"):
        check_scope(context, resource_type, "c")
        check_body(resource, resource_type, "create")
        with context.store.change() as connection:
            existing = matching(context, connection, resource_type, if_none_exist)
            stored = existing or store_new(context, connection, resource | {"id": str(uuid.uuid4())})
            audit.append(connection, events(context, "create", [stored]))
    answer = of(stored, 200 if existing else 201)
    answer.headers["Location"] = f"{context.base_url}/{stored.type}/{stored.id}/_history/{stored.version}"
    return answer


def matching(context: Context, connection: Connection, resource_type: str, condition: str | None) -> Stored | None:
    """The one visible resource a condition finds, as this client may see it, or None. Raises 412 for several, 400 for a condition that says nothing."""
    if condition is None:
        return None
    check_scope(context, resource_type, "s")
    query = read_query(resource_type, parse_qsl(condition.partition("?")[2] or condition), zone_of(connection, context.principal.practice))
    if not (query.criteria or query.ids or query.patients):
        raise outcome.bad_parameter("If-None-Exist", "must hold at least one search parameter, identifier=system|value say.")
    mine = reader(context, "s")
    found = find(connection, mine, query)
    if len(found) > 1:
        raise outcome.multiple_matches(resource_type)
    return redacted(connection, mine, found)[0] if found else None
