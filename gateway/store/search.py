"""Search: criteria become conditions on index rows, under the reader's visibility, in one query.

A statement is built once for each shape of search (`_Shape`) and run with the values of this one (`_values`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from gateway.fhir.search_parameter import TYPES
from gateway.fhir.search_query import Criterion, Include, Query, bad_cursor
from gateway.store import condition
from gateway.store.narrowing import NarrowingShape
from gateway.store.resource import Stored, by_name, named, read, stored_of, visible_among
from gateway.store.schema import reference
from gateway.store.schema import resource as resources
from gateway.store.visible import Clearance, Relation, visible

_MAX_INCLUDED = 1_000


@dataclass(frozen=True)
class Page:
    """Matches of one page, what they include, the total (None when not asked for), and where the next page begins."""

    matches: list[Stored]
    included: list[Stored]
    total: int | None
    after: tuple[int, str] | None
    """The sort value and the id of the last match, where there is a next page."""


class _Shape(NamedTuple):
    """Everything about a search but its values."""

    resource_type: str
    kinds: tuple[Relation, ...]
    narrowing: NarrowingShape | None
    criteria: tuple[condition.Shape, ...]
    by_id: bool
    by_patient: bool
    sort: str
    descending: bool
    goes_on: bool


def search(connection: Connection, clearance: Clearance, query: Query, included_types: Sequence[str], including: Clearance | None = None) -> Page:
    """One page of a search. `included_types` are the types this reader's token may read as includes, `including` what of them; None: as the matches."""
    if not clearance.everything:
        query.criteria = [_by_what_is_seen(connection, clearance, one) if one.kind == "reference" else one for one in query.criteria]
    shape, values = _shape(query, clearance), _values(query, clearance) | _after(connection, clearance, query)
    rows = connection.execute(_page(shape), values).all() if query.count else []
    matches = [stored_of(row) for row in rows[: query.count]]
    more = len(rows) > query.count > 0
    whole = not more and query.cursor is None and query.count > 0
    total = None if not query.total else len(matches) if whole else int(connection.scalar(_count(shape._replace(goes_on=False)), values) or 0)
    last = rows[query.count - 1] if more else None
    after = (0 if query.sort == "_id" else getattr(last, condition.sort_column(query.sort).name), last.id) if last else None
    return Page(matches, _included(connection, including or clearance, query, matches, included_types), total, after)


def _by_what_is_seen(connection: Connection, clearance: Clearance, criterion: Criterion) -> Criterion:
    """References to what a reader may not see are masked in answers, so nothing is found by them either."""
    asked = [str(one[0]) for one in criterion.alternatives]
    names = [name for one in asked for name in ([one] if "/" in one else [f"{kind}/{one}" for kind in TYPES])]
    local = [name for name in names if name.count("/") == 1]
    seen = visible_among(connection, clearance, local) if local else set()
    kept = [name for name in names if name in seen or name not in local] or ["/"]
    return replace(criterion, alternatives=tuple((name,) for name in kept))


def find(connection: Connection, clearance: Clearance, query: Query, limit: int = 2) -> list[Stored]:
    """The first matches, for a condition."""
    query.count, query.total = limit, False
    return search(connection, clearance, query, ()).matches


def _shape(query: Query, clearance: Clearance) -> _Shape:
    criteria = tuple(condition.shape(one) for one in query.criteria)
    return _Shape(query.resource_type, *clearance.shape, criteria, query.ids is not None, query.patients is not None, query.sort, query.descending, query.cursor is not None)


def _values(query: Query, clearance: Clearance) -> dict[str, Any]:
    values = clearance.parameters() | {"page_size": query.count + 1}
    for at, one in enumerate(query.criteria):
        values |= condition.values(one, at)
    if query.ids is not None:
        values["ids"] = query.ids
    if query.patients is not None:
        values["patients"] = query.patients
    return values


def _after(connection: Connection, clearance: Clearance, query: Query) -> dict[str, Any]:
    """Where the next page begins: the row that the page before ended with. Raises 400 for a cursor that names none."""
    if query.cursor is None:
        return {}
    value, last_id = query.cursor
    last = read(connection, clearance, query.resource_type, last_id)
    if last is None:  # also where it is hidden: a cursor must not tell which ids there are
        raise bad_cursor()
    return {"after_value": last.seq if query.sort == "_id" else value, "after_seq": last.seq}


@lru_cache(maxsize=1024)
def _page(shape: _Shape) -> Select[Any]:
    column = condition.sort_column(shape.sort)
    order = [column.desc(), resources.c.seq.desc()] if shape.descending else [column, resources.c.seq]
    return _matching(shape, select(resources)).order_by(*order).limit(condition.page_size())


@lru_cache(maxsize=1024)
def _count(shape: _Shape) -> Select[Any]:
    return _matching(shape, select(func.count()).select_from(resources))


def _matching(shape: _Shape, statement: Select[Any]) -> Select[Any]:
    statement = statement.where(resources.c.type == shape.resource_type, resources.c.deleted == 0, visible(resources, shape.kinds, shape.narrowing))
    for at, one in enumerate(shape.criteria):
        statement = statement.where(condition.condition(shape.resource_type, one, at, by_patient=shape.by_patient))
    if shape.by_id:
        statement = statement.where(condition.among("ids", resources.c.id))
    if shape.by_patient:
        statement = statement.where(condition.among("patients", resources.c.patient))
    return statement.where(condition.beyond(shape.sort, descending=shape.descending)) if shape.goes_on else statement


def _included(connection: Connection, clearance: Clearance, query: Query, matches: list[Stored], types: Sequence[str]) -> list[Stored]:
    if not matches or not (query.includes or query.revincludes):
        return []
    found: dict[int, Stored] = {}
    matched = {stored.seq for stored in matches}
    for include in query.includes:
        targets = _targets(connection, include, matches)
        _collect(connection, clearance, select(resources).where(by_name()), found, types, targets)
    for include in query.revincludes:
        _collect(connection, clearance, _sources(clearance, include, matches), found, types)
    return [stored for seq, stored in found.items() if seq not in matched]


def _targets(connection: Connection, include: Include, matches: list[Stored]) -> set[str]:
    """What the matches name by this parameter, as `Type/id`."""
    pointing = select(reference.c.target).where(reference.c.parameter == f"{include.source}.{include.name}", reference.c.resource.in_([stored.seq for stored in matches]))
    found = {target.partition("/_history/")[0] for target in connection.scalars(pointing)}
    return {target for target in found if include.target is None or target.startswith(f"{include.target}/")}


def _sources(clearance: Clearance, include: Include, matches: list[Stored]) -> Select[Any]:
    pointing = select(reference.c.resource).where(
        reference.c.practice == clearance.practice,
        reference.c.parameter == f"{include.source}.{include.name}",
        reference.c.target.in_([f"{stored.type}/{stored.id}" for stored in matches]),
    )
    return select(resources).where(resources.c.type == include.source, resources.c.seq.in_(pointing))


def _collect(connection: Connection, clearance: Clearance, statement: Select[Any], found: dict[int, Stored], types: Sequence[str], only: Collection[str] = ()) -> None:
    """In an order that hangs on nothing but what is found: a plan that changes with the statistics would tell of rows that this reader may not see."""
    permitted = statement.where(resources.c.deleted == 0, resources.c.type.in_(types), visible(resources, *clearance.shape))
    in_order = permitted.order_by(resources.c.type, resources.c.id).limit(_MAX_INCLUDED)
    for row in connection.execute(in_order, clearance.parameters() | (named(only) if only else {"named_types": [], "named_ids": []})):
        if not only or f"{row.type}/{row.id}" in only:
            found.setdefault(row.seq, stored_of(row))
