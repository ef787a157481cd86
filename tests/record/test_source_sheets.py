"""Spreadsheets as a small practice saves them, read by the table that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.record.source import load_table, read
from gateway.record.source.load import text_of
from tests.record.small_export import ZONE, Read, Table, as_csv, write
from tests.record.small_sheets import sheets


@pytest.fixture
def content() -> dict[str, Table]:
    return sheets()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


def found_in(folder: Path, content: dict[str, Table]) -> Read:
    return Read(write(folder, content), "spreadsheet")


def test_every_sheet_becomes_records_and_nothing_is_refused_or_unmapped(folder: Path, content: dict[str, Table]) -> None:
    found = found_in(folder, content)
    assert found.faults == []
    assert [one.column for one in found.left_out] == ["Text"], "the process note's text alone stays behind"
    assert len({record.kind for record in found.records}) == 31
    assert "CANARY" not in found.shown


def test_words_dates_times_phones_and_codes_are_read_as_people_write_them(folder: Path, content: dict[str, Table]) -> None:
    by_id: dict[tuple[str, str], Any] = dict(found_in(folder, content).by_id)
    client, session = by_id["client", "1"], by_id["session", "S1"]
    assert (str(client.birth_date), client.sex, client.language, client.races, client.contact.home_phone) == ("1990-03-04", "female", "es", ("2106-3", "2028-9"), "413-555-0101")
    assert (session.start.isoformat(), session.end.isoformat(), session.mode) == ("2026-02-03T14:05:00-05:00", "2026-02-03T14:55:00-05:00", "video")
    assert (session.codes[0].system, session.codes[0].code) == ("http://www.ama-assn.org/go/cpt", "90834")
    assert str(by_id["client", "2"].birth_date) == "2015-06-07"
    assert [str(one.quantity) for (kind, _), one in by_id.items() if kind == "dispense"] == ["1030.5"]


def test_people_and_partners_may_be_named_by_their_words(folder: Path, content: dict[str, Table]) -> None:
    by_id: dict[tuple[str, str], Any] = dict(found_in(folder, content).by_id)
    assert (by_id["client", "1"].therapist, by_id["clinician", "ada-quill"].supervisor, by_id["medication_note", "M1"].prescriber) == ("ada-quill", "bo-reed", "P1")
    assert by_id["clinician", "bo-reed"].practice == "main", "the only practice there is"


def test_a_cosigned_note_a_protocol_and_an_answered_message_arrive_whole(folder: Path, content: dict[str, Table]) -> None:
    by_id: dict[tuple[str, str], Any] = dict(found_in(folder, content).by_id)
    assert (by_id["note", "N1"].cosigned.clinician, by_id["note", "N1"].cosigned.signed_at.isoformat()) == ("bo-reed", "2026-02-05T11:00:00-05:00")
    protocol = by_id["protocol", "behavioral-activation"]
    assert ([one.title for one in protocol.steps], protocol.citations[0].doi) == (["Rationale", "diary", "activation"], "10.1037/0022-006X.64.2.295")
    assert by_id["treatment_plan", "T1"].protocols == ("behavioral-activation",)
    assert (by_id["message", "G2"].in_reply_to, by_id["message", "G2"].from_partner, by_id["message", "G1"].medications) == ("G1", "P1", ("M1",))


def test_words_that_name_two_are_refused_not_guessed(folder: Path, content: dict[str, Table]) -> None:
    content["partners.csv"][1]["Organization"] = "North Psychiatry"
    found = found_in(folder, content)
    fault = found.fault("medications.csv", 2)
    assert (fault.column, fault.rule) == ("Prescriber", "The cell names more than one partner.")
    assert ("medication_note", "M1") not in found.by_id


def test_a_supervisor_with_an_id_may_be_named_by_words_in_an_earlier_row(folder: Path, content: dict[str, Table]) -> None:
    content["clinicians.csv"][1]["Clinician ID"] = "12"
    found = found_in(folder, content)
    supervised: Any = found.by_id["clinician", "ada-quill"]
    assert supervised.supervisor == "12"


def test_a_client_is_named_by_the_id_alone(folder: Path, content: dict[str, Table]) -> None:
    content["clients.csv"][0]["Client ID"] = "12-3"
    content["allergies.csv"][0]["Client ID"] = "12/3"
    assert found_in(folder, content).fault("allergies.csv", 2).column == "Client ID"


def test_goals_come_from_rows_and_from_numbered_columns(folder: Path, content: dict[str, Table]) -> None:
    by_id: dict[tuple[str, str], Any] = dict(found_in(folder, content).by_id)
    rows, columns, alone = (by_id["treatment_plan", name] for name in ("T1", "T2", "goals-2"))
    assert [(goal.id, goal.measure, goal.target_score, goal.problems) for goal in rows.goals] == [("goal-1", "phq-9", 9, ("A",)), ("goal-2", None, None, ())]
    assert [(goal.id, goal.description, str(goal.due)) for goal in columns.goals] == [("goal-1", "Sleeps alone on five nights", "2026-05-01")]
    assert [(one.id, one.times, one.unit) for one in rows.activities] == [("activity-1", 1, "wk"), ("technique-1", None, None)]
    assert (alone.client, [goal.description for goal in alone.goals]) == ("2", ["Goes to school by himself"])


def test_one_cell_may_hold_several_goals(folder: Path, content: dict[str, Table]) -> None:
    content["plans.csv"][1] |= {"Goal 1": "", "Goal 1 due": ""}
    content["plans.csv"] = [row | {"Goals": cell, "Techniques": cell} for row, cell in zip(content["plans.csv"], ("", "Sleeps alone; eats ;\nsings"), strict=True)]
    by_id: dict[tuple[str, str], Any] = dict(found_in(folder, content).by_id)
    assert [(goal.id, goal.description) for goal in by_id["treatment_plan", "T2"].goals] == [("goal-1", "Sleeps alone"), ("goal-2", "eats"), ("goal-3", "sings")]
    assert len(by_id["treatment_plan", "T2"].activities) == 3


def test_a_bad_goal_takes_its_whole_plan_with_it_and_is_named_in_its_own_sheet(folder: Path, content: dict[str, Table]) -> None:
    content["goals.csv"][1]["Due"] = "2/30/2026"
    found = found_in(folder, content)
    assert found.fault("goals.csv", 3).column == "Due"
    assert "line 3 of goals.csv" in found.fault("plans.csv", 2).rule
    assert "line 2 of plans.csv" in found.fault("goals.csv", 2).rule
    assert ("treatment_plan", "T1") not in found.by_id


def test_a_goal_that_names_no_record_of_its_client_is_refused_in_its_own_sheet(folder: Path, content: dict[str, Table]) -> None:
    content["goals.csv"][0]["Problems"] = "A; Z"
    assert "problem" in found_in(folder, content).fault("goals.csv", 2).rule


def test_an_activity_that_says_no_plan_is_refused(folder: Path, content: dict[str, Table]) -> None:
    content["activities.csv"].append(content["activities.csv"][0] | {"Plan ID": ""})
    fault = found_in(folder, content).fault("activities.csv", 3)
    assert (fault.column, fault.rule) == ("Plan ID", "The activity belongs to no plan of plans.csv.")


def test_a_goal_of_no_plan_is_refused(folder: Path, content: dict[str, Table]) -> None:
    content["goals.csv"][0]["Plan ID"] = "T9"
    assert found_in(folder, content).fault("goals.csv", 2).rule == "The goal belongs to no plan of plans.csv."


def test_a_reference_within_a_part_is_checked_for_its_client(folder: Path, content: dict[str, Table]) -> None:
    content["goals.csv"][2]["Problems"] = "A"
    assert "another client" in found_in(folder, content).fault("goals.csv", 4).rule


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_any_common_way_of_saving_a_sheet_is_read(folder: Path, content: dict[str, Table], delimiter: str, encoding: str) -> None:
    content["clients.csv"][0]["Last name"] = "Müller, geb. Stein"
    write(folder, content)
    (folder / "clients.csv").write_bytes(as_csv(content["clients.csv"], delimiter).replace("\n", "\r\n").encode(encoding))
    found = Read(folder, "spreadsheet")
    assert found.faults == []
    assert found.by_id["client", "1"].model_dump()["name"]["family"] == "Müller, geb. Stein"


def test_headings_may_differ_in_capitals_spaces_and_marks(folder: Path, content: dict[str, Table]) -> None:
    content["clients.csv"] = [{column.upper().replace(" ", "_"): cell for column, cell in row.items()} for row in content["clients.csv"]]
    found = found_in(folder, content)
    assert found.faults == []
    assert ("client", "1") in found.by_id


def test_rows_of_empty_cells_are_passed_over(folder: Path, content: dict[str, Table]) -> None:
    content["clients.csv"].insert(1, dict.fromkeys(content["clients.csv"][0], ""))
    found = found_in(folder, content)
    assert found.faults == []
    assert ("client", "2") in found.by_id


def test_only_the_clients_must_be_there(folder: Path, content: dict[str, Table]) -> None:
    only = [{column: cell for column, cell in row.items() if column in ("Client ID", "First name", "Last name", "Date of birth", "Sex")} for row in content["clients.csv"]]
    found = found_in(folder, {"clients.csv": only})
    assert (found.faults, len(found.records)) == ([], 2)


def test_one_file_alone_may_name_what_was_taken_in_before(folder: Path, content: dict[str, Table]) -> None:
    write(folder, content)
    table = load_table("spreadsheet")
    alone = read(folder / "scores.csv", table, time_zone=ZONE, on_file=lambda kind, record_id: (kind, record_id) in {("client", "1"), ("session", "S1")})
    assert len(list(alone.records)) == 3
    assert alone.faults == []
    strange = read(folder / "scores.csv", table, time_zone=ZONE)
    assert list(strange.records) == []
    assert {fault.column for fault in strange.faults} == {"Client ID", "Session ID"}


def test_a_day_first_table_reads_the_same_cells_the_other_way(tmp_path: Path, folder: Path, content: dict[str, Table]) -> None:
    mine = tmp_path / "ours.toml"
    mine.write_text(text_of("spreadsheet")[1].replace('dates = "month-first"', 'dates = "day-first"').replace('decimal = "."', 'decimal = ","'), "utf-8")
    content["dispenses.csv"][0]["Quantity"] = "1.030,5"
    content["clinicians.csv"][0]["License expires"] = "31.12.2026"
    for sheet in ("safety_plans.csv", "plans.csv", "goals.csv", "problems.csv", "training.csv"):
        content.pop(sheet, None)
    content.pop("activities.csv")
    for sheet in ("sessions.csv", "interventions.csv", "progress_reviews.csv"):
        content[sheet] = [{column: cell for column, cell in row.items() if column not in ("Problems", "Plan ID")} for row in content[sheet]]
    found = Read(write(folder, content), str(mine))
    assert found.faults == []
    client: Any = found.by_id["client", "1"]
    assert str(client.birth_date) == "1990-04-03"
    assert str(found.by_id["clinician", "ada-quill"].model_dump()["license_period"]["end"]) == "2026-12-31"


def test_a_table_that_does_not_say_which_is_first_refuses_the_date(tmp_path: Path, folder: Path, content: dict[str, Table]) -> None:
    mine = tmp_path / "ours.toml"
    mine.write_text(text_of("spreadsheet")[1].replace('dates = "month-first"', ""), "utf-8")
    fault = Read(write(folder, {"clients.csv": content["clients.csv"][:1]}), str(mine))
    assert ["reads two ways" in one.rule for one in fault.faults if one.column == "Date of birth"] == [True]
    assert "month-first" in next(one.mend for one in fault.faults if one.column == "Date of birth")
