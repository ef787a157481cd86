"""Reads HL7's R4 4.0.1 definition bundles: StructureDefinition, ValueSet, CodeSystem (https://hl7.org/fhir/R4/downloads.html).

What in the files at hand is not R4 4.0.1 is left out by name, in DEPARTURES.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

VERSION = "4.0.1"

CORE = "http://hl7.org/fhir/StructureDefinition/"

DEPARTURES: dict[str, str] = {
    "EvidenceVariable": "carries R5 elements",
    "ResearchStudy": "carries R5 elements",
    "MetadataResource": "a logical model, never an instance",
    **dict.fromkeys(
        (
            "Binary.url",
            "DeviceDefinition.bodySite",
            "DeviceDefinition.classification",
            "HealthcareService.offeredIn",
            *(f"Meta.{name}" for name in ("account", "accounts", "author", "compartment", "deleted", "onBehalfOf", "project")),
            "ObservationDefinition.publisher",
        ),
        "not an element of R4",
    ),
}
"""Types and elements of the bundles that R4 4.0.1 does not have, with the reason."""

Element = dict[str, Any]


class Definitions(NamedTuple):
    """All that the schema is made from, by id (structures) and canonical url (value sets, code systems)."""

    structures: dict[str, dict[str, Any]]
    value_sets: dict[str, dict[str, Any]]
    code_systems: dict[str, dict[str, Any]]


def _resources(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) as file:
        for entry in json.load(file)["entry"]:
            yield entry["resource"]


def read_definitions(source: Path) -> Definitions:
    """`source` holds HL7's bundles as .json.gz."""
    structures = {r["id"]: r for name in ("profiles-types", "profiles-resources") for r in _resources(source / f"{name}.json.gz") if _is_structure(r)}
    terms = [r for name in ("v2-tables", "v3-codesystems", "valuesets") for r in _resources(source / f"{name}.json.gz")]
    value_sets = {r["url"]: r for r in terms if r["resourceType"] == "ValueSet"}
    code_systems = {r["url"]: r for r in terms if r["resourceType"] == "CodeSystem"}
    return Definitions(structures, value_sets, code_systems)


def _is_structure(resource: dict[str, Any]) -> bool:
    return resource["resourceType"] == "StructureDefinition" and resource["fhirVersion"] == VERSION and resource["id"] not in DEPARTURES


def elements_of(structure: dict[str, Any]) -> dict[str, list[Element]]:
    """The elements of a structure by the path of their parent; the first path is the structure's own id."""
    children: dict[str, list[Element]] = {structure["id"]: []}
    root = structure["type"]
    for element in structure["snapshot"]["element"][1:]:
        if element["max"] == "0" or any(f"{element['path']}.".startswith(f"{path}.") for path in DEPARTURES):
            continue
        parent = element["path"].rpartition(".")[0].replace(root, structure["id"], 1)
        children.setdefault(parent, []).append(element)
    return children


def type_codes(element: Element) -> list[str]:
    """The types of an element; a quantity profile (SimpleQuantity) stands for itself, FHIRPath system types for FHIR's."""
    return [_type_code(element, entry) for entry in element.get("type", [])]


def _type_code(element: Element, entry: dict[str, Any]) -> str:
    if element["path"].endswith(".id") and entry["code"].startswith("http:"):
        # the definitions call both a string
        return "id" if element["base"]["path"] == "Resource.id" else "Element.id"
    if entry["code"].startswith("http:"):
        return next(str(e["valueUrl"]) for e in entry["extension"] if e["url"].endswith("structuredefinition-fhir-type"))
    profiles = [p.removeprefix(CORE) for p in entry.get("profile", [])]
    return profiles[0] if profiles else str(entry["code"])


def targets(element: Element, code: str) -> list[str]:
    """The resource types a Reference may point to; empty where any may be meant."""
    urls = [url for entry in element["type"] if entry["code"] == code for url in entry.get("targetProfile", [])]
    names = sorted({url.removeprefix(CORE) for url in urls if url.startswith(CORE)})
    return [] if "Resource" in names else names
