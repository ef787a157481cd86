"""The User-Access Brands bundle: what a practice that wants to be found tells everyone, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import to_ms
from gateway.fhir.validation import faults
from gateway.settings import BadSetting
from gateway.smart.brand_words import read_words
from gateway.smart.brands import brand_properties
from gateway.store import practice as practices
from gateway.store import record as records
from tests.registry.house import PRACTICE, PUBLIC, House

RECORD: dict[str, Any] = {
    "kind": "practice",
    "id": "main",
    "name": "Larkmoor Counseling",
    "npi": "2555000019",
    "contact": {"work_phone": "978-555-0100", "home_phone": "978-555-0177", "email": "owner@larkmoor.example", "direct_address": "desk@direct.larkmoor.example"},
    "address": {"line": ["14 Ropewalk Lane"], "city": "Gloucester", "state": "MA", "postal_code": "01930"},
}
WORDS: dict[str, Any] = {
    "website": "https://www.larkmoor.example/welcome",
    "logo": "https://www.larkmoor.example/logo.svg",
    "logo_license": "https://www.larkmoor.example/logo.html",
    "aliases": ["Ropewalk Therapy"],
    "identifiers": [{"system": "https://registry.example/practices", "value": "L-7"}],
    "portal": {"name": "Larkmoor online", "url": "https://portal.larkmoor.example", "description": "For clients of ours."},
    "developers": "https://www.larkmoor.example/developers",
}


def keep(house: House, *given: dict[str, Any], practice: str = PRACTICE) -> None:
    """Take in records of the practice."""
    with house.store.write() as connection:
        for each in given:
            body = orjson.dumps({name: value for name, value in each.items() if name != "kind"})
            records.write(connection, practice, "practice", each["id"], client=None, digest="-", body=body, source="test", now=to_ms(house.clock()))


def say(house: House, folder: Path, words: Any) -> None:
    path = folder / "brand.json"
    path.write_bytes(orjson.dumps(words))
    object.__setattr__(house.settings, "brand_file", path)
    house.open()


def bundle(house: House) -> dict[str, Any]:
    answer = house.http.get("/brands")
    assert (answer.status_code, answer.mimetype) == (200, "application/fhir+json")
    found: dict[str, Any] = orjson.loads(answer.data)
    assert faults(found) == []
    assert (found["resourceType"], found["type"]) == ("Bundle", "collection")
    assert found["timestamp"]
    return found


def of_type(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == name]


def properties(house: House) -> dict[str, Any]:
    return brand_properties(house.store, PUBLIC, read_words(house.settings.brand_file))


def test_a_practice_that_does_not_want_to_be_found_is_not(folder: Path) -> None:
    house = House(folder)
    assert house.http.get("/brands").status_code == 404
    house.close()


def test_the_primary_brand_names_the_practice_and_the_endpoint_is_where_fhir_is(house: House) -> None:
    keep(house, RECORD)
    (brand,), (endpoint,) = of_type(bundle(house), "Organization"), of_type(bundle(house), "Endpoint")
    assert (brand["name"], brand["address"][0]["city"], brand["active"]) == ("Larkmoor Counseling", "Gloucester", True)
    assert brand["endpoint"] == [{"reference": f"Endpoint/{endpoint['id']}"}]
    assert (endpoint["address"], endpoint["status"]) == (f"{PUBLIC}/fhir", "active")
    assert endpoint["extension"] == [{"url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version", "valueCode": "4.0.1"}]
    assert endpoint["contact"][0]["system"] == "url"


def test_every_reference_finds_its_target_in_the_bundle(house: House, tmp_path: Path) -> None:
    keep(house, RECORD, {"kind": "practice", "id": "harbor", "name": "Larkmoor at the Harbor", "part_of": "main"})
    say(house, tmp_path, {PRACTICE: WORDS})
    found = bundle(house)
    there = {f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in found["entry"]}
    assert {entry["fullUrl"] for entry in found["entry"]} == {f"{PUBLIC}/brands/{name}" for name in there}
    assert set(references(found)) <= there
    assert len(set(references(found))) == 2


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "reference")
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(inner)


def test_what_the_practice_says_of_itself_is_shown_element_by_element(house: House, tmp_path: Path) -> None:
    keep(house, RECORD)
    say(house, tmp_path, {PRACTICE: WORDS})
    (brand,) = of_type(bundle(house), "Organization")
    own = [("https://registry.example/practices", "L-7"), ("urn:ietf:rfc:3986", "https://larkmoor.example")]
    assert [(each["system"], each["value"]) for each in brand["identifier"]][:2] == own
    assert brand["telecom"] == [{"system": "url", "value": WORDS["website"]}]
    assert brand["alias"] == ["Ropewalk Therapy"]
    logo, portal = brand["extension"]
    assert [part["url"] for part in logo["extension"]] == ["brandLogo", "brandLogoLicense"]
    assert [part["url"] for part in portal["extension"]] == ["portalName", "portalDescription", "portalUrl", "portalEndpoint"]
    assert portal["extension"][-1]["valueReference"] in brand["endpoint"]


def test_a_website_that_nobody_named_is_said_to_be_unknown(house: House) -> None:
    keep(house, RECORD)
    (brand,) = of_type(bundle(house), "Organization")
    assert b"asked-unknown" in orjson.dumps(brand["telecom"])
    assert len(brand["telecom"]) == 1


def test_what_is_no_public_way_to_reach_the_practice_stays_inside(house: House) -> None:
    keep(house, RECORD)
    shown = house.http.get("/brands").data
    for inside in (b"0177", b"owner@", b"desk@direct"):
        assert inside not in shown


def test_a_practice_without_a_record_is_known_by_its_name(house: House) -> None:
    assert [brand["name"] for brand in of_type(bundle(house), "Organization")] == ["Larkmoor Counseling"]


def test_a_place_of_work_stands_below_its_practice_and_nothing_stands_lower(house: House) -> None:
    places = [{"kind": "practice", "id": name, "name": name, "part_of": above} for name, above in (("a-harbor", "main"), ("attic", "a-harbor"), ("lost", "gone"))]
    keep(house, RECORD, *places, {"kind": "practice", "id": "closed", "name": "closed", "active": False})
    first, second = of_type(bundle(house), "Organization")
    assert (first["name"], second["name"], second["partOf"]["reference"]) == ("Larkmoor Counseling", "a-harbor", f"Organization/{first['id']}")


@given(share=st.booleans(), website=st.booleans(), own=st.lists(st.sampled_from(["L-7", "L-8"]), max_size=2, unique=True))
def test_the_identifier_in_smart_configuration_matches_exactly_one_brand(of_two: House, share: bool, website: bool, own: list[str]) -> None:
    words = {"identifiers": [{"system": "https://registry.example/practices", "value": value} for value in own]} | ({"website": WORDS["website"]} if website else {})
    say(of_two, of_two.settings.secret_key_file.parent, {PRACTICE: words} | ({"second": words} if share else {}))
    told = properties(of_two)
    assert told["user_access_brand_bundle"] == f"{PUBLIC}/brands"
    named = told["user_access_brand_identifier"]
    assert set(named) == {"system", "value"}
    found = of_type(bundle(of_two), "Organization")
    assert [brand["name"] for brand in found if named in brand["identifier"]] == ["Larkmoor Counseling"]


@pytest.fixture(scope="module")
def of_two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two practices in one store."""
    opened = House(tmp_path_factory.mktemp("two"), HANDOFF_BRANDS="yes")
    keep(opened, RECORD)
    with opened.store.write() as connection:
        practices.add(connection, "second", "Second", "America/New_York", to_ms(opened.clock()) + 1)
    keep(opened, RECORD | {"name": "Second"}, practice="second")
    yield opened
    opened.close()


def test_what_has_not_changed_is_not_sent_again(house: House) -> None:
    keep(house, RECORD)
    first = house.http.get("/brands", headers={"Accept": "text/html"})
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    for held in (tag, tag.removeprefix("W/"), f'"x", {tag}'):
        again = house.http.get("/brands", headers={"If-None-Match": held})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert house.http.get("/brands", headers={"If-None-Match": 'W/"x"'}).status_code == 200


def test_a_change_of_the_record_is_a_new_timestamp_and_a_new_tag(house: House) -> None:
    keep(house, RECORD)
    before = house.http.get("/brands")
    house.clock.pass_by(3600)
    keep(house, RECORD | {"name": "Larkmoor"})
    after = house.http.get("/brands")
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.get_json(force=True)["timestamp"] == "2026-03-02T16:00:00.000Z"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        ({PRACTICE: {"website": "http://larkmoor.example"}}, "larkmoor.website"),
        ({PRACTICE: {"website": "https://a@b.example"}}, "larkmoor.website"),
        ({PRACTICE: {"logo": "javascript:alert(1)"}}, "larkmoor.logo"),
        ({PRACTICE: {"logo": "data:text/html;base64,AAAA"}}, "larkmoor.logo"),
        ({PRACTICE: {"categories": ["circus"]}}, "larkmoor.categories"),
        ({PRACTICE: {"identifiers": [{"system": "https://x.example"}]}}, "larkmoor.identifiers"),
        ({PRACTICE: {"colour": "blue"}}, "larkmoor.colour"),
    ],
)
def test_a_brand_file_that_is_wrong_is_named_with_the_place(tmp_path: Path, content: Any, word: str) -> None:
    path = tmp_path / "brand.json"
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    with pytest.raises(BadSetting, match=word):
        read_words(path)
    with pytest.raises(BadSetting, match="No such file"):
        read_words(tmp_path / "nowhere.json")
