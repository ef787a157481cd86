"""From an error of the schema validator to Faults: which element, which issue code, and a sentence without any value.

`title` of the subschema that failed is an issue code, "choice", "required" or an invariant's key; `description` its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs

from gateway.fhir.definition import definitions, fhir_path
from gateway.fhir.outcome import Fault

_ELEMENT_NAME = re.compile(r"_?[a-z][A-Za-z0-9]{0,63}", re.ASCII)
_ISSUE_CODES = frozenset({"value", "code-invalid"})
_EMPTY_LIST = "is an empty list; leave it out."
_EMPTY_OBJECT = "is an empty object; leave it out."
_NOT_ONE_VALUE = "must be a single value, not an object, a list or null."
_SHAPES = {"object": "must be an object.", "array": "must be a list.", "null": "must not be null; leave it out."}


def faults_of_error(error: jsonschema_rs.ValidationError, name: str, path: str) -> Iterator[Fault]:
    """`name` is the resource's type, `path` its FHIRPath."""
    expression = fhir_path(name, path, error.instance_path)
    keyword = str(error.schema_path[-1])
    rule = _subschema(error.schema_path[:-1])
    for suffix, code, sentence in _KEYWORDS.get(keyword, _value)(error, rule):
        where = f"{expression}.{suffix}" if suffix else expression
        yield Fault(where, code, f"{where} {sentence}")


def _subschema(places: list[str | int]) -> dict[str, Any]:
    node: Any = {"$defs": definitions()}
    for step in places:
        node = node[step]
    return node if isinstance(node, dict) else {}


Said = Iterator[tuple[str, str, str]]
"""(element below the place, issue code, sentence)"""


def _value(_: Any, rule: dict[str, Any]) -> Said:
    title = rule.get("title", "value")
    yield "", title if title in _ISSUE_CODES else "value", rule.get("description", "has a value that its type does not allow.")


def _type(error: jsonschema_rs.ValidationError, rule: dict[str, Any]) -> Said:
    wanted = rule.get("type")
    first = wanted[0] if isinstance(wanted, list) else wanted
    instance = error.instance
    if instance is None:
        yield "", "structure", _SHAPES["null"]
    elif first in ("object", "array"):
        yield "", "structure", _SHAPES[str(first)]
    elif isinstance(instance, (dict, list)):
        yield "", "structure", _NOT_ONE_VALUE
    else:
        yield from _value(error, rule)


def _unknown_element(error: jsonschema_rs.ValidationError, _: dict[str, Any]) -> Said:
    for name in error.kind.as_dict()["unexpected"]:
        if _ELEMENT_NAME.fullmatch(name):
            yield name.removeprefix("_"), "structure", "is not an element of R4 there; check its spelling and place."
        else:
            yield "", "structure", "has a member that is not an element of R4."


def _required(error: jsonschema_rs.ValidationError, _: dict[str, Any]) -> Said:
    yield error.kind.as_dict()["property"], "required", "is required."


def _alternatives(_: Any, rule: dict[str, Any]) -> Said:
    title, sentence = rule.get("title", ""), rule.get("description", "")
    if title == "required":
        yield sentence, "required", "is required."
    elif title in _ISSUE_CODES:
        yield "", title, sentence
    else:
        yield "", "invariant", f"{sentence.rstrip('.')} ({title})."


def _choice(error: jsonschema_rs.ValidationError, rule: dict[str, Any]) -> Said:
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.OneOfMultipleValid):
        yield rule["description"], "structure", "stands there in more than one type; send one."
    else:
        yield rule["description"], "required", "is required, in one of its types."


def _few(_: Any, rule: dict[str, Any]) -> Said:
    least = rule.get("minItems", 1)
    yield ("", "structure", _EMPTY_LIST) if least == 1 else ("", "required", f"needs at least {least} members.")


def _nothing(*_: Any) -> Said:
    yield "", "structure", _EMPTY_OBJECT


_KEYWORDS: dict[str, Callable[[Any, dict[str, Any]], Said]] = {
    "type": _type,
    "additionalProperties": _unknown_element,
    "required": _required,
    "anyOf": _alternatives,
    "oneOf": _choice,
    "minItems": _few,
    "maxItems": lambda _, rule: iter([("", "structure", f"may have at most {rule.get('maxItems')} members.")]),
    "minProperties": _nothing,
}
