"""A screening that found risk is told of at once: a letter in the same transaction as the record that says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from gateway.clock import from_ms
from gateway.fhir.json import parse
from gateway.record.change import Change, Resource
from gateway.record.types import KINDS, OutcomeMeasure, Record, RiskAssessment
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.outbox import New
from gateway.store.visible import Clearance
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
    return any(map(_is_open_task, change.made))


def _told_before(change: Change) -> bool:
    """Whether what the record was before had found risk already."""
    before: Record | None = KINDS[change.record.kind].model_validate_json(change.kept.body) if change.kept else None
    return isinstance(before, OutcomeMeasure | RiskAssessment) and risk_path.finds_risk(before)


def as_moved(connection: Connection, practice: str, given: Sequence[Resource]) -> list[Resource]:
    """The resources as they are to be stored: a task of the risk path that somebody has moved on since it was opened stays as they left it.

    Only the client's next screening closes it from here. What closed it that way carries its executionPeriod, and opens again
    where that screening is taken back.
    """
    everything = Clearance(practice, True, "", (), 0, 0)
    return [_as_moved(connection, everything, one) if _is_open_task(one) else one for one in given]


def _as_moved(connection: Connection, everything: Clearance, task: Resource) -> Resource:
    stored = resources.read(connection, everything, "Task", task["id"])
    body = parse(stored.body) if stored and not stored.deleted else task
    return body if body.get("status") != task["status"] and "executionPeriod" not in body else task


def _is_open_task(resource: Resource) -> bool:
    """A referral that cannot wait is `stat` too: its focus is no finding."""
    is_open = resource["resourceType"] == "Task" and resource.get("priority") == "stat" and resource.get("status") == "requested"
    return is_open and str(resource.get("focus", {}).get("reference", "")).startswith("Observation/")
