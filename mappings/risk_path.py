"""A screening that found risk -> Flag, a stat Task for the therapist, and an alert (Communication).

It stays open until a later screening of the same client, whatever that one finds: so of years of history only what holds
now is open. The exchange is never relied on alone: the text says whom to call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.record.types import Client, OutcomeMeasure, Record, RiskAssessment
from mappings import codes
from mappings.element import meta, moment, said
from mappings.identity import Site
from mappings.over_time import may_rest_on

Screening = OutcomeMeasure | RiskAssessment

ANSWER_WITHIN = timedelta(minutes=15)
"""The clock of what is `stat`, by the wall."""

_FOUND = "A screening found a risk of suicide or self-harm"
_TO_DO = (
    f"{_FOUND}. Speak with the client now, by phone if they are not with you; do not wait for a message. In the United States "
    "the 988 Lifeline takes calls and texts at any hour. Go through the safety plan together, or make one. Where there is immediate "
    "danger, call 911 or bring the client to the nearest emergency department. A new screening closes this task."
)


def of_screening(record: Screening, beside: Sequence[Record], site: Site) -> list[dict[str, Any]]:
    """The three resources of a screening that found risk, open or closed; nothing for any other record."""
    if not finds_risk(record):
        return []
    later = [each for each in screenings(beside, record.client) if taken(each) > taken(record)]
    shown = [each for each in later if may_rest_on(each.sensitivity, record.sensitivity)]
    return [_flag(record, _first(shown), site), _task(record, _first(later), beside, site), _alert(record, _first(later), beside, site)]


def screenings(beside: Iterable[Record], client: str) -> list[Screening]:
    """The client's records that asked about suicide or self-harm and were answered, in any order."""
    return [each for each in beside if isinstance(each, OutcomeMeasure | RiskAssessment) and each.client == client and _asked(each)]


def finds_risk(record: Screening) -> bool:
    """A yes to anything of the C-SSRS screener or any level set above none, the stricter of the two; an item on self-harm at or above its mark."""
    if isinstance(record, RiskAssessment):
        return record.risk != "none" or any(record.answers.values())
    return bool(record.risk_found)


def taken(record: Screening) -> datetime:
    return record.assessed_at if isinstance(record, RiskAssessment) else record.taken_at


def _asked(record: Screening) -> bool:
    return isinstance(record, RiskAssessment) or bool(record.risk_answers)


def _first(later: Sequence[Screening]) -> datetime | None:
    return min((taken(each) for each in later), default=None)


def _finding(record: Screening, site: Site) -> dict[str, Any]:
    """The Observation that says what was found."""
    part = "risk" if isinstance(record, RiskAssessment) else f"item:{record.risk_found[0]}"
    return site.reference("Observation", record.kind, record.id, part)


def _therapist(record: Screening, beside: Iterable[Record]) -> str | None:
    """The client's therapist, or who took the screening where none is named."""
    return next((each.therapist for each in beside if isinstance(each, Client) and each.id == record.client), None) or record.clinician


def _flag(record: Screening, closed: datetime | None, site: Site) -> dict[str, Any]:
    return _common("Flag", "risk:flag", record, site) | {
        "status": "inactive" if closed else "active",
        "category": [codes.hl7("flag-category", "safety")],
        "code": said(_FOUND),
        "subject": site.reference("Patient", "client", record.client),
        "encounter": record.session and site.reference("Encounter", "session", record.session),
        "period": {"start": moment(taken(record)), "end": moment(closed)},
        "author": record.clinician and site.reference("Practitioner", "clinician", record.clinician),
    }


def _task(record: Screening, closed: datetime | None, beside: Sequence[Record], site: Site) -> dict[str, Any]:
    therapist, start = _therapist(record, beside), taken(record)
    return _common("Task", "risk:task", record, site) | {
        "status": "completed" if closed else "requested",
        "intent": "order",
        "priority": "stat",
        "code": said("Act on a screening that found risk"),
        "description": _TO_DO,
        "focus": _finding(record, site),
        "for": site.reference("Patient", "client", record.client),
        "encounter": record.session and site.reference("Encounter", "session", record.session),
        "authoredOn": moment(start),
        "executionPeriod": {"start": moment(start), "end": moment(closed)} if closed else None,
        "owner": therapist and site.reference("PractitionerRole", "clinician", therapist, "role"),
        "restriction": {"period": {"start": moment(start), "end": moment(start + ANSWER_WITHIN)}},
    }


def _alert(record: Screening, closed: datetime | None, beside: Sequence[Record], site: Site) -> dict[str, Any]:
    therapist = _therapist(record, beside)
    return _common("Communication", "risk:alert", record, site) | {
        "status": "completed" if closed else "in-progress",
        "category": [codes.hl7("communication-category", "alert")],
        "priority": "stat",
        "subject": site.reference("Patient", "client", record.client),
        "encounter": record.session and site.reference("Encounter", "session", record.session),
        "about": [_finding(record, site), {"reference": f"Task/{site.id(record.kind, record.id, 'risk:task')}"}],
        "sent": moment(taken(record)),
        "recipient": [therapist and site.reference("Practitioner", "clinician", therapist)],
        "payload": [{"contentString": _TO_DO}],
    }


def _common(resource_type: str, part: str, record: Screening, site: Site) -> dict[str, Any]:
    return {
        "resourceType": resource_type,
        "id": site.id(record.kind, record.id, part),
        "meta": meta(sensitivity=record.sensitivity),
    }
