"""Rules on what may stand at any depth of a resource: periods, ranges, references, narrative, nulls. One walk, without recursion.

It does not enter resources inside the resource: those are walked by themselves. Paths are kept as linked pairs and written out only for a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gateway.fhir.moment import is_after
from gateway.fhir.narrative import narrative_fault

Found = tuple[Any, str, str]
"""Where (the step before or None, an element's JSON name or a list index), the issue code, the sentence."""

WHOLE = "whole"
"""In place of an issue code: a fault only where the element is of a whole-number type, which the walk does not know."""

_TELLING = frozenset({"div", "end", "high", "id"})
"""Elements without which no rule of _object can be broken."""

_POINT = "must be a whole number written without point or exponent."
_PERIOD = "has an end before its start (per-1)."
_RANGE = "has a low above its high (rng-2)."
_UNRESOLVED = "points inside the resource, where nothing is contained under that id (ref-1)."
_CONDITIONAL = "may name its target by a search only in a transaction; write Type/id."
_ONLY_ID = "has an id but neither a value nor children (ele-1)."
_NULL = "may be null only where extensions stand in the same place of its _ sibling."
_ORPHAN = "must have one member, or null, for each member of its list."


def steps(place: Any) -> list[str | int]:
    """A place as the list of its steps from the resource down."""
    written: list[str | int] = []
    while place is not None:
        place, step = place
        written.append(step)
    return written[::-1]


def found_anywhere(resource: dict[str, Any], local_ids: frozenset[str], in_transaction: bool) -> Iterator[Found]:
    """`local_ids`: what `#id` may name here, "#" included where the resource is itself contained."""
    todo: list[tuple[dict[str, Any], Any]] = [(resource, None)]
    while todo:
        node, place = todo.pop()
        for key, value in node.items():
            if type(value) is dict:
                if "resourceType" not in value:
                    todo.append((value, (place, key)))
            elif type(value) is list:
                yield from _in_list(node, place, key, todo)
            elif key == "reference" or type(value) is Decimal:
                yield from _single(value, (place, key), local_ids, in_transaction)
        if not _TELLING.isdisjoint(node):
            yield from _object(node, place)


def _in_list(node: dict[str, Any], place: Any, key: str, todo: list[tuple[dict[str, Any], Any]]) -> Iterator[Found]:
    """A list of objects to enter; or of primitives, or their extensions, with nulls for those without."""
    values = node[key]
    if type(values[0]) is dict and None not in values:
        todo += [(item, ((place, key), index)) for index, item in enumerate(values) if "resourceType" not in item]
        return
    twin = node.get(key[1:] if key.startswith("_") else f"_{key}", ())
    for index, item in enumerate(values):
        if item is None and (index >= len(twin) or twin[index] is None):
            yield ((place, key), index), "structure", _NULL
        elif type(item) is dict:
            todo.append((item, ((place, key), index)))
    if key.startswith("_") and twin and len(twin) != len(values):
        yield (place, key), "structure", _ORPHAN


def _single(value: Any, place: Any, local_ids: frozenset[str], in_transaction: bool) -> Iterator[Found]:
    if type(value) is Decimal:
        if value == value.to_integral_value():
            yield place, WHOLE, _POINT
    elif type(value) is not str:
        return
    elif value.startswith("#") and value not in local_ids:
        yield place[0], "invariant", _UNRESOLVED
    elif "?" in value and not in_transaction and not value.startswith(("http", "urn:", "#")):
        yield place, "value", _CONDITIONAL


def _object(node: dict[str, Any], place: Any) -> Iterator[Found]:
    if "div" in node and type(node["div"]) is str:
        fault = narrative_fault(node["div"])
        if fault:
            yield (place, "div"), *fault
    if is_after(node.get("start"), node.get("end")) and place is not None:
        yield place, "invariant", _PERIOD
    if place is not None and _is_reversed(node, place[1] if type(place[1]) is str else place[0][1]):
        yield place, "invariant", _RANGE
    if len(node) == 1 and "id" in node and place is not None and not _stands_beside_value(place):
        yield place, "invariant", _ONLY_ID


def _stands_beside_value(place: Any) -> bool:
    return any(type(step) is str and step.startswith("_") for step in steps(place)[-2:])


def _is_reversed(node: dict[str, Any], name: str) -> bool:
    low, high = node.get("low"), node.get("high")
    if type(low) is not dict or type(high) is not dict or name == "referenceRange":
        return False
    same_unit = all(low.get(part) == high.get(part) for part in ("system", "code", "unit"))
    ends = low.get("value"), high.get("value")
    return same_unit and all(type(end) in (int, float, Decimal) for end in ends) and Decimal(str(ends[0])) > Decimal(str(ends[1]))
