"""A small practice sent over /records: two clients, one partner, one release; no reference data needed."""

from __future__ import annotations

from typing import Any

import orjson
from werkzeug.test import TestResponse

from tests.world import Caller

PARTNER = "riverbend"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"

CONSENT: dict[str, Any] = {
    "kind": "consent",
    "id": "roi-1",
    "client": "c1",
    "partner": PARTNER,
    "direction": "disclose",
    "categories": ["demographics", "diagnoses", "assessments", "treatment_plan"],
    "period": {"start": "2026-10-01", "end": "2026-11-30"},
    "signed_by": "Wren Halloway",
    "signed_on": "2026-10-01",
}
PLAN: dict[str, Any] = {
    "kind": "treatment_plan",
    "id": "p1",
    "client": "c1",
    "author": "t1",
    "written_on": "2026-10-06",
    "goals": [{"id": "g1", "description": "Sleep through four nights of seven"}],
    "activities": [{"id": "a1", "description": "Behavioral activation", "times": 1, "per": 1, "unit": "wk"}],
}
PROBLEM: dict[str, Any] = {"kind": "problem", "id": "d1", "client": "c1", "title": "Moderate depression", "codes": [{"system": ICD10, "code": "F32.1"}]}
RECORDS: list[dict[str, Any]] = [
    {"kind": "practice", "id": "main", "name": "Larch Street Counseling"},
    {"kind": "clinician", "id": "t1", "name": {"family": "Abara", "given": ["Noor"]}, "practice": "main"},
    {"kind": "partner", "id": PARTNER, "organization": "Riverbend Psychiatry", "name": {"family": "Osei", "given": ["Kofi"]}},
    {"kind": "client", "id": "c1", "name": {"family": "Halloway", "given": ["Wren"]}, "birth_date": "1991-04-02", "sex": "female"},
    {"kind": "client", "id": "c2", "name": {"family": "Tamsin", "given": ["Odd"]}, "birth_date": "1980-12-30", "sex": "male"},
    PROBLEM,
    {"kind": "problem", "id": "d2", "client": "c2", "title": "Panic disorder", "codes": [{"system": ICD10, "code": "F41.0"}]},
    {"kind": "outcome_measure", "id": "m1", "client": "c1", "instrument": "phq-9", "taken_at": "2026-10-06T10:00:00-04:00", "answers": {"mood": 2}, "total": 14},
    PLAN,
    CONSENT,
]


def send(practice: Caller, *records: dict[str, Any]) -> TestResponse:
    """POST /records, as the practice's system would."""
    return practice.ask("POST", "/records", orjson.dumps(records), {"Content-Type": "application/json"})


def taken(practice: Caller, *records: dict[str, Any]) -> dict[str, Any]:
    """As `send`; every record must be taken."""
    response = send(practice, *records)
    assert response.status_code == 200, response.get_data(as_text=True)
    report: dict[str, Any] = response.get_json()
    assert report["refused"] == []
    return report
