"""The examples of US Core, as records: every word of them is in the record, in what the record says again, or under a place that is named."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mappings import resources_of
from mappings.from_fhir import Converted, record_of
from mappings.from_fhir.unheld import left_out
from tests.mappings.corpus import SITE

TYPES = ("MedicationRequest", "MedicationDispense", "Condition", "AllergyIntolerance", "ServiceRequest")


@cache
def _examples(archive: Path) -> dict[str, dict[str, Any]]:
    with tarfile.open(archive) as package:
        members = [member for member in package.getmembers() if member.name.startswith("package/example/") and member.name.endswith(".json")]
        found = [json.loads(content.read()) for member in members if (content := package.extractfile(member))]
    return {f"{one['resourceType']}/{one['id']}": one for one in found if one.get("resourceType") in TYPES}


def _known(reference: str, kind: str) -> str | None:
    """Every patient, and every role or organization as a partner, is on file; requests and conditions are not."""
    prefixes = {"client": ("Patient/",), "partner": ("PractitionerRole/", "Organization/")}
    return reference.partition("/")[2] if reference.startswith(prefixes.get(kind, ("-",))) else None


def _words(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every leaf with its path, written as `left_out` writes it."""
    if isinstance(node, dict | list):
        for name, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _words(inner, f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}")
    else:
        yield path, node


def _plain(path: str) -> str:
    for choice in (
        "medicationCodeableConcept",
        "onsetDateTime",
        "occurrenceDateTime",
        "abatementDateTime",
        "asNeededBoolean",
        "doseQuantity",
        "reportedBoolean",
        "medicationReference",
    ):
        path = path.replace(
            choice, {"dose": "dose", "asNe": "asNeeded", "occu": "occurrence", "onse": "onset", "abat": "abatement", "medi": "medication", "repo": "reported"}[choice[:4]]
        )
    return path


def _unaccounted(resource: dict[str, Any], found: Converted) -> list[str]:
    told = json.dumps(found.record.model_dump(mode="json")) + json.dumps(resources_of(found.record, SITE))
    apart = tuple(f"{resource['resourceType']}.{name}" for name in ("id", "meta", "text", "resourceType", "subject", "patient"))
    return [
        path
        for path, value in _words(resource, resource["resourceType"])
        if not path.startswith(apart) and not any(_plain(path).startswith(named) for named in found.unheld) and json.dumps(value).strip('"') not in told and "reference" not in path
    ]


@pytest.mark.parametrize("version", ["us_core_610", "us_core_700", "us_core_800"])
def test_every_word_of_an_example_is_in_the_record_or_named(reference_data: Path, version: str) -> None:
    converted = 0
    for name, resource in _examples(reference_data / "us-core" / f"{version}.tgz").items():
        found = record_of(resource, [], _known)
        if found is None:
            continue
        converted += 1
        assert _unaccounted(resource, found) == [], name
    assert converted >= 8


def test_the_check_finds_what_would_be_lost(reference_data: Path) -> None:
    examples = _examples(reference_data / "us-core" / "us_core_700.tgz")
    resource = next(one for name, one in examples.items() if name.startswith("MedicationRequest/") and record_of(one, [], _known))
    found = record_of(resource, [], _known)
    assert found is not None
    assert found.unheld
    assert _unaccounted(resource, found._replace(unheld=())) != []


def test_an_element_is_named_alone_where_nothing_below_it_is_held() -> None:
    resource = {
        "resourceType": "Condition",
        "id": "1",
        "stage": [{"summary": {"text": "x"}, "assessment": [{"display": "y"}]}],
        "code": {"text": "held", "coding": [{"code": "z"}]},
    }
    assert left_out(resource, lambda path, _: path == "Condition.code.text") == ("Condition.stage", "Condition.code.coding")


def test_a_narrative_that_says_more_is_named_and_a_generated_one_is_not() -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'
    assert left_out({"resourceType": "Condition", "id": "1", "text": {"status": "additional", "div": div}}, lambda *_: False) == ("Condition.text",)
    assert left_out({"resourceType": "Condition", "id": "1", "text": {"status": "generated", "div": div}}, lambda *_: False) == ()


@pytest.mark.parametrize(
    "named",
    [
        {"medicationReference": {"reference": "#m"}, "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Lithium 300 mg"}}]},
        {"medicationReference": {"reference": "Medication/1", "display": "Lithium 300 mg"}},
        {"medicationCodeableConcept": {"coding": [{"system": "urn:oid:1.2.3", "code": "3", "display": "Lithium 300 mg"}]}},
    ],
    ids=["inside", "elsewhere", "by display"],
)
def test_a_drug_is_found_however_it_is_named(named: dict[str, Any]) -> None:
    statement = {"resourceType": "MedicationStatement", "id": "1", "status": "active", "subject": {"reference": "Patient/p"}} | named
    found = record_of(statement, [], _known)
    assert found is not None
    assert (found.record.title, found.record.taken) == ("Lithium 300 mg", True)  # type: ignore[attr-defined]
    assert not any("display" in path or "text" in path for path in found.unheld)
    assert _unaccounted(statement, found) == []


def test_a_code_is_held_only_as_it_is() -> None:
    statement = {
        "resourceType": "MedicationStatement",
        "id": "1",
        "status": "active",
        "subject": {"reference": "Patient/p"},
        "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Lithium 300 mg", "coding": [{"system": "urn:oid:1.2.3", "code": "300"}]}}],
        "medicationReference": {"reference": "#m"},
    }
    found = record_of(statement, [], _known)
    assert found is not None
    assert "MedicationStatement.contained[0].code.coding" in found.unheld
