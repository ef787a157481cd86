"""handoff import: what goes in, what is refused and how it is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.desk import Desk, assert_one_sentence
from tests.record.small_export import tables, write

CLIENT = {"kind": "client", "id": "1", "name": {"family": "Marsh", "given": ["Ina"]}, "birth_date": "1990-03-04", "sex": "female"}
WRONG = CLIENT | {"id": "2", "birth_date": "1990-13-04"}


def ndjson(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_records_go_in_once(desk: Desk) -> None:
    path = desk.file("records.ndjson", ndjson(CLIENT))
    first, second = desk.json("import", path), desk.json("import", path)
    assert [(told["read"], told["created"], told["changed"], told["unchanged"]) for told in (first, second)] == [(1, 1, 0, 0), (1, 0, 0, 1)]


def test_a_changed_record_makes_a_new_version(desk: Desk) -> None:
    desk.json("import", desk.file("records.ndjson", ndjson(CLIENT)))
    assert desk.json("import", desk.file("records.ndjson", ndjson(CLIENT | {"sex": "other"})))["changed"] == 1


def test_a_dry_run_stores_nothing(desk: Desk) -> None:
    path = desk.file("records.ndjson", ndjson(CLIENT))
    told = desk.json("import", path, "--dry-run")
    assert (told["read"], told["created"], told["dry_run"]) == (1, 0, True)
    assert "nothing was stored" in desk.run("import", path, "--dry-run").stdout
    assert desk.json("import", path)["created"] == 1


def test_a_wrong_record_is_named_with_file_line_column_and_mend_and_the_rest_goes_in(desk: Desk) -> None:
    result = desk.run("import", desk.file("records.ndjson", ndjson(CLIENT, WRONG)), "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["created"]) == (0, 1)
    (fault,) = told["refused"]
    assert (fault["file"], fault["line"]) == ("records.ndjson", 2)
    assert "birth_date" in str(fault["column"])
    assert fault["rule"]
    assert fault["mend"]
    assert "1990-13-04" not in result.output, "no value of a client is repeated"


def test_people_read_the_same_on_one_line(desk: Desk) -> None:
    told = desk.run("import", desk.file("records.ndjson", ndjson(CLIENT, WRONG))).stdout
    assert "1 new" in told
    assert "1 refused" in told
    assert "records.ndjson, line 2, column birth_date" in told


def test_the_whole_report_goes_to_a_file(desk: Desk) -> None:
    report = desk.folder / "report.json"
    desk.run("import", desk.file("records.ndjson", ndjson(WRONG)), "--report", str(report))
    assert json.loads(report.read_bytes())["refused"][0]["line"] == 1


def test_a_folder_goes_in_by_its_source_table(desk: Desk) -> None:
    content = tables()
    content["patient_data.csv"][1]["DOB"] = "not a day"
    folder = write(desk.folder / "export", content)
    result = desk.run("import", str(folder), "--source", "openemr", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["created"] > 5
    fault = next(one for one in told["refused"] if one["file"] == "patient_data.csv")
    assert (fault["line"], fault["column"]) == (3, "DOB")
    assert desk.json("import", str(folder), "--source", "openemr")["created"] == 0
    assert b"CANARY" not in (desk.folder / "handoff.db").read_bytes(), "a process note reaches no store"


def test_a_reference_to_nobody_is_refused_by_name_of_the_record(desk: Desk) -> None:
    problem = {"kind": "problem", "id": "p", "client": "nobody", "title": "Low mood"}
    told = desk.json("import", desk.file("records.ndjson", ndjson(problem)))
    assert told["refused"][0]["record"] == "problem/p"


@pytest.mark.parametrize(
    ("name", "content"),
    [("records.ndjson", b"\x00\x01\x02"), ("records.json", b"{"), ("records.ndjson", b"PK\x03\x04 a workbook"), ("records.json", b'"text"')],
    ids=["binary", "half JSON", "a workbook", "a text"],
)
def test_a_file_that_is_not_what_it_claims_is_refused_whole(desk: Desk, name: str, content: bytes) -> None:
    assert "Nothing of it was imported." in assert_one_sentence(desk.run("import", desk.file(name, content)), 1)


def test_a_source_table_that_does_not_exist_is_refused(desk: Desk) -> None:
    folder = write(desk.folder / "export", tables())
    assert_one_sentence(desk.run("import", str(folder), "--source", "no-such-table"), 1)


def test_a_report_that_cannot_be_written_is_one_sentence(desk: Desk) -> None:
    assert_one_sentence(desk.run("import", desk.file("records.ndjson", ndjson(CLIENT)), "--report", str(desk.folder / "none" / "report.json")), 1)
