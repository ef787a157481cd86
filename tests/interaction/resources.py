"""Valid resources as a partner or the practice sends them."""

from __future__ import annotations

from typing import Any

LOINC = "http://loinc.org"


def patient(family: str = "Quist", **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "name": [{"family": family, "given": ["Ada"]}], "gender": "female", "birthDate": "1990-02-03"} | elements


def observation(patient_id: str, code: str = "44261-6", **elements: Any) -> dict[str, Any]:
    coded = {"coding": [{"system": LOINC, "code": code}]}
    return {"resourceType": "Observation", "status": "final", "code": coded, "subject": {"reference": f"Patient/{patient_id}"}, "effectiveDateTime": "2026-05-06"} | elements


def condition(patient_id: str, icd10: str = "F32.1", **elements: Any) -> dict[str, Any]:
    coded = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd10}]}
    return {"resourceType": "Condition", "code": coded, "subject": {"reference": f"Patient/{patient_id}"}} | elements


def transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def entry(method: str, url: str, resource: dict[str, Any] | None = None, full_url: str | None = None, **request: str) -> dict[str, Any]:
    made: dict[str, Any] = {"request": {"method": method, "url": url} | request}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})
