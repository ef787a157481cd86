"""Records come in: each is kept, mapped to resources, labelled and stored, with audit and outbox, in one transaction a batch.

Idempotent by kind, id and content: what is there already with the same content changes nothing, a changed record makes
a new version, and the same record always becomes the same resource ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

import mappings
from gateway.context import Context
from gateway.privacy import placing
from gateway.privacy.consent import release_row
from gateway.record.trace import provenances
from gateway.record.types import KINDS, Consent, Record
from gateway.store import audit, outbox
from gateway.store import record as records
from gateway.store import referral as referrals
from gateway.store import release as releases
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.resource import Stored
from gateway.trail import events
from mappings.codes import BadCode
from mappings.identity import REVISION, Site

BATCH = 200

_NAMES = {
    "client": "client",
    "partner_of": "client",
    "clinician": "clinician",
    "author": "clinician",
    "recorder": "clinician",
    "supervisor": "clinician",
    "therapist": "clinician",
    "noted_by": "clinician",
    "team": "clinician",
    "partner": "partner",
    "prescriber": "partner",
    "primary_care": "partner",
    "session": "session",
    "place": "practice",
    "practice": "practice",
    "part_of": "practice",
    "problems": "problem",
    "replaces": "treatment_plan",
}
"""Fields that name another record, and its kind."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Refusal:
    """A record that was not taken in: which, what is wrong, how to mend it; no value of a client."""

    kind: str
    id: str
    rule: str
    mend: str


@dataclass
class Report:
    """What an intake did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    resources: int = 0
    refused: list[Refusal] = field(default_factory=list)
    unchecked_codes: dict[str, int] = field(default_factory=dict)
    """Codes that left with system and code but no display of ours, with how often."""


def take_in(context: Context, given: Iterable[Record], *, source: str, progress: Progress | None = None) -> Report:
    """Take records in, in the order in which kinds refer to one another. A refused record changes nothing; the rest goes in."""
    report = Report()
    order = {kind: at for at, kind in enumerate(KINDS)}
    waiting = sorted(given, key=lambda record: order[record.kind])
    names = {(record.kind, record.id) for record in waiting}
    for start in range(0, len(waiting), BATCH):
        with context.store.change() as connection:
            _take_batch(context, connection, waiting[start : start + BATCH], names, source, report)
        if progress:
            progress(min(start + BATCH, len(waiting)), len(waiting))
    return report


def _take_batch(context: Context, connection: Connection, batch: Sequence[Record], names: set[tuple[str, str]], source: str, report: Report) -> None:
    written: list[Stored] = []
    for record in batch:
        refusal = _missing(connection, context.principal.practice, record, names)
        outcome = refusal or _take(context, connection, record, source, report)
        if isinstance(outcome, Refusal):
            report.refused.append(outcome)
            names.discard((record.kind, record.id))
        else:
            written += outcome
    report.resources += len(written)
    if written or connection.info.get("handoff-changed"):
        audit.append(connection, events(context, "transaction", written))


def _missing(connection: Connection, practice: str, record: Record, names: set[tuple[str, str]]) -> Refusal | None:
    for name, kind in _NAMES.items():
        value = getattr(record, name, None)
        for record_id in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
            if (kind, record_id) not in names and not records.exists(connection, practice, kind, record_id):
                return Refusal(record.kind, record.id, f"{name} names a {kind} that is not there", f"send the {kind} first or with it, or correct {name}")
    return None


def _take(context: Context, connection: Connection, record: Record, source: str, report: Report) -> list[Stored] | Refusal:
    practice, body = context.principal.practice, orjson.dumps(record.model_dump(mode="json", exclude_defaults=True), option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(REVISION.encode() + body).hexdigest()
    kept = records.read(connection, practice, record.kind, record.id)
    if kept and kept.digest == digest:
        report.unchanged += 1
        return []
    site = Site(practice)
    if record.kind == "referral" and referrals.read(connection, practice, site.id("referral", record.id, "task")):
        return Refusal(record.kind, record.id, "the referral has been sent and cannot be rewritten", "withdraw it, or send a new one under its own id")
    try:
        made = mappings.resources_of(record, site)
    except BadCode as fault:
        return Refusal(record.kind, record.id, str(fault), "correct the code, or leave it out and keep the words")
    for code in mappings.codes.unchecked(record):
        name = f"{code.system}|{code.code}"
        report.unchecked_codes[name] = report.unchecked_codes.get(name, 0) + 1
    client = record.id if record.kind == "client" else getattr(record, "client", None)
    records.write(connection, practice, record.kind, record.id, client=client, digest=digest, body=body, source=source, now=context.now)
    report.changed, report.created = report.changed + bool(kept), report.created + (not kept)
    before = KINDS[record.kind].model_validate_json(kept.body) if kept else None
    return _store(context, connection, record, before, made, site)


def _store(context: Context, connection: Connection, record: Record, before: Record | None, made: list[dict[str, Any]], site: Site) -> list[Stored]:
    practice, now = context.principal.practice, context.now
    place = placing.Place(practice, zone_of(connection, practice))
    gone = {(one["resourceType"], one["id"]) for one in mappings.resources_of(before, site)} if before else set()
    for resource_type, resource_id in gone - {(one["resourceType"], one["id"]) for one in made}:
        resources.remove(connection, practice, resource_type, resource_id, now)
    written = [stored for one in made if (stored := placing.store(connection, one, place, now)).changed]
    written += [placing.store_beside(connection, one, place, now, target) for one, target in provenances(context, record, written, site, update=before is not None)]
    if isinstance(record, Consent):
        _release(connection, practice, record, site, place)
    if record.kind == "partner":
        own = [(one["resourceType"], one["id"]) for one in made]
        releases.open_to(connection, practice, record.id, own, reason="self")
    if written:
        outbox.add(connection, practice, "record-changed", f"{record.kind}/{record.id}", {}, now)
    return written


def _release(connection: Connection, practice: str, consent: Consent, site: Site, place: placing.Place) -> None:
    """The consent takes effect in the same transaction: its row opens, its named recipient may read it."""
    consent_id, patient = site.id("consent", consent.id), site.id("client", consent.client)
    releases.drop_release(connection, practice, consent_id)
    row = release_row(consent, practice, consent_id, patient, place.zone)
    if row is not None:
        releases.put_release(connection, row)
        releases.open_to(connection, practice, row["recipient"], [("Consent", consent_id)], reason="recipient", consent=consent_id)
