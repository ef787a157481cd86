"""The codes of a required binding (https://hl7.org/fhir/R4/terminologies.html#required)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.generate.definition import Definitions

PATTERNS: dict[str, str] = {
    "mimetypes": r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+*-]+(?:\s*;.*)?$",
    "currencies": r"^[A-Z]{3}$",
}
"""Value sets that name a code system nobody lists whole (RFC 6838, ISO 4217): their syntax."""

UNLISTED = frozenset({"ucum-units", "LL379-9"})
"""Value sets of required bindings whose codes the definitions do not hold: not checked."""


def codes(url: str, definitions: Definitions) -> dict[str, list[str]]:
    """The codes of a value set by code system, sorted."""
    value_set = definitions.value_sets[url.partition("|")[0]]
    found: dict[str, set[str]] = {}
    for include in value_set["compose"]["include"]:
        for nested in include.get("valueSet", []):
            for system, more in codes(nested, definitions).items():
                found.setdefault(system, set()).update(more)
        if "system" in include:
            found.setdefault(include["system"], set()).update(_included(include, definitions))
    for exclude in value_set["compose"].get("exclude", []):
        found[exclude["system"]] -= set(_included(exclude, definitions))
    return {system: sorted(members) for system, members in sorted(found.items())}


def _included(include: dict[str, Any], definitions: Definitions) -> Iterable[str]:
    if "concept" in include:
        return (concept["code"] for concept in include["concept"])
    if "filter" in include:
        raise ValueError(f"a filter on {include['system']}")
    return _all_codes(definitions.code_systems[include["system"]]["concept"])


def _all_codes(concepts: list[dict[str, Any]]) -> Iterator[str]:
    for concept in concepts:
        if not any(p["code"] in ("notSelectable", "abstract") and p.get("valueBoolean") for p in concept.get("property", [])):
            yield concept["code"]
        yield from _all_codes(concept.get("concept", []))
