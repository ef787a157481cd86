"""Index rows of a resource: each carries the patient and the date, so that the common question is one range scan."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, Table, delete, insert

from gateway.fhir import date_range, search_parameter, search_value
from gateway.fhir.clinical_date import clinical_dates
from gateway.store.schema import moment, reference, string, token

TABLES: dict[str, Table] = {"token": token, "string": string, "reference": reference, "date": moment, "uri": token}


def replace(connection: Connection, seq: int, common: dict[str, Any], resource: dict[str, Any], zone: tzinfo, *, new: bool) -> None:
    """Write the index rows of a resource in place of its old ones. `common`: practice, patient and date of the row."""
    if not new:
        remove(connection, seq)
    rows: dict[Table, list[dict[str, Any]]] = {}
    for name, parameter in search_parameter.PARAMETERS[resource["resourceType"]].items():
        for path in parameter.paths:
            for element in search_value.elements(resource, path):
                for values in _values(parameter.kind, element, zone):
                    rows.setdefault(TABLES[parameter.kind], []).append({"parameter": f"{resource['resourceType']}.{name}", "resource": seq} | common | values)
    for table, found in rows.items():
        connection.execute(insert(table), found)


def remove(connection: Connection, seq: int) -> None:
    for table in (token, string, reference, moment):
        connection.execute(delete(table).where(table.c.resource == seq))


def _values(kind: search_parameter.Kind, element: Any, zone: tzinfo) -> list[dict[str, Any]]:
    if kind == "token":
        return [{"system": system, "code": code} for system, code in search_value.tokens(element)]
    if kind == "uri":
        return [{"system": "", "code": element}]
    if kind == "string":
        return [{"normal": search_value.normal(text), "exact": text} for text in search_value.strings(element)]
    if kind == "reference":
        return [{"target": element["reference"]}] if isinstance(element, dict) and "reference" in element else []
    span = date_range.of_element(element, zone)
    return [{"low": span.low, "high": span.high}] if span else []


def clinical_date(resource: dict[str, Any], zone: tzinfo) -> int:
    """When it happened, for sorting; the earliest time there is where the resource does not say."""
    for element in clinical_dates(resource):
        if span := date_range.of_element(element, zone):
            return span.low
    return date_range.EARLIEST
