"""ServiceRequest with its Task -> referral, with what came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.record.types import Code, Referral, Reply
from mappings import codes
from mappings.from_fhir import reading
from mappings.from_fhir.reading import Read
from mappings.from_fhir.unheld import Resolve
from mappings.task import REPLIED
from mappings.task import STATUS as TASK_STATUS

_PRIORITIES = ("routine", "urgent", "asap", "stat")
_OF_TASK: dict[str, Any] = {told: status for status, told in TASK_STATUS.items()}
_OF_REQUEST: dict[str, Any] = {"draft": "draft", "active": "requested", "completed": "completed", "revoked": "cancelled"}
_RISK = "Risk level, as the practice set it: "


def beside(resource: dict[str, Any], related: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The Tasks that ask for this request to be carried out."""
    own = f"ServiceRequest/{resource['id']}"
    return [one for one in related if one["resourceType"] == "Task" and reading.first(one, "focus.reference") == own]


def read(record_id: str, resource: dict[str, Any], tasks: Sequence[dict[str, Any]], resolve: Resolve) -> Read | None:
    task = tasks[0] if tasks else {}
    client = resolve(str(reading.first(resource, "subject.reference")), "client")
    partner = resolve(str(reading.first(resource, "performer.reference")), "partner")
    requested_at, asked = reading.moment(resource.get("authoredOn")), reason(resource)
    if client is None or partner is None or requested_at is None or asked is None:
        return None
    return Read(
        Referral(
            id=record_id,
            client=client,
            author=resolve(str(reading.first(resource, "requester.reference")), "clinician"),
            partner=partner,
            requested_at=requested_at,
            service=service(resource),
            reason=asked,
            diagnoses=diagnoses(resource),
            problems=tuple(found for each in reading.every(resource, "reasonReference.reference") if (found := resolve(str(each), "problem"))),
            priority=priority(resource),
            risk_level=next((level for note in reading.every(resource, "note.text") if (level := _risk(str(note)))), None),
            status=_OF_TASK.get(task.get("status", ""), _OF_REQUEST.get(resource["status"], "requested")),
            reply=_reply(task),
            sensitivity=reading.sensitivity(resource),
        )
    )


def service(resource: dict[str, Any]) -> Any:
    """The service that a referral code of ours asks for; `other` for all else, in which the words stay with the resource."""
    return next((word for code in reading.coded(resource, "code", codes.SNOMED) if (word := codes.word_of("referral-service", codes.SNOMED, code))), "other")


def reason(resource: dict[str, Any]) -> str | None:
    """The first reason in words without a code."""
    return next((words for concept in resource.get("reasonCode", ()) if "coding" not in concept and (words := reading.text(concept.get("text")))), None)


def diagnoses(resource: dict[str, Any]) -> tuple[Code, ...]:
    """The coded reasons, one code each, with their words."""
    found = ((next(iter(reading.codes_of(concept)), None), concept) for concept in resource.get("reasonCode", ()))
    return tuple(code.model_copy(update={"text": reading.line(concept.get("text"))}) for code, concept in found if code)


def priority(resource: dict[str, Any]) -> Any:
    return reading.one_of(_PRIORITIES, resource.get("priority")) or "routine"


def _risk(note: str) -> Any:
    return reading.one_of(("low", "medium", "high"), note.removeprefix(_RISK)) if note.startswith(_RISK) else None


def _reply(task: dict[str, Any]) -> Reply | None:
    outputs = [one for one in task.get("output", ()) if isinstance(one.get("type"), dict)]
    received = next((one.get("valueDate") for one in outputs if one["type"].get("text") == "Received on"), None)
    received_on = reading.day(received)
    if received_on is None:
        return None
    told = {field: next((one.get("valueString") for one in outputs if one["type"].get("text") == title), None) for field, title in REPLIED}
    short = {field: reading.line(told[field]) for field in ("author", "diagnosis")}
    return Reply(received_on=received_on, **{field: reading.text(value) for field, value in told.items()} | short)
