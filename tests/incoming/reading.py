"""What the practice finds at /records after a partner wrote."""

from __future__ import annotations

from typing import Any

from gateway.store import outbox
from mappings.identity import Site
from tests.medication.office import Office
from tests.world import PRACTICE

SITE = Site(PRACTICE)


def kept(office: Office, kind: str) -> list[dict[str, Any]]:
    """The records of a kind about this test's patient, newest first."""
    return [one for one in office.practice.get(f"/records/{kind}") if office.patient in (one.get("patient") or "")]


def unmatched(office: Office, kind: str) -> list[dict[str, Any]]:
    """Those about nobody that the practice knows: its work queue."""
    return [one for one in office.practice.get(f"/records/{kind}") if one["client"] is None]


def letters(office: Office, topic: str) -> list[Any]:
    with office.world.store.read() as connection:
        return [one for one in outbox.waiting(connection, PRACTICE) if one.topic == topic]


def stranger(office: Office, *resources: dict[str, Any]) -> None:
    """The partner brings a patient of its own, and these resources about them, in one transaction."""
    full_url = "urn:uuid:0b7c1c1e-53a5-4f0e-9a56-3a5d4f7f2b11"
    patient = {"resourceType": "Patient", "name": [{"family": "Quist", "given": ["Ada"]}], "gender": "female"}
    entries = [{"fullUrl": full_url, "resource": patient, "request": {"method": "POST", "url": "Patient"}}]
    entries += [{"resource": one | {"subject": {"reference": full_url}}, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources]
    office.prescriber.post("/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries}, 200)
