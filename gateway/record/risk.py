"""A screening that found risk is told of at once: a letter in the same transaction as the record that says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from gateway.clock import from_ms
from gateway.record.types import OutcomeMeasure, Record, RiskAssessment
from gateway.store import outbox
from gateway.store.engine import Connection
from mappings import risk_path

TOPIC = "risk-found"
RECENT = timedelta(days=7)
"""A screening older than this is history that came in late: its task stands open, and nobody is called at night for it."""


def tell(connection: Connection, practice: str, record: Record, beside: Sequence[Record], now: int, before: Record | None = None) -> None:
    """Put a notice into the outbox where a screening that was taken in found risk, is the client's last, and is recent.

    `beside`: the client's records of `mappings.LOOKED_AT`, this one among them; `before`: what this one was, if it was there:
    one that told of risk already is not told of again. The notice names the record, never the client or what was found.
    """
    if not isinstance(record, OutcomeMeasure | RiskAssessment) or not risk_path.is_open(record, beside):
        return
    if isinstance(before, OutcomeMeasure | RiskAssessment) and risk_path.finds_risk(before):
        return
    if from_ms(now) - risk_path.taken(record) <= RECENT:
        outbox.add(connection, practice, TOPIC, f"{record.kind}/{record.id}", {}, now)
