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
from tests.mappings.corpus import ICD10, RXNORM, SITE, SNOMED, record
from tests.mappings.drawn import records


def _codings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "system" in value and "code" in value and "value" not in value:
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
    concept = resources_of(record("problem", codes=[{"system": ICD10, "code": "F41.1", "text": "GAD"}]), SITE)[0]["code"]

    own_words = {"url": "http://hl7.org/fhir/StructureDefinition/originalText", "valueString": "GAD"}
    assert concept == {"coding": [{"system": ICD10, "code": "F41.1", "display": "Generalized anxiety disorder", "extension": [own_words]}], "text": "Depression, moderate"}


def test_a_well_formed_code_outside_the_table_leaves_without_a_display_and_is_reported() -> None:
    problem = record("problem", codes=[{"system": ICD10, "code": "F84.0"}])

    assert resources_of(problem, SITE)[0]["code"]["coding"] == [{"system": ICD10, "code": "F84.0"}]
    assert [(code.system, code.code) for code in codes.unchecked(problem)] == [(ICD10, "F84.0")]


def test_no_snomed_code_is_derived_for_a_diagnosis() -> None:
    sent = resources_of(record("problem", codes=[{"system": ICD10, "code": "F32.1"}]), SITE)[0]["code"]

    assert [coding["system"] for coding in sent["coding"]] == [ICD10]


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
    open_ended = ("http://unitsofmeasure.org", "https://www.usps.com/", codes.NUCC, "urn:handoff:sensitivity", "urn:oid:2.16.840.1.113883.6.238")

    for coding in _codings(resources_of(record(kind), SITE)):
        place = (coding["system"], coding["code"])
        assert place in own or coding["system"] in open_ended or place in codes.table()


def test_every_display_that_the_sample_practice_sends_is_the_tables() -> None:
    for each in _sample():
        for coding in _codings(resources_of(each, SITE)):
            assert coding.get("display") == (codes.table().get((coding["system"], coding["code"])) or codes.Row(None, "")).display


def test_every_row_of_the_table_names_its_source() -> None:
    assert all(row.source for row in codes.table().values())


@pytest.mark.parametrize(
    ("concept_map", "words"),
    [
        (
            "referral-service",
            ["psychiatry", "child-psychiatry", "primary-care", "social-work", "emergency", "addiction", "obstetrics-gynecology", "psychology", "support-group", "other"],
        ),
        (
            "referral-category",
            ["psychiatry", "child-psychiatry", "primary-care", "social-work", "emergency", "addiction", "obstetrics-gynecology", "psychology", "support-group", "other"],
        ),
        ("note-type", ["progress", "evaluation", "general", "discharge", "consultation", "history"]),
        ("session-mode", ["in-person", "video", "phone", "home", "emergency"]),
        ("risk-level", ["low", "moderate", "high"]),
    ],
)
def test_a_concept_map_has_a_checked_code_for_every_word_of_the_record(concept_map: str, words: list[str]) -> None:
    for word in words:
        coding = codes.translated(concept_map, word)
        assert coding
        assert coding["display"]
