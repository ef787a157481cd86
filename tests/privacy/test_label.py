"""What is sensitive, as tables: each range of codes, each word, each tag, and whatever no table knows."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.privacy import label
from gateway.privacy.label import BH, ETHUD, HIV, OPIOIDUD, PART2, RESTRICTED, SDV, SUD, UNKNOWN

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

ALCOHOL, OPIOID, OTHER = SUD | ETHUD | PART2, SUD | OPIOIDUD | PART2, SUD | PART2


def _condition(system: str, code: str) -> dict[str, Any]:
    return {"resourceType": "Condition", "code": {"coding": [{"system": system, "code": code}]}}


def _labels(resource: dict[str, Any], *, in_treatment: bool = False) -> int:
    return label.labels_of(resource, in_sud_treatment=in_treatment)


DIAGNOSES = {
    "F10.20": ALCOHOL, "F10": ALCOHOL, "f10.129": ALCOHOL, "K70.30": ALCOHOL, "G62.1": ALCOHOL, "Z71.41": ALCOHOL, "R78.0": ALCOHOL, "O99.310": ALCOHOL, "T51.0X1A": ALCOHOL,
    "F11.20": OPIOID, "Z79.891": OPIOID, "F12.10": OTHER, "F13.20": OTHER, "F14.10": OTHER, "F15.20": OTHER, "F16.10": OTHER, "F18.10": OTHER, "F19.20": OTHER, "Z71.51": OTHER,
    "O99.320": OTHER, "F55.2": OTHER, "F17.210": 0, "F17.200": 0, "B20": HIV, "Z21": HIV, "R75": HIV, "O98.711": HIV, "T74.11XA": SDV, "T76.01XA": SDV, "Z69.11": SDV,
    "Y07.0": SDV, "F32.1": 0, "F43.10": 0, "F01.50": 0, "R45.851": 0, "Z63.0": 0, "T14.91XA": 0, "Z91.51": 0, "X78.1XXA": 0, "I10": 0, "E11.9": 0, "Z79.4": 0,
}  # fmt: skip


@pytest.mark.parametrize(("code", "bits"), DIAGNOSES.items())
def test_a_diagnosis_is_labelled_by_its_range(code: str, bits: int) -> None:
    assert _labels(_condition(ICD10, code)) == BH | bits


DRUGS = {"1010604": OPIOID, "1483744": OTHER, "835726": ALCOHOL, "197623": ALCOHOL, "312941": 0}


@pytest.mark.parametrize("resource_type", ["MedicationRequest", "MedicationStatement"])
@pytest.mark.parametrize(("code", "bits"), DRUGS.items())
def test_a_drug_is_labelled_by_its_code(resource_type: str, code: str, bits: int) -> None:
    assert _labels({"resourceType": resource_type, "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}]}}) == BH | bits


WORDS = {
    "Suboxone 8 mg film": OPIOID, "METHADONE": OPIOID, "vivitrol": OPIOID, "Antabuse": ALCOHOL, "campral": ALCOHOL, "Alcohol use": ALCOHOL, "stays sober": ALCOHOL,
    "AUDIT-C total": ALCOHOL, "heroin": OPIOID, "cocaine": OPIOID, "12-step meeting": OTHER, "relapse prevention": OTHER, "addiction": OTHER, "DAST-10": OTHER,
    "HIV": HIV, "on PrEP": HIV, "intimate partner violence": SDV, "strangled": SDV, "Anxiety": 0, "sertraline 50 mg": 0, "helpful aids": 0, "prep for school": 0, "soberly": 0,
}  # fmt: skip


@pytest.mark.parametrize(("text", "bits"), WORDS.items())
def test_words_tighten_where_there_is_no_code(text: str, bits: int) -> None:
    assert _labels({"resourceType": "Condition", "code": {"text": text}}) == BH | bits


SYSTEMS = {
    "urn:somebody:codes": UNKNOWN, "": UNKNOWN, "http://example.org": UNKNOWN, "http://snomed.info/sct/731000124108": UNKNOWN, SNOMED: 0, LOINC: 0, ICD10: 0, RXNORM: 0,
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor": 0, "urn:handoff:test:work": 0, "http://www.ama-assn.org/go/cpt": 0, "http://hl7.org/fhir/sid/ndc": 0,
}  # fmt: skip


@pytest.mark.parametrize(("system", "bits"), SYSTEMS.items())
def test_a_code_of_an_unknown_system_is_unknown(system: str, bits: int) -> None:
    assert _labels(_condition(system, "90210")) == BH | bits


def test_what_is_unknown_no_release_clears() -> None:
    assert not (label.RELEASED | label.SUBSTANCE_USE) & (UNKNOWN | RESTRICTED | HIV | SDV)


TAGS = {"restricted": RESTRICTED, "substance-use": OTHER, "normal": 0}


@pytest.mark.parametrize("resource_type", ["Patient", "Encounter", "Goal", "Practitioner"])
@pytest.mark.parametrize(("tag", "bits"), TAGS.items())
def test_the_practice_tightens_by_a_tag_that_does_not_leave(resource_type: str, tag: str, bits: int) -> None:
    tagged = {"resourceType": resource_type, "meta": {"tag": [{"system": label.SENSITIVITY_TAG, "code": tag}, {"system": "urn:other", "code": "kept"}]}}
    own = 0 if resource_type in ("Patient", "Practitioner") else BH
    assert _labels(tagged) == own | bits
    assert label.untagged(tagged)["meta"]["tag"] == [{"system": "urn:other", "code": "kept"}]


RECEIVED = {
    ("SUD",): SUD, ("ETHUD",): ETHUD, ("OPIOIDUD",): OPIOIDUD, ("42CFRPart2",): PART2, ("NORDSCLCD",): PART2, ("42CFRPart2", "NORDSCLCD"): PART2, ("HIV",): HIV, ("SDV",): SDV,
    ("V",): RESTRICTED, ("ETH",): OTHER, ("ETH", "SUD"): OTHER, ("ETH", "42CFRPart2", "SUD"): OTHER, ("PSYTHPN",): UNKNOWN, ("N",): 0, ("R",): 0,
}  # fmt: skip


@pytest.mark.parametrize(("codes", "bits"), RECEIVED.items())
def test_labels_that_came_with_a_resource_are_kept(codes: tuple[str, ...], bits: int) -> None:
    security = [{"system": ACT, "code": code} for code in codes]
    assert _labels({"resourceType": "Patient", "meta": {"security": security}}) == bits


@pytest.mark.parametrize("resource_type", label.NARRATIVE)
def test_the_story_of_someone_in_substance_use_treatment_is_a_part_2_record(resource_type: str) -> None:
    assert _labels({"resourceType": resource_type}, in_treatment=True) == BH | OTHER
    assert _labels({"resourceType": resource_type}) == BH
    assert _labels({"resourceType": "Condition"}, in_treatment=True) == BH


def test_labels_are_told_as_ds4p_tells_them() -> None:
    codes = [[one["code"] for one in label.security(labels)] for labels in (0, BH, BH | OPIOID, BH | RESTRICTED, UNKNOWN)]
    assert codes == [["N"], ["R", "BH"], ["R", "BH", "SUD", "OPIOIDUD", "42CFRPart2", "NORDSCLCD"], ["V", "BH"], ["V"]]


def test_a_dispense_is_labelled_by_its_drug() -> None:
    assert _labels({"resourceType": "MedicationDispense", "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "1010604"}]}}) == BH | OPIOID


def test_a_list_is_labelled_by_the_drugs_that_its_entries_name() -> None:
    assert _labels({"resourceType": "List", "entry": [{"item": {"display": "Naltrexone 50 mg"}}]}) & PART2
    assert not _labels({"resourceType": "List", "entry": [{"item": {"display": "Sertraline 50 mg"}}]}) & PART2


def test_the_words_that_stand_with_a_code_are_read_too() -> None:
    own_words = [{"url": "http://hl7.org/fhir/StructureDefinition/originalText", "valueString": "drinks too much, alcohol"}]
    assert _labels({"resourceType": "Condition", "code": {"coding": [{"system": SNOMED, "code": "36923009", "extension": own_words}], "text": "Low mood"}}) == BH | ALCOHOL
