"""References to what a reader may not see are masked, and the resource says that something was left out.

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


def redacted(connection: Connection, reader: Clearance, found: Sequence[Stored]) -> list[Stored]:
    """The same resources as this reader may see them; stored bytes untouched where there is nothing to mask."""
    if reader.everything:
        return list(found)
    named = [{target.decode() for target in _LOCAL.findall(stored.body)} for stored in found]
    there = {f"{stored.type}/{stored.id}" for stored in found}
    asked = set().union(*named) - there if named else set()
    hidden = asked - resources.visible_among(connection, reader, asked) if asked else set()
    return [_masked(stored, hidden) if targets & hidden else stored for stored, targets in zip(found, named, strict=True)]


def _masked(stored: Stored, hidden: set[str]) -> Stored:
    body = _without(parse(stored.body), hidden)
    meta = body.get("meta", {})
    body["meta"] = meta | {"security": [*meta.get("security", []), _REDACTED]}
    return replace(stored, body=render(body))


def _without(node: Any, hidden: set[str]) -> Any:
    if isinstance(node, list):
        return [_without(item, hidden) for item in node]
    if not isinstance(node, dict):
        return node
    target = node.get("reference")
    if isinstance(target, str) and target.partition("/_history/")[0] in hidden:
        return _MASKED
    return {name: _without(value, hidden) for name, value in node.items()}
