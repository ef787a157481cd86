"""Current resources and their history, as they are read: the bytes that were rendered when they were written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, bindparam, func, select, true

from gateway.fhir.json import parse
from gateway.store import statement
from gateway.store.narrowing import Narrowing, NarrowingShape
from gateway.store.schema import reference, resource_history
from gateway.store.schema import resource as resources
from gateway.store.visible import Clearance, Relation, visible


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
    before: bytes = b""
    """What a write replaced; empty where nothing (live) was there, and for what was only read."""

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


@lru_cache(maxsize=512)
def _reading(rows: Table, kinds: tuple[Relation, ...], narrowing: NarrowingShape | None) -> Select[Any]:
    return select(rows).where(rows.c.type == bindparam("type"), rows.c.id == bindparam("id"), visible(rows, kinds, narrowing))


def read(connection: Connection, clearance: Clearance, resource_type: str, resource_id: str) -> Stored | None:
    """The current version, deleted ones included; None where there is none for this reader."""
    row = connection.execute(_reading(resources, *clearance.shape), clearance.parameters() | {"type": resource_type, "id": resource_id}).one_or_none()
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
    statement = _reading(resource_history, *clearance.shape).where(which).order_by(resource_history.c.version.desc())
    found = [version_of(row) for row in connection.execute(statement, clearance.parameters() | {"type": resource_type, "id": resource_id})]
    narrowing = clearance.narrowing
    return [one for one in found if narrowing is None or one.deleted or _is_let_through(narrowing, clearance, one)]


def _is_let_through(narrowing: Narrowing, clearance: Clearance, version: Stored) -> bool:
    """Codes of versions are not indexed, so what a scope asks of them is looked up in the version itself."""
    of_nobody = version.patient is None and bool(version.category & (clearance.directory | clearance.catalogue))
    return narrowing.lets_through(parse(version.body), in_context=of_nobody or version.patient == clearance.patient)


def carrying(connection: Connection, practice: str, patients: Iterable[str], types: tuple[str, ...], labels: int) -> dict[str, set[str]]:
    """By patient: the live resources (`Type/id`) of these types that carry any of these labels."""
    found: dict[str, set[str]] = {}
    wanted = ("patient", "type", "id", "deleted", "labels")
    for kind in types:
        for row in statement.among(connection, resources, {"practice": practice, "type": kind}, "patient", patients, wanted):
            if row.labels & labels and not row.deleted:
                found.setdefault(row.patient, set()).add(f"{row.type}/{row.id}")
    return found


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
    """Those of some `Type/id` references that exist for this reader, whatever the token's scope leaves of them."""
    rows = connection.execute(_existing(clearance.kinds), clearance.parameters() | named(references))
    return {f"{row.type}/{row.id}" for row in rows} & set(references)


@cache
def _existing(kinds: tuple[Relation, ...]) -> Select[Any]:
    return select(resources.c.type, resources.c.id).where(by_name(), resources.c.deleted == 0, visible(resources, kinds))


def by_name() -> ColumnElement[bool]:
    """Rows named by `named`: type and id each among a list, so that the unique index finds them; the caller drops false pairs."""
    return and_(resources.c.type.in_(bindparam("named_types", expanding=True)), resources.c.id.in_(bindparam("named_ids", expanding=True)))


def named(references: Iterable[str]) -> dict[str, list[str]]:
    """The values of `by_name` for `Type/id` references."""
    pairs = [reference.partition("/") for reference in references]
    return {"named_types": sorted({kind for kind, _, _ in pairs}), "named_ids": [key for _, _, key in pairs]}


def placings(connection: Connection, practice: str, references: Collection[str]) -> dict[str, tuple[str | None, int, int]]:
    """(patient, labels, category) of each live resource among `Type/id` references."""
    columns = (resources.c.type, resources.c.id, resources.c.patient, resources.c.labels, resources.c.category)
    rows = connection.execute(select(*columns).where(resources.c.practice == practice, by_name(), resources.c.deleted == 0), named(references))
    return {name: (row.patient, row.labels, row.category) for row in rows if (name := f"{row.type}/{row.id}") in references}


def pointing_at(connection: Connection, practice: str, parameter: str, targets: Iterable[str]) -> list[Stored]:
    """Live resources that name one of these `Type/id` by a reference parameter, `Provenance.target` say."""
    pointing = statement.among(connection, reference, {"practice": practice, "parameter": parameter}, "target", targets, ("resource",))
    rows = connection.execute(select(resources).where(resources.c.seq.in_(sorted({row.resource for row in pointing}))).order_by(resources.c.seq)) if pointing else ()
    return [stored_of(row) for row in rows]


def counts(connection: Connection, practice: str) -> dict[str, int]:
    """Live resources by type."""
    rows = connection.execute(
        select(resources.c.type, func.count()).where(resources.c.practice == practice, resources.c.deleted == 0).group_by(resources.c.type).order_by(resources.c.type)
    )
    return {name: int(number) for name, number in rows}


def stored_of(row: Any) -> Stored:
    """A row of `resource`."""
    return Stored(row.type, row.id, row.version, row.last_updated, row.body, bool(row.deleted), row.seq, row.category, row.patient, row.labels)


def version_of(row: Any) -> Stored:
    """A row of `resource_history`."""
    return Stored(row.type, row.id, row.version, row.last_updated, row.body, row.method == "DELETE", 0, row.category, row.patient, row.labels, row.method)
