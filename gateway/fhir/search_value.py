"""What a search parameter finds in a resource: values at paths, and how tokens and strings are compared.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

Steps = tuple[tuple[str, bool], ...]
"""A path, cut into its element names; True where the name is that of a choice, `[x]` taken off."""


@cache
def steps(path: str) -> Steps:
    return tuple((step.removesuffix("[x]"), step.endswith("[x]")) for step in path.split("."))


def elements(resource: dict[str, Any], path: str) -> Iterator[Any]:
    """Every value at a path, arrays flattened, `[x]` matched by prefix."""
    return iter(at(resource, steps(path)))


def at(resource: dict[str, Any], path: Steps) -> list[Any]:
    """As `elements`, for a path that was cut before."""
    found: list[Any] = [resource]
    for name, is_choice in path:
        following: list[Any] = []
        for node in found:
            if type(node) is dict:
                for value in _choice(node, name) if is_choice else (node.get(name),):
                    if type(value) is list:
                        following += value
                    elif value is not None:
                        following.append(value)
        found = following
    return found


def _choice(node: dict[str, Any], stem: str) -> list[Any]:
    return [value for name, value in node.items() if name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper()]


def tokens(value: Any) -> list[tuple[str, str]]:
    """(code, system) pairs of a code, Coding, CodeableConcept, Identifier, ContactPoint or boolean."""
    if isinstance(value, dict):
        found = [pair for coding in value.get("coding", ()) for pair in tokens(coding)]
        if code := value.get("code", value.get("value")):
            found.append((str(code), value.get("system", "")))
        return found
    if isinstance(value, bool):
        return [("true" if value else "false", "")]
    return [(value, "")] if isinstance(value, str) else []


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
