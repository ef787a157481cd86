"""The next version of resources: rendered once, stored with history and index rows, many in a few statements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection

from gateway.clock import instant
from gateway.fhir.json import render
from gateway.store import index, statement
from gateway.store.engine import changed
from gateway.store.resource import Placing, Stored, stored_of
from gateway.store.schema import resource as resources
from gateway.store.schema import resource_history

_COMMON = ("practice", "type", "id", "version", "last_updated", "patient", "labels", "category", "body")
_CURRENT = (*_COMMON, "date", "deleted", "digest")
_HISTORY = (*_COMMON, "method")
_GONE = ("version", "last_updated", "deleted", "digest", "body")


class VersionDiffers(Exception):
    """The version to be replaced is not the current one."""


class Given(NamedTuple):
    """A resource on its way in, where it belongs, and the labels it is to carry."""

    resource: dict[str, Any]
    placing: Placing
    security: list[dict[str, Any]]

    @property
    def name(self) -> str:
        return f"{self.resource['resourceType']}/{self.resource['id']}"


class _Next(NamedTuple):
    """A version to be written, with the one before it."""

    given: Given
    stored: Stored
    digest: str
    date: int

    @property
    def common(self) -> tuple[Any, ...]:
        placing, one = self.given.placing, self.stored
        return placing.practice, one.type, one.id, one.version, one.last_updated, placing.patient, placing.labels, placing.category, one.body


def currents(connection: Connection, practice: str, names: Iterable[str]) -> dict[str, Any]:
    """The rows of resources by their `Type/id`, deleted ones too."""
    wanted: dict[str, list[str]] = {}
    for name in names:
        resource_type, _, resource_id = name.partition("/")
        wanted.setdefault(resource_type, []).append(resource_id)
    equal = {"practice": practice}
    return {f"{kind}/{row.id}": row for kind, ids in wanted.items() for row in statement.among(connection, resources, equal | {"type": kind}, "id", ids)}


def put(connection: Connection, resource: dict[str, Any], placing: Placing, now: int, *, security: list[dict[str, Any]], expected: int | None = None) -> Stored:
    """As `put_many`, for one."""
    given = Given(resource, placing, security)
    return put_many(connection, [given], currents(connection, placing.practice, [given.name]), now, expected=expected)[0]


def put_many(connection: Connection, given: Sequence[Given], current: Mapping[str, Any], now: int, *, expected: int | None = None) -> list[Stored]:
    """Store each resource as its next version, unless nothing but `meta` would change. No resource twice; `current`: the rows that are there now.

    Raises VersionDiffers, before anything is written, where `expected` is given and is not the current version.
    """
    found = [_next(one, current.get(one.name), now, expected) for one in given]
    written = [one for one in found if isinstance(one, _Next)]
    if written:
        changed(connection)
        _write(connection, written)
    return [one.stored if isinstance(one, _Next) else one for one in found]


def remove_many(connection: Connection, practice: str, names: Iterable[str], now: int) -> list[Stored]:
    """Mark resources, by `Type/id`, deleted; their history stays. Returns those that were there and live."""
    live = [row for row in currents(connection, practice, names).values() if not row.deleted]
    if not live:
        return []
    changed(connection)
    gone = [replace(stored_of(row), version=row.version + 1, last_updated=max(now, row.last_updated + 1), deleted=True, body=b"", before=row.body) for row in live]
    statement.change(connection, resources, _GONE, ("seq",), [(one.version, one.last_updated, 1, "", b"", one.seq) for one in gone])
    rows = [(practice, one.type, one.id, one.version, one.last_updated, one.patient, one.labels, one.category, b"", "DELETE") for one in gone]
    statement.add(connection, resource_history, _HISTORY, rows)
    index.remove(connection, [one.seq for one in gone])
    return gone


def _next(given: Given, current: Any, now: int, expected: int | None) -> _Next | Stored:
    resource, placing = given.resource, given.placing
    if expected is not None and (current is None or current.version != expected):
        raise VersionDiffers
    digest = hashlib.sha256(render(_bare(resource)) + repr((placing.labels, placing.category)).encode()).hexdigest()
    if current is not None and not current.deleted and current.digest == digest:
        return replace(stored_of(current), changed=False)
    version = 1 if current is None else current.version + 1
    now = now if current is None else max(now, current.last_updated + 1)
    body = render(_with_meta(resource, version, now, given.security))
    seq, before = (current.seq, current.body) if current is not None else (0, b"")
    stored = Stored(resource["resourceType"], resource["id"], version, now, body, seq=seq, category=placing.category, patient=placing.patient, labels=placing.labels, before=before)
    return _Next(given, stored, digest, index.clinical_date(resource, placing.zone))


def _write(connection: Connection, written: list[_Next]) -> None:
    numbers = iter(statement.sequence(connection, resources, sum(not one.stored.seq for one in written)))
    numbered = [(one.stored.seq or next(numbers), one) for one in written]
    rows = [(*one.common, one.date, 0, one.digest, seq) for seq, one in numbered]
    statement.add(connection, resources, (*_CURRENT, "seq"), [row for row, one in zip(rows, written, strict=True) if one.stored.version == 1])
    statement.change(connection, resources, _CURRENT, ("seq",), [row for row, one in zip(rows, written, strict=True) if one.stored.version > 1])
    statement.add(connection, resource_history, _HISTORY, [(*one.common, "POST" if one.stored.version == 1 else "PUT") for one in written])
    index.remove(connection, [one.stored.seq for one in written if one.stored.version > 1])
    index.add(connection, [index.Entry(seq, one.given.resource, one.given.placing.practice, one.given.placing.patient, one.date, one.given.placing.zone) for seq, one in numbered])


def _bare(resource: dict[str, Any]) -> dict[str, Any]:
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated", "security")}
    bare = resource | {"meta": meta}
    return {name: bare[name] for name in sorted(bare) if bare[name] or name != "meta"}


def _with_meta(resource: dict[str, Any], version: int, now: int, security: list[dict[str, Any]]) -> dict[str, Any]:
    meta = {"versionId": str(version), "lastUpdated": instant(now)} | {
        name: value for name, value in resource.get("meta", {}).items() if name in ("profile", "tag", "source", "extension")
    }
    first = {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta | ({"security": security} if security else {})}
    return first | {name: value for name, value in resource.items() if name not in first}
