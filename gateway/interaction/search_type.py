"""https://hl7.org/fhir/R4/http.html#search"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from gateway.context import Context
from gateway.fhir import bundle
from gateway.fhir.search_parameter import TYPES
from gateway.fhir.search_query import Query, read_query, write_cursor
from gateway.interaction.answer import Answer, check_scope, events, reader, refusals_audited
from gateway.privacy.redaction import redacted
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.resource import Stored
from gateway.store.search import Page, search


def search_type(context: Context, resource_type: str, pairs: Sequence[tuple[str, str]], *, lenient: bool = False) -> Answer:
    """A searchset of what matches and is visible. Raises 400 for a parameter that is not served (unless lenient)."""
    with refusals_audited(context, "search-type"):
        check_scope(context, resource_type, "s")
        readable = [name for name in TYPES if context.allows(name, "r")]
        with context.store.read() as connection:
            query = read_query(resource_type, pairs, zone_of(connection, context.principal.practice), lenient=lenient)
            page = visible_page(connection, context, query, readable)
    context.journal.record(events(context, "search-type", [*page.matches, *page.included]))
    return Answer(200, searchset(context, query, page))


def visible_page(connection: Connection, context: Context, query: Query, readable: Sequence[str]) -> Page:
    """One page as this client may see it, references to what it may not see masked."""
    found_by = reader(context, "s")
    page = search(connection, found_by, query, readable, reader(context, "r"))
    shown = redacted(connection, found_by, [*page.matches, *page.included])
    return replace(page, matches=shown[: len(page.matches)], included=shown[len(page.matches) :])


def searchset(context: Context, query: Query, page: Page) -> bytes:
    """The Bundle: matches, then what they include; the self link says what was applied."""
    base = f"{context.base_url}/{query.resource_type}"
    links = [("self", _url(base, query.applied))]
    if page.after is not None:
        links.append(("next", _url(base, [*query.applied, ("_cursor", write_cursor(*page.after))])))
    entries = [_entry(context, stored, "match") for stored in page.matches] + [_entry(context, stored, "include") for stored in page.included]
    return bundle.join("searchset", entries, total=page.total, links=links)


def _url(base: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{base}?{urlencode(pairs, safe=':/|,$')}" if pairs else base


def _entry(context: Context, stored: Stored, mode: str) -> bundle.Entry:
    return bundle.Entry(f"{context.base_url}/{stored.type}/{stored.id}", stored.body, {"search": {"mode": mode}})
