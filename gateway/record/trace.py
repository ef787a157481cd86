"""Provenance of what an intake wrote: who, when, from which record."""

from __future__ import annotations

from typing import Any

from gateway.clock import instant
from gateway.context import Context
from gateway.record.types import Record
from gateway.store.resource import Stored
from mappings.identity import Site

_DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_AUTHORS = ("author", "clinician", "recorder", "noted_by", "therapist")
_UNTRACED = ("Organization", "Practitioner", "PractitionerRole", "Endpoint")


def provenances(context: Context, record: Record, written: list[Stored], site: Site, *, update: bool) -> list[tuple[dict[str, Any], Stored]]:
    """One Provenance for each set of resources that are seen by the same readers, with one of its targets (US Core Provenance)."""
    groups: dict[tuple[int, int], list[Stored]] = {}
    for stored in written:
        if stored.type not in _UNTRACED:
            groups.setdefault((stored.category, stored.labels), []).append(stored)
    return [(_provenance(context, record, targets, site, f"provenance:{category}:{labels}", update=update), targets[0]) for (category, labels), targets in groups.items()]


def _provenance(context: Context, record: Record, targets: list[Stored], site: Site, part: str, *, update: bool) -> dict[str, Any]:
    author = next((value for name in _AUTHORS if (value := getattr(record, name, None))), None)
    who = site.reference("PractitionerRole", "clinician", author, "role") if author else {"display": "The practice"}
    return {
        "resourceType": "Provenance",
        "id": site.id(record.kind, record.id, part),
        "meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-provenance"]},
        "target": [{"reference": f"{stored.type}/{stored.id}"} for stored in targets],
        "recorded": instant(context.now),
        "activity": {"coding": [{"system": _DATA_OPERATION, "code": "UPDATE" if update else "CREATE"}]},
        "agent": [{"type": {"coding": [{"system": _AGENT, "code": "author", "display": "Author"}]}, "who": who}],
    }
