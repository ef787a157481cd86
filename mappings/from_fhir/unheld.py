"""What of a resource a record does not hold: named element by element, by one walk for every type.

A leaf is held if the resources that the record becomes say it again in the same place, or if the reader says that it
took the leaf's words into the record and they are there. Everything else is named; the narrative, `meta` and logical ids apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.record.types import Record

Resolve = Callable[[str, str], str | None]
"""`Type/id` and a kind -> the practice's id of that record, or None where it names none."""
Held = Callable[[str, Any], bool]
"""Whether the leaf at a path (indexes left out) and with a value is held; asked once for each leaf."""

ECHO = "\x00"
"""What stands between kind and id in the references of resources made for comparison."""
_APART = ("resourceType", "id", "meta")
_NAMES_CHOICE = re.compile(
    r"(value|medication|reported|onset|abatement|effective|occurrence|occurred|asNeeded|dose|rate|content|bounds|statusReason|deceased|multipleBirth|allowed)"
    r"(?=(?:Boolean|Code|CodeableConcept|Date|DateTime|Decimal|Integer|Age|Period|Quantity|Range|Ratio|Reference|String|Timing|Attachment|Identifier|Uri|Time|Coding)$)"
)


def left_out(resource: dict[str, Any], is_held: Held) -> tuple[str, ...]:
    """The FHIRPaths of what is not held; where nothing below an element is, the element alone is named."""
    root = resource["resourceType"]
    found: list[str] = []
    for name, value in resource.items():
        if name in _APART or (name == "text" and value.get("status") != "additional"):
            continue
        found += _below(f"{root}.{_named(name)}", _bare(root, name), value, is_held)[0]
    return tuple(found)


def _below(path: str, bare: str, value: Any, is_held: Held) -> tuple[list[str], bool]:
    """The paths left out at and below a place, and whether that is all of it."""
    if value is None:
        return [], False
    if not isinstance(value, dict | list):
        return ([], False) if is_held(bare, value) else ([path], True)
    members = value.items() if isinstance(value, dict) else enumerate(value)
    results = [_below(_step(path, name), _bare(bare, name), inner, is_held) for name, inner in members if inner is not None]
    if results and all(whole for _, whole in results):
        return [path], True
    return [each for found, _ in results for each in found], False


def _step(path: str, name: str | int) -> str:
    return f"{path}[{name}]" if isinstance(name, int) else f"{path}.{_named(name)}"


def _bare(path: str, name: str | int) -> str:
    return path if isinstance(name, int) else f"{path}.{name}"


def _named(name: str) -> str:
    """The element's name in FHIRPath: `medicationCodeableConcept` is medication, `_birthDate` birthDate."""
    plain = name.removeprefix("_")
    choice = _NAMES_CHOICE.match(plain)
    return choice[1] if choice else plain


def leaves(resource: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """(path without indexes, value) of everything below a resource."""
    todo: list[tuple[str, Any]] = [(resource["resourceType"], resource)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict | list):
            todo += [(_bare(path, name), inner) for name, inner in (value.items() if isinstance(value, dict) else enumerate(value))]
        elif value is not None:
            yield path, value


def said_again(made: Iterable[dict[str, Any]], resolve: Resolve) -> Held:
    """Held is what these resources say in the same place; a reference, where both name the same record."""
    said: Counter[tuple[str, Any]] = Counter((path, _comparable(value)) for resource in made for path, value in leaves(resource))

    def is_held(path: str, value: Any) -> bool:
        wanted = next((found for found in _candidates(path, value, said, resolve) if said[found] > 0), None)
        if wanted is None:
            return False
        said[wanted] -= 1
        return True

    return is_held


def _candidates(path: str, value: Any, said: Collection[tuple[str, Any]], resolve: Resolve) -> Iterator[tuple[str, Any]]:
    yield path, _comparable(value)
    if path.endswith(".reference") and isinstance(value, str):
        for place, other in said:
            if place == path and isinstance(other, str) and ECHO in other:
                kind, _, record_id = other.partition(ECHO)
                if resolve(value, kind) == record_id:
                    yield place, other


def _comparable(value: Any) -> Any:
    """Numbers by their value, and never equal to a truth."""
    if isinstance(value, bool):
        return ("boolean", value)
    return Decimal(str(value)).normalize() if isinstance(value, int | float | Decimal) else value


def shown_in(record: Record, places: Collection[str]) -> Held:
    """Held is what stands at one of these places (indexes left out) and in the record's own words: whole words of a text, a code as it is."""
    words = list(_texts(record.model_dump()))

    def is_held(path: str, value: Any) -> bool:
        if path not in places:
            return False
        said = str(value).strip()
        return said in words or (not path.endswith(_EXACT) and any(_stands_in(said, text) for text in words))

    return is_held


_EXACT = (".code", ".system", ".reference")


def _stands_in(said: str, text: str) -> bool:
    at = text.find(said)
    return at >= 0 and bool(re.search(rf"(?<!\w){re.escape(said)}(?!\w)", text))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield value.isoformat() if isinstance(value, date) else str(value)
