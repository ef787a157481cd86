"""Two gateways on loopback, each its own processes and database, and everyone who calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from gateway.cli.stage import Caller, Stand, new_caller, wait_for
from gateway.record.types import Record
from gateway.smart.key import load, public_jwks
from tests.mappings.corpus import record

PSYCHIATRIST = "breakwater"
BSER = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"
WEEKS = 12

RECORDS: tuple[Record, ...] = (
    record("practice", part_of=None),
    record("clinician", id="adaeze", supervisor=None),
    record("clinician"),
    record("partner"),
    record("partner", id="cedar", organization="Cedar Family Practice", name=None, npi=None, fhir_base=None),
    record("protocol"),
    record("client", partner_of=None),
    record("client", id="joao", name={"family": "Pires", "given": ["João"]}, partner_of=None, primary_care=None),
    record("problem"),
    record("medication_note", instructions="One tablet (50 mg) once a day", end=None),
    record("session", end=None),
    record("treatment_plan", status="active", replaces=None),
    *(record("outcome_measure", id=f"phq-{week}", taken_at=f"2026-0{1 + week // 4}-{1 + 7 * (week % 4):02}T09:50:00-05:00", session=None) for week in range(WEEKS)),
    record(
        "consent",
        categories=["demographics", "assessments", "treatment_plan", "medications"],
        part2=False,
        period={"start": "2025-01-01"},
        signed_on="2025-01-01",
        expires_event=None,
    ),
)


class Street:
    """The practice, the clinic next door, and their programs, each with keys of its own."""

    def __init__(self, folder: Path) -> None:
        self.practice, self.clinic = Stand(folder / "practice"), Stand(folder / "clinic")
        for stand in (self.practice, self.clinic):
            stand.folder.mkdir()
        self.practice.run("init", "--practice", "larkmoor", "--name", "Larkmoor Counseling")
        self.clinic.run("init", "--practice", PSYCHIATRIST, "--name", "Breakwater Psychiatry")
        path = folder / "records.ndjson"
        path.write_bytes(b"\n".join(orjson.dumps({"kind": one.kind, **one.model_dump(mode="json")}) for one in RECORDS))
        assert self.practice.run("import", str(path))["refused"] == []
        self.therapist = new_caller(self.practice, "Own system", "system/*.cruds __record.write")
        self.psychiatrist = new_caller(self.practice, "Breakwater EHR", "system/*.crus", "--partner", PSYCHIATRIST)
        self.stranger = new_caller(self.practice, "Stranger", "system/*.crus", "--partner", "cedar")
        self.clinic_system = new_caller(self.clinic, "Breakwater own system", "system/*.cruds __record.write")
        keys = folder / "practice.public.json"
        keys.write_bytes(orjson.dumps(public_jwks(load(self.practice.folder / "keys" / "gateway.jwks.json"))))
        known_as = self.clinic.run("client", "add", "--name", "Larkmoor", "--jwks", str(keys), "--scope", "system/*.crus")["client_id"]
        self.practice.run("partner", "add", PSYCHIATRIST, "--fhir-base", self.clinic.fhir, "--client-id", known_as)

    def open(self) -> None:
        self.practice.start()
        self.clinic.start()

    def close(self) -> None:
        for stand in (self.practice, self.clinic):
            stand.stop()

    def refer(self, record_id: str, partner: str = PSYCHIATRIST) -> dict[str, Any]:
        """A referral written and sent by the therapist's own system."""
        body = record("referral", id=record_id, partner=partner, status="draft", reply=None, priority="routine", problems=["p1"]).model_dump(mode="json", exclude_defaults=True)
        self.therapist.record("PUT", f"referral/{record_id}", body)
        return dict(self.therapist.record("POST", f"referral/{record_id}/$send"))

    def task(self, sent: dict[str, Any]) -> dict[str, Any]:
        return dict(self.therapist.get(sent["task"]))

    def wait_until(self, sent: dict[str, Any], status: str) -> None:
        wait_for(lambda: self.task(sent)["status"] == status, f"the Task to be {status}")


def told(task: dict[str, Any], status: str, code: str) -> dict[str, Any]:
    return task | {"status": status, "businessStatus": {"coding": [{"system": BSER, "code": code}]}}


def pages(caller: Caller, path: str) -> list[dict[str, Any]]:
    """Every page of a search, by its `next` links."""
    found = [caller.get(path)]
    while follow := [link["url"] for link in found[-1]["link"] if link["relation"] == "next"]:
        found.append(caller.get(follow[0].removeprefix(caller.at.fhir)))
    return found


def matches(caller: Caller, path: str) -> list[dict[str, Any]]:
    return [entry["resource"] for page in pages(caller, path) for entry in page.get("entry", [])]
