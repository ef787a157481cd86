"""SMART 2.2.0 brands: how smart-configuration leads to the practice's brand, and what the bundle says of its own parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.clock import instant, to_ms
from tests.registry.house import House
from tests.registry.test_brands import RECORD, keep


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("brands"), HANDOFF_BRANDS="yes")
    keep(opened, RECORD, {"kind": "practice", "id": "harbor", "name": "Larkmoor at the Harbor", "part_of": "main"})
    yield opened
    opened.close()


def _configuration(house: House) -> dict[str, Any]:
    return dict(house.http.get("/fhir/.well-known/smart-configuration").get_json())


def _bundle(house: House) -> dict[str, Any]:
    return dict(house.http.get(urlsplit(_configuration(house)["user_access_brand_bundle"]).path).get_json(force=True))


def test_the_configuration_leads_to_the_brands(house: House) -> None:
    told = _configuration(house)
    assert told["user_access_brand_bundle"].startswith("https://")
    identifier = told["user_access_brand_identifier"]
    assert set(identifier) == {"system", "value"}
    matching = [entry["resource"] for entry in _bundle(house)["entry"] if identifier in entry["resource"].get("identifier", [])]
    assert [one["resourceType"] for one in matching] == ["Organization"]
    endpoints = [entry["resource"] for entry in _bundle(house)["entry"] if entry["resource"]["resourceType"] == "Endpoint"]
    assert [{"reference": f"Endpoint/{one['id']}"} for one in endpoints] == matching[0]["endpoint"]


def test_a_practice_that_is_not_to_be_found_is_not_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    house = House(tmp_path_factory.mktemp("hidden"))
    assert not [name for name in _configuration(house) if name.startswith("user_access_brand")]
    house.close()


def test_each_brand_says_when_it_changed(house: House) -> None:
    before = instant(to_ms(house.clock()))
    house.clock.pass_by(3600)
    keep(house, RECORD | {"name": "Larkmoor"})
    after = instant(to_ms(house.clock()))
    bundle = _bundle(house)
    shown = {entry["resource"]["name"]: entry["resource"]["meta"]["lastUpdated"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Organization"}
    assert shown == {"Larkmoor": after, "Larkmoor at the Harbor": before}
    assert bundle["timestamp"] == after


def test_asked_unknown_is_the_only_reason_for_what_is_absent(house: House) -> None:
    reasons = list(_reasons(_bundle(house)))
    assert reasons
    assert set(reasons) <= {"asked-unknown", "asked-declined"}


def _reasons(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if str(node.get("url", "")).endswith("data-absent-reason"):
            yield node["valueCode"]
        node = list(node.values())
    for inner in node if isinstance(node, list) else ():
        yield from _reasons(inner)
