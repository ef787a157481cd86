"""A screening that found risk is told of at once: a letter in the same transaction as the record that says so."""

from __future__ import annotations

from datetime import timedelta

from gateway.clock import from_ms
from gateway.record.change import Change
from gateway.record.types import KINDS, OutcomeMeasure, Record, RiskAssessment
from gateway.store.outbox import New
from mappings import risk_path

TOPIC = "risk-found"
RECENT = timedelta(days=7)
"""A screening older than this is history that came in late: its task stands open, and nobody is called at night for it."""


def letters(change: Change, now: int) -> list[New]:
    """The notice of a screening that found risk, where it is the client's last, recent, and was not told of before.

    It names the record, never the client or what was found. To be asked once the course lies over the record: its open
    task says that no later screening is known.
    """
    record = change.record
    if not isinstance(record, OutcomeMeasure | RiskAssessment) or not _is_open(change) or _told_before(change):
        return []
    is_recent = from_ms(now) - risk_path.taken(record) <= RECENT
    return [New(TOPIC, f"{record.kind}/{record.id}", {})] if is_recent else []


def _is_open(change: Change) -> bool:
    return any(one["resourceType"] == "Task" and one["status"] == "requested" for one in change.made)


def _told_before(change: Change) -> bool:
    """Whether what the record was before had found risk already."""
    before: Record | None = KINDS[change.record.kind].model_validate_json(change.kept.body) if change.kept else None
    return isinstance(before, OutcomeMeasure | RiskAssessment) and risk_path.finds_risk(before)
