"""What every interaction gives back, and the two things each of them does: ask the token's scope, leave an audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.audit_event import REFUSED
from gateway.fhir.compartment import patient_of
from gateway.privacy.decision import clearance, within_scope
from gateway.store.resource import Stored
from gateway.store.visible import Clearance
from gateway.trail import events

__all__ = ["Answer", "check_scope", "check_within_scope", "events", "of", "reader", "refusals_audited"]


@dataclass
class Answer:
    """Status, body (FHIR JSON bytes) and headers; no framework in it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def check_scope(context: Context, resource_type: str, letter: str) -> None:
    """Raise 403 unless the token's scope allows this; letters are SMART's c, r, u, d, s."""
    if not context.allows(resource_type, letter):
        raise outcome.scope_too_small(f"{'user' if context.principal.role == 'user' else 'system'}/{resource_type}.{letter}")


def reader(context: Context, letter: str) -> Clearance:
    """Who reads, within what the token's scope leaves for this letter: the one Clearance of every query that an interaction makes."""
    return within_scope(clearance(context.principal, context.now), context.narrowing(letter), context.principal)


def check_within_scope(context: Context, resource: dict[str, Any], letter: str) -> None:
    """Raise 403 where a scope with a query, or for one patient, does not reach the resource that is sent."""
    narrowing = context.narrowing(letter)
    if narrowing is not None and not narrowing.lets_through(resource, in_context=patient_of(resource) == context.principal.patient):
        raise outcome.beyond_scope(resource["resourceType"])


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
