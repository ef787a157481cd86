"""The generated R4 definitions (definitions/r4.schema.json.gz): read once, cut to one resource type at a time."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import orjson

Schema = dict[str, Any]

_TABLE = Path(__file__).parent / "definitions" / "r4.schema.json.gz"
_PREFIX = "#/$defs/"


@cache
def _table() -> Schema:
    table: Schema = orjson.loads(gzip.decompress(_TABLE.read_bytes()))
    return table


def definitions() -> dict[str, Schema]:
    """Every definition by name: Patient, Patient.contact, Period, date, code-..., to-..."""
    found: dict[str, Schema] = _table()["definitions"]
    return found


@cache
def resource_types() -> frozenset[str]:
    return frozenset(_table()["resourceTypes"])


def is_resource_type(name: Any) -> bool:
    return type(name) is str and name in resource_types()


def schema_of(name: str, changed: Callable[[str, Schema], Schema] = lambda _, schema: schema) -> Schema:
    """A complete JSON Schema of one resource type: its definition and all those it leads to, each as `changed` makes it."""
    reached: dict[str, Schema] = {}
    todo = [name]
    while todo:
        each = todo.pop()
        if each not in reached:
            reached[each] = changed(each, definitions()[each])
            todo += _named_in(reached[each])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": _PREFIX + name, "$defs": reached}


def _named_in(schema: Any) -> list[str]:
    names: list[str] = []
    todo = [schema]
    while todo:
        node = todo.pop()
        if type(node) is dict:
            names += [node["$ref"].removeprefix(_PREFIX)] if type(node.get("$ref")) is str else []
            todo += node.values()
        elif type(node) is list:
            todo += node
    return names


def resolved(schema: Schema) -> Schema:
    """The definition behind a chain of references."""
    while "$ref" in schema:
        schema = definitions()[schema["$ref"].removeprefix(_PREFIX)]
    return schema


def fhir_path(name: str, path: str, places: list[str | int]) -> str:
    """FHIRPath for JSON steps below a resource of type `name` at `path`: valueQuantity is value, _birthDate birthDate."""
    return path + _described(name, places)[0]


def is_whole(name: str, places: list[str | int]) -> bool:
    """Whether the element at JSON steps below a resource of type `name` is an integer, unsignedInt or positiveInt."""
    return bool(_described(name, places)[1].get("type") == "integer")


def _described(name: str, places: list[str | int]) -> tuple[str, Schema]:
    """The steps as FHIRPath, and the definition they lead to."""
    path, schema = "", definitions()[name]
    for step in places:
        if isinstance(step, int):
            path = f"{path}[{step}]"
            schema = resolved(schema.get("items", {}))
        else:
            member = schema.get("properties", {}).get(step, {})
            path = f"{path}.{member.get('$comment') or step.removeprefix('_')}"
            schema = resolved(member)
    return path, schema
