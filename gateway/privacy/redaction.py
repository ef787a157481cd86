"""References to what a reader may not see are masked, as is what the front desk has no business with; the resource says that something was left out.

DS4P: `meta.security` REDACTED (http://terminology.hl7.org/CodeSystem/v3-ObservationValue); the reference becomes a
data-absent-reason `masked` (https://hl7.org/fhir/R4/extension-data-absent-reason.html).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.fhir.json import parse, render
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from gateway.store.visible import Clearance

_LOCAL = re.compile(rb'"reference":"([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[^"]+)?"')
_MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}
_REDACTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}


_LOGISTICS = frozenset(["resourceType", "id", "meta", "identifier", "status", "class", "type", "serviceType", "subject", "participant"]) | frozenset(
    ["appointment", "period", "length", "location", "serviceProvider"]
)
"""Of a visit: who comes, when and where, and not why."""


def redacted(connection: Connection, reader: Clearance, found: Sequence[Stored]) -> list[Stored]:
    """The same resources as this reader may see them; stored bytes untouched where there is nothing to mask."""
    if reader.everything:
        return list(found)
    named = [{target.decode() for target in _LOCAL.findall(stored.body)} for stored in found]
    there = {f"{stored.type}/{stored.id}" for stored in found}
    asked = set().union(*named) - there if named else set()
    hidden = asked - resources.visible_among(connection, reader, asked) if asked else set()
    masked = [_masked(stored, hidden) if targets & hidden else stored for stored, targets in zip(found, named, strict=True)]
    return _without_reasons(connection, reader, masked)


def _without_reasons(connection: Connection, reader: Clearance, found: list[Stored]) -> list[Stored]:
    """Visits that this reader sees for the front desk alone, by their logistics."""
    visits = {f"Encounter/{stored.id}" for stored in found if stored.type == "Encounter" and not stored.deleted} if "desk" in reader.kinds else set()
    if not visits:
        return found
    otherwise = replace(reader, relations=tuple(relation for relation in reader.relations if relation != "desk"))
    whole = resources.visible_among(connection, otherwise, visits)
    return [_logistics(stored) if f"{stored.type}/{stored.id}" in visits - whole else stored for stored in found]


def _logistics(visit: Stored) -> Stored:
    body = parse(visit.body)
    return _marked(visit, {name: value for name, value in body.items() if name in _LOGISTICS}) if body.keys() - _LOGISTICS else visit


def _masked(stored: Stored, hidden: set[str]) -> Stored:
    return _marked(stored, _without(parse(stored.body), hidden))


def _marked(stored: Stored, body: dict[str, Any]) -> Stored:
    meta = body.get("meta", {})
    labels = meta.get("security", [])
    return replace(stored, body=render(body | {"meta": meta | {"security": labels if _REDACTED in labels else [*labels, _REDACTED]}}))


def _without(node: Any, hidden: set[str]) -> Any:
    if isinstance(node, list):
        return [_without(item, hidden) for item in node]
    if not isinstance(node, dict):
        return node
    target = node.get("reference")
    if isinstance(target, str) and target.partition("/_history/")[0] in hidden:
        return _MASKED
    return {name: _without(value, hidden) for name, value in node.items()}
