"""The three cases of a code, the rules of the systems, and the table against its sources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.types import Record
from gateway.sample import sample_records
from mappings import MAPPED, codes, resources_of, well_formed
from mappings.codes import BadCode
from mappings.element import SENSITIVITY_TAG
from tests.mappings.corpus import ICD10, RXNORM, SITE, SNOMED, record
from tests.mappings.drawn import records


def _codings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "system" in value and "code" in value and "value" not in value and value["system"] != SENSITIVITY_TAG:  # the tag is taken off before anything leaves
            yield value
        for inner in value.values():
            yield from _codings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _codings(inner)


@cache
def _sample() -> list[Record]:
    return sample_records(date(2026, 3, 4))


def test_a_code_of_the_table_leaves_with_the_tables_display() -> None:
    concept = resources_of(record("problem", codes=[{"system": ICD10, "code": "F43.23", "text": "Adjusting"}]), SITE)[0]["code"]

    own_words = {"url": "http://hl7.org/fhir/StructureDefinition/originalText", "valueString": "Adjusting"}
    assert concept == {
        "coding": [{"system": ICD10, "code": "F43.23", "display": "Adjustment disorder with mixed anxiety and depressed mood", "extension": [own_words]}],
        "text": "Depression, moderate",
    }


def test_a_well_formed_code_outside_the_table_leaves_without_a_display_and_is_reported() -> None:
    problem = record("problem", codes=[{"system": ICD10, "code": "F84.0"}])

    assert resources_of(problem, SITE)[0]["code"]["coding"] == [{"system": ICD10, "code": "F84.0"}]
    assert [(code.system, code.code) for code in codes.unchecked(problem)] == [(ICD10, "F84.0")]


def _diagnosed(*written: tuple[str, str]) -> list[tuple[str, str]]:
    sent = resources_of(record("problem", codes=[{"system": system, "code": code} for system, code in written]), SITE)[0]["code"]
    return [(coding["system"], coding["code"]) for coding in sent["coding"]]


@pytest.mark.parametrize(("icd10", "snomed"), [("F41.1", "21897009"), ("F41.0", "371631005")])
def test_a_diagnosis_carries_the_snomed_code_that_is_its_equivalent_once(icd10: str, snomed: str) -> None:
    assert _diagnosed((ICD10, icd10)) == [(ICD10, icd10), (SNOMED, snomed)]
    assert _diagnosed((ICD10, icd10), (ICD10, icd10)) == [(ICD10, icd10), (ICD10, icd10), (SNOMED, snomed)]


@pytest.mark.parametrize("icd10", ["F32.1", "F33.1", "F43.10", "F43.23", "F90.2", "F31.9", "F42.2", "F10.20", "F11.20", "F84.0", "R45.851"])
def test_no_snomed_code_is_derived_that_says_more_or_less_than_the_diagnosis(icd10: str) -> None:
    assert _diagnosed((ICD10, icd10)) == [(ICD10, icd10)]


@pytest.mark.parametrize("snomed", ["21897009", "36923009"])
def test_no_snomed_code_is_derived_where_the_practice_wrote_one_itself(snomed: str) -> None:
    assert _diagnosed((ICD10, "F41.1"), (SNOMED, snomed)) == [(ICD10, "F41.1"), (SNOMED, snomed)]


def test_no_snomed_code_is_derived_from_a_code_of_another_system() -> None:
    assert _diagnosed(("http://hl7.org/fhir/sid/icd-9-cm", "300.02")) == [("http://hl7.org/fhir/sid/icd-9-cm", "300.02")]


@pytest.mark.parametrize(
    ("system", "code", "rule"),
    [
        (ICD10, "F321", "is not a well-formed ICD-10-CM code"),
        (SNOMED, "36923008", "is not a well-formed SNOMED CT code"),
        ("http://loinc.org", "44261-7", "is not a well-formed LOINC code"),
        (RXNORM, "sertraline", "is not a well-formed RxNorm code"),
        ("urn:example:own", "A1", "is of a code system not known here"),
    ],
)
def test_a_malformed_code_or_an_unknown_system_is_an_error_that_names_the_place_and_not_the_value(system: str, code: str, rule: str) -> None:
    with pytest.raises(BadCode) as refusal:
        resources_of(record("problem", codes=[{"system": ICD10, "code": "F32.1"}, {"system": system, "code": code}]), SITE)

    assert str(refusal.value).startswith(f"codes[1].code {rule}")
    assert refusal.value.field == "codes[1].code"
    assert code not in str(refusal.value)


def test_a_code_deep_inside_a_record_is_checked_too() -> None:
    activities = [{"id": "w", "description": "x", "code": {"system": SNOMED, "code": "1"}}]

    with pytest.raises(BadCode, match=r"^activities\[0\]\.code\.code is not a well-formed SNOMED CT code"):
        resources_of(record("treatment_plan", activities=activities), SITE)


def test_a_taxonomy_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(BadCode, match=r"^taxonomy is not a well-formed NUCC"):
        resources_of(record("partner", taxonomy="psychiatry"), SITE)


@pytest.mark.parametrize("name", ["ICD-9-CM", "CPT", "NDC", "UNII"])
def test_a_system_outside_the_table_is_known_by_its_rule_alone(name: str) -> None:
    fitting = {"ICD-9-CM": "V62.4", "CPT": "90837", "NDC": "0049-4900-50", "UNII": "QUC7NX6WMB"}
    is_well_formed = next(rule for known, rule in well_formed.SYSTEMS.values() if known == name)

    assert is_well_formed(fitting[name])
    assert not is_well_formed(fitting[name] + "!")


@given(st.sampled_from(["36923009", "183524004", "428481000124106", "735324008"]), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_of_a_snomed_code_is_always_found(code: str, place: int, step: int) -> None:
    """Verhoeff's check finds every single error (Verhoeff 1969)."""
    place %= len(code)
    wrong = code[:place] + str((int(code[place]) + step) % 10) + code[place + 1 :]

    assert well_formed.verhoeff(code)
    assert not well_formed.verhoeff(wrong)


@given(st.sampled_from(["36923009", "183524004", "428481000124106"]), st.integers(0, 13))
def test_two_neighbouring_digits_of_a_snomed_code_changed_over_are_always_found(code: str, place: int) -> None:
    place %= len(code) - 1
    if code[place] != code[place + 1]:
        assert not well_formed.verhoeff(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


def test_every_code_of_the_table_is_well_formed_in_its_system() -> None:
    for system, code in codes.table():
        if system in well_formed.SYSTEMS:
            assert well_formed.SYSTEMS[system][1](code), code


@given(records())
def test_every_display_that_leaves_is_the_tables(drawn: Record) -> None:
    for coding in _codings(resources_of(drawn, SITE)):
        if "display" in coding:
            assert coding["display"] == codes.table()[coding["system"], coding["code"]].display


@pytest.mark.parametrize("kind", sorted(MAPPED))
def test_every_code_that_a_mapping_itself_adds_stands_in_the_table(kind: str) -> None:
    own = {(code.system, code.code) for _, code in codes.of_record(record(kind))}
    open_ended = ("http://unitsofmeasure.org", "https://www.usps.com/", codes.NUCC, "urn:oid:2.16.840.1.113883.6.238", codes.THO + "v3-TribalEntityUS")

    for coding in _codings(resources_of(record(kind), SITE)):
        place = (coding["system"], coding["code"])
        assert place in own or coding["system"] in open_ended or place in codes.table()


def _misnamed(each: Record) -> list[dict[str, Any]]:
    """Codings that leave with another display than the table's, or without the one it has."""
    table = codes.table()
    return [coding for coding in _codings(resources_of(each, SITE)) if coding.get("display") != table.get((coding["system"], coding["code"]), codes.Row(None, "")).display]


def test_every_display_that_the_sample_practice_sends_is_the_tables() -> None:
    assert [coding for each in _sample() for coding in _misnamed(each)] == []


@pytest.mark.parametrize("kind", sorted(MAPPED))
def test_every_display_that_a_full_record_sends_is_the_tables(kind: str) -> None:
    assert _misnamed(record(kind)) == []
