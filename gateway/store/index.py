"""Index rows of a resource: each carries the patient and the date, so that the common question is one range scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table

from gateway.fhir import date_range, search_parameter, search_value
from gateway.fhir.clinical_date import clinical_dates
from gateway.store import statement
from gateway.store.schema import moment, reference, string, token

TABLES: dict[str, Table] = {"token": token, "string": string, "reference": reference, "date": moment, "uri": token}
_STAY = "CareTeam.participant of "
_ALWAYS = date_range.Range(date_range.EARLIEST, date_range.LATEST)
_COLUMNS = {table: tuple(column.name for column in table.columns) for table in (token, string, reference, moment)}


class Entry(NamedTuple):
    """A resource to be indexed, under its row number, and what each of its index rows carries."""

    seq: int
    resource: dict[str, Any]
    practice: str
    patient: str | None
    date: int
    zone: tzinfo


def add(connection: Connection, entries: Iterable[Entry]) -> None:
    """Write the index rows of resources that have none (any more)."""
    rows: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in _COLUMNS}
    for entry in entries:
        practice, tail = entry.practice, (entry.patient, entry.date, entry.seq)
        for kind, path, names in _paths(entry.resource["resourceType"]):
            if elements := search_value.at(entry.resource, path):
                found = [(*value, *tail) for element in elements for value in _VALUES[kind](element, entry.zone)]
                rows[TABLES[kind]] += [(practice, name, *row) for name in names for row in found]
        rows[moment] += [(practice, stay_of(member), *span, *tail) for member, span in stays(entry)]
    for table, given in rows.items():
        statement.add(connection, table, _COLUMNS[table], given)


def stay_of(member: Any) -> Any:
    """The name under which it is written from when until when a member (`Practitioner/id`, or a column of these) belongs to a CareTeam."""
    return _STAY + member


def stays(entry: Entry) -> list[tuple[str, date_range.Range]]:
    """Of each member of a CareTeam who does not belong to it for ever, the times."""
    team = entry.resource
    if team["resourceType"] != "CareTeam":
        return []
    whole = date_range.of_element(team.get("period"), entry.zone) or _ALWAYS
    spans = [
        (one["member"]["reference"], date_range.of_element(one.get("period"), entry.zone) or _ALWAYS) for one in team.get("participant", ()) if "reference" in one.get("member", {})
    ]
    within = [(member, date_range.Range(max(span.low, whole.low), min(span.high, whole.high))) for member, span in spans]
    always = {member for member, span in within if span == _ALWAYS}
    return [(member, span) for member, span in within if member not in always]


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete the index rows of resources by their row numbers."""
    for table in _COLUMNS:
        statement.remove(connection, table, "resource", numbers)


@cache
def _paths(resource_type: str) -> tuple[tuple[search_parameter.Kind, search_value.Steps, tuple[str, ...]], ...]:
    """What of a resource is indexed: each path once, with the full names it is found under, `Goal.subject` and `Goal.patient` say."""
    names: dict[tuple[search_parameter.Kind, str], list[str]] = {}
    for name, parameter in search_parameter.PARAMETERS[resource_type].items():
        for path in parameter.paths:
            names.setdefault((parameter.kind, path), []).append(f"{resource_type}.{name}")
    return tuple((kind, search_value.steps(path), tuple(found)) for (kind, path), found in names.items())


def _moment(element: Any, zone: tzinfo) -> Sequence[tuple[int, int]]:
    span = date_range.of_element(element, zone)
    return [(span.low, span.high)] if span else []


_VALUES: dict[search_parameter.Kind, Callable[[Any, tzinfo], Sequence[tuple[Any, ...]]]] = {
    "token": lambda element, _: search_value.tokens(element),
    "uri": lambda element, _: [(element, "")],
    "string": lambda element, _: [(search_value.normal(text), text) for text in search_value.strings(element)],
    "reference": lambda element, _: [(element["reference"],)] if isinstance(element, dict) and "reference" in element else (),
    "date": _moment,
}
"""By kind of parameter: the values of a row of its table, in the order of the columns."""


def clinical_date(resource: dict[str, Any], zone: tzinfo) -> int:
    """When it happened, for sorting; the earliest time there is where the resource does not say."""
    for element in clinical_dates(resource):
        if span := date_range.of_element(element, zone):
            return span.low
    return date_range.EARLIEST
