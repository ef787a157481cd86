"""The terminology that this project ships: FHIR CodeSystems, ValueSets and ConceptMaps, as the files of `concept_maps/` hold them.

Their canonicals are URNs, `urn:handoff:value-set:interventions` say: the project owns no domain that would outlive an
address, and a canonical that named a gateway would differ from one practice to the next. Raise `version` with every
change of what a resource says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

_SOURCE = "urn:handoff:source"
"""The extension that names where a group of codes was checked."""


@cache
def shipped() -> tuple[dict[str, Any], ...]:
    """Every resource, in the order of the files; not to be changed by whoever asks."""
    folder = files("mappings") / "concept_maps"
    return tuple(json.loads(entry.read_text(encoding="utf-8")) for entry in sorted(folder.iterdir(), key=lambda entry: entry.name) if entry.name.endswith(".json"))


def resources(resource_type: str) -> Iterator[dict[str, Any]]:
    return (resource for resource in shipped() if resource["resourceType"] == resource_type)


def source(group: dict[str, Any]) -> str:
    """Where the codes of a code system, of an include or of a group of a concept map were checked; empty where it does not say."""
    return next((str(extension["valueString"]) for extension in group.get("extension", ()) if extension["url"] == _SOURCE), "")
