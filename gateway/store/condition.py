"""One criterion of a search as a condition on index rows: the condition for its shape, and the values for this search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Text, and_, bindparam, false, or_, select, tuple_

from gateway.fhir.search_parameter import TYPES
from gateway.fhir.search_query import Criterion
from gateway.store import index
from gateway.store.schema import resource as resources

_SORT_COLUMNS = {"_id": resources.c.seq, "_lastUpdated": resources.c.last_updated}
_LAST_LETTER = "\U0010ffff"


class Shape(NamedTuple):
    """A criterion without its values: `alternatives` says of each what it compares with."""

    name: str
    kind: str
    modifier: str
    alternatives: tuple[Any, ...]


def shape(criterion: Criterion) -> Shape:
    return Shape(criterion.name, criterion.kind, criterion.modifier, tuple(_SHAPES[criterion.kind](one) for one in criterion.alternatives))


_SHAPES: dict[str, Callable[[tuple[Any, ...]], Any]] = {
    "token": lambda one: (one[0] is not None, one[1] is not None),
    "uri": lambda _: "uri",
    "string": lambda _: "string",
    "reference": lambda one: "/" in one[0],
    "date": lambda one: one[0],
}


def values(criterion: Criterion, at: int) -> dict[str, Any]:
    """The values of a criterion under the names that `condition` gave them."""
    found: dict[str, Any] = {}
    for position, one in enumerate(criterion.alternatives):
        named = _VALUES[criterion.kind](one, criterion.modifier)
        found |= {f"c{at}_{position}_{name}": value for name, value in named.items() if value is not None}
    return found


def _string_values(one: tuple[Any, ...], modifier: str) -> dict[str, Any]:
    if modifier == "contains":
        return {"like": "%" + one[0].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"}
    return {"from": one[0]} if modifier == "exact" else {"from": one[0], "to": one[0] + _LAST_LETTER}


_VALUES: dict[str, Callable[[tuple[Any, ...], str], dict[str, Any]]] = {
    "token": lambda one, _: {"system": one[0], "code": one[1]},
    "uri": lambda one, _: {"code": one[0]},
    "string": _string_values,
    "reference": lambda one, _: {"target": one[0]} if "/" in one[0] else {f"target{at}": f"{kind}/{one[0]}" for at, kind in enumerate(TYPES)},
    "date": lambda one, _: {"start": one[1], "end": one[2], "width": one[2] - one[1]},
}


def condition(resource_type: str, one: Shape, at: int, *, by_patient: bool) -> ColumnElement[bool]:
    """The condition on `resource` for a criterion, its values as parameters named by its place `at`."""
    names = [f"c{at}_{position}_" for position in range(len(one.alternatives))]
    if one.name == "_lastUpdated":
        return or_(*(_date(resources.c.last_updated, resources.c.last_updated + 1, alternative, name) for alternative, name in zip(one.alternatives, names, strict=True)))
    rows = index.TABLES[one.kind]
    found = or_(*(_CONDITIONS[one.kind](rows, one.modifier, alternative, name) for alternative, name in zip(one.alternatives, names, strict=True)))
    matching = select(rows.c.resource).where(rows.c.practice == bindparam("reader_practice"), rows.c.parameter == f"{resource_type}.{one.name}", found)
    if by_patient:
        matching = matching.where(among("patients", rows.c.patient))
    return resources.c.seq.not_in(matching) if one.modifier == "not" else resources.c.seq.in_(matching)


def _token(rows: Any, _: str, alternative: tuple[bool, bool], name: str) -> ColumnElement[bool]:
    has_system, has_code = alternative
    parts = ([rows.c.system == bindparam(f"{name}system", type_=Text)] if has_system else []) + ([rows.c.code == bindparam(f"{name}code", type_=Text)] if has_code else [])
    return and_(*parts) if parts else false()


def _uri(rows: Any, _: str, __: Any, name: str) -> ColumnElement[bool]:
    return and_(rows.c.code == bindparam(f"{name}code", type_=Text))


def _string(rows: Any, modifier: str, _: Any, name: str) -> ColumnElement[bool]:
    if modifier == "exact":
        return and_(rows.c.exact == bindparam(f"{name}from", type_=Text))
    if modifier == "contains":
        return and_(rows.c.normal.like(bindparam(f"{name}like", type_=Text), escape="\\"))
    return and_(rows.c.normal >= bindparam(f"{name}from", type_=Text), rows.c.normal < bindparam(f"{name}to", type_=Text))


def _reference(rows: Any, _: str, is_whole: bool, name: str) -> ColumnElement[bool]:
    names = [f"{name}target"] if is_whole else [f"{name}target{at}" for at in range(len(TYPES))]
    return or_(*(rows.c.target == bindparam(one, type_=Text) for one in names))


def _date_row(rows: Any, _: str, prefix: str, name: str) -> ColumnElement[bool]:
    return _date(rows.c.low, rows.c.high, prefix, name)


def _date(low: Any, high: Any, prefix: str, name: str) -> ColumnElement[bool]:
    """https://hl7.org/fhir/R4/search.html#prefix, with the parameter's own range from `start` up to `end`."""
    start, end, width = (bindparam(f"{name}{part}", type_=BigInteger) for part in ("start", "end", "width"))
    conditions: dict[str, Callable[[], ColumnElement[bool]]] = {
        "eq": lambda: and_(low >= start, high <= end),
        "ne": lambda: or_(low < start, high > end),
        "gt": lambda: high > end,
        "ge": lambda: or_(high > end, and_(low >= start, high <= end)),
        "lt": lambda: low < start,
        "le": lambda: or_(low < start, and_(low >= start, high <= end)),
        "sa": lambda: low >= end,
        "eb": lambda: high <= start,
        "ap": lambda: and_(low < end + width, high > start - width),
    }
    return conditions[prefix]()


_CONDITIONS: dict[str, Callable[[Any, str, Any, str], ColumnElement[bool]]] = {"token": _token, "uri": _uri, "string": _string, "reference": _reference, "date": _date_row}


def among(name: str, column: Any) -> ColumnElement[bool]:
    """The column is one of a list of values given as the parameter `name`; an empty list matches nothing."""
    return and_(column.in_(bindparam(name, expanding=True)))


def sort_column(sort: str) -> Any:
    return _SORT_COLUMNS.get(sort, resources.c.date)


def beyond(sort: str, *, descending: bool) -> ColumnElement[bool]:
    """Rows after the last one of the page before."""
    here = tuple_(sort_column(sort), resources.c.seq)
    there = tuple_(bindparam("after_value", type_=BigInteger), bindparam("after_seq", type_=BigInteger))
    return and_(here < there if descending else here > there)


def page_size() -> Any:
    return bindparam("page_size", type_=BigInteger)
