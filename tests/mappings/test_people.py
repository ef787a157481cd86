"""Clients, guardians, clinicians, practices and partners."""

from __future__ import annotations

from typing import Any

import pytest

from mappings import resources_of
from mappings.codes import BadCode
from tests.mappings.corpus import SITE, record

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"


def _sent(kind: str, **changed: Any) -> list[dict[str, Any]]:
    return resources_of(record(kind, **changed), SITE)


def _extension(resource: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in resource["extension"] if each["url"] == US_CORE + name)


def test_a_client_becomes_a_us_core_patient() -> None:
    patient = _sent("client")[0]

    assert patient["meta"] == {"profile": [US_CORE + "patient"]}
    assert patient["identifier"] == [{"system": "urn:handoff:alder-quay:client", "value": "ana"}, {"system": "urn:oid:2.16.840.1.113883.19.5", "value": "MRN-7"}]
    assert patient["name"] == [{"use": "official", "family": "Okafor", "given": ["Ana", "Chidinma"]}, {"use": "usual", "family": "Okafor", "given": ["Chi"]}]
    assert (patient["gender"], patient["birthDate"], patient["active"]) == ("female", "1991-04-17", True)
    assert patient["telecom"] == [{"system": "phone", "value": "978-555-0133", "use": "mobile"}, {"system": "email", "value": "ana@mail.example"}]
    assert patient["address"] == [{"use": "home", "line": ["3 Lobster Cove"], "city": "Gloucester", "state": "MA", "postalCode": "01930", "country": "US"}]
    assert patient["communication"] == [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es", "display": "Spanish"}]}, "preferred": True}]
    assert patient["maritalStatus"]["coding"] == [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "M", "display": "Married"}]


def test_a_clients_primary_care_comes_before_the_therapist() -> None:
    assert _sent("client")[0]["generalPractitioner"] == [
        SITE.reference("PractitionerRole", "partner", "cedar", "role"),
        SITE.reference("PractitionerRole", "clinician", "imani", "role"),
    ]


def test_the_partner_in_couple_work_is_not_sent() -> None:
    assert SITE.id("client", "joao") not in str(_sent("client"))
    assert "joao" not in str(_sent("client"))


def test_broad_and_detailed_races_are_told_apart_and_both_stand_in_the_text() -> None:
    race = _extension(_sent("client")[0], "race")["extension"]

    assert [(part["url"], part["valueCoding"]["code"]) for part in race[:-1]] == [("ombCategory", "2054-5"), ("ombCategory", "2106-3"), ("detailed", "2036-2")]
    assert race[-1] == {"url": "text", "valueString": "Black or African American, White, 2036-2"}


@pytest.mark.parametrize(("races", "codes"), [(["ASKU"], ["ASKU"]), (["UNK", "ASKU"], ["UNK"]), (["ASKU", "2106-3"], ["2106-3"])])
def test_not_answered_stands_alone_or_not_at_all(races: list[str], codes: list[str]) -> None:
    race = _extension(_sent("client", races=races)[0], "race")["extension"]

    assert [part["valueCoding"]["code"] for part in race if part["url"] == "ombCategory"] == codes


@pytest.mark.parametrize(("needed", "code"), [(True, "373066001"), (False, "373067005")])
def test_whether_an_interpreter_is_needed_is_said_with_snomed(needed: bool, code: str) -> None:
    assert _extension(_sent("client", interpreter_needed=needed)[0], "interpreter-needed")["valueCoding"]["code"] == code


def test_what_is_not_known_of_a_client_is_not_sent() -> None:
    patient = _sent(
        "client",
        races=[],
        ethnicity=None,
        interpreter_needed=None,
        gender_identity=None,
        pronouns=None,
        tribal_affiliations=[],
        language=None,
        therapist=None,
        primary_care=None,
        marital_status=None,
    )[0]

    assert not {"extension", "communication", "generalPractitioner", "maritalStatus", "deceasedDateTime"} & set(patient)


def test_a_guardian_becomes_a_related_person_of_the_client() -> None:
    person = _sent("guardian")[0]

    assert person["patient"] == SITE.reference("Patient", "client", "ana")
    assert person["relationship"] == [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH", "display": "mother"}]}]


def test_a_clinician_becomes_a_practitioner_with_a_license_and_a_role() -> None:
    practitioner, role = _sent("clinician")

    assert practitioner["identifier"][1] == {"system": "http://hl7.org/fhir/sid/us-npi", "value": "2555000035"}
    assert practitioner["qualification"][0]["identifier"][0]["value"] == "SAMPLE-1"
    assert practitioner["qualification"][0]["issuer"] == {"display": "MA"}
    assert role["practitioner"] == {"reference": f"Practitioner/{practitioner['id']}"}
    assert role["organization"] == SITE.reference("Organization", "practice", "house")
    assert role["specialty"] == [{"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": "101YM0800X"}], "text": "Mental health counselor"}]


def test_a_direct_address_is_marked_as_one() -> None:
    assert {"extension": [{"url": US_CORE + "direct", "valueBoolean": True}], "system": "email", "value": "imani@direct.alderquay.example", "use": "work"} in _sent("clinician")[0][
        "telecom"
    ]


def test_someone_without_a_family_name_claims_no_profile_that_asks_for_one() -> None:
    assert "profile" not in _sent("clinician", name={"given": ["Bea"]})[0].get("meta", {})
    assert _sent("clinician")[0]["meta"]["profile"] == [US_CORE + "practitioner"]


def test_a_role_that_cannot_be_reached_claims_no_profile_that_asks_for_a_way() -> None:
    assert "meta" not in _sent("clinician", contact={})[1]
    assert _sent("clinician")[1]["meta"]["profile"] == [US_CORE + "practitionerrole"]


def test_a_practice_becomes_an_organization_with_no_home() -> None:
    organization = _sent("practice")[0]

    assert organization["partOf"] == SITE.reference("Organization", "practice", "group")
    assert "home" not in {way.get("use") for way in organization["telecom"]}
    assert organization["address"][0]["line"] == ["14 Ropewalk Lane", "Suite 3", "Second floor", "Rear, Blue door"]


def test_a_partner_becomes_an_organization_a_person_a_role_and_its_endpoints() -> None:
    organization, person, role, fhir, direct = _sent("partner")

    assert [each["resourceType"] for each in (organization, person, role, fhir, direct)] == ["Organization", "Practitioner", "PractitionerRole", "Endpoint", "Endpoint"]
    assert organization["id"] == SITE.id("partner", "breakwater", "organization")
    assert person["id"] == SITE.id("partner", "breakwater", "practitioner")
    assert role["endpoint"] == [{"reference": f"Endpoint/{fhir['id']}"}, {"reference": f"Endpoint/{direct['id']}"}]
    assert (fhir["id"], fhir["address"], fhir["connectionType"]["code"]) == (SITE.id("partner", "breakwater", "endpoint"), "https://breakwater.example/fhir", "hl7-fhir-rest")
    assert (direct["address"], direct["connectionType"]["code"]) == ("mailto:referrals@direct.breakwater.example", "direct-project")


def test_a_partner_without_a_person_is_an_organization_and_a_role() -> None:
    organization, role = _sent("partner", name=None, fhir_base=None, contact={"work_phone": "978-555-0120"})

    assert (organization["resourceType"], role["resourceType"]) == ("Organization", "PractitionerRole")
    assert "practitioner" not in role
    assert {"system": "http://hl7.org/fhir/sid/us-npi", "value": "2555000068"} in organization["identifier"]


def test_the_practices_remark_on_a_partner_stays_inside() -> None:
    assert "before noon" not in str(_sent("partner"))


def test_an_npi_with_a_wrong_check_digit_is_refused() -> None:
    with pytest.raises(BadCode, match=r"^npi fails its check digit") as refusal:
        _sent("clinician", npi="2555000036")

    assert "2555000036" not in str(refusal.value)
