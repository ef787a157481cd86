"""Every resource against the US Core profiles it claims, in 6.1.0, 7.0.0 and 8.0.0, and every display against its source.

Read from the packages in HANDOFF_REFERENCE_DATA: cardinalities, fixed slices, and the displays of every code found there.
"""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.sample import sample_records
from mappings import MAPPED, codes, resources_of
from tests.mappings.corpus import SITE, record

_VERSIONS = ("us_core_610", "us_core_700", "us_core_800")
_CANONICAL = "http://hl7.org/fhir/us/core/StructureDefinition/"


@cache
def _package(archive: Path) -> dict[str, dict[str, Any]]:
    """The JSON resources of a package, its examples among them, by their path."""
    with tarfile.open(archive) as package:
        members = [
            member for member in package.getmembers() if member.name.startswith(("package/", "package/example/")) and member.name.endswith(".json") and "openapi" not in member.name
        ]
        return {member.name: json.loads(content.read()) for member in members if (content := package.extractfile(member))}


_SINCE_700 = tuple(_CANONICAL + name for name in ("us-core-care-experience-preference", "us-core-treatment-intervention-preference"))
"""Profiles that 6.1.0 does not know; a resource that claims one has nothing to keep there but R4."""


def _profile(archive: Path, canonical: str) -> dict[str, Any]:
    if archive.name == "us_core_610.tgz" and canonical in _SINCE_700:
        return {"snapshot": {"element": []}}
    return _package(archive)[f"package/StructureDefinition-{canonical.removeprefix(_CANONICAL)}.json"]


def _reached(resource: Any, steps: list[str]) -> Iterator[Any]:
    """Every value at a path, lists opened, `value[x]` of any type; a primitive has nothing inside."""
    if not steps:
        yield resource
        return
    if not isinstance(resource, dict):
        return
    name, *rest = steps
    found = [value for key, value in resource.items() if key == name or (name.endswith("[x]") and key.startswith(name[:-3]))]
    for value in found:
        for each in value if isinstance(value, list) else [value]:
            yield from _reached(each, rest)


def _contains(value: Any, pattern: Any) -> bool:
    """Whether a value holds a pattern (https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_)."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(name in value and _contains(value[name], inner) for name, inner in pattern.items())
    if isinstance(pattern, list):
        return all(any(_contains(each, inner) for each in value) for inner in pattern)
    return bool(value == pattern)


def _broken(resource: dict[str, Any], profile: dict[str, Any]) -> Iterator[str]:
    for element in profile["snapshot"]["element"]:
        *parents, name = element["path"].split(".")[1:] or [""]
        if not name or any(":" in part for part in element["id"].split(".")[:-1]):
            continue
        for holder in (each for each in _reached(resource, parents) if isinstance(each, dict)):
            found = list(_reached(holder, [name]))
            if ":" in element["id"]:
                pattern = next((value for key, value in element.items() if key.startswith("pattern")), None)
                if pattern is None:
                    continue
                found = [value for value in found if _contains(value, pattern)]
            if len(found) < element["min"] or (element["max"] != "*" and len(found) > int(element["max"])):
                yield f"{element['id']} {element['min']}..{element['max']} has {len(found)}"


@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize("kind", sorted(MAPPED))
def test_a_resource_keeps_the_profiles_it_claims(reference_data: Path, kind: str, version: str) -> None:
    archive = reference_data / "us-core" / f"{version}.tgz"

    for resource in resources_of(record(kind), SITE):
        for canonical in resource.get("meta", {}).get("profile", ()):
            assert list(_broken(resource, _profile(archive, canonical))) == [], canonical


@pytest.mark.parametrize("version", _VERSIONS)
def test_the_sample_practice_keeps_the_profiles_it_claims(reference_data: Path, version: str) -> None:
    archive = reference_data / "us-core" / f"{version}.tgz"
    claimed = set()

    for each in sample_records(date(2026, 3, 4)):
        for resource in resources_of(each, SITE):
            for canonical in resource.get("meta", {}).get("profile", ()):
                claimed.add(canonical)
                assert list(_broken(resource, _profile(archive, canonical))) == [], canonical
    assert len(claimed) == 21


def test_the_check_of_profiles_finds_what_is_missing(reference_data: Path) -> None:
    archive = reference_data / "us-core" / "us_core_700.tgz"
    (patient,) = resources_of(record("client"), SITE)
    plan = resources_of(record("treatment_plan"), SITE)[0]

    assert list(_broken({name: value for name, value in patient.items() if name != "gender"}, _profile(archive, _CANONICAL + "us-core-patient"))) == ["Patient.gender 1..1 has 0"]
    assert "CarePlan.category:AssessPlan 1..1 has 0" in _broken(plan | {"category": [{"text": "other"}]}, _profile(archive, _CANONICAL + "us-core-careplan"))


_ELSEWHERE = {
    "https://loinc.org/69729-2",
    "BSeR 2.0.0-ballot, CodeSystem TaskBusinessStatusCS",
    "this project",
}
"""Sources of displays that are no part of the reference data; each was read where it says."""


@cache
def _displays(folder: Path) -> dict[tuple[str, str], set[str]]:
    """Every display that the reference data gives a code."""
    found: dict[tuple[str, str], set[str]] = {}
    for archive in (folder / "us-core").glob("*.tgz"):
        for resource in _package(archive).values():
            _gather(resource, found)
    for name in (folder / "r4-core").glob("*.json.gz"):
        _gather(json.loads(gzip.decompress(name.read_bytes())), found)
    for name in (folder / "c-cda").glob("*.xml"):
        _gather_cda(name, found)
    for name in (folder / "us-bhp").rglob("*.xml"):
        _gather_xml(name, found)
    _gather_codes(json.loads((folder / "bh-codes.json").read_text()), found)
    return found


def _gather(node: Any, found: dict[tuple[str, str], set[str]]) -> None:
    if isinstance(node, list):
        for each in node:
            _gather(each, found)
    elif isinstance(node, dict):
        system = node.get("url") if node.get("resourceType") == "CodeSystem" else node.get("system")
        if isinstance(system, str):
            _note(system, [node, *node.get("concept", ())], found)
        for each in node.values():
            _gather(each, found)


def _note(system: str, concepts: list[dict[str, Any]], found: dict[tuple[str, str], set[str]]) -> None:
    for concept in concepts:
        code, display = concept.get("code"), concept.get("display")
        if isinstance(code, str) and isinstance(display, str):
            found.setdefault((system, code), set()).add(display)
        _note(system, concept.get("concept", []), found)


def _gather_cda(name: Path, found: dict[tuple[str, str], set[str]]) -> None:
    for element in etree.parse(str(name)).iter("{*}code"):
        if element.get("codeSystem") == "2.16.840.1.113883.6.1" and element.get("displayName"):
            found.setdefault((codes.LOINC, str(element.get("code"))), set()).add(str(element.get("displayName")))


def _gather_xml(name: Path, found: dict[tuple[str, str], set[str]]) -> None:
    for element in etree.parse(str(name)).iter("{*}coding"):
        system, code, display = (next((str(child.get("value")) for child in element.iterchildren(f"{{*}}{part}")), "") for part in ("system", "code", "display"))
        found.setdefault((system, code), set()).add(display)


def _gather_codes(listed: dict[str, Any], found: dict[tuple[str, str], set[str]]) -> None:
    """The list of verified codes; what it marks as not verified does not count."""
    verified = [row for rows in listed.values() if isinstance(rows, list) for row in rows if row.get("verified") is not False]
    for row in verified:
        if "icd10cm" in row:
            found.setdefault(("http://hl7.org/fhir/sid/icd-10-cm", row["icd10cm"]), set()).add(row["icd_display"])
            found.setdefault((codes.SNOMED, row["snomed"]), set()).add(row["snomed_display"])
        else:
            found.setdefault((row["system"], row["code"]), set()).add(row["display"])


_SAME_CODES_ELSEWHERE = {"urn:oid:2.16.840.1.113883.6.238": ("http://terminology.hl7.org/CodeSystem/v3-Race", "http://terminology.hl7.org/CodeSystem/v3-Ethnicity")}
"""HL7 v3 publishes the codes of the CDC system under names of its own."""


def test_every_display_of_the_table_is_one_of_its_source(reference_data: Path) -> None:
    displays = _displays(reference_data)

    unfounded = [
        place
        for place, row in codes.table().items()
        if row.display and row.source not in _ELSEWHERE
        if not any(row.display in displays.get((system, place[1]), ()) for system in (place[0], *_SAME_CODES_ELSEWHERE.get(place[0], ())))
    ]
    assert unfounded == []


def test_only_the_listed_sources_lie_outside_the_reference_data(reference_data: Path) -> None:
    displays = _displays(reference_data)

    assert {
        row.source for place, row in codes.table().items() if row.display and row.display not in displays.get(place, ()) and place[0] not in _SAME_CODES_ELSEWHERE
    } == _ELSEWHERE
