"""A prescriber's MedicationRequest comes in: what changed, in one sentence, for the therapist.

The resource is stored by the interaction that received it; here, in the same transaction, it is compared with what the
practice knew, and the difference becomes a `medication_change` record and an outbox letter. Idempotent by the
resource and its version: a record with that id is written once.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from gateway.clock import from_ms
from gateway.context import Context
from gateway.fhir.json import parse
from gateway.fhir.medication import RXNORM, Dose, Drug, dose_of, dose_texts, drug_of, same_drug
from gateway.record.types import Code, MedicationChange
from gateway.store import outbox
from gateway.store import record as records
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from gateway.store.visible import Clearance

Change = Literal["started", "stopped", "dose-increased", "dose-decreased", "dose-changed", "schedule-changed", "held", "resumed", "unchanged", "entered-in-error"]

_ENDED = {"stopped": "stopped", "cancelled": "stopped", "completed": "stopped", "not-taken": "stopped", "on-hold": "held", "entered-in-error": "entered-in-error"}
"""Status (https://hl7.org/fhir/R4/valueset-medicationrequest-status.html) -> change, whatever was known before."""
_TYPES = ("MedicationRequest", "MedicationStatement")
_ASKS_NOTHING = ("draft", "unknown")
_ONLY_CONSIDERED = ("proposal", "option")
"""Intents (https://hl7.org/fhir/R4/valueset-medicationrequest-intent.html) by which nothing has been decided yet."""

_SENTENCES: dict[str, str] = {
    "started": "{drug} was started: {new}.",
    "stopped": "{drug} was stopped.",
    "dose-increased": "The dose of {drug} was raised from {old} to {new}.",
    "dose-decreased": "The dose of {drug} was lowered from {old} to {new}.",
    "dose-changed": "The dose of {drug} was changed from {old} to {new}.",
    "schedule-changed": "How {drug} is taken was changed from {old} to {new}.",
    "held": "{drug} was put on hold.",
    "resumed": "{drug} was resumed: {new}.",
    "unchanged": "{drug} was confirmed unchanged: {new}.",
    "entered-in-error": "An entry about {drug} was withdrawn as an error.",
}
_NOT_TO_BE_TAKEN = "{drug} is not to be taken, the prescriber says."


def reconcile(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """Write what changed as a record of the practice and tell the outbox; a draft, a proposal or a patientless resource changes nothing."""
    if stored.patient is None or resource.get("status") in _ASKS_NOTHING or resource.get("intent") in _ONLY_CONSIDERED:
        return
    practice, record_id = context.principal.practice, f"{stored.type}-{stored.id}-{stored.version}"
    if records.exists(connection, practice, MedicationChange.kind, record_id):
        return
    before = _before(connection, practice, stored, resource)
    change = _change(resource, before)
    record = _record(context, connection, stored, resource, before, change, record_id)
    body = record.model_dump_json().encode()
    records.write(connection, practice, record.kind, record.id, client=record.client, digest=hashlib.sha256(body).hexdigest(), body=body, source="fhir", now=context.now)
    outbox.add(connection, practice, "medication-changed", record.id, {"patient": stored.patient, "change": change}, context.now)


def _before(connection: Connection, practice: str, stored: Stored, resource: dict[str, Any]) -> dict[str, Any] | None:
    """What was known of this drug: the version before, the prior prescription named, or the newest entry of the same drug."""
    everything = Clearance(practice, True, "", (), 0, 0)
    if stored.version > 1 and (earlier := resources.read_version(connection, everything, stored.type, stored.id, stored.version - 1)):
        return parse(earlier.body)
    prior = resource.get("priorPrescription", {}).get("reference", "")
    known = [one for one in resources.of_patient(connection, practice, stored.patient or "", _TYPES) if (one.type, one.id) != (stored.type, stored.id)]
    for one in known:
        if f"{one.type}/{one.id}" == prior:
            return parse(one.body)
    drug = drug_of(resource)
    same = [body for body in (parse(one.body) for one in known) if same_drug(drug_of(body), drug) and body.get("status") != "entered-in-error"]
    return next((body for body in same if body.get("status") in ("active", "on-hold")), same[0] if same else None)


def _change(resource: dict[str, Any], before: dict[str, Any] | None) -> Change:
    if ended := _ENDED.get(resource.get("status", "")):
        return ended  # type: ignore[return-value]
    if resource.get("doNotPerform"):
        return "stopped"
    if before is None or before.get("status") not in ("active", "on-hold"):
        return "started"
    if before["status"] == "on-hold":
        return "resumed"
    return _difference(dose_of(before), dose_of(resource))


def _difference(old: Dose, new: Dose) -> Change:
    """By what is taken in a day where both say it, else by what is taken at a time, else by the words."""
    if old.amount is None or new.amount is None or old.unit != new.unit:
        return "unchanged" if (old.amount, old.unit, old.text) == (new.amount, new.unit, new.text) else "dose-changed"
    often = (old.per_day, new.per_day) if old.per_day is not None and new.per_day is not None else (1, 1)
    day_old, day_new = old.amount * often[0], new.amount * often[1]
    if day_old != day_new:
        return "dose-increased" if day_new > day_old else "dose-decreased"
    return "unchanged" if (old.amount, old.per_day, old.text) == (new.amount, new.per_day, new.text) else "schedule-changed"


def _record(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any], before: dict[str, Any] | None, change: Change, record_id: str) -> MedicationChange:
    drug = drug_of(resource)
    known = before is not None and before.get("status") in ("active", "on-hold")
    old, new = dose_texts(dose_of(before) if known and before else None, dose_of(resource))
    requester = resource.get("requester", resource.get("informationSource", {}))
    reasons = resource.get("reasonCode", [])
    return MedicationChange(
        id=record_id,
        client=_client_of(connection, context.principal.practice, stored.patient or ""),
        patient=f"Patient/{stored.patient}",
        change=change,
        drug=_line(drug.title),
        drug_code=_code(drug),
        old_dose=_line(old) if old else None,
        new_dose=_line(new) if change not in ("stopped", "entered-in-error") else None,
        effective=resource.get("authoredOn", resource.get("effectiveDateTime")),
        reason=_line(reasons[0]["text"]) if reasons and "text" in reasons[0] else None,
        prescriber=_line(requester.get("display") or context.principal.name),
        source=f"{stored.type}/{stored.id}/_history/{stored.version}",
        received_at=from_ms(context.now),
        sentence=_sentence(change, resource, drug, old, new),
    )


def _sentence(change: Change, resource: dict[str, Any], drug: Drug, old: str | None, new: str) -> str:
    form = _NOT_TO_BE_TAKEN if change == "stopped" and resource.get("doNotPerform") and resource.get("status") == "active" else _SENTENCES[change]
    text = _line(form.format(drug=drug.words, old=old or "what was known", new=new))
    return text[0].upper() + text[1:]


def _client_of(connection: Connection, practice: str, patient: str) -> str | None:
    found = resources.read(connection, Clearance(practice, True, "", (), 0, 0), "Patient", patient)
    identifiers = parse(found.body).get("identifier", []) if found and not found.deleted else []
    own = f"urn:handoff:{practice}:client"
    return next((identifier["value"] for identifier in identifiers if identifier.get("system") == own), None)


def _code(drug: Drug) -> Code | None:
    return Code(system=RXNORM, code=drug.code) if drug.code else None


def _line(text: str) -> str:
    return " ".join(text.split())[:1_000] or "not stated"
