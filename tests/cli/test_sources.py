"""handoff source, and what handoff import refuses of a practice's sheets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.cli import main
from tests.cli.desk import Desk, assert_one_sentence
from tests.record.small_export import Table, tables, write
from tests.record.small_sheets import sheets

MINE = """
name = "ours"
title = "Our own sheet"
dates = "day-first"
[[file]]
name = "people.csv"
needs = ["No"]
[[record]]
kind = "client"
file = "people.csv"
id = "No"
[record.field]
name = "Name | full_name"
birth_date = "Born | day"
sex = { otherwise = "unknown" }
"""


@pytest.fixture
def content() -> dict[str, Table]:
    return sheets()


def preview(desk: Desk, content: dict[str, Table], *options: str) -> Any:
    return desk.json("source", "preview", "spreadsheet", str(write(desk.folder / "export", content)), *options)


def test_the_tables_that_ship_are_listed_with_what_they_make(closed: Desk) -> None:
    listed = {one["name"]: one for one in closed.json("source", "list")}
    assert set(listed) == {"openemr", "spreadsheet"}
    assert {"client", "family_history", "coverage"} <= set(listed["openemr"]["kinds"])
    assert "spreadsheet" in closed.run("source", "list").stdout


def test_a_right_table_is_right_and_a_wrong_one_fails_with_every_fault(closed: Desk) -> None:
    assert closed.json("source", "check", "spreadsheet") == {"table": "spreadsheet", "usable": True, "findings": []}
    path = closed.file("ours.toml", MINE.replace("| day", "| dya").replace("birth_date", "birthdate").encode())
    result = closed.run("source", "check", path, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["usable"]) == (1, False)
    assert [(one["file"], one["line"], one["key"]) for one in told["findings"]] == [("ours.toml", 14, "record.0.field.birthdate")]
    words = closed.run("source", "check", path)
    assert words.exit_code == 1
    assert "ours.toml, line 14" in words.stdout
    assert "1 fault" in words.stdout


@pytest.mark.parametrize("command", [("check", "no-such-table"), ("show", "no-such-table"), ("help", "no-such-word"), ("preview", "no-such-table", ".")])
def test_what_is_not_there_is_one_sentence(closed: Desk, command: tuple[str, ...]) -> None:
    assert_one_sentence(closed.run("source", *command), 1)


def test_a_shown_table_is_a_table(closed: Desk) -> None:
    path = closed.file("ours.toml", closed.run("source", "show", "spreadsheet").stdout.encode())
    assert closed.json("source", "check", path)["usable"]


def test_the_headings_of_a_table_are_told_by_file(closed: Desk) -> None:
    told = closed.json("source", "show", "spreadsheet", "--headings")
    assert told["clients.csv"][:4] == ["Client ID", "Name", "Last name", "First name"]
    assert {"Goal", "Target score"} <= set(told["goals.csv"])
    assert "Goal 1" in told["plans.csv"]
    assert "lbt" not in str(closed.json("source", "show", "openemr", "--headings")["transactions.csv"])
    assert "scores.csv\n" in closed.run("source", "show", "spreadsheet", "--headings").stdout


def test_help_tells_one_word_or_all(closed: Desk) -> None:
    (told,) = closed.json("source", "help", "full_name")
    assert (told["place"], told["name"]) == ("converter", "full_name")
    assert len(closed.json("source", "help")) > 80
    assert "MM/DD" not in closed.run("source", "help", "dates").stdout
    assert "never a guess" in closed.run("source", "help", "dates").stdout


def test_a_preview_shows_the_row_the_record_and_its_resources_without_a_database(closed: Desk, content: dict[str, Table]) -> None:
    told = preview(closed, content, "--rows", "1")
    (row,) = told["files"]["scores.csv"]
    (one,) = row["becomes"]
    assert (row["line"], one["kind"], one["from"]["Instrument"], one["record"]["total"]) == (2, "outcome_measure", "PHQ-9", 9)
    assert {(each["type"], each["total"]) for each in one["resources"]} == {("QuestionnaireResponse", 1), ("Observation", 11)}
    assert told["records"]["client"] == 2, "all are counted, though one is shown"
    assert not (closed.folder / "handoff.db").exists()


def test_a_preview_names_faults_and_unmapped_columns_with_their_filled_cells(closed: Desk, content: dict[str, Table]) -> None:
    content["clients.csv"][0]["Favourite tea (why?)"] = "mint"
    content["scores.csv"][0]["Total"] = "12"
    told = preview(closed, content)
    assert [(one["file"], one["column"], one["total"]) for one in told["left_out"] if "does not map" in one["reason"]] == [("clients.csv", "Favourite tea (why?)", 1)]
    assert [(one["file"], one["line"], one["column"]) for one in told["faults"]] == [("scores.csv", 2, "Total")]


def test_a_preview_is_drawn_for_people(closed: Desk, content: dict[str, Table]) -> None:
    content["clients.csv"][0]["Favourite tea"] = "[bold]mint"
    content["clients.csv"][0]["First name"] = "[red]Ina"
    content["clients.csv"][1]["Date of birth"] = "2/30/2015"
    folder = write(closed.folder / "export", content)
    shown = closed.run("source", "preview", "spreadsheet", str(folder)).stdout
    for words in ("Favourite tea", "[red]Ina", "Patient", "clients.csv, line 3, column Date of birth", "The cell is not a date that exists.", "Nothing was stored."):
        assert words in shown
    assert "CANARY" not in shown, "a process note is shown to nobody"


def test_a_preview_of_one_file_and_of_a_table_of_ones_own(closed: Desk) -> None:
    table, path = closed.file("ours.toml", MINE.encode()), closed.file("people.csv", b"No;Name;Born\n1;Ida Stein;1.2.1980\n2;Bo Reed;31.2.1980\n")
    told = closed.json("source", "preview", table, path)
    assert [row["becomes"][0]["record"]["birth_date"] for row in told["files"]["people.csv"]] == ["1980-02-01"]
    assert [one["line"] for one in told["faults"]] == [3]


def test_a_preview_in_a_time_zone_that_does_not_exist_is_wrong_use(closed: Desk) -> None:
    assert_one_sentence(closed.run("source", "preview", "spreadsheet", str(closed.folder), "--time-zone", "Mars/Olympus"), 2)


def test_a_preview_of_a_folder_with_nothing_to_read_is_one_sentence(closed: Desk) -> None:
    (closed.folder / "empty").mkdir()
    assert "clients.csv" in assert_one_sentence(closed.run("source", "preview", "spreadsheet", str(closed.folder / "empty")), 1)


def test_a_dry_run_counts_records_and_resources_and_stores_nothing(desk: Desk, content: dict[str, Table]) -> None:
    content["clients.csv"][0]["Favourite tea"] = "mint"
    folder, report = str(write(desk.folder / "export", content)), desk.folder / "report.json"
    result = desk.run("import", folder, "--source", "spreadsheet", "--dry-run", "--report", str(report))
    told = json.loads(report.read_bytes())
    assert (result.exit_code, told["records"]["client"], told["resources"]["Patient"], told["refused"]) == (0, 2, 2, [])
    assert told["unchecked_codes"]["http://www.ama-assn.org/go/cpt|90834"] == 1
    assert any(one["column"] == "Favourite tea" for one in told["left_out"])
    for words in ("Favourite tea", "nothing was stored", "Patient 2"):
        assert words in result.stdout
    assert desk.json("import", folder, "--source", "spreadsheet")["created"] == told["read"]


def test_a_dry_run_of_native_records_names_references_to_nobody_and_codes_that_cannot_be(desk: Desk) -> None:
    client = {"kind": "client", "id": "1", "name": {"family": "Marsh"}, "birth_date": "1990-03-04", "sex": "female"}
    lost = {"kind": "problem", "id": "p", "client": "nobody", "title": "Low mood"}
    wrong = {"kind": "problem", "id": "q", "client": "1", "title": "Low mood", "codes": [{"system": "http://snomed.info/sct", "code": "35489008"}]}
    later = {"kind": "client", "id": "0", "partner_of": "1", "name": {"family": "Reed"}, "birth_date": "1990-03-04", "sex": "male"}
    alone = later | {"id": "9", "partner_of": "nobody"}
    path = desk.file("records.ndjson", b"\n".join(json.dumps(one).encode() for one in (later, client, lost, wrong, alone)))
    told = desk.json("import", path, "--dry-run")
    assert (told["records"], told["resources"]) == ({"client": 2}, {"Patient": 2})
    assert [(one.get("record"), one["line"], one["column"] or one["rule"].partition(" names ")[0]) for one in told["refused"]] == [
        ("client/9", None, "partner_of"),
        ("problem/p", None, "client"),
        (None, 4, "codes[0].code"),
    ]
    assert desk.json("import", path)["created"] == 2


def test_a_dry_run_refuses_what_the_import_would_in_the_same_words(desk: Desk) -> None:
    people = [{"kind": "client", "id": one, "name": {"family": "Marsh"}, "birth_date": "1990-03-04", "sex": "female"} for one in ("1", "2")]
    theirs = {"kind": "problem", "id": "p", "client": "1", "title": "Low mood"}
    plan = {"kind": "treatment_plan", "client": "2", "written_on": "2026-01-05", "goals": [{"id": "g", "description": "Sleeps"}]}
    plans = [plan | {"id": "of-another", "problems": ["p"]}, plan | {"id": "named-nowhere", "problems": ["q"]}, plan | {"id": "after-it", "replaces": "named-nowhere"}]
    path = desk.file("records.ndjson", b"\n".join(json.dumps(one).encode() for one in (*people, theirs, *plans, plan | {"id": "whole"})))

    rehearsed = desk.json("import", path, "--dry-run")
    done = desk.json("import", path)
    assert rehearsed["refused"] == done["refused"]
    assert {one["record"] for one in done["refused"]} == {"treatment_plan/of-another", "treatment_plan/named-nowhere", "treatment_plan/after-it"}
    assert sum(rehearsed["records"].values()) == done["created"] == 4


def spoiled(desk: Desk, content: dict[str, Table], *cells: tuple[str, int, str, str]) -> Any:
    """The report of an import with these cells (file, row from 0, column, cell) in its sheets."""
    for file, row, column, cell in cells:
        content[file][row][column] = cell
    result = desk.run("import", str(write(desk.folder / "export", content)), "--source", "spreadsheet", "--json")
    assert result.exit_code == 0, result.output
    assert not any(cell in json.loads(result.stdout)["refused"].__repr__() for *_, cell in cells if len(cell) > 3)
    return json.loads(result.stdout)


BAD: list[tuple[str, list[tuple[str, int, str, str]], tuple[str, int, str], str, int]] = [
    ("an impossible date", [("allergies.csv", 0, "Recorded on", "2/30/2026")], ("allergies.csv", 2, "Recorded on"), "not a date", 1),
    ("an answer out of range", [("scores.csv", 0, "Item 1", "4")], ("scores.csv", 2, "Item 1"), "outside 0 to 3", 1),
    ("a total out of range", [("scores.csv", 1, "Total", "28")], ("scores.csv", 3, "Total"), "outside 0 to 27", 1),
    ("a total against its items", [("scores.csv", 0, "Total", "12")], ("scores.csv", 2, "Total"), "do not add up", 1),
    ("an unknown instrument", [("scores.csv", 1, "Instrument", "SECRET-II")], ("scores.csv", 3, "Instrument"), "no word of the list instrument", 1),
    ("no instrument", [("scores.csv", 1, "Instrument", "")], ("scores.csv", 3, "Instrument"), "needs instrument", 1),
    ("a letter for a digit", [("family_history.csv", 0, "Code", "F3O.1")], ("family_history.csv", 2, "Code"), "well-formed ICD-10-CM", 1),
    ("a SNOMED CT check digit", [("family_history.csv", 0, "Code", "SNOMED:35489008")], ("family_history.csv", 2, "Code"), "well-formed SNOMED CT", 1),
    ("a LOINC check digit", [("family_history.csv", 0, "Code", "LOINC:44261-7")], ("family_history.csv", 2, "Code"), "well-formed LOINC", 1),
    ("two records with one id", [("problems.csv", 1, "Problem ID", "A")], ("problems.csv", 3, "Problem ID"), "same id", 1),
    ("plans that replace each other", [("plans.csv", 0, "Replaces", "T2"), ("plans.csv", 1, "Replaces", "T1")], ("plans.csv", 2, "Replaces"), "leads back", 4),
    ("messages that answer each other", [("messages.csv", 0, "In reply to", "G2")], ("messages.csv", 3, "In reply to"), "leads back", 2),
    (
        "a clinician who supervises herself",
        [("clinicians.csv", 0, "Supervisor", "Ada Quill"), ("clinicians.csv", 0, "Clinician ID", "7")],
        ("clinicians.csv", 2, "Supervisor"),
        "leads back",
        31,
    ),
    ("a plan without a goal", [("plans.csv", 1, "Goal 1", ""), ("plans.csv", 1, "Goal 1 due", "")], ("plans.csv", 3, "Plan ID"), "without a goal", 1),
    ("a goal without words", [("plans.csv", 1, "Goal 1", "")], ("plans.csv", 3, "Goal 1"), "description", 1),
    ("a goal without a client", [("goals.csv", 2, "Client ID", "")], ("goals.csv", 4, "Client ID"), "needs client", 1),
    ("a session that ends before it starts", [("sessions.csv", 1, "Minutes", "-5")], ("sessions.csv", 3, "Minutes"), "end lies before", 1),
    ("an id with a space", [("consents.csv", 0, "Consent ID", "C 1")], ("consents.csv", 2, "Consent ID"), "form that id has", 1),
]


@pytest.mark.parametrize(("cells", "place", "rule", "lost"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_wrong_is_named_and_the_rest_goes_in(
    desk: Desk, content: dict[str, Table], cells: list[tuple[str, int, str, str]], place: tuple[str, int, str], rule: str, lost: int
) -> None:
    told = spoiled(desk, content, *cells)
    found = [one for one in told["refused"] if (one["file"], one["line"], one["column"]) == place]
    assert [rule in one["rule"] for one in found] == [True], told["refused"]
    assert found[0]["mend"].endswith(".")
    assert told["created"] == 41 - lost


def test_of_two_clients_with_one_id_the_first_goes_in(desk: Desk, content: dict[str, Table]) -> None:
    told = spoiled(desk, content, ("clients.csv", 1, "Client ID", "1"))
    assert ("clients.csv", 3, "Client ID") in [(one["file"], one["line"], one["column"]) for one in told["refused"] if "same id" in one["rule"]]
    assert desk.json("import", str(desk.folder / "export"), "--source", "spreadsheet")["created"] == 0


def test_a_clinicians_npi_with_a_wrong_check_digit_is_named_in_its_sheet(desk: Desk, content: dict[str, Table]) -> None:
    told = spoiled(desk, content, ("practice.csv", 0, "NPI", "1234567890"))
    assert ("practice.csv", 2, "NPI") in [(one["file"], one["line"], one["column"]) for one in told["refused"] if "check digit" in one["rule"]]


def test_messages_that_answer_one_another_in_a_circle_are_refused(desk: Desk) -> None:
    client = {"kind": "client", "id": "1", "name": {"family": "Marsh"}, "birth_date": "1990-03-04", "sex": "female"}
    message = {"kind": "message", "client": "1", "to_client": True, "sent_at": "2026-02-03T10:00:00-05:00", "text": "See you."}
    rows = [client, message | {"id": "a", "in_reply_to": "b"}, message | {"id": "b", "in_reply_to": "a"}, message | {"id": "c"}]
    told = desk.json("import", desk.file("records.ndjson", b"\n".join(json.dumps(row).encode() for row in rows)))
    assert (told["created"], [(one["line"], one["column"]) for one in told["refused"]]) == (2, [(2, "in_reply_to"), (3, "in_reply_to")])


def test_a_sheet_alone_adds_to_what_was_taken_in_before(desk: Desk, content: dict[str, Table]) -> None:
    folder = write(desk.folder / "export", content)
    desk.json("import", str(folder), "--source", "spreadsheet")
    content["scores.csv"].append(content["scores.csv"][1] | {"Date": "4/3/2026", "Total": "4"})
    alone = write(desk.folder / "later", {"scores.csv": content["scores.csv"]}) / "scores.csv"
    told = desk.json("import", str(alone), "--source", "spreadsheet")
    assert (told["created"], told["unchanged"], told["refused"]) == (1, 3, [])
    assert desk.json("import", str(alone), "--source", "spreadsheet", "--dry-run")["records"] == {"outcome_measure": 4}


def test_an_openemr_export_has_a_dry_run_too(desk: Desk) -> None:
    told = desk.json("import", str(write(desk.folder / "export", tables())), "--dry-run")
    assert (told["refused"], told["records"]["client"], told["created"]) == ([], 2, 0)


def test_the_source_commands_are_in_the_help() -> None:
    assert set(main.commands["source"].commands) == {"list", "show", "check", "preview", "help"}  # type: ignore[attr-defined]
