"""What a search parameter finds in a resource: values at paths, and how tokens and strings are compared.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any


def elements(resource: dict[str, Any], path: str) -> Iterator[Any]:
    """Every value at a path, arrays flattened, `[x]` matched by prefix."""
    yield from _walk(resource, tuple(path.split(".")))


def _walk(node: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item, steps)
    elif not steps:
        yield node
    elif isinstance(node, dict):
        for name in _matching(node, steps[0]):
            yield from _walk(node[name], steps[1:])


def _matching(node: dict[str, Any], step: str) -> list[str]:
    if not step.endswith("[x]"):
        return [step] if step in node else []
    stem = step[:-3]
    return [name for name in node if name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper()]


def tokens(value: Any) -> Iterator[tuple[str, str]]:
    """(system, code) pairs of a code, Coding, CodeableConcept, Identifier, ContactPoint or boolean."""
    if isinstance(value, bool):
        yield "", "true" if value else "false"
    elif isinstance(value, str):
        yield "", value
    elif isinstance(value, dict):
        for coding in value.get("coding", ()):
            yield from tokens(coding)
        if code := value.get("code", value.get("value")):
            yield value.get("system", ""), str(code)


def strings(value: Any) -> Iterator[str]:
    """The searchable texts of a string, HumanName or Address."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in ("text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country"):
            found = value.get(part, ())
            yield from (found,) if isinstance(found, str) else (one for one in found if one is not None)


def normal(text: str) -> str:
    """Text as string search compares it: case and accents folded (https://hl7.org/fhir/R4/search.html#string)."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(letter for letter in folded if not unicodedata.combining(letter)).split())
