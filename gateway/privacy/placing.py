"""The one way a resource comes into the store: labelled, put into its category, and the client's other records relabelled
when it is the first evidence of substance-use treatment. One resource is the case of many."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from gateway.store.version import Given, currents, put_many

_Found = Mapping[str, tuple[str | None, int, int]]
"""(patient, labels, category) by `Type/id`."""


@dataclass(frozen=True)
class Place:
    """Where things are stored: the practice, its zone, and whether they were received from a partner."""

    practice: str
    zone: tzinfo
    received: bool = False


def store(connection: Connection, resource: dict[str, Any], place: Place, now: int, *, expected: int | None = None) -> Stored:
    """Label and store a resource. Raises VersionDiffers where `expected` is not the current version, 422 for an order for a medication that the practice made."""
    return store_many(connection, [resource], place, now, expected=expected)[0]


def store_many(connection: Connection, given: Sequence[dict[str, Any]], place: Place, now: int, *, expected: int | None = None) -> list[Stored]:
    """Label and store resources, none of them twice, as they are to be seen once all of them are there.

    Raises VersionDiffers where `expected` is not the current version, 422 for an order for a medication that the practice made.
    """
    for resource in given if not place.received else ():
        check_no_order(resource)
    current = currents(connection, place.practice, map(_name, given))
    placed = _placed(connection, given, place, current)
    entering = [Given(label.untagged(resource), placing, label.security(placing.labels)) for resource, placing in zip(given, placed, strict=True)]
    stored = put_many(connection, entering, current, now, expected=expected)
    written = [one for one in stored if one.changed]
    evident = {one.patient for one in written if one.patient and one.labels & label.PART2 and one.type in label.CLINICAL_EVIDENCE}
    tightened = [one for patient in sorted(evident) for one in _relabel(connection, place, patient, now)]
    _retrace(connection, place, [one for one in (*written, *tightened) if one.version > 1], now)
    return stored


def store_beside(connection: Connection, given: Sequence[tuple[dict[str, Any], Stored]], place: Place, now: int) -> list[Stored]:
    """Store Provenances, each with one of its targets, all of which have this one's patient, labels and category."""
    entering = [Given(resource, Placing(place.practice, target.patient, target.labels, target.category, place.zone), label.security(target.labels)) for resource, target in given]
    return put_many(connection, entering, currents(connection, place.practice, [one.name for one in entering]), now)


def _name(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _placed(connection: Connection, given: Sequence[dict[str, Any]], place: Place, current: Mapping[str, Any]) -> list[Placing]:
    """Patient, labels and category under which each resource is stored."""
    patients = [patient_of(resource) for resource in given]
    treated = _in_sud_treatment(connection, given, patients, place)
    targets = [target.get("reference", "") for resource in given if resource["resourceType"] == "Provenance" for target in resource["target"]]
    seen: _Found = resources.placings(connection, place.practice, targets) if targets else {}
    return [_place(resource, patient, place, patient in treated, current.get(_name(resource)), seen) for resource, patient in zip(given, patients, strict=True)]


def _place(resource: dict[str, Any], patient: str | None, place: Place, in_treatment: bool, current: Any, seen: _Found) -> Placing:
    if resource["resourceType"] == "Provenance":
        placing = _as_its_targets(resource, place, seen)
    else:
        category = category_of(resource)
        hidden = place.received and category in (DIRECTORY, CATALOGUE)
        placing = Placing(place.practice, patient, label.labels_of(resource, in_sud_treatment=in_treatment), 0 if hidden else category, place.zone)
    if place.received and current is not None and not current.deleted:  # a partner's update loosens nothing
        return replace(placing, labels=placing.labels | current.labels & ~label.UNKNOWN)
    return placing


def _in_sud_treatment(connection: Connection, given: Sequence[dict[str, Any]], patients: Sequence[str | None], place: Place) -> set[str]:
    """Those of the patients, as far as labels hang on it, for whom there is evidence once what is given is there."""
    asked = {patient for resource, patient in zip(given, patients, strict=True) if patient and label.depends_on_treatment(resource)}
    if not asked:
        return set()
    entering = {_name(resource): patient for resource, patient in zip(given, patients, strict=True) if resource["resourceType"] in label.CLINICAL_EVIDENCE}
    there = resources.carrying(connection, place.practice, asked, label.CLINICAL_EVIDENCE, label.PART2)
    evident = {patient for patient, names in there.items() if names - entering.keys()}
    labels = {_name(resource): label.labels_of(resource, in_sud_treatment=False) for resource in given if _name(resource) in entering}
    return evident | {patient for name, patient in entering.items() if patient and labels[name] & label.PART2}


def _as_its_targets(resource: dict[str, Any], place: Place, seen: _Found) -> Placing:
    """A Provenance is seen by whoever sees all of its targets: their labels together, their category if they share one.

    One of the catalogue alone is the practice's: what tells of who did something is open to no stranger.
    """
    found = [seen[name] for target in resource["target"] if (name := target.get("reference", "")) in seen]
    patients, categories = {patient for patient, _, _ in found}, {category for _, _, category in found}
    labels = 0
    for _, bits, _ in found:
        labels |= bits
    category = categories.pop() if len(categories) == 1 else 0
    return Placing(place.practice, patients.pop() if len(patients) == 1 else None, labels, category & ~CATALOGUE, place.zone)


def _relabel(connection: Connection, place: Place, patient: str, now: int) -> list[Stored]:
    """What was written before the evidence came is tightened with it."""
    loose = resources.of_patient(connection, place.practice, patient, label.NARRATIVE, without=label.SUD | label.PART2)
    return _put_again(connection, place, [(one, replace(_placing_of(one, place), labels=one.labels | label.SUD | label.PART2)) for one in loose], now)


def _retrace(connection: Connection, place: Place, targets: Collection[Stored], now: int) -> None:
    """What tells of resources is seen by whoever sees them as they are now."""
    if not targets:
        return
    told = resources.pointing_at(connection, place.practice, "Provenance.target", [f"{one.type}/{one.id}" for one in targets])
    bodies = [parse(one.body) for one in told]
    seen = resources.placings(connection, place.practice, {target.get("reference", "") for body in bodies for target in body["target"]})
    _put_again(connection, place, [(one, _as_its_targets(body, place, seen)) for one, body in zip(told, bodies, strict=True)], now)


def _placing_of(stored: Stored, place: Place) -> Placing:
    return Placing(place.practice, stored.patient, stored.labels, stored.category, place.zone)


def _put_again(connection: Connection, place: Place, placed: Sequence[tuple[Stored, Placing]], now: int) -> list[Stored]:
    """Store resources again, as they are, under other placings."""
    entering = [Given(parse(one.body), placing, label.security(placing.labels)) for one, placing in placed]
    return put_many(connection, entering, currents(connection, place.practice, [one.name for one in entering]), now)
