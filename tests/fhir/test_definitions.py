"""The committed definitions are those that the generator makes, and agree with a second reading of R4."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from conformance.generate.__main__ import TARGET
from conformance.generate.definition import read_definitions
from conformance.generate.schema import schema_text
from gateway.fhir.definition import definitions, resource_types, schema_of


def reference_data() -> Path:
    root = os.environ.get("HANDOFF_REFERENCE_DATA", "")
    if not root or not (Path(root) / "r4-core" / "profiles-types.json.gz").exists():
        pytest.skip("HANDOFF_REFERENCE_DATA does not name a folder with r4-core")
    return Path(root)


def test_the_committed_definitions_are_fresh() -> None:
    made = schema_text(read_definitions(reference_data() / "r4-core"))
    assert gzip.decompress(TARGET.read_bytes()) == made, "run: python -m conformance.generate"


def test_every_served_type_is_defined() -> None:
    served = "Patient Practitioner PractitionerRole Organization Endpoint RelatedPerson Condition CarePlan Goal CareTeam ServiceRequest Task Observation"
    assert set(served.split()) <= resource_types()


def test_every_definition_that_is_named_exists() -> None:
    for name in resource_types():
        assert name in schema_of(name)["$defs"]


def test_nothing_that_is_not_r4_is_an_element_of_meta() -> None:
    elements = {name for name in definitions()["Meta"]["properties"] if not name.startswith("_")}
    assert elements == {"id", "extension", "versionId", "lastUpdated", "source", "profile", "security", "tag"}
