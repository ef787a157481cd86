"""The practice's export, imported twice and read through the practice's own system, is what its `expected.json` says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.story.imported import Imported, Resource, codes, local_day, own_id
from tests.world import PRACTICE

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
BCP47 = "urn:ietf:bcp:47"
INTERPRETER = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed"
RELEASE_CATEGORY = "urn:handoff:release-category"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
NEEDED = {"373066001": True, "373067005": False}
"""SNOMED CT yes and no."""

LANGUAGES = {"english": "en", "spanish": "es", "vietnamese": "vi", "chinese": "zh", "arabic": "ar", "asl": "ase"}


def _each(imported: Imported, found: Callable[[str], Any], told: Callable[[dict[str, Any]], Any]) -> None:
    for number, facts in imported.expected["clients"].items():
        assert found(number) == told(facts), f"client {number}"


def test_the_command_takes_the_folder_as_it_is(imported: Imported) -> None:
    assert imported.first.exit_code == 0, imported.first.output[-2000:]
    report = imported.report("first.json")
    assert (report["refused"], report["changed"], report["unchanged"]) == ([], 0, 0)
    assert report["created"] == report["read"] == len(imported.after_first["record"])


def test_what_does_not_arrive_is_named_with_file_line_or_column_and_reason(imported: Imported, reference_data: Path) -> None:
    files = {path.name for path in (reference_data / "practice-export").iterdir()}
    left_out = imported.report("first.json")["left_out"]
    assert left_out
    for one in left_out:
        assert one["file"] in files
        assert one["reason"].strip()
        assert one["column"] or one["lines"] or one["total"]


def test_a_second_import_changes_nothing(imported: Imported) -> None:
    assert imported.second.exit_code == 0, imported.second.output[-2000:]
    report = imported.report("second.json")
    assert (report["created"], report["changed"], report["resources"], report["refused"]) == (0, 0, 0, [])
    assert report["unchanged"] == imported.report("first.json")["created"]
    assert imported.after_second == imported.after_first


RISK_PATH = ("Flag", "Task", "Communication")
"""What a screening that found risk opens and the client's next screening closes: of years of history read in one go, open first where the next came later."""


def test_every_resource_is_still_at_its_first_version_after_both_imports_but_what_a_later_screening_closed(imported: Imported) -> None:
    moved = [one for found in imported.all.values() for one in found if one["meta"]["versionId"] != "1"]
    assert {one["resourceType"] for one in moved} <= set(RISK_PATH)
    assert {(one["meta"]["versionId"], one["status"]) for one in moved} <= {("2", "inactive"), ("2", "completed")}
    assert len(imported.after_second["resource_history"]) - len(moved) == len(imported.after_second["resource"]) == len(imported.by_id)


def test_of_a_clients_screenings_only_the_last_stands_open(imported: Imported) -> None:
    for number, facts in imported.expected["clients"].items():
        risky = [one["date"] for one in facts["phq9"] if one["item9"]] + [one["date"] for one in facts["cssrs"] if one["risk"] != "none"]
        asked = [one["date"] for one in facts["phq9"] if one["item9"] is not None] + [one["date"] for one in facts["cssrs"]]
        flags = imported.of("Flag", number)
        assert sorted(local_day(one["period"]["start"]) for one in flags) == sorted(risky), f"client {number}"
        open_now = [local_day(one["period"]["start"]) for one in flags if one["status"] == "active"]
        assert set(open_now) <= {max(asked, default="")}, f"client {number}"


def test_totals_and_pages_agree(imported: Imported) -> None:
    for kind, found in imported.all.items():
        assert imported.practice.get(f"{kind}?_count=0&_total=accurate")["total"] == len(found), kind
        assert len({one["id"] for one in found}) == len(found), kind


def test_there_is_one_patient_for_each_client(imported: Imported) -> None:
    assert imported.practice.get("Patient")["total"] == imported.expected["clients_total"]
    assert set(imported.clients.values()) == {one["id"] for one in imported.all["Patient"]}


def test_names_birth_dates_languages_and_interpreters_are_the_expected_ones(imported: Imported) -> None:
    def found(number: str) -> tuple[Any, ...]:
        (one,) = imported.of("Patient", number)
        official = next(name for name in one["name"] if name["use"] == "official")
        needed = [NEEDED[each["valueCoding"]["code"]] for each in one.get("extension", ()) if each["url"] == INTERPRETER]
        return f"{official['given'][0]} {official['family']}", one["birthDate"], [codes(each["language"], BCP47) for each in one["communication"]], any(needed)

    _each(imported, found, lambda facts: (facts["name"], facts["dob"], [[LANGUAGES[facts["language"]]]], facts["interpreter_needed"]))


def test_a_client_is_found_by_name_and_birth_date(imported: Imported) -> None:
    for number, facts in imported.expected["clients"].items():
        given, family = facts["name"].rsplit(" ", 1)
        found = imported.practice.get(f"Patient?given={given}&family={family}&birthdate={facts['dob']}")
        assert [entry["resource"]["id"] for entry in found["entry"]] == [imported.clients[number]]


def test_guardians_are_related_persons_of_the_minors_that_have_one(imported: Imported) -> None:
    def found(number: str) -> str | None:
        return next((f"{one['name'][0]['given'][0]} {one['name'][0]['family']}" for one in imported.of("RelatedPerson", number)), None)

    _each(imported, found, lambda facts: facts["guardian"])


def _totals(imported: Imported, number: str, score: str) -> Counter[tuple[str, int]]:
    found = imported.practice.all(f"Observation?patient={imported.clients[number]}&code={LOINC}|{score}&_count=100")
    return Counter((local_day(one["effectiveDateTime"]), one["valueQuantity"]["value"]) for one in found)


@pytest.mark.parametrize(("fact", "score"), [("phq9", "44261-6"), ("gad7", "70274-6"), ("audit_c", "75626-2")])
def test_totals_by_date_are_the_expected_ones(imported: Imported, fact: str, score: str) -> None:
    _each(imported, lambda number: _totals(imported, number, score), lambda facts: Counter((one["date"], one["total"]) for one in facts[fact] if one["total"] is not None))
    assert any(facts[fact] for facts in imported.expected["clients"].values())


def test_the_suicide_item_of_the_phq_9_is_the_expected_one(imported: Imported) -> None:
    answers = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}

    def found(number: str) -> Counter[tuple[str, int]]:
        return Counter(
            (local_day(one["effectiveDateTime"]), answers[codes(one["valueCodeableConcept"], LOINC)[0]])
            for one in imported.of("Observation", number)
            if codes(one["code"], LOINC) == ["44260-8"]
        )

    _each(imported, found, lambda facts: Counter((one["date"], one["item9"]) for one in facts["phq9"] if one["item9"] is not None))


def test_suicide_risk_by_date_is_the_expected_one(imported: Imported) -> None:
    def found(number: str) -> list[tuple[str, str]]:
        risks = imported.practice.all(f"Observation?patient={imported.clients[number]}&code={LOINC}|93374-7")
        return sorted((local_day(one["effectiveDateTime"]), _risk(one["valueCodeableConcept"]["text"])) for one in risks)

    _each(imported, found, lambda facts: sorted((one["date"], one["risk"]) for one in facts["cssrs"]))


def _risk(words: str) -> str:
    return "none" if words == "No risk found" else words.lower()


@pytest.mark.parametrize(("status", "fact", "when"), [("active", "active_diagnoses", "onset"), ("resolved", "resolved_diagnoses", "end")])
def test_diagnoses_are_the_expected_ones(imported: Imported, status: str, fact: str, when: str) -> None:
    element = {"onset": "onsetDateTime", "end": "abatementDateTime"}[when]

    def found(number: str) -> list[tuple[Any, ...]]:
        conditions = [one for one in imported.of("Condition", number) if codes(one["clinicalStatus"], CLINICAL) == [status]]
        return sorted((own_id(one), codes(one["code"], ICD10), one["code"]["text"], one.get(element)) for one in conditions)

    _each(imported, found, lambda facts: sorted((f"lists-{one['list_id']}", [one["code"]], one["title"], one[when]) for one in facts[fact]))


def test_no_diagnosis_is_neither_active_nor_resolved(imported: Imported) -> None:
    _each(imported, lambda number: len(imported.of("Condition", number)), lambda facts: len(facts["active_diagnoses"]) + len(facts["resolved_diagnoses"]))


@pytest.mark.parametrize(("active", "fact"), [(True, "active_medications"), (False, "inactive_medications")])
def test_medications_are_the_expected_ones_with_their_rxnorm_codes(imported: Imported, active: bool, fact: str) -> None:
    def found(number: str) -> list[tuple[Any, ...]]:
        requests = [one for one in imported.of("MedicationRequest", number) if (one["status"] == "active") is active]
        return sorted((own_id(one), one["medicationCodeableConcept"]["text"], codes(one["medicationCodeableConcept"], RXNORM)) for one in requests)

    _each(imported, found, lambda facts: sorted((f"lists-{one['list_id']}", one["title"], [one["rxnorm"]] if one["rxnorm"] else []) for one in facts[fact]))


def test_no_medication_is_an_order_of_the_practice(imported: Imported) -> None:
    assert {(one["intent"], one["reportedBoolean"]) for one in imported.all["MedicationRequest"]} == {("plan", True)}


def test_allergies_are_the_expected_ones(imported: Imported) -> None:
    def found(number: str) -> list[tuple[Any, ...]]:
        return sorted((own_id(one), one["code"]["text"], _reaction(one)) for one in imported.of("AllergyIntolerance", number))

    _each(imported, found, lambda facts: sorted((f"lists-{one['list_id']}", one["title"], one["reaction"]) for one in facts["allergies"]))


def _reaction(allergy: Resource) -> str | None:
    return next((each["manifestation"][0]["text"] for each in allergy.get("reaction", ())), None)


@pytest.mark.parametrize(("asked", "done", "fact"), [("active", "requested", "open_referrals"), ("completed", "completed", "closed_referrals")])
def test_referrals_are_the_expected_ones(imported: Imported, asked: str, done: str, fact: str) -> None:
    def found(number: str) -> list[tuple[Any, ...]]:
        tasks = {one["focus"]["reference"]: one for one in imported.of("Task", number)}
        requests = [one for one in imported.of("ServiceRequest", number) if one["intent"] == "order" and one["status"] == asked]
        return sorted(_referral(imported, one, tasks[f"ServiceRequest/{one['id']}"]) for one in requests)

    def told(facts: dict[str, Any]) -> list[tuple[Any, ...]]:
        return sorted((str(one["transaction_id"]), done, *[one["date"]] * 2, *[str(one["to_user_id"])] * 2, one.get("reply_date", "")) for one in facts[fact])

    _each(imported, found, told)


def _referral(imported: Imported, request: Resource, task: Resource) -> tuple[Any, ...]:
    days = (local_day(request["authoredOn"]), local_day(task["authoredOn"]))
    recipients = [_partner(imported, each) for each in (*request["performer"], task["owner"])]
    replied = next((each["valueDate"] for each in task.get("output", ()) if "valueDate" in each), "")
    return (own_id(request), task["status"], *days, *recipients, replied)


def _partner(imported: Imported, role: Resource) -> str:
    """The address book's id of whom a PractitionerRole reference names, by the role's organization."""
    return own_id(imported.by_id[imported.by_id[role["reference"]]["organization"]["reference"]])


def test_every_referral_is_open_or_closed(imported: Imported) -> None:
    def referrals(tasks: list[Resource]) -> int:
        return sum("focus" in one and one["focus"]["reference"].startswith("ServiceRequest/") for one in tasks)

    _each(imported, lambda number: referrals(imported.of("Task", number)), lambda facts: len(facts["open_referrals"]) + len(facts["closed_referrals"]))
    assert referrals(imported.all["Task"]) == imported.expected["rows"]["transactions"]


def _consent(imported: Imported, one: Resource) -> tuple[Any, ...]:
    provision = one["provision"]
    (actor,) = provision["actor"]
    recipient = _partner(imported, actor["reference"])
    categories = [code for each in provision["code"] for code in codes(each, RELEASE_CATEGORY)]
    actions = sorted(each["coding"][0]["code"] for each in provision["action"])
    period = provision["period"]
    return own_id(one), one["status"], recipient, actor["reference"]["display"], categories, actions, period["start"], period.get("end")


def test_consents_are_the_expected_ones(imported: Imported) -> None:
    actions = {"disclose": ["disclose"], "obtain": ["collect"], "both": ["collect", "disclose"]}

    def told(one: dict[str, Any]) -> tuple[Any, ...]:
        ends = min((end for end in (one["period"]["end"], one["revoked"]) if end), default=None)
        status = "inactive" if one["revoked"] else "active"
        return str(one["form_id"]), status, str(one["recipient_user_id"]), one["recipient"], one["categories"], actions[one["direction"]], one["period"]["start"], ends

    _each(imported, lambda number: sorted(_consent(imported, one) for one in imported.of("Consent", number)), lambda facts: sorted(told(one) for one in facts["consents"]))


def test_only_a_part_2_consent_names_the_law_of_part_2(imported: Imported) -> None:
    part2 = {str(one["form_id"]): one["part2"] for facts in imported.expected["clients"].values() for one in facts["consents"]}
    assert {own_id(one): "title-42" in one["policy"][0]["uri"] for one in imported.all["Consent"]} == part2


def test_encounters_and_safety_plans_are_the_expected_ones(imported: Imported) -> None:
    _each(imported, lambda number: len(imported.of("Encounter", number)), lambda facts: facts["encounters"])
    _each(imported, lambda number: any(_is_safety_plan(one) for one in imported.of("CarePlan", number)), lambda facts: facts["safety_plan"])


def _is_safety_plan(plan: Resource) -> bool:
    return any("735324008" in codes(each, "http://snomed.info/sct") for each in plan["category"])


def test_treatment_plans_notes_and_clinicians_arrive_in_the_expected_numbers(imported: Imported) -> None:
    rows = imported.expected["rows"]
    plans = [one for one in imported.all["CarePlan"] if not _is_safety_plan(one)]
    assert len(plans) == rows["form_treatment_plan"] + rows["form_aftercare_plan"]
    notes = [one for one in imported.all["DocumentReference"] if one["identifier"][0]["system"] == f"urn:handoff:{PRACTICE}:note"]
    voided = sum(one["table"] == "form_clinical_notes" for one in imported.expected["deleted_forms"])
    assert len(notes) == rows["form_clinical_notes"] - imported.expected["process_notes_total"] - voided
