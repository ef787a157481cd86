"""Index rows of a resource: each carries the patient and the date, so that the common question is one range scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table

from gateway.fhir import date_range, search_parameter, search_value
from gateway.fhir.clinical_date import clinical_dates
from gateway.store import statement
from gateway.store.schema import moment, reference, string, token

TABLES: dict[str, Table] = {"token": token, "string": string, "reference": reference, "date": moment, "uri": token}
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
        for name, kind, paths in _parameters(entry.resource["resourceType"]):
            found = rows[TABLES[kind]]
            for path in paths:
                for element in search_value.at(entry.resource, path):
                    found += [(entry.practice, name, *values, entry.patient, entry.date, entry.seq) for values in _values(kind, element, entry.zone)]
    for table, found in rows.items():
        statement.add(connection, table, _COLUMNS[table], found)


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete the index rows of resources by their row numbers."""
    for table in _COLUMNS:
        statement.remove(connection, table, "resource", numbers)


@cache
def _parameters(resource_type: str) -> tuple[tuple[str, search_parameter.Kind, tuple[search_value.Steps, ...]], ...]:
    """What of a resource is indexed, each under its full name, `Goal.status` say."""
    parameters = search_parameter.PARAMETERS[resource_type].items()
    return tuple((f"{resource_type}.{name}", parameter.kind, tuple(map(search_value.steps, parameter.paths))) for name, parameter in parameters)


def _values(kind: search_parameter.Kind, element: Any, zone: tzinfo) -> Iterable[tuple[Any, ...]]:
    if kind == "token":
        return ((code, system) for system, code in search_value.tokens(element))
    if kind == "uri":
        return [(element, "")]
    if kind == "string":
        return [(search_value.normal(text), text) for text in search_value.strings(element)]
    if kind == "reference":
        return [(element["reference"],)] if isinstance(element, dict) and "reference" in element else []
    span = date_range.of_element(element, zone)
    return [(span.low, span.high)] if span else []


def clinical_date(resource: dict[str, Any], zone: tzinfo) -> int:
    """When it happened, for sorting; the earliest time there is where the resource does not say."""
    for element in clinical_dates(resource):
        if span := date_range.of_element(element, zone):
            return span.low
    return date_range.EARLIEST
