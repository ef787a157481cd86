"""Whatever a record holds, what leaves is valid R4, deterministic, and without an empty place."""

from __future__ import annotations

import base64
import json
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from gateway.fhir.validation import faults
from gateway.record.types import KINDS, Record
from mappings import MAPPED, resources_of
from mappings.identity import Site
from tests.mappings.corpus import FULL, SITE, record
from tests.mappings.drawn import records


def _check_by_models(resource: dict[str, Any]) -> None:
    name = resource["resourceType"]
    getattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name).model_validate(resource)


def _empty_places(value: Any, path: str = "") -> list[str]:
    if value is None or (isinstance(value, str | list | dict) and not value):
        return [path]
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, inner in children for found in _empty_places(inner, f"{path}.{name}")]


@given(records())
def test_every_resource_is_valid(drawn: Record) -> None:
    for resource in resources_of(drawn, SITE):
        assert faults(resource) == []
        _check_by_models(resource)
        assert _empty_places(resource) == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_full_record_of_each_kind_is_valid(kind: str) -> None:
    for resource in resources_of(record(kind), SITE):
        assert faults(resource) == []
        _check_by_models(resource)


@given(records())
def test_the_same_record_becomes_the_same_bytes(drawn: Record) -> None:
    again = KINDS[drawn.kind].model_validate(drawn.model_dump())

    assert json.dumps(resources_of(drawn, SITE)) == json.dumps(resources_of(again, SITE))


@given(records())
def test_no_two_resources_of_a_record_share_an_id(drawn: Record) -> None:
    ids = [resource["id"] for resource in resources_of(drawn, SITE)]

    assert len(ids) == len(set(ids))


@given(records())
def test_every_narrative_is_well_formed_and_runs_nothing(drawn: Record) -> None:
    for resource in resources_of(drawn, SITE):
        if "text" in resource:
            div = etree.fromstring(resource["text"]["div"])
            allowed = {"div", "p", "b", "ul", "li", "br"}
            assert {str(element.tag).removeprefix("{http://www.w3.org/1999/xhtml}") for element in div.iter()} <= allowed


STAYS_INSIDE = ("process_note_mark", "consultation", "incoming_referral", "medication_change", "supervision", "training")


def test_what_stays_inside_becomes_nothing() -> None:
    assert set(KINDS) - set(MAPPED) == set(STAYS_INSIDE)
    for kind in STAYS_INSIDE:
        assert resources_of(record(kind), SITE) == []


@pytest.mark.parametrize("kind", sorted(MAPPED))
def test_the_main_resource_comes_first_and_carries_the_practices_own_id(kind: str) -> None:
    main = resources_of(record(kind), SITE)[0]

    identifiers = main["identifier"] if isinstance(main["identifier"], list) else [main["identifier"]]
    assert {"system": f"urn:handoff:alder-quay:{kind}", "value": FULL[kind]["id"]} in [{name: each[name] for name in ("system", "value") if name in each} for each in identifiers]


def test_two_practices_with_the_same_record_id_share_no_resource_id() -> None:
    here, there = (resources_of(record("client"), site)[0]["id"] for site in (SITE, Site("elsewhere")))

    assert here != there


@pytest.mark.parametrize("kind", sorted(kind for kind in MAPPED if "sensitivity" in KINDS[kind].model_fields))
@pytest.mark.parametrize("level", ["restricted", "substance-use"])
def test_what_the_practice_tightened_says_so_on_every_resource(kind: str, level: str) -> None:
    for resource in resources_of(record(kind, sensitivity=level), SITE):
        assert {"system": "urn:handoff:sensitivity", "code": level} in resource["meta"]["tag"]


def test_a_note_of_a_megabyte_leaves_whole() -> None:
    text = "Mornings are better. \U0001f33f\n" * 40_000

    attachment = resources_of(record("note", text=text), SITE)[0]["content"][0]["attachment"]

    assert base64.b64decode(attachment["data"]).decode() == text.strip()
    assert attachment["size"] == len(text.strip().encode())
