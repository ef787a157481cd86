"""Search: criteria become conditions on index rows, under the reader's visibility, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select, tuple_

from gateway.fhir.search_parameter import TYPES
from gateway.fhir.search_query import Criterion, Include, Query
from gateway.store import index
from gateway.store.resource import Stored, stored_of
from gateway.store.schema import reference
from gateway.store.schema import resource as resources
from gateway.store.visible import Clearance, visible

_SORT_COLUMNS = {"_id": resources.c.seq, "_lastUpdated": resources.c.last_updated}
_MAX_INCLUDED = 1_000


@dataclass(frozen=True)
class Page:
    """Matches of one page, what they include, the total (None when not asked for), and where the next page begins."""

    matches: list[Stored]
    included: list[Stored]
    total: int | None
    after: tuple[int, int] | None


def search(connection: Connection, clearance: Clearance, query: Query, included_types: Sequence[str]) -> Page:
    """One page of a search. `included_types` are the types this reader's token may read as includes."""
    where = and_(resources.c.type == query.resource_type, resources.c.deleted == 0, visible(clearance, resources), *_conditions(clearance.practice, query))
    column = _SORT_COLUMNS.get(query.sort, resources.c.date)
    rows = connection.execute(_page(query, where, column)).all() if query.count else []
    matches = [stored_of(row) for row in rows[: query.count]]
    more = len(rows) > query.count > 0
    whole = not more and query.cursor is None and query.count > 0
    total = None if not query.total else len(matches) if whole else int(connection.scalar(select(func.count()).select_from(resources).where(where)) or 0)
    last = rows[query.count - 1] if more else None
    return Page(matches, _included(connection, clearance, query, matches, included_types), total, (last._mapping[column.name], last.seq) if last else None)  # noqa: SLF001 - a row as a mapping


def find(connection: Connection, clearance: Clearance, query: Query, limit: int = 2) -> list[Stored]:
    """The first matches, for a condition."""
    query.count, query.total = limit, False
    return search(connection, clearance, query, ()).matches


def _page(query: Query, where: ColumnElement[bool], column: Any) -> Select[Any]:
    statement = select(resources).where(where)
    if query.cursor is not None:
        here, there = tuple_(column, resources.c.seq), tuple_(*query.cursor)
        statement = statement.where(here < there if query.descending else here > there)
    order = [column.desc(), resources.c.seq.desc()] if query.descending else [column, resources.c.seq]
    return statement.order_by(*order).limit(query.count + 1)


def _conditions(practice: str, query: Query) -> list[ColumnElement[bool]]:
    conditions = [_condition(practice, query, criterion) for criterion in query.criteria]
    if query.ids is not None:
        conditions.append(resources.c.id.in_(query.ids) if query.ids else false())
    if query.patients is not None:
        conditions.append(resources.c.patient.in_(query.patients) if query.patients else false())
    return conditions


def _condition(practice: str, query: Query, criterion: Criterion) -> ColumnElement[bool]:
    if criterion.name == "_lastUpdated":
        return or_(*(_date_condition(one, resources.c.last_updated, resources.c.last_updated + 1) for one in criterion.alternatives))
    rows = index.TABLES[criterion.kind]
    found = or_(*(_ALTERNATIVE[criterion.kind](rows, criterion, one) for one in criterion.alternatives))
    matching = select(rows.c.resource).where(rows.c.practice == practice, rows.c.parameter == f"{query.resource_type}.{criterion.name}", found)
    if query.patients:
        matching = matching.where(rows.c.patient.in_(query.patients))
    return resources.c.seq.not_in(matching) if criterion.modifier == "not" else resources.c.seq.in_(matching)


def _token(rows: Any, _: Criterion, alternative: tuple[Any, ...]) -> ColumnElement[bool]:
    system, code = alternative
    conditions = ([] if system is None else [rows.c.system == system]) + ([] if code is None else [rows.c.code == code])
    return and_(*conditions) if conditions else false()


def _string(rows: Any, criterion: Criterion, alternative: tuple[Any, ...]) -> ColumnElement[bool]:
    text = alternative[0]
    if criterion.modifier == "exact":
        return and_(rows.c.exact == text)
    if criterion.modifier == "contains":
        return and_(rows.c.normal.contains(text, autoescape=True))
    return and_(rows.c.normal >= text, rows.c.normal < text + "\U0010ffff")


def _reference(rows: Any, _: Criterion, alternative: tuple[Any, ...]) -> ColumnElement[bool]:
    target = alternative[0]
    return and_(rows.c.target == target) if "/" in target else or_(*(rows.c.target == f"{kind}/{target}" for kind in TYPES))


def _date(rows: Any, _: Criterion, alternative: tuple[Any, ...]) -> ColumnElement[bool]:
    return _date_condition(alternative, rows.c.low, rows.c.high)


def _date_condition(alternative: tuple[Any, ...], low: Any, high: Any) -> ColumnElement[bool]:
    """https://hl7.org/fhir/R4/search.html#prefix, with the parameter's own range from `start` up to `end`."""
    prefix, start, end = alternative
    conditions: dict[str, ColumnElement[bool]] = {
        "eq": and_(low >= start, high <= end),
        "ne": or_(low < start, high > end),
        "gt": high > end,
        "ge": or_(high > end, and_(low >= start, high <= end)),
        "lt": low < start,
        "le": or_(low < start, and_(low >= start, high <= end)),
        "sa": low >= end,
        "eb": high <= start,
        "ap": and_(low < end + (end - start), high > start - (end - start)),
    }
    return conditions[prefix]


_ALTERNATIVE = {"token": _token, "uri": _token, "string": _string, "reference": _reference, "date": _date}


def _included(connection: Connection, clearance: Clearance, query: Query, matches: list[Stored], types: Sequence[str]) -> list[Stored]:
    if not matches or not (query.includes or query.revincludes):
        return []
    found: dict[int, Stored] = {}
    matched = {stored.seq for stored in matches}
    for include in query.includes:
        _collect(connection, clearance, _targets(clearance, include, matches), found, types)
    for include in query.revincludes:
        _collect(connection, clearance, _sources(clearance, include, matches), found, types)
    return [stored for seq, stored in found.items() if seq not in matched]


def _targets(clearance: Clearance, include: Include, matches: list[Stored]) -> Select[Any]:
    named = select(reference.c.target).where(reference.c.parameter == f"{include.source}.{include.name}", reference.c.resource.in_([stored.seq for stored in matches]))
    wanted = (resources.c.type + "/" + resources.c.id).in_(named)
    return select(resources).where(resources.c.practice == clearance.practice, wanted, *([resources.c.type == include.target] if include.target else []))


def _sources(clearance: Clearance, include: Include, matches: list[Stored]) -> Select[Any]:
    pointing = select(reference.c.resource).where(
        reference.c.practice == clearance.practice,
        reference.c.parameter == f"{include.source}.{include.name}",
        reference.c.target.in_([f"{stored.type}/{stored.id}" for stored in matches]),
    )
    return select(resources).where(resources.c.type == include.source, resources.c.seq.in_(pointing))


def _collect(connection: Connection, clearance: Clearance, statement: Select[Any], found: dict[int, Stored], types: Sequence[str]) -> None:
    permitted = statement.where(resources.c.deleted == 0, resources.c.type.in_(types), visible(clearance, resources)).limit(_MAX_INCLUDED)
    for row in connection.execute(permitted):
        found.setdefault(row.seq, stored_of(row))
