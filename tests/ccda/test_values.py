"""Times, identifiers, codes, names and addresses, both ways."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mappings.ccda import oid, reading, value
from mappings.ccda.moment import date_time_of, is_after, ts_of
from tests.mappings.drawn import DAYS, MOMENTS

TIMES = [
    ("2025", "2025"),
    ("202501", "2025-01"),
    ("20250112", "2025-01-12"),
    ("20250112100000-0500", "2025-01-12T10:00:00-05:00"),
    ("20250112100000+0000", "2025-01-12T10:00:00+00:00"),
    ("20250112100000.125-0500", "2025-01-12T10:00:00.125-05:00"),
]


@pytest.mark.parametrize(("ts", "date_time"), TIMES)
def test_a_time_keeps_its_precision_both_ways(ts: str, date_time: str) -> None:
    assert (date_time_of(ts), ts_of(date_time)) == (date_time, ts)


@pytest.mark.parametrize(
    ("ts", "date_time"),
    [
        ("2025011210-0500", "2025-01-12T10:00:00-05:00"),
        ("202501121030-05", "2025-01-12T10:30:00-05:00"),
        ("202501121030", "2025-01-12"),
        ("20250112103000Z", "2025-01-12T10:30:00Z"),
        ("20250112103000+1500", "2025-01-12"),
        ("202501122560-0500", "2025-01-12"),
        (" 20250112 ", "2025-01-12"),
        ("20250231", None),
        ("200130311", None),
        ("0000", None),
        ("2025-01-12", None),
        ("now", None),
        ("", None),
        (None, None),
    ],
)
def test_an_odd_time_keeps_what_of_it_is_one(ts: str | None, date_time: str | None) -> None:
    assert date_time_of(ts) == date_time


@pytest.mark.parametrize(("date_time", "ts"), [("2025-01-12T10:00:00Z", "20250112100000+0000"), ("2025-01-12T10:00", "20250112"), ("soon", None), (None, None)])
def test_a_date_time_of_fhir_is_a_ts_or_none(date_time: str | None, ts: str | None) -> None:
    assert ts_of(date_time) == ts


@given(st.one_of(DAYS, MOMENTS.map(lambda moment: moment.split(".")[0])))
def test_every_time_that_fhir_allows_comes_back_as_it_was(date_time: str) -> None:
    there = ts_of(date_time)

    assert there is not None
    assert date_time_of(there) in (date_time, date_time[:10])


@pytest.mark.parametrize(
    ("first", "second", "after"),
    [
        ("2025-02", "2025-01-31", True),
        ("2025-01-31", "2025-01", False),
        ("2025-01-12T10:00:00-05:00", "2025-01-12T15:00:00.5Z", False),
        ("2025-01-12T10:00:01-05:00", "2025-01-12T15:00:00Z", True),
        ("2025-01-12T10:00:00-05:00", "2025-01-12", False),
    ],
)
def test_one_time_is_after_another_only_as_far_as_both_say(first: str, second: str, after: bool) -> None:
    assert is_after(first, second) is after


@pytest.mark.parametrize(
    "identifier",
    [
        {"system": "http://hl7.org/fhir/sid/us-npi", "value": "2555000035"},
        {"system": "urn:oid:2.16.840.1.113883.19.5", "value": "MRN-7"},
        {"system": "urn:uuid:0b6e1c1c-3c1a-4a55-9f0e-2f6d0c6d9d5e", "value": "7"},
        {"system": "urn:handoff:alder-quay:client", "value": "ana"},
        {"system": "https://oldmill.example/ids", "value": "a:b"},
        {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:0b6e1c1c-3c1a-4a55-9f0e-2f6d0c6d9d5e"},
        {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"},
    ],
)
def test_an_identifier_comes_back_as_it_was(identifier: dict[str, Any]) -> None:
    there = oid.instance_of(identifier)

    assert there is not None
    assert oid.identifier_of(there["root"], there.get("extension")) == identifier


@pytest.mark.parametrize("identifier", [{}, {"system": "urn:oid:1.2.3"}, {"system": "urn:oid:1.2.3", "value": ""}])
def test_an_identifier_without_a_value_is_none(identifier: dict[str, Any]) -> None:
    assert oid.instance_of(identifier) is None


def test_an_unknown_code_system_is_its_oid_both_ways() -> None:
    assert oid.system_of("1.2.3.4") == "urn:oid:1.2.3.4"
    assert oid.oid_of("urn:oid:1.2.3.4") == "1.2.3.4"
    assert oid.oid_of("http://example.org/codes") is None


@pytest.mark.parametrize("found", sorted(oid.CODE_SYSTEMS))
def test_every_code_system_of_the_table_goes_and_comes_back(found: str) -> None:
    assert oid.oid_of(oid.system_of(found)) == found


def test_the_table_gives_hl7s_code_systems_the_oids_that_r4_gives_them(reference_data: Path) -> None:
    path = reference_data / "r4-core" / "v3-codesystems.json.gz"
    if not path.is_file():
        pytest.skip("the reference data holds no R4 definitions")
    entries = json.loads(gzip.decompress(path.read_bytes()))["entry"]
    known = {one["url"]: each["value"] for entry in entries if (one := entry["resource"])["resourceType"] == "CodeSystem" for each in one.get("identifier", [])}
    ours = {system: f"urn:oid:{found}" for found, system in oid.CODE_SYSTEMS.items() if system in known}

    assert len(ours) > 10
    assert ours == {system: known[system] for system in ours}


@pytest.mark.parametrize(
    "human",
    [
        {"use": "official", "family": "Okafor", "given": ["Ana", "Chidinma"], "prefix": ["Ms."], "suffix": ["LMHC"]},
        {"text": "Dr. Haddad"},
        {"given": ["Ana"]},
        {"family": "Okafor"},
    ],
)
def test_a_name_comes_back_as_it_was(human: dict[str, Any]) -> None:
    assert reading.name(value.name(human)) == human


@pytest.mark.parametrize(
    "place", [{"use": "home", "line": ["3 Lobster Cove"], "city": "Gloucester", "state": "MA", "postalCode": "01930", "country": "US"}, {"city": "Gloucester"}]
)
def test_an_address_comes_back_as_it_was(place: dict[str, Any]) -> None:
    assert reading.addresses(_within(value.address([place]))) == [place]


@pytest.mark.parametrize(
    "way", [{"system": "phone", "value": "978-555-0133", "use": "mobile"}, {"system": "fax", "value": "1"}, {"system": "email", "value": "a@b.example", "use": "work"}]
)
def test_a_way_to_reach_someone_comes_back_as_it_was(way: dict[str, Any]) -> None:
    assert reading.telecoms(_within(value.telecom([way]))) == [way]


def test_what_is_unknown_is_unknown_both_ways() -> None:
    assert reading.addresses(_within(value.address([]))) == []
    assert reading.telecoms(_within(value.telecom([]))) == []
    assert reading.name(value.name(None)) == {}


@pytest.mark.parametrize(
    ("written", "told"),
    [("tel: +1(555)555-5000", ("phone", "+1(555)555-5000")), ("978", ("phone", "978")), ("https://a.example", ("url", "https://a.example")), ("x:1", ("other", "x:1"))],
)
def test_a_telecom_of_any_form_is_read(written: str, told: tuple[str, str]) -> None:
    (found,) = reading.telecoms(etree.fromstring(f'<a xmlns="urn:hl7-org:v3"><telecom value="{written}"/></a>'))

    assert (found["system"], found["value"]) == told


def _within(parts: list[Any]) -> Any:
    whole = etree.Element("{urn:hl7-org:v3}whole")
    whole.extend(parts)
    return whole
