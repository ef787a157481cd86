"""FHIR R4 resources as therapy records: pure, typed, one file for each resource type.

`record_of` is the way in. What the record does not hold is named, never dropped in silence: the record is mapped back, and
every element that its own resources do not say again is named by its FHIRPath.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from gateway.record.types import Record
from mappings import MAPPED
from mappings.element import pruned
from mappings.from_fhir import allergy_intolerance, communication, condition, medication_dispense, medication_request, medication_statement, service_request
from mappings.from_fhir.reading import Read, first
from mappings.from_fhir.unheld import ECHO, Held, Resolve, left_out, said_again, shown_in
from mappings.identity import Site

__all__ = ["BOTH_WAYS", "NOT_SAID", "Converted", "Held", "Resolve", "left_out", "record_of", "shown_in", "unheld_beyond"]


class Converted(NamedTuple):
    """A record, and the FHIRPaths of what the resources hold beyond it."""

    record: Record
    unheld: tuple[str, ...]


class _Reader(NamedTuple):
    """How one type is read: the kind it becomes, and from which of the related resources it reads too."""

    kind: str
    read: Callable[[str, dict[str, Any], Sequence[dict[str, Any]], Resolve], Read | None]
    beside: Callable[[dict[str, Any], Sequence[dict[str, Any]]], list[dict[str, Any]]] = lambda _resource, _related: []


_READERS: dict[str, _Reader] = {
    "MedicationRequest": _Reader("medication_note", medication_request.read, medication_request.beside),
    "MedicationStatement": _Reader("medication_note", medication_statement.read),
    "MedicationDispense": _Reader("dispense", medication_dispense.read),
    "Communication": _Reader("message", communication.read),
    "ServiceRequest": _Reader("referral", service_request.read, service_request.beside),
    "Condition": _Reader("problem", condition.read),
    "AllergyIntolerance": _Reader("allergy", allergy_intolerance.read),
}

BOTH_WAYS = tuple(dict.fromkeys(reader.kind for reader in _READERS.values()))
"""The kinds of record that come back from their own resources as they were."""

NOT_SAID: dict[str, str] = {
    "*: an odd space": "no FHIR string holds one; a plain space takes its place",
    "*.period ending before it starts": "no Period holds it (per-1); its start alone leaves",
    "problem.listed_as, where it says what the rule says": "the category is the same, said or not",
    "problem.clinical_status and .abatement of an entry in error": "Condition may hold neither (con-5, con-4)",
    "allergy.status of an entry in error": "AllergyIntolerance may hold none (ait-2)",
    "message.patient, .source, .unheld": "the gateway's own words about a message that came in; they do not leave",
}
"""What a record holds and its resources do not say, each with its reason; all else comes back as it was."""


def record_of(resource: dict[str, Any], related: Sequence[dict[str, Any]], resolve: Resolve) -> Converted | None:
    """The record that a resource (with the resources beside it, in any order) tells of.

    None for a type that becomes no record, and for a resource that lacks what every record of its kind has, a client the practice knows first of all.
    The record's id is the practice's own where `resolve` knows the resource, else the resource's id.
    """
    reader = _READERS.get(resource["resourceType"])
    if reader is None:
        return None
    beside = reader.beside(resource, related)
    record_id = resolve(f"{resource['resourceType']}/{resource['id']}", reader.kind) or resource["id"]
    try:
        found = reader.read(record_id, resource, beside, resolve)
    except ValidationError:  # a value that no record of the kind may hold
        return None
    if found is None:
        return None
    return Converted(found.record, unheld_beyond(found, [resource, *beside], resolve))


def unheld_beyond(found: Read, resources: Sequence[dict[str, Any]], resolve: Resolve) -> tuple[str, ...]:
    """What these resources, the main one first, hold beyond a record that was read from them."""
    site = _Echo(_practice(resources[0], found.record.kind))
    said = said_again([pruned(one) for one in MAPPED[found.record.kind](found.record, site)], resolve)
    shown = shown_in(found.record, found.folded)
    return tuple(path for one in resources for path in left_out(one, lambda path, value: said(path, value) or shown(path, value)))


class _Echo(Site):
    """A site whose references say kind and id in clear, for comparison."""

    def reference(self, resource_type: str, kind: str, record_id: str, part: str = "") -> dict[str, Any]:  # noqa: ARG002 - Site's
        return {"reference": f"{kind}{ECHO}{record_id}"}


def _practice(resource: dict[str, Any], kind: str) -> str:
    """The practice that an own identifier names; empty for a resource made elsewhere."""
    own = re.fullmatch(rf"urn:handoff:([^:]+):{kind}", str(first(resource, "identifier.system")))
    return own[1] if own else ""
