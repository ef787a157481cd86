"""A gateway, its client's psychiatrist, and what the therapist then reads."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

from gateway.record.types import MedicationChange
from gateway.store import outbox
from gateway.store import record as records
from mappings.identity import Site
from tests.mappings.corpus import RXNORM, record
from tests.world import PRACTICE, World

SITE = Site(PRACTICE)
PSYCHIATRIST = "breakwater"


class Office:
    """`patient` is a client of its own for each test."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.world.take_in([record("practice", part_of=None), record("clinician", supervisor=None), record("partner"), record("partner", id="cedar")])
        self.prescriber = self.world.client("system/*.crus", partner=PSYCHIATRIST)
        self.practice = self.world.client("system/*.cruds", practice=True)
        self._numbers = count(1)
        self.client = self.patient = ""

    def new_client(self) -> None:
        self.client = f"client-{next(self._numbers)}"
        self.patient = SITE.id("client", self.client)
        opened = ["demographics", "medications", "diagnoses"]
        self.take_in(
            "client",
            id=self.client,
            partner_of=None,
            primary_care=None,
            therapist=None,
        )
        self.take_in("consent", id=f"consent-{self.client}", client=self.client, categories=opened, part2=False, period={"start": "2026-01-01"}, signed_on="2026-01-01")

    def take_in(self, kind: str, **changed: Any) -> None:
        report = self.world.take_in([record(kind, **changed)])
        assert not report.refused, report.refused

    def takes(self, title: str = "Sertraline 50 mg", instructions: str | None = "Take one tablet (50 mg) by mouth once a day", **changed: Any) -> str:
        """A medication on the practice's list; returns the id of its MedicationRequest."""
        known = {"id": f"m-{self.client}", "client": self.client, "title": title, "instructions": instructions, "code": None, "end": None, "noted_by": None} | changed
        self.take_in("medication_note", **known)
        return SITE.id("medication_note", str(known["id"]))

    def order(self, text: str = "Sertraline 100 mg tablet", instructions: str | None = "1 tablet by mouth every morning", **changed: Any) -> dict[str, Any]:
        """A MedicationRequest of this client's psychiatrist."""
        return {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": text},
            "subject": {"reference": f"Patient/{self.patient}"},
            "authoredOn": "2026-10-30",
            "requester": {"display": "Dr. Haddad"},
            **({"dosageInstruction": [{"text": instructions}]} if instructions else {}),
        } | changed

    def prescribe(self, text: str = "Sertraline 100 mg tablet", instructions: str | None = "1 tablet by mouth every morning", **changed: Any) -> dict[str, Any]:
        created: dict[str, Any] = self.prescriber.post("MedicationRequest", self.order(text, instructions, **changed))
        self.world.clock.forward(seconds=1)
        return created

    def revise(self, resource: dict[str, Any], **changed: Any) -> dict[str, Any]:
        updated: dict[str, Any] = self.prescriber.put(f"MedicationRequest/{resource['id']}", resource | changed)
        self.world.clock.forward(seconds=1)
        return updated

    def changes(self) -> list[MedicationChange]:
        """This client's, newest first."""
        with self.world.store.read() as connection:
            kept = records.of_kind(connection, PRACTICE, MedicationChange.kind)
        return [one for one in (MedicationChange.model_validate_json(found.body) for found in kept) if one.client == self.client]

    def letters(self) -> list[Any]:
        with self.world.store.read() as connection:
            return [one for one in outbox.waiting(connection, PRACTICE) if one.topic == "medication-changed"]


def rxnorm(code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": RXNORM, "code": code, "display": display}], "text": display}
