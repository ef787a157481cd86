"""Whether a resource is R4: the generated schema decides, the rules follow (layers 1 and 2; profiles are checked elsewhere).

jsonschema_rs says yes or no in microseconds; only after a no are its errors read, and turned into FHIRPath, an issue code and a sentence of ours. Nothing of
a value, and no library's text, reaches a Fault. Resources inside resources are checked each by its own type, so that the work is linear in their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from gateway.fhir import outcome
from gateway.fhir.anywhere import WHOLE, found_anywhere, steps
from gateway.fhir.definition import fhir_path, is_resource_type, is_whole, schema_of
from gateway.fhir.narrative import narrative_fault
from gateway.fhir.outcome import Fault
from gateway.fhir.plain import is_plain
from gateway.fhir.rules import broken_rules
from gateway.fhir.schema_fault import faults_of_error

MAX_FAULTS = 20

_UNREADABLE = "cannot be written as JSON: all names must be text, all text Unicode without surrogates, and nesting bounded."
_UNKNOWN_TYPE = "must be a resource type of R4 4.0.1."
_NO_TYPE = "is required; it names the type of the resource."


class Place:
    """A resource inside the one being checked: its FHIRPath, and what `#id` and conditional references may mean there."""

    __slots__ = ("in_transaction", "local_ids", "path", "resource")

    def __init__(self, resource: Any, path: str, local_ids: frozenset[str] | None = None, in_transaction: bool = False) -> None:
        self.resource = resource
        self.path = path
        self.local_ids = local_ids if local_ids is not None else _local_ids(resource)
        self.in_transaction = in_transaction


def faults(resource: dict[str, Any]) -> list[Fault]:
    """At most 20 faults, outer resource first; empty where the resource is R4. Never raises."""
    return list(islice(_faults(resource), MAX_FAULTS))


def is_valid(resource: dict[str, Any]) -> bool:
    """Whether there are none; the quick way to ask."""
    name = _type_of(resource)
    if not is_resource_type(name) or not is_plain(resource, name):
        return next(_faults(resource), None) is None
    div = resource["text"].get("div") if "text" in resource else None
    return (div is None or narrative_fault(div) is None) and next(broken_rules(resource, name), None) is None


def check_resource(resource: dict[str, Any], expected_type: str | None = None) -> None:
    """Raises OutcomeError: 400, or 422 where nothing but invariants is broken."""
    if expected_type is not None and resource.get("resourceType") != expected_type:
        raise outcome.wrong_shape("resourceType", f"The resourceType must be {expected_type} here.")
    found = faults(resource)
    if found:
        raise outcome.invalid(found, 422 if all(fault.code == "invariant" for fault in found) else 400)


def _faults(resource: Any) -> Iterator[Fault]:
    name = _type_of(resource)
    todo = [Place(resource, name if is_resource_type(name) else "Resource")]
    seen: set[Fault] = set()
    while todo:
        place = todo.pop()
        for fault in _faults_of_one(place):
            if fault not in seen:
                seen.add(fault)
                yield fault
        todo += list(_inner(place))[::-1]


def _faults_of_one(place: Place) -> Iterator[Fault]:
    resource = place.resource
    name = _type_of(resource)
    if not is_resource_type(name):
        yield _no_type(place.path, name)
        return
    sound = True
    for fault in _structural(resource, name, place.path):
        sound = sound and fault.code == "invariant"
        yield fault
    if sound:
        yield from _broken(place, name)


def _structural(resource: dict[str, Any], name: str, path: str) -> Iterator[Fault]:
    unreadable = Fault(path, "structure", f"{path} {_UNREADABLE}")
    explained = False
    try:
        if _validator(name).is_valid(resource):
            return
        for error in _validator(name).iter_errors(resource):
            explained = True
            yield from faults_of_error(error, name, path)
    except (ValueError, TypeError, RecursionError):
        yield unreadable
    else:
        # what was refused stays refused, also where no error names a place
        if not explained:
            yield unreadable


def _type_of(resource: Any) -> Any:
    return resource.get("resourceType") if type(resource) is dict else None


def _no_type(path: str, name: Any) -> Fault:
    expression = f"{path}.resourceType" if path != "Resource" else "resourceType"
    return Fault(expression, "required", f"{expression} {_NO_TYPE}") if name is None else Fault(expression, "structure", f"{expression} {_UNKNOWN_TYPE}")


def _broken(place: Place, name: str) -> Iterator[Fault]:
    for where, code, sentence in found_anywhere(place.resource, place.local_ids, place.in_transaction):
        if code == WHOLE and not is_whole(name, steps(where)):
            continue
        expression = fhir_path(name, place.path, steps(where))
        yield Fault(expression, "value" if code == WHOLE else code, f"{expression} {sentence}")
    yield from broken_rules(place.resource, place.path)


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    # the regex engine without backtracking: time linear in the text, whoever wrote it
    return jsonschema_rs.Draft202012Validator(schema_of(name), pattern_options=jsonschema_rs.RegexOptions(), offline=True)


def _inner(place: Place) -> Iterator[Place]:
    """The resources directly inside (https://hl7.org/fhir/R4/references.html#contained, bundle.html, parameters.html)."""
    resource, path = place.resource, place.path
    if type(resource) is not dict:
        return
    for step, inner in _indexed(resource.get("contained"), "contained"):
        yield Place(inner, f"{path}.{step}", place.local_ids | {"#"}, place.in_transaction)
    if resource.get("resourceType") == "Bundle":
        in_transaction = resource.get("type") == "transaction"
        for step, entry in _indexed(resource.get("entry"), "entry"):
            yield from _held(entry, "resource", f"{path}.{step}", in_transaction)
            yield from _held(entry.get("response") if type(entry) is dict else None, "outcome", f"{path}.{step}.response", False)
    if resource.get("resourceType") == "Parameters":
        yield from _parameters(resource, path)


def _parameters(resource: dict[str, Any], path: str) -> Iterator[Place]:
    todo = [(parameter, f"{path}.{step}") for step, parameter in _indexed(resource.get("parameter"), "parameter")]
    while todo:
        parameter, where = todo.pop()
        yield from _held(parameter, "resource", where, False)
        if type(parameter) is dict:
            todo += [(part, f"{where}.{step}") for step, part in _indexed(parameter.get("part"), "part")]


def _indexed(members: Any, name: str) -> Iterator[tuple[str, Any]]:
    if type(members) is list:
        for index, member in enumerate(members):
            yield f"{name}[{index}]", member


def _held(holder: Any, name: str, path: str, in_transaction: bool) -> Iterator[Place]:
    # what is no object at all, the schema of the resource around it has refused
    if type(holder) is dict and type(holder.get(name)) is dict:
        yield Place(holder[name], f"{path}.{name}", None, in_transaction)


def _local_ids(resource: Any) -> frozenset[str]:
    members = resource.get("contained") if type(resource) is dict else None
    return frozenset(f"#{inner['id']}" for _, inner in _indexed(members, "") if type(inner) is dict and type(inner.get("id")) is str)
