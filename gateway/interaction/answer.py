"""What every interaction gives back, and the two things each of them does: ask the token's scope, leave an audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate

from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.audit_event import REFUSED
from gateway.store.resource import Stored
from gateway.trail import events

__all__ = ["Answer", "check_scope", "events", "of", "refusals_audited"]


@dataclass
class Answer:
    """Status, body (FHIR JSON bytes) and headers; no framework in it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def check_scope(context: Context, resource_type: str, letter: str) -> None:
    """Raise 403 unless the token's scope allows this; letters are SMART's c, r, u, d, s."""
    if not context.allows(resource_type, letter):
        raise outcome.scope_too_small(f"system/{resource_type}.{letter}")


def of(stored: Stored, status: int = 200) -> Answer:
    """An answer that carries one version of one resource."""
    return Answer(status, stored.body, {"ETag": stored.etag, "Last-Modified": formatdate(stored.last_updated / 1000, usegmt=True)})


@contextmanager
def refusals_audited(context: Context, interaction: str) -> Iterator[None]:
    """A refusal leaves its audit entry too, before it is told."""
    try:
        yield
    except outcome.OutcomeError:
        context.journal.record(events(context, interaction, (), REFUSED))
        raise
