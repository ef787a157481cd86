"""A search as its client wrote it, read into typed criteria; nothing here knows how rows are stored.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import tzinfo

from gateway.fhir import date_range, outcome
from gateway.fhir.clinical_date import SORTED_BY
from gateway.fhir.search_parameter import PARAMETERS, Parameter, parameter
from gateway.fhir.search_value import normal

DEFAULT_COUNT, MAX_COUNT = 50, 1000
_MAX_CRITERIA, _MAX_ALTERNATIVES, _MAX_VALUE = 30, 200, 2_000
_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_ALTERNATIVE = re.compile(r"(?:\\.|[^,\\]|\\$)+", re.DOTALL)
_ESCAPED = re.compile(r"\\([,|$\\])")
"""https://hl7.org/fhir/R4/search.html#escaping"""
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_RESULT = ("_count", "_sort", "_include", "_revinclude", "_total", "_cursor", "_format", "_pretty", "_summary", "_totalMethod")


@dataclass(frozen=True)
class Criterion:
    """One parameter of a search; its alternatives are OR-ed, criteria are AND-ed.

    alternatives: token (system or None, code or None); string texts; references `Type/id`; dates (prefix, low, high).
    """

    name: str
    kind: str
    modifier: str
    alternatives: tuple[tuple[str | int | None, ...], ...]


@dataclass(frozen=True)
class Include:
    source: str
    name: str
    target: str | None


@dataclass
class Query:
    """What is asked of one type. `applied` is what the self link says."""

    resource_type: str
    criteria: list[Criterion] = field(default_factory=list)
    ids: tuple[str, ...] | None = None
    patients: tuple[str, ...] | None = None
    includes: list[Include] = field(default_factory=list)
    revincludes: list[Include] = field(default_factory=list)
    sort: str = "_id"
    descending: bool = False
    count: int = DEFAULT_COUNT
    total: bool = True
    cursor: tuple[int, str] | None = None
    """The sort value and the id of the last match of the page before."""
    applied: list[tuple[str, str]] = field(default_factory=list)


def read_query(resource_type: str, pairs: Iterable[tuple[str, str]], zone: tzinfo, *, lenient: bool = False) -> Query:
    """Parse name and value pairs. Raises OutcomeError for a parameter, modifier or value that is not served."""
    query = Query(resource_type)
    for name, value in pairs:
        if len(value) > _MAX_VALUE or len(query.applied) >= _MAX_CRITERIA:
            raise outcome.too_long("search", f"{_MAX_CRITERIA} parameters of {_MAX_VALUE} characters")
        if not value:
            continue
        if name in _RESULT:
            _result_parameter(query, name, value)
        elif _criterion(query, name, value, zone):
            query.applied.append((name, value))
        elif not lenient:
            raise outcome.parameter_not_served(resource_type, _safe(name))
    return query


def _criterion(query: Query, name: str, value: str, zone: tzinfo) -> bool:
    base, _, modifier = name.partition(":")
    alternatives = [_ESCAPED.sub(r"\1", part) for part in _ALTERNATIVE.findall(value)]
    if not alternatives or "\x00" in value:
        raise outcome.bad_parameter(_safe(name), "must hold a value, without control characters.")
    if len(alternatives) > _MAX_ALTERNATIVES:
        raise outcome.too_long(f"list of values of {base}", f"{_MAX_ALTERNATIVES} values")
    if base == "_id" and not modifier:
        query.ids = tuple(alternatives) if query.ids is None else tuple(one for one in query.ids if one in alternatives)
        return True
    if base == "_lastUpdated" and not modifier:
        query.criteria.append(Criterion(base, "date", "", tuple(_date(base, one, zone) for one in alternatives)))
        return True
    if base == "patient" or (base == "subject" and parameter(query.resource_type, "patient")):
        return _patient(query, modifier, alternatives)
    found = parameter(query.resource_type, base)
    if found is None:
        return False
    _check_modifier(name, found, modifier)
    query.criteria.append(Criterion(base, found.kind, modifier, tuple(_alternative(base, found, modifier, one, zone) for one in alternatives)))
    return True


def _patient(query: Query, modifier: str, alternatives: list[str]) -> bool:
    if "patient" not in PARAMETERS[query.resource_type] or modifier not in ("", "Patient"):
        return False
    asked = tuple(one.rsplit("/", 1)[-1] if "/" not in one or one.rsplit("/", 2)[-2] == "Patient" else "" for one in alternatives)
    query.patients = asked if query.patients is None else tuple(one for one in query.patients if one in asked)
    return True


_MODIFIERS = {"token": ("", "not"), "string": ("", "exact", "contains"), "reference": ("",), "date": ("",), "uri": ("",)}


def _check_modifier(name: str, found: Parameter, modifier: str) -> None:
    types_served = found.kind == "reference" and modifier in PARAMETERS
    if modifier not in _MODIFIERS[found.kind] and not types_served:
        raise outcome.bad_parameter(
            _safe(name), f"has a modifier that is not served; served for a {found.kind}: {', '.join(one for one in _MODIFIERS[found.kind] if one) or 'none'}."
        )


def _alternative(name: str, found: Parameter, modifier: str, value: str, zone: tzinfo) -> tuple[str | int | None, ...]:
    if found.kind == "token":
        system, bar, code = value.rpartition("|")
        return (system if bar else None, code or None)
    if found.kind == "string":
        return (value if modifier == "exact" else normal(value),)
    if found.kind == "reference":
        return (f"{modifier}/{value}" if modifier and "/" not in value else value,)
    if found.kind == "date":
        return _date(name, value, zone)
    return (value,)


def _date(name: str, value: str, zone: tzinfo) -> tuple[str | int | None, ...]:
    prefix, rest = (value[:2], value[2:]) if value[:2] in _PREFIXES else ("eq", value)
    try:
        return (prefix, *date_range.parse(rest, zone))
    except (ValueError, OverflowError):
        raise outcome.bad_parameter(name, "must be a FHIR date such as 2026-05, 2026-05-06 or 2026-05-06T09:30:00-04:00, with at most one prefix such as ge before it.") from None


def _result_parameter(query: Query, name: str, value: str) -> None:
    if name == "_count":
        query.count = _count(value)
    elif name == "_sort":
        _sort(query, value)
    elif name in ("_include", "_revinclude"):
        _include(query, name, value)
    elif name == "_total":
        query.total = _one_of(name, value, ("none", "estimate", "accurate")) != "none"
    elif name == "_summary":
        query.count = 0 if _one_of(name, value, ("count", "false")) == "count" else query.count
    elif name == "_cursor":
        query.cursor = read_cursor(value)
        return
    if name not in ("_format", "_pretty", "_totalMethod"):  # the last asks, in fhirpy's words, for the total that is given anyway
        query.applied.append((name, value))


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise outcome.bad_parameter(name, f"must be one of {', '.join(allowed)}.")
    return value


def _count(value: str) -> int:
    if not value.isascii() or not value.isdecimal() or len(value) > 9:
        raise outcome.bad_parameter("_count", f"must be a whole number from 0 to {MAX_COUNT}.")
    return min(int(value), MAX_COUNT)


def _sort(query: Query, value: str) -> None:
    query.descending, name = value.startswith("-"), value.removeprefix("-")
    allowed = ("_id", "_lastUpdated", *SORTED_BY[query.resource_type])
    query.sort = _one_of("_sort", name, allowed)


def _include(query: Query, name: str, value: str) -> None:
    source, _, rest = value.partition(":")
    parameter_name, _, target = rest.partition(":")
    found = PARAMETERS.get(source, {}).get(parameter_name)
    if found is None or found.kind != "reference" or (name == "_include" and source != query.resource_type):
        raise outcome.bad_parameter(name, "must name a served reference parameter as Type:parameter, Provenance:target say.")
    (query.includes if name == "_include" else query.revincludes).append(Include(source, parameter_name, target or None))


def _safe(name: str) -> str:
    """A parameter's name as it may stand in an answer: names are the client's own words, so only plain ones are echoed."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_:.\-]{0,60}", name) else "named"


def write_cursor(sort_value: int, last_id: str) -> str:
    """Where a page ended, told by what its reader has seen: a row's number would tell of rows in between."""
    return base64.urlsafe_b64encode(json.dumps([sort_value, last_id]).encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[int, str]:
    try:
        value, last_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if type(value) is int and abs(value) < 2**62 and isinstance(last_id, str) and _ID.fullmatch(last_id):
            return value, last_id
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise bad_cursor()


def bad_cursor() -> outcome.OutcomeError:
    return outcome.bad_parameter("_cursor", "is not one that this server gave; follow the next link of a searchset unchanged.")
