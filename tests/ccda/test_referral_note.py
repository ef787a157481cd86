"""The Referral Note: header, sections, and what answers to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mappings.ccda import referral_note
from tests.ccda.agreement import disagreements
from tests.ccda.corpus import CREATED, ID, found, note, package, resources
from tests.mappings.corpus import SITE

_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_SECTION = "//c:section[c:code/@code='{}']"


def _labelled(resource: dict[str, Any], code: str) -> dict[str, Any]:
    return resource | {"meta": {"security": [{"system": _CONFIDENTIALITY, "code": code}]}}


def test_a_referral_note_says_which_templates_it_follows() -> None:
    document = note(package())

    assert [(each.get("root"), each.get("extension")) for each in found(document, "/c:ClinicalDocument/c:templateId")] == [
        ("2.16.840.1.113883.10.20.22.1.1", "2024-05-01"),
        ("2.16.840.1.113883.10.20.22.1.14", "2024-05-01"),
    ]
    assert document.getroot().find("{urn:hl7-org:v3}code").get("code") == "57133-1"
    assert document.getroot().find("{urn:hl7-org:v3}id").attrib == {"root": ID}
    assert document.getroot().find("{urn:hl7-org:v3}effectiveTime").get("value") == "20250113080500-0500"


def test_the_same_resources_give_the_same_bytes() -> None:
    once, again = (referral_note(package(), document_id=ID, created=CREATED) for _ in range(2))

    assert once == again


def test_the_client_is_told_as_the_us_realm_asks() -> None:
    document = note(package())

    assert found(document, "//c:patient/c:name[@use='L']/c:family/text()") == ["Okafor"]
    assert found(document, "//c:patient/c:birthTime/@value") == ["19910417"]
    assert found(document, "//c:patient/c:administrativeGenderCode/@code") == ["F"]
    assert found(document, "//c:patient/c:raceCode/@code") == ["2054-5"]
    assert found(document, "//c:patient/sdtc:raceCode/@code") == ["2106-3", "2036-2"]
    assert found(document, "//c:patient/c:languageCommunication/c:languageCode/@code") == ["es"]
    assert found(document, "//c:patientRole/c:addr/c:postalCode/text()") == ["01930"]


def test_who_asks_writes_it_their_practice_keeps_it_and_the_partner_receives_it() -> None:
    document = note(package())

    assert found(document, "/c:ClinicalDocument/c:author//c:family/text()") == ["Brathwaite"]
    assert found(document, "/c:ClinicalDocument/c:author/c:assignedAuthor/c:id[@root='2.16.840.1.113883.4.6']/@extension") == ["2555000035"]
    assert found(document, "//c:representedCustodianOrganization/c:name/text()") == ["Alder Quay Therapy"]
    assert found(document, "//c:intendedRecipient/c:informationRecipient/c:name/c:family/text()") == ["Haddad"]
    assert found(document, "//c:intendedRecipient/c:receivedOrganization/c:name/text()") == ["Breakwater Psychiatry"]
    assert found(document, "//c:participant[@typeCode='CALLBCK']//c:telecom/@value")[0] == "tel:978-555-0104"
    assert found(document, "//c:participant[@typeCode='IND']//c:code/@code") == ["MTH"]


def test_a_recipient_that_the_package_does_not_hold_is_unknown_and_not_left_out() -> None:
    document = note([one for one in package() if one.get("id") != SITE.id("partner", "breakwater", "role")])

    assert found(document, "//c:intendedRecipient/c:informationRecipient/c:name/@nullFlavor") == ["UNK"]


def test_without_a_practitioner_the_software_is_the_author() -> None:
    document = note(resources("client", "problem"))

    assert found(document, "/c:ClinicalDocument/c:author//c:softwareName/text()") == ["Handoff"]
    assert not found(document, "//c:assignedAuthor/c:assignedPerson")


def test_nobody_is_made_the_author_of_what_they_did_not_ask_for() -> None:
    document = note([{name: each for name, each in one.items() if name != "requester"} for one in package()])

    assert found(document, "/c:ClinicalDocument/c:author//c:softwareName/text()") == ["Handoff"]
    assert found(document, "//c:representedCustodianOrganization/c:name/text()") == ["Alder Quay Therapy"]


def test_the_recipients_organization_never_keeps_the_document() -> None:
    document = note([one for one in package() if one.get("name") != "Alder Quay Therapy"])

    assert found(document, "//c:representedCustodianOrganization/c:name/@nullFlavor") == ["UNK"]


@pytest.mark.parametrize("loinc", ["42349-1", "51848-0", "11450-4", "48765-2", "10160-0", "10190-7", "18776-5"])
def test_every_section_of_a_referral_note_is_there_once_and_filled(loinc: str) -> None:
    (section,) = found(note(package()), _SECTION.format(loinc))

    assert section.get("nullFlavor") is None
    assert section.find("{urn:hl7-org:v3}entry") is not None


@pytest.mark.parametrize("loinc", ["42349-1", "51848-0", "11450-4", "48765-2", "10160-0", "10190-7", "18776-5"])
def test_a_section_without_anything_says_that_there_is_no_information_and_not_that_nothing_is_known(loinc: str) -> None:
    (section,) = found(note(resources("client")), _SECTION.format(loinc))

    assert section.get("nullFlavor") == "NI"
    assert "no information" in "".join(section.itertext())
    assert section.find("{urn:hl7-org:v3}entry") is None


def test_the_referral_act_carries_the_id_of_the_service_request() -> None:
    (act,) = found(note(package()), "//c:act[c:templateId/@root='2.16.840.1.113883.10.20.22.4.140']")

    assert act.find("{urn:hl7-org:v3}id").get("root") == SITE.id("referral", "ref1")
    assert act.find("{urn:hl7-org:v3}priorityCode").get("code") == "UR"
    assert act.find("{urn:hl7-org:v3}code").get("code") == "183524004"
    assert act.get("classCode") == "PCPR"


def test_the_reason_names_the_problem_of_the_problem_list() -> None:
    document = note(package())
    (reason,) = found(document, "//c:entryRelationship[@typeCode='RSON']/c:observation")

    assert reason.find("{urn:hl7-org:v3}id").get("root") in found(document, _SECTION.format("11450-4") + "//c:observation/c:id/@root")


def test_scores_are_assessment_scales_with_their_number() -> None:
    (score,) = found(note(package()), "//c:observation[c:code/@code='44261-6']")

    assert score.find("{urn:hl7-org:v3}value").attrib == {"{http://www.w3.org/2001/XMLSchema-instance}type": "INT", "value": "12"}
    assert score.find("{urn:hl7-org:v3}effectiveTime").get("value") == "20250112095000-0500"


@pytest.mark.parametrize(
    ("value", "written", "told"),
    [
        ({"valueQuantity": {"value": Decimal("12.0"), "unit": "{score}"}}, {"value": "12"}, "12"),
        ({"valueQuantity": {"value": Decimal("12.5"), "unit": "{score}"}}, {"value": "12.5", "unit": "{score}"}, "12.5"),
        ({"valueQuantity": {"value": Decimal("1E+2"), "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}, {"value": "100", "unit": "mg"}, "100 mg"),
        ({"valueInteger": 7}, {"value": "7"}, "7"),
        ({"valueQuantity": {"value": 3}}, {"value": "3", "unit": "1"}, "3"),
        ({"valueString": "calm"}, {}, "calm"),
    ],
)
def test_a_result_is_the_same_for_a_person_and_a_machine(value: dict[str, Any], written: dict[str, str], told: str) -> None:
    document = note([{"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "Score"}} | value])
    (result,) = found(document, "//c:observation/c:value")

    assert {name: each for name, each in result.attrib.items() if not name.startswith("{")} == written
    assert found(document, "//c:td[@ID='score-0-result']/text()") == [told]


def test_the_level_of_risk_is_told_by_its_answer() -> None:
    assert found(note(package()), "//c:observation[c:code/@code='93374-7']/c:value/@code") == ["LA6751-7"]


def test_a_medication_that_is_reported_is_no_order() -> None:
    (activity,) = found(note(package()), "//c:section//c:substanceAdministration[c:templateId/@root='2.16.840.1.113883.10.20.22.4.16']")

    assert activity.get("moodCode") == "EVN"
    assert activity.find(".//{urn:hl7-org:v3}manufacturedMaterial/{urn:hl7-org:v3}code").get("code") == "312941"


@pytest.mark.parametrize(("labels", "told"), [((), "N"), (("N", "R"), "R"), (("R", "V", "N"), "V"), (("L",), "N")])
def test_a_document_is_as_confidential_as_its_most_confidential_resource(labels: tuple[str, ...], told: str) -> None:
    given = [*package(), *(_labelled(one | {"id": f"extra-{code}"}, code) for one in resources("allergy") for code in labels)]

    assert found(note(given), "/c:ClinicalDocument/c:confidentialityCode/@code") == [told]


def test_a_notice_that_must_go_along_is_the_first_thing_told() -> None:
    document = note(package(), notice="Do not pass this on.\nIt is protected.")

    assert "".join(found(document, "//c:section")[0].itertext()) == "Notice to the recipientDo not pass this on.It is protected."
    assert len(found(note(package()), "//c:section")) == len(found(document, "//c:section")) - 1


def test_the_consents_that_go_along_are_named() -> None:
    assert found(note([*package(), *resources("consent")]), "//c:authorization/c:consent/c:id/@root")[0] == SITE.id("consent", "c1")


def test_what_was_entered_in_error_does_not_leave() -> None:
    document = note(package(problem={"verification": "entered-in-error"}, allergy={"verification": "entered-in-error"}))

    assert found(document, _SECTION.format("11450-4"))[0].get("nullFlavor") == "NI"
    assert found(document, _SECTION.format("48765-2"))[0].get("nullFlavor") == "NI"


def test_no_known_allergy_is_told_as_an_allergy_that_is_denied() -> None:
    known = {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}], "text": "No known allergies"}
    (observation,) = found(note([one | {"code": known} for one in resources("allergy")]), "//c:observation[c:participant]")

    assert observation.get("negationInd") == "true"
    assert observation.find("{urn:hl7-org:v3}value").get("code") == "419199007"


def test_what_a_person_reads_and_what_a_machine_reads_agree() -> None:
    assert disagreements(note(package(), notice="Notice")) == []


def test_an_author_is_told_in_full_once_and_then_by_id() -> None:
    full = found(note(package()), "//c:assignedAuthor[c:id[1]/@root='{}']/c:telecom".format(SITE.id("clinician", "imani")))

    assert len({each.getparent() for each in full}) == 1


def test_text_that_looks_like_markup_stays_text() -> None:
    document = note(package(problem={"title": '<script>alert(1)</script> & "so"'}))

    assert found(document, "//c:td[@ID='problem-0-what']/text()") == ['<script>alert(1)</script> & "so"']
    assert not found(document, "//*[local-name()='script']")


def test_characters_that_xml_cannot_hold_become_spaces() -> None:
    given = [one | ({"code": {"text": "a\x00b￾c"}} if one["resourceType"] == "Condition" else {}) for one in package()]

    assert found(note(given), "//c:td[@ID='problem-0-what']/text()") == ["a b c"]


def test_a_code_of_a_system_without_an_oid_is_told_in_words_alone() -> None:
    given = [one | {"code": {"coding": [{"system": "urn:handoff:own", "code": "x"}], "text": "Own words"}} for one in resources("problem")]
    (value,) = found(note(given), "//c:observation[c:templateId/@root='2.16.840.1.113883.10.20.22.4.4']/c:value")

    assert (value.get("nullFlavor"), value.get("code")) == ("OTH", None)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "preliminary"])
def test_a_score_that_is_not_final_is_not_told(status: str) -> None:
    given = [one | ({"status": status} if one["resourceType"] == "Observation" else {}) for one in package()]

    assert found(note(given), _SECTION.format("10190-7"))[0].get("nullFlavor") == "NI"


@pytest.mark.parametrize(
    ("resource", "element", "template", "told"),
    [
        *(("problem", "condition-clinical", "6", each) for each in [("relapse", "263855007"), ("recurrence", "246455001"), ("remission", "277022003"), ("resolved", "413322009")]),
        *(("allergy", "allergyintolerance-clinical", "28", each) for each in [("active", "55561003"), ("inactive", "73425007"), ("resolved", "413322009")]),
    ],
)
def test_each_clinical_status_has_its_snomed_code(resource: str, element: str, template: str, told: tuple[str, str]) -> None:
    status, code = told
    given = [one | {"clinicalStatus": {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{element}", "code": status}]}} for one in resources(resource)]

    assert found(note(given), f"//c:observation[c:templateId/@root='2.16.840.1.113883.10.20.22.4.{template}']/c:value/@code") == [code]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "418038007"),
        ({"type": "allergy"}, "419199007"),
        ({"type": "allergy", "category": ["medication"]}, "416098002"),
        ({"type": "allergy", "category": ["environment"]}, "419199007"),
        ({"type": "intolerance", "category": ["food"]}, "235719002"),
        ({"category": ["medication"]}, "419511003"),
    ],
)
def test_type_and_category_of_an_allergy_are_one_code(told: dict[str, Any], code: str) -> None:
    assert found(note([one | told for one in resources("allergy")]), "//c:observation[c:participant]/c:value/@code") == [code]


@pytest.mark.parametrize(("status", "code"), [("active", "active"), ("on-hold", "suspended"), ("completed", "completed"), ("stopped", "aborted"), ("unknown", None), ("draft", "")])
def test_each_status_of_a_medication_is_told_and_a_draft_is_not(status: str, code: str | None) -> None:
    activities = found(note([one | {"status": status} for one in resources("medication_note")]), "//c:entry/c:substanceAdministration/c:statusCode")

    assert [each.get("code") for each in activities] == ([] if status == "draft" else [code])
