"""A referral or a care plan as a C-CDA document to hand over: from the same resources that would leave over FHIR, by the same decision."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gateway.clock import instant
from gateway.context import Context, Principal
from gateway.fhir import outcome
from gateway.fhir.json import parse
from gateway.privacy.decision import clearance
from gateway.privacy.redaction import redacted
from gateway.record.types import Referral, TreatmentPlan
from gateway.referral.send import preview
from gateway.store import record as records
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from gateway.store.visible import Clearance
from gateway.trail import events
from mappings import ccda
from mappings.identity import Site

NOTICE = "42 CFR part 2 prohibits unauthorized disclosure of these records."
"""The short statement of 42 CFR 2.32, for a document that holds a record under that law."""
_PART_2 = "42CFRPart2"
_FOLLOWED = ("Patient", "Goal", "Condition", "ServiceRequest", "Task", "CareTeam", "Observation", "Practitioner", "PractitionerRole", "Organization", "RelatedPerson")
"""What belongs to a care plan, found by walking its references."""
_REFERENCE = re.compile(rb'"reference":"([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})"')
_MOST = 500


def referral_note(context: Context, record_id: str) -> bytes:
    """The Referral Note of a referral: what goes with it, and nothing else. Raises 404, and 422 where a consent is missing for what is asked."""
    site = Site(context.principal.practice)
    with context.store.read() as connection:
        referral = Referral.model_validate_json(_kept(connection, context, Referral.kind, record_id))
        package = preview(context, connection, site.id("referral", record_id), site.id("referral", record_id, "task"), referral.partner)
        if not package.whole:
            raise outcome.refused_by_workflow("This referral reveals substance-use treatment, and no 42 CFR Part 2 consent in force names the recipient.", "ServiceRequest")
        names = [f"{item.type}/{item.id}" for item in package.going]
        recipient = [f"{kind}/{site.id('partner', referral.partner, part)}" for kind, part in _PARTNER]
        found = _read(connection, clearance(context.principal, context.now), [*names, *recipient])
    return _told(context, found, ccda.referral_note)


_PARTNER = (("PractitionerRole", "role"), ("Practitioner", "practitioner"), ("Organization", "organization"))


def care_plan(context: Context, record_id: str, partner: str | None = None) -> bytes:
    """The Care Plan document of a treatment plan, as this partner may see it, or as the practice does. Raises 404 where the reader sees no such plan."""
    site, reader = Site(context.principal.practice), clearance(_reader(context.principal, partner), context.now)
    with context.store.read() as connection:
        plan = TreatmentPlan.model_validate_json(_kept(connection, context, TreatmentPlan.kind, record_id))
        own = [f"CarePlan/{site.id(plan.kind, plan.id)}"] + ([f"PractitionerRole/{site.id('clinician', plan.author, 'role')}"] if plan.author else [])
        found = redacted(connection, reader, _walked(connection, reader, own))
    if not any(one.type == "CarePlan" for one in found):
        raise outcome.not_found("treatment_plan record")
    return _told(context, found, ccda.care_plan)


def _reader(own: Principal, partner: str | None) -> Principal:
    return replace(own, role="partner", recipient=partner) if partner else own


def _kept(connection: Connection, context: Context, kind: str, record_id: str) -> bytes:
    kept = records.read(connection, context.principal.practice, kind, record_id)
    if kept is None:
        raise outcome.not_found(f"{kind} record")
    return kept.body


def _read(connection: Connection, reader: Clearance, names: Iterable[str]) -> list[Stored]:
    found = (resources.read(connection, reader, *name.split("/")) for name in dict.fromkeys(names))
    return [one for one in found if one is not None and not one.deleted]


def _walked(connection: Connection, reader: Clearance, names: list[str]) -> list[Stored]:
    """What this reader sees of some resources and of those that they name, level by level."""
    found: dict[str, Stored] = {}
    while names and len(found) < _MOST:
        level = {f"{one.type}/{one.id}": one for one in _read(connection, reader, names)}
        found |= level
        named = (name.decode() for one in level.values() for name in _REFERENCE.findall(one.body))
        names = [name for name in dict.fromkeys(named) if name not in found and name.partition("/")[0] in _FOLLOWED]
    return list(found.values())


def _told(context: Context, found: list[Stored], write: Any) -> bytes:
    """The document, with its trace on disk before it leaves."""
    bodies = [parse(one.body) for one in found]
    is_part_2 = any(label.get("code") == _PART_2 for body in bodies for label in body["meta"].get("security", ()))
    made: bytes = write(bodies, document_id=f"urn:uuid:{uuid.uuid4()}", created=instant(context.now), notice=NOTICE if is_part_2 else None)
    context.journal.record(events(context, "read", found))
    return made
