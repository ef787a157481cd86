"""A prescriber's MedicationRequest comes in: what changed, in one sentence, for the therapist.

The resource is stored by the interaction that received it; here, in the same transaction, it is compared with what the
practice knew, and the difference becomes a `medication_change` record and an outbox letter. Idempotent by the
resource and its version: a record with that id is written once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.context import Context
from gateway.fhir.drug_class import another_drug, same_class
from gateway.fhir.json import parse
from gateway.fhir.medication import Drug, dose_of, dose_texts, drug_of, same_drug
from gateway.fhir.search_value import elements
from gateway.incoming.ground import body_of, keep
from gateway.medication.change import NOT_TO_BE_TAKEN, TAKEN, Left, change_of, line, reason_of, sentence
from gateway.medication.heard import heard
from gateway.medication.unheld import unheld_of
from gateway.record.types import MedicationChange
from gateway.store import record as records
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from gateway.store.visible import Clearance
from mappings.from_fhir import reading

_TYPES = ("MedicationRequest", "MedicationStatement")
_ASKS_NOTHING = ("draft", "unknown", "intended")
_ONLY_CONSIDERED = ("proposal", "option")
"""Intents (https://hl7.org/fhir/R4/valueset-medicationrequest-intent.html) by which nothing has been decided yet."""
_STOPPED_HERE = "handoff-stopped"
"""Where a connection remembers what was stopped in the request it serves: (request, references)."""


def reconcile(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """Write what changed as a record of the practice and tell the outbox; a draft, a proposal or a patientless resource changes nothing."""
    if stored.patient is None or resource.get("status") in _ASKS_NOTHING or resource.get("intent") in _ONLY_CONSIDERED:
        return
    record_id = f"{stored.type}-{stored.id}-{stored.version}"
    if records.exists(connection, context.principal.practice, MedicationChange.kind, record_id):
        return
    before = _before(connection, context.principal.practice, stored, resource)
    change = change_of(resource, before)
    left = _left(context, connection, stored, resource) if change == "started" or (before and another_drug(drug_of(before), drug_of(resource))) else None
    if left and change not in ("stopped", "held", "entered-in-error"):
        change, before = "switched", None
    if change == "stopped":
        _remember(context, connection, stored)
    told = {"patient": stored.patient, "change": change}
    keep(context, connection, _record(context, connection, stored, resource, before, change, left, record_id), topic="medication-changed", told=told)


def known_of(connection: Connection, practice: str, patient: str, drug: Drug, besides: tuple[str, str]) -> dict[str, Any] | None:
    """The entry about a drug that counts: one that is taken before others, the newest first; one withdrawn as an error never."""
    known = [parse(one.body) for one in resources.of_patient(connection, practice, patient, _TYPES) if (one.type, one.id) != besides]
    same = [body for body in known if same_drug(drug_of(body), drug) and body.get("status") != "entered-in-error"]
    return next((body for body in same if body.get("status") in TAKEN), same[0] if same else None)


def _before(connection: Connection, practice: str, stored: Stored, resource: dict[str, Any]) -> dict[str, Any] | None:
    """What was known of this drug: the version before, the prior prescription named, or the newest entry of the same drug."""
    if stored.version > 1 and (earlier := resources.read_version(connection, Clearance(practice, True, "", (), 0, 0), stored.type, stored.id, stored.version - 1)):
        return parse(earlier.body)
    prior = _prior(connection, practice, stored, resource)
    return prior or known_of(connection, practice, stored.patient or "", drug_of(resource), (stored.type, stored.id))


def _prior(connection: Connection, practice: str, stored: Stored, resource: dict[str, Any]) -> dict[str, Any] | None:
    """The prior prescription named, where it is this patient's."""
    prior = str(resource.get("priorPrescription", {}).get("reference", ""))
    known = [one for one in resources.of_patient(connection, practice, stored.patient or "", _TYPES) if (one.type, one.id) != (stored.type, stored.id)]
    return next((parse(one.body) for one in known if f"{one.type}/{one.id}" == prior), None)


def _left(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> Left | None:
    """The drug that this one replaces: the prior prescription's, or one of the same class that was stopped in the same request."""
    drug, practice = drug_of(resource), context.principal.practice
    prior = _prior(connection, practice, stored, resource)
    request, stopped = connection.info.get(_STOPPED_HERE, ("", []))
    beside = [body for reference in (stopped if request == context.request_id else ()) if (body := body_of(connection, practice, reference)) and _patient(body) == stored.patient]
    for body, is_left in [(prior, another_drug), *((one, same_class) for one in beside)]:
        if body is not None and is_left(drug_of(body), drug) and not same_drug(drug_of(body), drug):
            return Left(drug_of(body), dose_texts(None, dose_of(body))[1])
    return None


def _patient(body: dict[str, Any]) -> str:
    return str(body.get("subject", {}).get("reference", "")).removeprefix("Patient/")


def _remember(context: Context, connection: Connection, stored: Stored) -> None:
    request, stopped = connection.info.get(_STOPPED_HERE, ("", []))
    earlier = stopped if request == context.request_id else []
    connection.info[_STOPPED_HERE] = (context.request_id, [*earlier, f"{stored.type}/{stored.id}"])


def _record(
    context: Context, connection: Connection, stored: Stored, resource: dict[str, Any], before: dict[str, Any] | None, change: Any, left: Left | None, record_id: str
) -> MedicationChange:
    drug = drug_of(resource)
    known = before is not None and before.get("status") in TAKEN
    old, new = dose_texts(dose_of(before) if known and before else None, dose_of(resource))
    requester = resource.get("requester", resource.get("informationSource", {}))
    form = NOT_TO_BE_TAKEN if change == "stopped" and resource.get("doNotPerform") and resource.get("status") == "active" else ""
    record = MedicationChange(
        **heard(context, connection, stored, drug, requester),
        id=record_id,
        change=change,
        reason=reason_of(resource),
        old_drug=line(left.drug.title) if left else None,
        old_dose=reading.line(left.dose if left else old),
        new_dose=line(new) if change not in ("stopped", "entered-in-error") else None,
        instructions=reading.line("; ".join(map(str, _every(resource, "dosageInstruction.text", "dosage.text")))),
        effective=next(_every(resource, "authoredOn", "effectiveDateTime", "effectivePeriod.start"), None),
        note=reading.joined(_every(resource, "note.text", "dosageInstruction.patientInstruction", "dosage.patientInstruction")),
        sentence=sentence(change, drug, old, new, left=left, form=form),
    )
    return record.model_copy(update={"unheld": unheld_of(record, resource)})


def _every(resource: dict[str, Any], *paths: str) -> Iterator[Any]:
    return (found for path in paths for found in elements(resource, path))
