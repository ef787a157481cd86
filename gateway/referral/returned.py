"""A C-CDA document comes back (Consultation Note, CCD, Referral Note): read, filed with the client it tells of, kept whole.

Its words, its problems and its medications become resources as if the partner had sent them, and a consultation record;
the document itself stays beside them. Whom nobody knows is not made up: the document then waits without a client.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.outcome import Fault
from gateway.fhir.search_query import read_query
from gateway.fhir.search_value import elements
from gateway.fhir.validation import faults
from gateway.incoming.consultation import keep_consultation
from gateway.incoming.ground import body_of, found_at, resolver
from gateway.medication.reconcile import reconcile
from gateway.privacy import placing
from gateway.privacy.decision import clearance
from gateway.record.types import Partner, Referral
from gateway.store import audit
from gateway.store import record as records
from gateway.store import release as releases
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.resource import Stored
from gateway.store.search import find
from gateway.trail import events
from mappings import ccda
from mappings.ccda import Received
from mappings.identity import Site

_MEDICATIONS = ("MedicationRequest", "MedicationStatement")
_OURS = "urn:uuid:"


class _Filed(NamedTuple):
    """Whom a document tells of, and which of the practice's referrals it answers."""

    patient: str | None
    referrals: tuple[str, ...]


def take(context: Context, document: bytes, partner: str | None = None) -> dict[str, Any]:
    """Take a document in, all of it in one transaction; the same one twice changes nothing. Raises 400 where it is no such document."""
    received = _read(document)
    acting = _acting(context, received, partner)
    with context.store.change() as connection:
        if partner and not records.exists(connection, context.principal.practice, Partner.kind, partner):
            raise outcome.invalid([Fault("partner", "not-found", "partner names no partner on file; add it first, or leave it out.")])
        filed = _whom(context, connection, received)
        stored = _store(acting, connection, list(_resources(Site(context.principal.practice), received, document, filed, partner or "")), partner)
        _tell(acting, connection, stored, received, filed)
        audit.append(connection, events(context, "transaction", [one for one, _ in stored if one.changed]))
    told = {"document": received.type, "matched": filed.patient is not None, "referrals": list(filed.referrals)}
    return told | {"consultation": f"DocumentReference-{stored[0][0].id}", "resources": sum(one.changed for one, _ in stored), "unheld": list(received.unheld)}


def _read(document: bytes) -> Received:
    try:
        return ccda.read(document)
    except ccda.BadDocument as fault:
        raise outcome.invalid([Fault("", "structure", f"{fault.rule} {fault.mend}")]) from None


def _acting(context: Context, received: Received, partner: str | None) -> Context:
    """Whoever hands it over, what it says is the partner's: it is taken as the partner's word."""
    name = (received.author or {}).get("display") or (received.custodian or {}).get("display") or "The sender of a document"
    return replace(context, principal=replace(context.principal, role="partner", recipient=partner or "", name=str(name)))


def _whom(context: Context, connection: Connection, received: Received) -> _Filed:
    """By the referral it answers, else by name and birth date where exactly one client has both; a birth date that differs matches nobody."""
    practice, resolve = context.principal.practice, resolver(connection, context.principal.practice)
    asked = [f"ServiceRequest/{order['value'].removeprefix(_OURS)}" for order in received.fulfils if str(order.get("value", "")).startswith(_OURS)]
    answered = [(found[0].patient, referral) for name in asked if (found := found_at(connection, practice, name)) and (referral := resolve(name, Referral.kind))]
    patients = {patient for patient, _ in answered}
    if len(patients) != 1:  # none, or the referrals of two clients: then no one can say whose it is
        return _Filed(None if answered else _by_name(context, connection, received.patient), ())
    (patient,) = patients
    body = body_of(connection, practice, f"Patient/{patient}") or {}
    is_same = received.patient.get("birthDate") in (None, body.get("birthDate"))
    return _Filed(patient, tuple(referral for _, referral in answered)) if is_same else _Filed(None, ())


def _by_name(context: Context, connection: Connection, patient: dict[str, Any]) -> str | None:
    family, given = (next((str(found) for found in elements(patient, f"name.{part}")), "") for part in ("family", "given"))
    born = str(patient.get("birthDate", ""))
    if not (family and given and len(born) == 10):
        return None
    criteria = [("family:exact", _escaped(family)), ("given:exact", _escaped(given)), ("birthdate", born)]
    found = find(connection, clearance(context.principal, context.now), read_query("Patient", criteria, zone_of(connection, context.principal.practice)))
    return found[0].id if len(found) == 1 else None


def _escaped(value: str) -> str:
    """https://hl7.org/fhir/R4/search.html#escaping"""
    return "".join(f"\\{character}" if character in "\\,|$" else character for character in value)


def _resources(site: Site, received: Received, document: bytes, filed: _Filed, partner: str) -> Iterator[dict[str, Any]]:
    """The narrative first, the document as it came second, then what it says; ids made from the document's own, so that it comes in once."""
    own = json.dumps(received.id, sort_keys=True) if received.id else hashlib.sha256(document).hexdigest()
    ids = (site.id("ccda", f"{partner}\x1f{own}", str(number)) for number in range(len(received.resources) + 1))
    told = received.about({"reference": f"Patient/{filed.patient}"}) if filed.patient else [one for one in received.resources if one["resourceType"] == "DocumentReference"]
    narrative, *others = told
    whole = {"contentType": "application/xml", "data": b64encode(document).decode(), "size": len(document), "title": "The document as it came"}
    first, second = next(ids), next(ids)
    original = narrative | {"id": second, "content": [{"attachment": whole}]}
    for one in (narrative | {"id": first, "relatesTo": [{"code": "transforms", "target": {"reference": f"DocumentReference/{second}"}}]}, original):
        yield one if filed.patient else one | {"meta": {name: value for name, value in one.get("meta", {}).items() if name != "profile"}}
    yield from (one | {"id": next(ids)} for one in others)


def _store(acting: Context, connection: Connection, given: list[dict[str, Any]], partner: str | None) -> list[tuple[Stored, dict[str, Any]]]:
    practice = acting.principal.practice
    if unsound := [fault for one in given for fault in faults(one)]:
        raise outcome.invalid(unsound[:20], 422)
    stored = placing.store_many(connection, given, placing.Place(practice, zone_of(connection, practice), received=True), acting.now)
    if partner:
        releases.open_to(connection, practice, partner, [(one.type, one.id) for one in stored], reason="author")
    return list(zip(stored, given, strict=True))


def _tell(acting: Context, connection: Connection, stored: list[tuple[Stored, dict[str, Any]]], received: Received, filed: _Filed) -> None:
    narrative, body = stored[0]
    if not narrative.changed:
        return
    inside = [one for _, one in stored[2:]]
    keep_consultation(acting, connection, narrative, body, inside=inside, answers=filed.referrals, also=received.unheld)
    for one, resource in stored[2:]:
        if one.type in _MEDICATIONS and one.changed:
            reconcile(acting, connection, one, resource)
