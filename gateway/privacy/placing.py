"""The one way a resource comes into the store: labelled, put into its category, and the client's other records relabelled
when it is the first evidence of substance-use treatment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from gateway.fhir.compartment import patient_of
from gateway.fhir.json import parse
from gateway.privacy import label
from gateway.privacy.category import CATALOGUE, DIRECTORY, category_of
from gateway.privacy.prescribing import check_no_order
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Placing, Stored


@dataclass(frozen=True)
class Place:
    """Where things are stored: the practice, its zone, and whether they were received from a partner."""

    practice: str
    zone: tzinfo
    received: bool = False


def store(connection: Connection, resource: dict[str, Any], place: Place, now: int, *, expected: int | None = None) -> Stored:
    """Label and store a resource. Raises VersionDiffers where `expected` is not the current version, 422 for an order for a medication that the practice made."""
    if not place.received:
        check_no_order(resource)
    placing = placing_of(connection, resource, place)
    if place.received:  # a partner's update loosens nothing
        known = resources.placings(connection, place.practice, [f"{resource['resourceType']}/{resource['id']}"])
        placing = replace(placing, labels=placing.labels | sum(labels & ~label.UNKNOWN for _, labels, _ in known))
    stored = resources.put(connection, label.untagged(resource), placing, now, security=label.security(placing.labels), expected=expected)
    if stored.changed and placing.patient and placing.labels & label.PART2 and stored.type in label.CLINICAL_EVIDENCE:
        _relabel(connection, place, placing.patient, now)
    if stored.changed and stored.version > 1:
        _retrace(connection, place, stored, now)
    return stored


def store_beside(connection: Connection, resource: dict[str, Any], place: Place, now: int, target: Stored) -> Stored:
    """Store a Provenance of targets that all have this target's patient, labels and category."""
    placing = Placing(place.practice, target.patient, target.labels, target.category, place.zone)
    return resources.put(connection, resource, placing, now, security=label.security(placing.labels))


def placing_of(connection: Connection, resource: dict[str, Any], place: Place) -> Placing:
    """Patient, labels and category under which a resource is stored."""
    if resource["resourceType"] == "Provenance":
        return _as_its_targets(connection, resource, place)
    patient, category = patient_of(resource), category_of(resource)
    in_treatment = patient is not None and label.depends_on_treatment(resource) and _in_sud_treatment(connection, place.practice, patient)
    hidden = place.received and category in (DIRECTORY, CATALOGUE)
    return Placing(place.practice, patient, label.labels_of(resource, in_sud_treatment=in_treatment), 0 if hidden else category, place.zone)


def _in_sud_treatment(connection: Connection, practice: str, patient: str) -> bool:
    return resources.any_with_labels(connection, practice, patient, label.CLINICAL_EVIDENCE, label.PART2)


def _as_its_targets(connection: Connection, resource: dict[str, Any], place: Place) -> Placing:
    """A Provenance is seen by whoever sees all of its targets: their labels together, their category if they share one.

    One of the catalogue alone is the practice's: what tells of who did something is open to no stranger.
    """
    found = resources.placings(connection, place.practice, [target.get("reference", "") for target in resource["target"]])
    patients, categories = {patient for patient, _, _ in found}, {category for _, _, category in found}
    labels = 0
    for _, bits, _ in found:
        labels |= bits
    category = categories.pop() if len(categories) == 1 else 0
    return Placing(place.practice, patients.pop() if len(patients) == 1 else None, labels, category & ~CATALOGUE, place.zone)


def _relabel(connection: Connection, place: Place, patient: str, now: int) -> None:
    """What was written before the evidence came is tightened with it."""
    for stored in resources.of_patient(connection, place.practice, patient, label.NARRATIVE, without=label.SUD | label.PART2):
        labels = stored.labels | label.SUD | label.PART2
        resources.put(connection, parse(stored.body), Placing(place.practice, patient, labels, stored.category, place.zone), now, security=label.security(labels))
        _retrace(connection, place, stored, now)


def _retrace(connection: Connection, place: Place, target: Stored, now: int) -> None:
    """What tells of a resource is seen by whoever sees the resource as it is now."""
    for told in resources.pointing_at(connection, place.practice, "Provenance.target", f"{target.type}/{target.id}"):
        provenance = parse(told.body)
        placing = _as_its_targets(connection, provenance, place)
        resources.put(connection, provenance, placing, now, security=label.security(placing.labels))
