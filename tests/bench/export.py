"""A practice's export in OpenEMR's layout, of any size, invented here: clients with visits, notes, PHQ-9 forms, problems and plans."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.record.small_export import PHQ9

VISITS = 8
FORMS = 4
PROBLEMS = 2
GOALS = 2
ROWS_OF_ONE = 1 + PROBLEMS + 2 * VISITS + 2 * VISITS + 2 * FORMS + 2 + GOALS
"""CSV rows that one client brings, its rows in the registry of forms among them."""

_STAFF = 5
_START = date(2024, 1, 8)
_DIAGNOSES = ("ICD10:F32.1", "ICD10:F41.1", "ICD10:F43.10", "ICD10:F33.0", "ICD10:F40.10", "ICD10:I10")
_SAID = (
    "Client came on time and spoke of the week. We reviewed the activity schedule and the sleep diary, and planned two walks with a friend. Mood somewhat lighter than "
    "at the last visit; no thoughts of self-harm reported when asked. Homework: thought record, three entries before the next visit."
)

Row = dict[str, Any]


def write_export(folder: Path, clients: int) -> int:
    """Write the export of so many clients; returns how many rows it has."""
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    with ExitStack() as stack:
        writers: dict[str, csv.DictWriter[str]] = {}
        for name, row in _rows(clients):
            if name not in writers:
                writers[name] = csv.DictWriter(stack.enter_context((folder / name).open("w", encoding="utf-8", newline="")), list(row))
                writers[name].writeheader()
            writers[name].writerow(row)
            written += 1
    return written


def _rows(clients: int) -> Iterator[tuple[str, Row]]:
    yield "facility.csv", {"id": "3", "name": "Mill Lane Therapy", "phone": "413-555-0100", "state": "MA", "inactive": "0"}
    for number in range(_STAFF):
        yield "users.csv", _user(10 + number)
    for client in range(1, clients + 1):
        yield from _client(client)


def _user(number: int) -> Row:
    named = {"id": number, "username": f"staff{number}", "fname": "Robin", "lname": f"Teller{number}", "abook_type": "", "facility_id": "3", "active": "1", "npi": ""}
    return named | {"supervisor_id": "0", "organization": "", "taxonomy": "101YM0800X", "url": ""}


def _client(client: int) -> Iterator[tuple[str, Row]]:
    staff = 10 + client % _STAFF
    name = {"pid": client, "fname": "Sample", "lname": f"Client{client}", "DOB": f"{1950 + client % 60}-0{1 + client % 9}-1{client % 9}", "sex": ("Female", "Male")[client % 2]}
    yield "patient_data.csv", name | {"state": "MA", "phone_home": f"413-555-0{client % 900 + 100}", "language": "english", "providerID": staff, "guardiansname": ""}
    for at in range(PROBLEMS):
        yield "lists.csv", _problem(client, at, staff)
    for at in range(VISITS):
        yield from _visit(client, at, staff)
    for at in range(FORMS):
        yield from _phq9(client, at, staff)
    yield from _plan(client, staff)


def _problem(client: int, at: int, staff: int) -> Row:
    return {
        "id": client * PROBLEMS + at,
        "type": "medical_problem",
        "title": "A problem of the list",
        "diagnosis": _DIAGNOSES[(client + at) % len(_DIAGNOSES)],
        "activity": "1",
        "pid": client,
        "user": f"staff{staff}",
        "begdate": _START.isoformat(),
        "enddate": "",
        "outcome": "0",
        "reaction": "",
        "verification": "confirmed",
    }


def _form(directory: str, number: int, client: int, visit: int, staff: int, day: date) -> tuple[str, Row]:
    named = {"formdir": directory, "form_id": number, "pid": client, "encounter": visit, "deleted": "0"}
    return "forms.csv", named | {"date": f"{day} 10:00:00", "user": f"staff{staff}"}


def _visit(client: int, at: int, staff: int) -> Iterator[tuple[str, Row]]:
    visit, day = client * VISITS + at, _START + timedelta(weeks=at, days=client % 5)
    yield _form("newpatient", visit, client, visit, staff, day)
    held = {"encounter": visit, "pid": client, "date": f"{day} 10:00:00", "provider_id": staff, "supervisor_id": "0", "facility_id": "3"}
    yield "form_encounter.csv", held | {"class_code": ("AMB", "VR")[at % 2], "sensitivity": "normal", "reason": "Weekly session"}
    yield _form("clinical_notes", visit, client, visit, staff, day)
    note = {"id": visit, "form_id": visit, "pid": client, "encounter": visit, "date": day.isoformat(), "user": f"staff{staff}", "code": "LOINC:11506-3"}
    named = {"codetext": "Progress Note", "clinical_notes_type": "progress_note", "clinical_notes_category": "", "description": f"{_SAID} Visit {at + 1}.", "activity": "1"}
    yield "form_clinical_notes.csv", note | named


def _phq9(client: int, at: int, staff: int) -> Iterator[tuple[str, Row]]:
    number, visit, day = client * FORMS + at, client * VISITS + at, _START + timedelta(weeks=at, days=client % 5)
    yield _form("phq9", number, client, visit, staff, day)
    answers = {f"{item}_score": max(0, (client + place) % 4 - at % 2) for place, item in enumerate(PHQ9)}
    yield "form_phq9.csv", {"id": number, "pid": client, "date": f"{day} 10:30:00", "user": f"staff{staff}", "activity": "1", "difficulty": at % 4} | answers


def _plan(client: int, staff: int) -> Iterator[tuple[str, Row]]:
    visit, day = client * VISITS, _START + timedelta(days=client % 5)
    yield _form("treatment_plan", client, client, visit, staff, day)
    written = {"id": client, "pid": client, "date": f"{day} 10:00:00", "user": f"staff{staff}", "activity": "1"}
    yield "form_treatment_plan.csv", written | {"recommendation_for_follow_up": "Cognitive behavioral therapy weekly.", "anyother_relevant_information": ""}
    for at in range(GOALS):
        goal = {"id": client * GOALS + at, "pid": client, "encounter": visit, "date": day.isoformat(), "user": f"staff{staff}", "activity": "1"}
        yield "form_care_plan.csv", goal | {"care_plan_type": "goal", "description": f"Goal {at + 1}: PHQ-9 below 10 within six months"}
