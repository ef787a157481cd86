"""An export becomes records, row by row; what cannot be understood is named and keeps nothing else out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.record.types import Client, Clinician, Consent, MedicationNote, Note, OutcomeMeasure, Partner, Problem, Referral, RiskAssessment, Session, TreatmentPlan
from tests.record.small_export import Read, Table, spoiled, tables, write


@pytest.fixture
def content() -> dict[str, Table]:
    return tables()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


def test_a_clean_export_has_no_faults_and_something_of_every_kind(folder: Path, content: dict[str, Table]) -> None:
    found = Read(write(folder, content))
    assert found.faults == []
    kinds = [
        "practice",
        "clinician",
        "clinician",
        "partner",
        "partner",
        "client",
        "client",
        "guardian",
        "problem",
        "allergy",
        "medication_note",
        "session",
        "session",
    ]
    assert [record.kind for record in found.records] == [
        *kinds,
        "outcome_measure",
        "risk_assessment",
        "treatment_plan",
        "safety_plan",
        "note",
        "process_note_mark",
        "consent",
        "referral",
    ]


def test_the_cells_mean_what_the_source_table_says(folder: Path, content: dict[str, Table]) -> None:
    by_id: dict[tuple[str, str], Any] = dict(Read(write(folder, content)).by_id)
    client: Client = by_id["client", "1"]
    assert (str(client.birth_date), client.sex, client.language, client.contact.home_phone) == ("1990-03-04", "female", "es", "413-555-0101")
    clinician: Clinician = by_id["clinician", "11"]
    assert clinician.supervisor == "12"
    partner: Partner = by_id["partner", "102"]
    assert partner.name is None
    problem: Problem = by_id["problem", "lists-1"]
    assert [code.code for code in problem.codes] == ["F32.1", "F41.1"]
    drug: MedicationNote = by_id["medication_note", "lists-2"]
    assert drug.code is not None
    assert (drug.code.code, drug.taken, drug.prescriber, drug.instructions) == ("312941", True, "101", "1 tablet a day")
    session: Session = by_id["session", "50"]
    assert (session.mode, session.sensitivity, session.start.isoformat()) == ("video", "restricted", "2026-02-03T10:00:00-05:00")
    note: Note = by_id["note", "1"]
    assert note.text == "Came on time.\nSecond line."


def test_measures_goals_consents_and_referrals_are_put_together_from_several_files(folder: Path, content: dict[str, Table]) -> None:
    by_id: dict[tuple[str, str], Any] = dict(Read(write(folder, content)).by_id)
    measure: OutcomeMeasure = by_id["outcome_measure", "phq9-1"]
    assert (measure.score, measure.difficulty, measure.session) == (9, None, "50")
    plan: TreatmentPlan = by_id["treatment_plan", "1"]
    assert [(goal.id, goal.measure, goal.target_score) for goal in plan.goals] == [("goal-9", "phq-9", 9)]
    consent: Consent = by_id["consent", "7"]
    assert (consent.client, consent.partner, consent.signer_is_guardian) == ("2", "101", True)
    referral: Referral = by_id["referral", "1"]
    assert (referral.service, referral.priority, referral.risk_level, referral.status) == ("emergency", "stat", "high", "requested")
    assert referral.diagnoses[0].text == "Depression, moderate"
    screening: RiskAssessment = by_id["risk_assessment", "qr-4"]
    assert (screening.answers["wish"], screening.answers["behavior_recent"], screening.answers["plan"], screening.risk) == (True, True, None, "high")


BAD_CELLS = [
    ("patient_data.csv", 0, "DOB", "1990-02-30", "date"),
    ("patient_data.csv", 0, "DOB", "31/12/1990", "date"),
    ("patient_data.csv", 0, "sex", "SECRETVALUE", "list sex"),
    ("patient_data.csv", 0, "DOB", "", "empty"),
    ("patient_data.csv", 0, "state", "SECRETVALUE", "state"),
    ("patient_data.csv", 0, "phone_home", "SECRETVALUE", "phone"),
    ("patient_data.csv", 0, "pid", "SECRET VALUE", "form"),
    ("patient_data.csv", 0, "pid", "", "no id"),
    ("patient_data.csv", 0, "providerID", "77", "clinician"),
    ("lists.csv", 0, "diagnosis", "ICD10:F4I.1", "ICD-10-CM"),
    ("lists.csv", 0, "diagnosis", "ICD10:F32..1", "ICD-10-CM"),
    ("lists.csv", 0, "diagnosis", "NOSUCH:F32.1", "system"),
    ("lists.csv", 0, "enddate", "2025-01-05", "ends before"),
    ("lists.csv", 0, "user", "SECRETVALUE", "user"),
    ("lists.csv", 0, "pid", "77", "client"),
    ("lists.csv", 0, "pid", "", "empty"),
    ("form_encounter.csv", 1, "date", "2026-02-04 25:00:00", "date and time"),
    ("form_encounter.csv", 1, "class_code", "SECRETVALUE", "list encounter_class"),
    ("form_phq9.csv", 0, "sleep_score", "4", "0 to 3"),
    ("form_phq9.csv", 0, "sleep_score", "-1", "0 to 3"),
    ("form_phq9.csv", 0, "sleep_score", "SECRETVALUE", "whole number"),
    ("form_phq9.csv", 0, "pid", "2", "another client"),
    ("form_clinical_notes.csv", 0, "encounter", "51", "another client"),
    ("form_clinical_notes.csv", 0, "encounter", "77", "session"),
    ("form_clinical_notes.csv", 0, "description", "", "empty"),
    ("form_clinical_notes.csv", 0, "description", "SECRETVALUE \x07", "control character"),
    ("form_observation.csv", 0, "ob_value", "12", "add up"),
    ("prescriptions.csv", 0, "patient_id", "2", "another client"),
    ("questionnaire_response.csv", 0, "questionnaire_response", "{SECRETVALUE", "JSON"),
    ("questionnaire_response.csv", 0, "questionnaire_response", '{"resourceType":"Patient"}', "QuestionnaireResponse"),
    ("questionnaire_response.csv", 0, "patient_id", "77", "client"),
    ("lbt_data.csv", 0, "field_value", "2026-13-05", "date"),
    ("lbt_data.csv", 2, "field_value", "77", "partner"),
    ("lbt_data.csv", 4, "field_value", "ICD10:F3O.1", "ICD-10-CM"),
    ("lbf_data.csv", 3, "field_value", "SECRETVALUE", "list category"),
    ("form_care_plan.csv", 0, "date", "2026-02-31", "date"),
    ("form_care_plan.csv", 0, "description", "", "goal"),
    ("lists_medication.csv", 0, "prescription_id", "77", "prescription"),
    ("lists_medication.csv", 0, "list_id", "77", "medication"),
]


@pytest.mark.parametrize(("file", "row", "column", "cell", "rule"), BAD_CELLS)
def test_a_row_with_a_bad_cell_is_rejected_by_file_line_column_rule_and_mend(
    folder: Path, content: dict[str, Table], file: str, row: int, column: str, cell: str, rule: str
) -> None:
    clean = Read(write(folder / "clean", tables()))
    line = 2 + row + sum(str(cells).count("\\n") for cells in content[file][:row])
    found = spoiled(folder, content, file, row, **{column: cell})
    faults = [fault for fault in found.faults if (fault.file, fault.line, fault.column) == (file, line, column)]
    assert [rule in fault.rule for fault in faults] == [True], found.faults
    assert faults[0].rule.endswith(".")
    assert faults[0].mend.endswith(".")
    assert "SECRET" not in repr(found.faults)
    assert set(found.by_id) <= set(clean.by_id) | {("treatment_plan", "goals-9")}
    assert len(found.records) >= 4, "the rest goes in"


def test_a_row_that_depends_on_a_rejected_one_is_rejected_by_that_name(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "patient_data.csv", 0, DOB="1990-02-30")
    assert "line 2 of patient_data.csv, which was rejected" in found.fault("form_encounter.csv", 2).rule
    assert any("line 2 of patient_data.csv, which was rejected" in fault.rule for fault in found.faults if (fault.file, fault.column) == ("form_phq9.csv", "pid"))
    assert "line 3 of lists.csv, which was rejected" in found.fault("lists_medication.csv", 2).rule
    assert {record.id for record in found.records if record.kind in ("client", "session", "guardian")} == {"2", "51"}


def test_a_fault_in_a_joined_row_rejects_the_row_that_needs_it_by_name(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "lbt_data.csv", 0, field_value="2026-13-05")
    assert "line 2 of lbt_data.csv" in found.fault("transactions.csv", 2).rule
    assert ("referral", "1") not in found.by_id


def test_a_form_filed_under_another_client_is_rejected(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "form_phq9.csv", 0, pid="2")
    assert "another client" in found.fault("form_phq9.csv", 2).rule
    found = spoiled(folder, tables(), "questionnaire_response.csv", 0, patient_id="2")
    assert {fault.column for fault in found.faults} == {"encounter", "questionnaire_response"}


def test_substance_use_records_need_a_part_2_consent(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "lbf_data.csv", 3, field_value="demographics|sud_records")
    part2 = next(number for number, row in enumerate(content["lbf_data.csv"], start=2) if row["field_id"] == "part2")
    assert "Part 2" in found.fault("lbf_data.csv", part2).rule


def test_of_two_clients_with_one_id_the_second_is_rejected(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "patient_data.csv", 1, pid="1")
    assert "same id" in found.fault("patient_data.csv", 3).rule
    assert found.by_id["client", "1"].model_dump()["name"]["given"] == ("Ina",)


def test_supervisors_in_a_circle_are_rejected(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "users.csv", 1, supervisor_id="11")
    assert "leads back to itself" in found.fault("users.csv", 2).rule
    assert found.fault("users.csv", 3).column == "supervisor_id"


def test_a_goal_without_a_plan_becomes_a_plan_and_one_without_a_client_does_not(folder: Path, content: dict[str, Table]) -> None:
    content["form_care_plan.csv"].append({**content["form_care_plan.csv"][0], "id": "10", "pid": "2", "encounter": "51"})
    content["form_care_plan.csv"].append({**content["form_care_plan.csv"][0], "id": "11", "pid": ""})
    found = Read(write(folder, content))
    assert ("treatment_plan", "goals-10") in found.by_id
    assert found.fault("form_care_plan.csv", 4).column == "pid"


def test_a_referral_inside_the_practice_and_an_unfinished_questionnaire_are_left_out(folder: Path, content: dict[str, Table]) -> None:
    content["lbt_data.csv"][2]["field_value"] = "12"
    content["questionnaire_response.csv"][0]["status"] = "incomplete"
    found = Read(write(folder, content))
    assert found.faults == []
    reasons = {(one.file, one.reason) for one in found.left_out}
    assert {("transactions.csv", "a referral inside the practice"), ("questionnaire_response.csv", "not completed in the source")} <= reasons


def test_an_unmapped_column_and_file_are_named_not_swallowed(folder: Path, content: dict[str, Table]) -> None:
    content["patient_data.csv"][0]["favourite_tea"] = "SECRETVALUE"
    write(folder, content)
    (folder / "form_soap.csv").write_text("id,subjective\n1,SECRETVALUE\n")
    found = Read(folder)
    assert [(one.total, one.reason) for one in found.left_out if one.column == "favourite_tea"] == [(1, "the source table does not map this column")]
    assert any(one.file == "form_soap.csv" for one in found.left_out)
    assert "SECRET" not in found.shown


def test_an_unknown_language_leaves_the_client_in_and_is_named(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "patient_data.csv", 0, language="SECRETVALUE")
    assert found.faults == []
    assert any((one.column, one.lines) == ("language", (2,)) for one in found.left_out)
    assert "SECRET" not in found.shown


PROCESS_NOTES = [
    {"clinical_notes_type": "psychotherapy_note"},
    {"clinical_notes_type": "process-notes"},
    {"codetext": "Psychotherapy process note - do not release"},
    {"codetext": "PSYCHOTHERAPY NOTES (separate)"},
    {"code": "LOCAL:PROCESS_NOTE"},
    {"clinical_notes_category": "Process Notes"},
    {"clinical_notes_category": "Not for release"},
    {"codetext": "45 CFR 164.501"},
    {"description": "PROCESS NOTE - DO NOT RELEASE. CANARY"},
    {"description": "<p><b>Psychotherapy note:</b> CANARY</p>"},
    {"description": "*** Do not disclose *** CANARY"},
    {"description": "My own notes. CANARY"},
]


@pytest.mark.parametrize("cells", PROCESS_NOTES)
def test_a_process_note_leaves_a_mark_and_none_of_its_words(folder: Path, content: dict[str, Table], cells: dict[str, str]) -> None:
    found = spoiled(folder, content, "form_clinical_notes.csv", 0, **{"description": "CANARY words", **cells})
    assert ("process_note_mark", "1") in found.by_id
    assert ("note", "1") not in found.by_id
    assert "CANARY" not in found.shown


def test_a_process_note_that_is_also_a_bad_row_shows_nothing_either(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "form_clinical_notes.csv", 1, date="2026-02-30", pid="CANARY")
    assert {fault.column for fault in found.faults} == {"date", "pid"}
    assert "CANARY" not in found.shown


def test_a_progress_note_that_speaks_of_the_process_stays_a_note(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "form_clinical_notes.csv", 0, description="Ct asked that we do not share this with mother. Processed the loss.")
    assert ("note", "1") in found.by_id


def test_a_process_note_in_another_field_has_no_way_in(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "form_encounter.csv", 0, reason="Process note: CANARY")
    assert "process note" in found.fault("form_encounter.csv", 2).rule
    assert "CANARY" not in found.shown
