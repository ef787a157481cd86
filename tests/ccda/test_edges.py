"""Resources as partners write them: drugs by reference, ends of life, answers not given, plans without words."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.ccda import read
from tests.ccda.agreement import disagreements
from tests.ccda.corpus import consultation, found, note, package, plan_document, resources, section

_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_DRUG = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312941"}], "text": "Sertraline"}
_REQUEST = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order"}


@pytest.mark.parametrize(
    ("request_", "others"),
    [
        ({"contained": [{"resourceType": "Medication", "id": "d", "code": _DRUG}], "medicationReference": {"reference": "#d"}}, []),
        ({"medicationReference": {"reference": "Medication/d"}}, [{"resourceType": "Medication", "id": "d", "code": _DRUG}]),
    ],
)
def test_a_drug_by_reference_is_told_by_its_code(request_: dict[str, Any], others: list[dict[str, Any]]) -> None:
    document = note([_REQUEST | request_, *others])

    assert found(document, "//c:manufacturedMaterial/c:code/@code") == ["312941"]
    assert disagreements(document) == []


@pytest.mark.parametrize(("reference", "told"), [({"reference": "Medication/gone", "display": "Sertraline"}, "Sertraline"), ({"reference": "Medication/gone"}, "Not stated")])
def test_a_drug_that_is_not_there_is_told_in_words(reference: dict[str, str], told: str) -> None:
    assert found(note([_REQUEST | {"medicationReference": reference}]), "//c:td[@ID='medication-0-what']/text()") == [told]


def test_a_statement_based_on_a_request_that_goes_too_is_not_told_twice() -> None:
    assert len(found(note(package()), "//c:section[c:code/@code='10160-0']/c:entry")) == 1


def test_a_statement_alone_is_told_with_its_period() -> None:
    (statement,) = (one for one in resources("medication_note") if one["resourceType"] == "MedicationStatement")
    document = note([statement])

    assert found(document, "//c:entry/c:substanceAdministration/c:effectiveTime/*/@value") == ["20250110", "20250710"]
    assert disagreements(document) == []


def test_a_dose_in_numbers_alone_is_told_in_numbers() -> None:
    dosage = {"doseAndRate": [{"doseQuantity": {"value": 2, "unit": "tablet"}}]}
    document = note([_REQUEST | {"medicationCodeableConcept": _DRUG, "dosageInstruction": [dosage]}])

    assert found(document, "//c:td[@ID='medication-0-directions']/text()") == ["2 tablet"]
    assert found(document, "//c:doseQuantity/@unit") == ["{tablet}"]


@pytest.mark.parametrize(("deceased", "time"), [({"deceasedDateTime": "2025-01-01"}, {"value": "20250101"}), ({"deceasedBoolean": True}, {"nullFlavor": "UNK"})])
def test_a_death_is_told_with_its_day_or_as_unknown(deceased: dict[str, Any], time: dict[str, str]) -> None:
    document = note([{name: each for name, each in one.items() if name != "deceasedDateTime"} | deceased for one in resources("client")])

    assert found(document, "//sdtc:deceasedInd/@value") == ["true"]
    assert dict(found(document, "//sdtc:deceasedTime")[0].attrib) == time


def test_a_race_that_was_not_said_is_told_as_that() -> None:
    asked = {"url": "ombCategory", "valueCoding": {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "ASKU"}}
    document = note([one | {"extension": [{"url": f"{_US_CORE}race", "extension": [asked]}]} for one in resources("client")])

    assert found(document, "//c:raceCode/@nullFlavor") == ["ASKU"]
    assert found(document, "//c:ethnicGroupCode/@nullFlavor") == ["UNK"]


def test_a_person_without_a_role_is_told_by_their_name() -> None:
    request = {"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order", "code": {"text": "Consult"}, "requester": {"reference": "Practitioner/p"}}
    document = note([request, {"resourceType": "Practitioner", "id": "p", "name": [{"text": "N. Osei"}], "telecom": [{"system": "phone", "value": "1"}]}])

    assert found(document, "/c:ClinicalDocument/c:author/c:assignedAuthor/c:assignedPerson/c:name/text()") == ["N. Osei"]


def test_a_plan_without_a_title_is_told_by_its_category() -> None:
    document = plan_document([{"resourceType": "CarePlan", "id": "c", "status": "active", "category": [{"text": "Safety plan"}]}])

    assert found(document, "//c:td[@ID='plan-0-what']/text()") == ["Safety plan"]
    assert disagreements(document) == []


def test_a_problem_that_stands_without_a_concern_is_read() -> None:
    alone = """<observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="1.2.3"/>
      <value nullFlavor="OTH"><originalText>Low mood</originalText></value></observation>"""
    (condition,) = (one for one in read(consultation(section(alone))).resources if one["resourceType"] == "Condition")

    assert (condition["code"], condition["clinicalStatus"]["coding"][0]["code"]) == ({"text": "Low mood"}, "active")
