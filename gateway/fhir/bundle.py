"""Bundles joined from stored bytes: what was rendered once is served untouched (https://hl7.org/fhir/R4/bundle.html)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson


class Entry(NamedTuple):
    """One entry: the resource's bytes (empty for a deletion) and the JSON object that follows it, if any."""

    full_url: str
    body: bytes
    rest: dict[str, object]


def join(bundle_type: str, entries: Iterable[Entry], *, total: int | None = None, links: Sequence[tuple[str, str]] = (), timestamp: str | None = None) -> bytes:
    """A Bundle as JSON bytes; `links` are (relation, url)."""
    head: dict[str, object] = {"resourceType": "Bundle", "type": bundle_type}
    if timestamp is not None:
        head["timestamp"] = timestamp
    if total is not None:
        head["total"] = total
    if links:
        head["link"] = [{"relation": relation, "url": url} for relation, url in links]
    joined = b",".join(_entry(entry) for entry in entries)
    return orjson.dumps(head)[:-1] + (b',"entry":[' + joined + b"]}" if joined else b"}")


def _entry(entry: Entry) -> bytes:
    parts = [b'"fullUrl":' + orjson.dumps(entry.full_url)] if entry.full_url else []
    if entry.body:
        parts.append(b'"resource":' + entry.body)
    if entry.rest:
        parts.append(orjson.dumps(entry.rest)[1:-1])
    return b"{" + b",".join(parts) + b"}"
