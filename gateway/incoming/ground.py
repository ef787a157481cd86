"""What everything that comes in has in common: whose record it is, where it came from, and that it is kept and told once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from gateway.context import Context
from gateway.fhir.json import parse
from gateway.fhir.search_value import elements
from gateway.record.types import Partner, Record
from gateway.store import outbox
from gateway.store import record as records
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from gateway.store.visible import Clearance
from mappings.from_fhir import Resolve, reading
from mappings.identity import Site

_PARTS = ("", "role", "task", "statement", "practitioner", "organization")
"""The parts of a record under whose ids its resources stand (mappings.identity)."""
_ROLE_OF = ("practitioner.reference", "organization.reference")
_DIRECTORY = ("Practitioner", "PractitionerRole", "Organization")
_STAMPS = {"received_at"}
"""Fields that say when, not what: they make no other record."""


def source_of(stored: Stored) -> str:
    """`Type/id/_history/n`."""
    return f"{stored.type}/{stored.id}/_history/{stored.version}"


def found_at(connection: Connection, practice: str, reference: str) -> tuple[Stored, dict[str, Any]] | None:
    """A live resource of this practice by `Type/id`, or None."""
    resource_type, _, resource_id = reference.partition("/")
    stored = resources.read(connection, Clearance(practice, True, "", (), 0, 0), resource_type, resource_id) if resource_id else None
    return (stored, parse(stored.body)) if stored and not stored.deleted else None


def body_of(connection: Connection, practice: str, reference: str) -> dict[str, Any] | None:
    """The body of `found_at`."""
    found = found_at(connection, practice, reference)
    return found[1] if found else None


def resolver(connection: Connection, practice: str) -> Resolve:
    """Finds the practice's record behind `Type/id`.

    The resource names it by an identifier of the practice, and only the record's own resource ids are believed: who copies an identifier gets nothing by it.
    """
    site = Site(practice)

    def resolve(reference: str, kind: str) -> str | None:
        resource_id = reference.partition("/")[2]
        return next((value for value in _named(connection, practice, reference, kind) if any(site.id(kind, value, part) == resource_id for part in _PARTS)), None)

    return resolve


def _named(connection: Connection, practice: str, reference: str, kind: str) -> Iterator[str]:
    """The record ids of a kind that a resource names; a role names those of its person and its organization."""
    body = body_of(connection, practice, reference)
    if body is None:
        return
    behind = [other for path in _ROLE_OF for other in elements(body, path)] if body["resourceType"] == "PractitionerRole" else []
    for one in [body, *(found for other in behind if (found := body_of(connection, practice, str(other))))]:
        for identifier in elements(one, "identifier"):
            if identifier.get("system") == f"urn:handoff:{practice}:{kind}" and "value" in identifier:
                yield str(identifier["value"])


def client_of(connection: Connection, practice: str, patient: str | None) -> str | None:
    """The client behind a patient; None where the practice has no record of that patient: nobody is made up."""
    return resolver(connection, practice)(f"Patient/{patient}", "client") if patient else None


def partner_of(context: Context, connection: Connection) -> str | None:
    """The partner record that the caller acts for, where there is one."""
    principal = context.principal
    return principal.recipient if records.exists(connection, principal.practice, Partner.kind, principal.recipient) else None


def who(context: Context, connection: Connection, named: dict[str, Any]) -> str:
    """A reference to a person in words: its display, the name of the stored resource, or the name that the caller is registered under."""
    people = _behind(connection, context.principal.practice, str(named.get("reference", "")))
    said = named.get("display") or next((words for body in people for name in elements(body, "name") if (words := _name(name))), "")
    return reading.line(said) or reading.line(context.principal.name) or "not stated"


def _behind(connection: Connection, practice: str, reference: str) -> list[dict[str, Any]]:
    """The stored entry of the directory that is named; of a role also its person, first. Never a client: who names one as prescriber learns nothing."""
    body = body_of(connection, practice, reference) if reference.partition("/")[0] in _DIRECTORY else None
    if body is None:
        return []
    person = [str(found) for found in elements(body, "practitioner.reference")] if body["resourceType"] == "PractitionerRole" else []
    return [*(found for one in person if one.startswith("Practitioner/") and (found := body_of(connection, practice, one))), body]


def _name(name: Any) -> str:
    if isinstance(name, str):
        return name
    parts = (*name.get("prefix", ()), *name.get("given", ()), name.get("family"), *name.get("suffix", ()))
    return str(name.get("text") or " ".join(filter(None, parts)))


def contact_of(context: Context, connection: Connection, named: dict[str, Any]) -> str | None:
    """How to reach that person: the telecom of the stored resource, else the partner's own entry."""
    practice, recipient = context.principal.practice, context.principal.recipient
    site = Site(practice)
    own = [f"PractitionerRole/{site.id('partner', recipient, 'role')}", f"Organization/{site.id('partner', recipient, 'organization')}"]
    for reference in (str(named.get("reference", "")), *own):
        told = (way for body in _behind(connection, practice, reference) for way in elements(body, "telecom"))
        ways = [f"{way.get('system', '')} {way['value']}".strip() for way in told if way.get("value") and way.get("system") != "fax"]
        if ways:
            return reading.line(", ".join(dict.fromkeys(ways)))
    return None


def keep(context: Context, connection: Connection, record: Record, *, topic: str, told: dict[str, Any]) -> bool:
    """Write a record and tell the outbox of it, unless it says what it said before; whether it was written."""
    practice = context.principal.practice
    digest = hashlib.sha256(orjson.dumps(record.model_dump(mode="json", exclude=_STAMPS), option=orjson.OPT_SORT_KEYS)).hexdigest()
    kept = records.read(connection, practice, record.kind, record.id)
    if kept and kept.digest == digest:
        return False
    client = getattr(record, "client", None)
    records.write(connection, practice, record.kind, record.id, client=client, digest=digest, body=record.model_dump_json().encode(), source="fhir", now=context.now)
    outbox.add(connection, practice, topic, record.id, told, context.now)
    return True
