"""Resources about which nothing more need be asked: R4's own schema without whatever a rule on data types could break.

What passes it breaks none of gateway/fhir/anywhere.py, its numbers and its own narrative apart; what does not may still be R4 and is looked at in full. So one
question in Rust takes the place of a walk in Python for nearly everything that a mapping makes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from gateway.fhir.definition import Schema, schema_of

_HOLDS_OTHERS = ("Bundle", "Parameters")
_NOT_PLAIN = ("contained", "end", "high")
"""Resources inside the resource; what may come before a start or below a low (per-1, rng-2)."""
_NULL = "-or-null"
_NAMED = {"pattern": "^[^#?]*$"}
"""A reference that names neither something inside the resource nor a search."""


def is_plain(resource: dict[str, Any], resource_type: str) -> bool:
    """Whether the resource is sound and plain. Never raises."""
    if resource_type in _HOLDS_OTHERS:
        return False
    try:
        orjson.dumps(resource)  # a Decimal may stand where only a whole number may
        return _validator(resource_type).is_valid(resource)
    except (ValueError, TypeError, RecursionError):
        return False


@cache
def _validator(resource_type: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema_of(resource_type, _plain), pattern_options=jsonschema_rs.RegexOptions(), offline=True)


def _plain(name: str, schema: Schema) -> Schema:
    if "properties" not in schema:
        return schema
    members: Schema = schema["properties"]
    is_resource = "resourceType" in members
    plain = {key: _without_null(member) for key, member in members.items() if _may_stand(key, member, is_resource)}
    if name == "Reference":
        plain["reference"] = {"allOf": [members["reference"], _NAMED]}
    return schema | {"properties": plain}


def _may_stand(key: str, member: Schema, is_resource: bool) -> bool:
    """Of primitives' twins, ids of elements and narratives of parts nothing is known without a walk."""
    if key.startswith("_") or key in _NOT_PLAIN:
        return False
    return is_resource or not (key == "id" or member.get("$ref", "").endswith("/Narrative"))


def _without_null(member: Schema) -> Schema:
    named = member.get("items", {}).get("$ref", "")
    return member | {"items": {"$ref": named.removesuffix(_NULL)}} if named.endswith(_NULL) else member
