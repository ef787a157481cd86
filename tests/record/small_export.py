# ruff: noqa: E501 -- a row of a table stands on one line
"""A small export in OpenEMR's layout, invented here, that a test may spoil cell by cell."""

from __future__ import annotations

import csv
import io
import json
from copy import deepcopy
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.record.source import LeftOut, RowFault, load_table, read
from gateway.record.types import Record

ZONE = ZoneInfo("America/New_York")

Table = list[dict[str, str]]

SCREENER = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "subject": {"reference": "Patient/1"},
    "item": [
        {"linkId": "93246-7", "answer": [{"valueCoding": {"system": "http://loinc.org", "code": "LA33-6"}}]},
        {"linkId": "93247-5", "answer": [{"valueCoding": {"system": "http://loinc.org", "code": "LA32-8"}}]},
        {"linkId": "93269-9", "answer": [{"valueBoolean": True}]},
    ],
}

PHQ9 = ("interest", "hopeless", "sleep", "fatigue", "appetite", "failure", "focus", "psychomotor", "suicide")


def _fields(number: str, **fields: str) -> Table:
    return [{"form_id": number, "field_id": name, "field_value": value} for name, value in fields.items()]


_STAFF = {"facility_id": "3", "active": "1", "abook_type": "", "npi": "", "supervisor_id": "0", "organization": "", "taxonomy": "", "url": ""}
_OUTSIDE = {"username": "", "facility_id": "", "active": "1", "supervisor_id": "0"}
_ANSWERS = {f"{item}_score": "1" for item in PHQ9}
_TABLES: dict[str, Table] = {
    "facility.csv": [{"id": "3", "name": "Elm Street Therapy", "phone": "413 555 0100", "state": "massachusetts", "inactive": "0"}],
    "users.csv": [
        {**_STAFF, "id": "11", "username": "ada", "fname": "Ada", "lname": "Quill", "supervisor_id": "12"},
        {**_STAFF, "id": "12", "username": "bo", "fname": "Bo", "lname": "Reed"},
        {**_STAFF, **_OUTSIDE, "id": "101", "fname": "Cy", "lname": "Stone", "organization": "North Psychiatry", "abook_type": "spe", "taxonomy": "2084P0800X"},
        {**_STAFF, **_OUTSIDE, "id": "102", "fname": "", "lname": "", "organization": "City Emergency", "abook_type": "external_org", "taxonomy": "207P00000X"},
    ],
    "patient_data.csv": [
        {"pid": "1", "fname": "Ina", "lname": "Marsh", "DOB": "03/04/1990", "sex": "f", "state": "MA", "phone_home": "(413) 555-0101", "language": "spanish", "ss": "999-00-0001", "providerID": "11", "guardiansname": "", "guardianrelationship": ""},
        {"pid": "2", "fname": "Leo", "lname": "Marsh", "DOB": "2015-06-07", "sex": "Male", "state": "MA", "phone_home": "", "language": "", "ss": "", "providerID": "12", "guardiansname": "Ina Marsh", "guardianrelationship": "mother"},
    ],
    "forms.csv": [
        {"formdir": directory, "form_id": number, "pid": client, "encounter": visit, "deleted": deleted, "date": "2026-02-03 10:00:00", "user": "ada"}
        for directory, number, client, visit, deleted in (
            ("newpatient", "50", "1", "50", "0"),
            ("clinical_notes", "1", "1", "50", "0"),
            ("phq9", "1", "1", "50", "0"),
            ("phq9", "2", "1", "50", "1"),
            ("treatment_plan", "1", "1", "50", "0"),
            ("LBFroi", "7", "2", "51", "0"),
            ("LBFsafety", "8", "1", "50", "0"),
        )
    ],
    "form_encounter.csv": [
        {"encounter": "50", "pid": "1", "date": "2026-02-03 10:00:00", "provider_id": "11", "supervisor_id": "0", "facility_id": "3", "class_code": "VR", "sensitivity": "high", "reason": "First visit"},
        {"encounter": "51", "pid": "2", "date": "2026-02-04 10:00:00", "provider_id": "12", "supervisor_id": "0", "facility_id": "3", "class_code": "AMB", "sensitivity": "normal", "reason": "First visit"},
    ],
    "lists.csv": [
        {"id": "1", "type": "medical_problem", "title": "Depression", "diagnosis": "ICD10:F32.1; icd10: f41.1", "activity": "1", "pid": "1", "user": "ada", "begdate": "2026-01-05", "enddate": "", "outcome": "0", "reaction": "", "verification": "confirmed"},
        {"id": "2", "type": "medication", "title": "Sertraline 50 mg", "diagnosis": "", "activity": "1", "pid": "1", "user": "ada", "begdate": "2026-01-06", "enddate": "", "outcome": "0", "reaction": "", "verification": ""},
        {"id": "3", "type": "allergy", "title": "Latex", "diagnosis": "", "activity": "1", "pid": "1", "user": "ada", "begdate": "", "enddate": "", "outcome": "0", "reaction": "rash", "verification": "confirmed"},
    ],
    "lists_medication.csv": [{"list_id": "2", "drug_dosage_instructions": "1 tablet a day", "medication_adherence": "compliance", "medication_adherence_date_asserted": "2026-02-03 10:00:00", "prescription_id": "300", "reporting_source_record_id": "101"}],
    "prescriptions.csv": [{"id": "300", "patient_id": "1", "drug": "Sertraline", "rxnorm_drugcode": "312941", "provider_id": "101", "drug_dosage_instructions": "NULL"}],
    "form_clinical_notes.csv": [
        {"id": "1", "form_id": "1", "pid": "1", "encounter": "50", "date": "2026-02-03", "user": "ada", "code": "LOINC:11506-3", "codetext": "Progress Note", "clinical_notes_type": "progress_note", "clinical_notes_category": "", "description": "Came on time.\nSecond line.", "activity": "1"},
        {"id": "2", "form_id": "2", "pid": "1", "encounter": "50", "date": "2026-02-03", "user": "ada", "code": "", "codetext": "Psychotherapy Note", "clinical_notes_type": "psychotherapy_note", "clinical_notes_category": "", "description": "CANARY hunch", "activity": "1"},
    ],
    "form_treatment_plan.csv": [{"id": "1", "pid": "1", "date": "2026-02-03 10:00:00", "user": "ada", "activity": "1", "recommendation_for_follow_up": "CBT weekly.", "anyother_relevant_information": ""}],
    "form_care_plan.csv": [{"id": "9", "pid": "1", "encounter": "50", "date": "2026-02-03", "user": "ada", "activity": "1", "care_plan_type": "goal", "description": "PHQ-9 below 10 by May"}],
    "form_phq9.csv": [{"id": number, "pid": "1", "date": "02/03/2026 10:30", "user": "ada", "activity": "1", "difficulty": "undef", **_ANSWERS} for number in ("1", "2")],
    "form_observation.csv": [
        {"id": "1", "form_id": "1", "pid": "1", "encounter": "50", "date": "2026-02-03", "user": "ada", "activity": "1", "ob_code": "44261-6", "ob_value": "9", "ob_documentationof_table": "form_phq9", "ob_documentationof_table_id": "1"}
    ],
    "questionnaire_response.csv": [
        {"id": "4", "patient_id": "1", "encounter": "50", "creator_user_id": "11", "create_time": "2026-02-03 10:40:00", "status": "completed", "questionnaire_name": "C-SSRS Screener", "questionnaire_id": "x", "form_score": "2", "questionnaire_response": json.dumps(SCREENER)}
    ],
    "transactions.csv": [{"id": "1", "date": "2026-02-05 09:00:00", "title": "LBTref", "pid": "1", "user": "ada"}],
    "lbt_data.csv": _fields("1", refer_date="02/05/2026", refer_from="11", refer_to="102", body="Please see today.", refer_diag="ICD10:F32.1 Depression, moderate", refer_risk_level="HIGH"),
    "lbf_data.csv": [
        *_fields("7", recipient_id="101", recipient_name="Dr. Stone", direction="both", categories="demographics|assessments", purpose="coordination of care", start_date="2026-02-04", part2="NO", signed_by="ina  marsh", signed_date="2026-02-04"),
        *_fields("8", warning_signs="not sleeping", coping="walk", review_date="2026-05-01"),
    ],
}  # fmt: skip


def tables() -> dict[str, Table]:
    """Two clients, one of them a child with a guardian; two clinicians; two partners; something of every kind."""
    return deepcopy(_TABLES)


def as_csv(rows: Table, delimiter: str = ",") -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(folder: Path, content: dict[str, Table]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in content.items():
        (folder / name).write_text(as_csv(rows), encoding="utf-8", newline="")
    return folder


class Read:
    """All that one reading of a folder gives."""

    def __init__(self, folder: Path, table: str = "openemr") -> None:
        reading = read(folder, load_table(table), time_zone=ZONE)
        self.records: list[Record] = list(reading.records)
        self.faults: list[RowFault] = list(reading.faults)
        self.left_out: list[LeftOut] = reading.left_out
        self.notes = list(reading.notes)
        self.by_id = {(record.kind, record.id): record for record in self.records}

    @property
    def shown(self) -> str:
        return repr((self.records, self.faults, self.left_out, self.notes))

    def fault(self, file: str, line: int) -> RowFault:
        """The one fault of that row."""
        found = [fault for fault in self.faults if (fault.file, fault.line) == (file, line)]
        assert len(found) == 1, found
        return found[0]


def spoiled(folder: Path, content: dict[str, Table], file: str, row: int, **cells: str) -> Read:
    """The reading of the export with these cells in the `row`th row (from 0) of a file."""
    content[file][row].update(cells)
    return Read(write(folder, content))
