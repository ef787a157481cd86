"""Current resources and their history: rendered once when written, served as the same bytes ever after."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, bindparam, func, insert, select, true, update

from gateway.clock import instant
from gateway.fhir.json import render
from gateway.store import index
from gateway.store.engine import changed
from gateway.store.schema import reference, resource_history
from gateway.store.schema import resource as resources
from gateway.store.visible import Clearance, visible


@dataclass(frozen=True)
class Stored:
    """One version of a resource as it is served."""

    type: str
    id: str
    version: int
    last_updated: int
    body: bytes
    deleted: bool = False
    seq: int = 0
    category: int = 0
    patient: str | None = None
    labels: int = 0
    method: str = ""
    changed: bool = True

    @property
    def etag(self) -> str:
        return f'W/"{self.version}"'


@dataclass(frozen=True)
class Placing:
    """Where a resource belongs: practice, patient, what a reader must be cleared for, what a release must name."""

    practice: str
    patient: str | None
    labels: int
    category: int
    zone: tzinfo


class VersionDiffers(Exception):
    """The version to be replaced is not the current one."""


def put(connection: Connection, resource: dict[str, Any], placing: Placing, now: int, *, security: list[dict[str, Any]], expected: int | None = None) -> Stored:
    """Store a resource as its next version, unless nothing but `meta` would change.

    Raises VersionDiffers where `expected` is given and is not the current version.
    """
    current = _current(connection, placing.practice, resource["resourceType"], resource["id"])
    if expected is not None and (current is None or current.version != expected):
        raise VersionDiffers
    digest = hashlib.sha256(render(_bare(resource)) + repr((placing.labels, placing.category)).encode()).hexdigest()
    if current is not None and not current.deleted and current.digest == digest:
        return replace(stored_of(current), changed=False)
    version = 1 if current is None else current.version + 1
    now = now if current is None else max(now, current.last_updated + 1)
    body = render(_with_meta(resource, version, now, security))
    date = index.clinical_date(resource, placing.zone)
    row = {
        "practice": placing.practice,
        "type": resource["resourceType"],
        "id": resource["id"],
        "version": version,
        "last_updated": now,
        "patient": placing.patient,
        "labels": placing.labels,
        "category": placing.category,
        "body": body,
    }
    changed(connection)
    seq = _write_current(connection, current.seq if current else None, row | {"date": date, "deleted": 0, "digest": digest})
    connection.execute(insert(resource_history), row | {"method": "POST" if current is None else "PUT"})
    index.replace(connection, seq, {"practice": placing.practice, "patient": placing.patient, "date": date}, resource, placing.zone, new=current is None)
    return Stored(row["type"], row["id"], version, now, body, seq=seq, category=placing.category, patient=placing.patient, labels=placing.labels)


def remove(connection: Connection, practice: str, resource_type: str, resource_id: str, now: int) -> None:
    """Mark a resource deleted; its history stays. Nothing happens where it is not there or deleted already."""
    current = _current(connection, practice, resource_type, resource_id)
    if current is None or current.deleted:
        return
    changed(connection)
    version, now = current.version + 1, max(now, current.last_updated + 1)
    connection.execute(update(resources).where(resources.c.seq == current.seq).values(version=version, last_updated=now, deleted=1, digest="", body=b""))
    kept = {name: getattr(current, name) for name in ("practice", "type", "id", "patient", "labels", "category")}
    connection.execute(insert(resource_history), kept | {"version": version, "last_updated": now, "method": "DELETE", "body": b""})
    index.remove(connection, current.seq)


@cache
def _reading(rows: Table, *, everything: bool) -> Select[Any]:
    return select(rows).where(rows.c.type == bindparam("type"), rows.c.id == bindparam("id"), visible(rows, everything=everything))


def read(connection: Connection, clearance: Clearance, resource_type: str, resource_id: str) -> Stored | None:
    """The current version, deleted ones included; None where there is none for this reader."""
    row = connection.execute(_reading(resources, everything=clearance.everything), clearance.parameters() | {"type": resource_type, "id": resource_id}).one_or_none()
    return stored_of(row) if row else None


def read_version(connection: Connection, clearance: Clearance, resource_type: str, resource_id: str, version: int) -> Stored | None:
    """One version, visible only if both it and the current one are: a release never opens what was tightened since."""
    return next(iter(_versions(connection, clearance, resource_type, resource_id, resource_history.c.version == version)), None)


def history(connection: Connection, clearance: Clearance, resource_type: str, resource_id: str) -> list[Stored]:
    """All versions this reader may see, newest first; empty where the current one is not visible."""
    return _versions(connection, clearance, resource_type, resource_id, true())


def _versions(connection: Connection, clearance: Clearance, resource_type: str, resource_id: str, which: ColumnElement[bool]) -> list[Stored]:
    if read(connection, clearance, resource_type, resource_id) is None:
        return []
    statement = _reading(resource_history, everything=clearance.everything).where(which).order_by(resource_history.c.version.desc())
    return [version_of(row) for row in connection.execute(statement, clearance.parameters() | {"type": resource_type, "id": resource_id})]


_ANY_WITH_LABELS = (
    select(resources.c.seq)
    .where(
        resources.c.practice == bindparam("practice"),
        resources.c.patient == bindparam("patient"),
        resources.c.type.in_(bindparam("types", expanding=True)),
        resources.c.deleted == 0,
        resources.c.labels.op("&")(bindparam("labels")) != 0,
    )
    .limit(1)
)


def any_with_labels(connection: Connection, practice: str, patient: str, types: tuple[str, ...], labels: int) -> bool:
    """Whether the patient has a live resource of these types that carries any of these labels."""
    return connection.scalar(_ANY_WITH_LABELS, {"practice": practice, "patient": patient, "types": types, "labels": labels}) is not None


def of_patient(connection: Connection, practice: str, patient: str, types: tuple[str, ...], *, without: int = 0) -> list[Stored]:
    """Live resources of a patient and of these types, newest first; `without`: only those that lack one of these labels."""
    lacking = resources.c.labels.op("&")(without) != without if without else true()
    rows = connection.execute(
        select(resources)
        .where(resources.c.practice == practice, resources.c.patient == patient, resources.c.type.in_(types), resources.c.deleted == 0, lacking)
        .order_by(resources.c.last_updated.desc(), resources.c.seq.desc())
    )
    return [stored_of(row) for row in rows]


def of_patient_by_date(connection: Connection, practice: str, patient: str, types: tuple[str, ...]) -> list[Stored]:
    """Live resources of a patient and of these types, the clinically newest first."""
    rows = connection.execute(
        select(resources)
        .where(resources.c.practice == practice, resources.c.patient == patient, resources.c.type.in_(types), resources.c.deleted == 0)
        .order_by(resources.c.type, resources.c.date.desc(), resources.c.seq.desc())
    )
    return [stored_of(row) for row in rows]


def of_nobody(connection: Connection, practice: str, category: int) -> list[Stored]:
    """Live resources of no patient that stand in a category."""
    rows = connection.execute(
        select(resources)
        .where(resources.c.practice == practice, resources.c.patient.is_(None), resources.c.category == category, resources.c.deleted == 0)
        .order_by(resources.c.type, resources.c.seq)
    )
    return [stored_of(row) for row in rows]


def visible_among(connection: Connection, clearance: Clearance, references: Collection[str]) -> set[str]:
    """Those of some `Type/id` references that exist for this reader."""
    rows = connection.execute(_existing(everything=clearance.everything), clearance.parameters() | named(references))
    return {f"{row.type}/{row.id}" for row in rows} & set(references)


@cache
def _existing(*, everything: bool) -> Select[Any]:
    return select(resources.c.type, resources.c.id).where(by_name(), resources.c.deleted == 0, visible(resources, everything=everything))


def by_name() -> ColumnElement[bool]:
    """Rows named by `named`: type and id each among a list, so that the unique index finds them; the caller drops false pairs."""
    return and_(resources.c.type.in_(bindparam("named_types", expanding=True)), resources.c.id.in_(bindparam("named_ids", expanding=True)))


def named(references: Iterable[str]) -> dict[str, list[str]]:
    """The values of `by_name` for `Type/id` references."""
    pairs = [reference.partition("/") for reference in references]
    return {"named_types": sorted({kind for kind, _, _ in pairs}), "named_ids": [key for _, _, key in pairs]}


def placings(connection: Connection, practice: str, references: Sequence[str]) -> list[tuple[str | None, int, int]]:
    """(patient, labels, category) of each live resource among `Type/id` references."""
    columns = (resources.c.type, resources.c.id, resources.c.patient, resources.c.labels, resources.c.category)
    rows = connection.execute(select(*columns).where(resources.c.practice == practice, by_name(), resources.c.deleted == 0), named(references))
    return [(row.patient, row.labels, row.category) for row in rows if f"{row.type}/{row.id}" in references]


def pointing_at(connection: Connection, practice: str, parameter: str, target: str) -> list[Stored]:
    """Live resources that name `Type/id` by a reference parameter, `Provenance.target` say."""
    pointing = select(reference.c.resource).where(reference.c.practice == practice, reference.c.parameter == parameter, reference.c.target == target)
    return [stored_of(row) for row in connection.execute(select(resources).where(resources.c.seq.in_(pointing)))]


def counts(connection: Connection, practice: str) -> dict[str, int]:
    """Live resources by type."""
    rows = connection.execute(
        select(resources.c.type, func.count()).where(resources.c.practice == practice, resources.c.deleted == 0).group_by(resources.c.type).order_by(resources.c.type)
    )
    return {name: int(number) for name, number in rows}


_CURRENT = select(resources).where(resources.c.practice == bindparam("practice"), resources.c.type == bindparam("type"), resources.c.id == bindparam("id"))


def _current(connection: Connection, practice: str, resource_type: str, resource_id: str) -> Any:
    return connection.execute(_CURRENT, {"practice": practice, "type": resource_type, "id": resource_id}).one_or_none()


def _write_current(connection: Connection, seq: int | None, row: dict[str, Any]) -> int:
    if seq is None:
        return int(connection.execute(insert(resources).returning(resources.c.seq), row).scalar_one())
    connection.execute(update(resources).where(resources.c.seq == seq).values(row))
    return seq


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


def stored_of(row: Any) -> Stored:
    """A row of `resource`."""
    return Stored(row.type, row.id, row.version, row.last_updated, row.body, bool(row.deleted), row.seq, row.category, row.patient, row.labels)


def version_of(row: Any) -> Stored:
    """A row of `resource_history`."""
    return Stored(row.type, row.id, row.version, row.last_updated, row.body, row.method == "DELETE", 0, row.category, row.patient, row.labels, row.method)
