"""A file is read as what it is: its encoding, its line ends, its odd cells; or it is refused whole."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.source import SourceRefused, load_table, read
from tests.record.small_export import ZONE, Read, Table, as_csv, spoiled, tables, write


@pytest.fixture
def content() -> dict[str, Table]:
    return tables()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


HARMLESS = ['=cmd|"/C calc"!A0', "<script>alert(1)</script>", "@SUM(A1)", "Grüße 🙂 Đặng", "${jndi:ldap://x}", "'; DROP TABLE clients;--", "x" * 1_000_000]


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_formulas_markup_emoji_and_long_notes_stay_plain_text(folder: Path, content: dict[str, Table], text: str) -> None:
    found = spoiled(folder, content, "form_clinical_notes.csv", 0, description=text)
    assert found.faults == []
    assert found.by_id["note", "1"].model_dump()["text"] == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_read_as_what_they_are(folder: Path, content: dict[str, Table], encoding: str, line_end: str) -> None:
    content["patient_data.csv"][0]["lname"] = "Müller"
    write(folder, content)
    (folder / "patient_data.csv").write_bytes(as_csv(content["patient_data.csv"]).replace("\n", line_end).encode(encoding))
    found = Read(folder)
    assert found.faults == []
    assert found.by_id["client", "1"].model_dump()["name"]["family"] == "Müller"
    assert bool([note for note in found.notes if "Windows-1252" in note]) == (not encoding.startswith("utf-8"))


def test_one_bad_byte_in_a_utf_8_file_spoils_its_row_only(folder: Path, content: dict[str, Table]) -> None:
    content["patient_data.csv"][0]["lname"] = "Đặng Müller"
    content["patient_data.csv"][1]["fname"] = "Le@o"
    write(folder, content)
    (folder / "patient_data.csv").write_bytes(as_csv(content["patient_data.csv"]).encode().replace(b"@", b"\xff"))
    found = Read(folder)
    assert "UTF-8" in found.fault("patient_data.csv", 3).rule
    assert ("client", "1") in found.by_id


def test_a_nul_byte_spoils_its_row_only(folder: Path, content: dict[str, Table]) -> None:
    found = spoiled(folder, content, "patient_data.csv", 1, fname="Le\0o")
    assert ("NUL" in found.fault("patient_data.csv", 3).rule, found.fault("patient_data.csv", 3).column) == (True, "fname")
    assert ("client", "1") in found.by_id


@pytest.mark.parametrize("bad", ['9,9,9,"9', "too,few", '"a"b,c'])
def test_a_row_that_is_no_csv_spoils_its_line_only(folder: Path, content: dict[str, Table], bad: str) -> None:
    write(folder, content)
    lines = as_csv(content["patient_data.csv"]).splitlines(keepends=True)
    (folder / "patient_data.csv").write_text("".join([*lines[:2], bad + "\n", *lines[2:]]), encoding="utf-8")
    found = Read(folder)
    assert [(fault.file, fault.line) for fault in found.faults] == [("patient_data.csv", 3)]
    assert {("client", "1"), ("client", "2")} <= set(found.by_id)


def test_lines_are_counted_through_cells_that_hold_line_ends(folder: Path, content: dict[str, Table]) -> None:
    content["form_clinical_notes.csv"].append({**content["form_clinical_notes.csv"][0], "id": "3", "date": "2026-02-30"})
    found = Read(write(folder, content))
    assert found.faults[0].line == 5


REFUSED = [
    (b"", "empty"),
    (b"\xef\xbb\xbf \n", "empty"),
    (b"PK\x03\x04rest of a workbook", "Excel"),
    (b"%PDF-1.7", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel"),
    (b"<!DOCTYPE html><html>", "web page"),
    (b"pid,fname\n" + b"\0" * 500, "NUL"),
    ("pid,fname,lname,DOB,sex\n".encode("utf-16"), "UTF-16"),
    (b"pid;fname;lname;DOB;sex\n1;a;b;c;d\n", "header lacks"),
    (b"pid,fname,lname\n1,a,b\n", "header lacks DOB, sex"),
    (b"pid,pid,fname,lname,DOB,sex\n", "twice"),
    (b'{"resourceType":"Bundle"}', "header"),
    (b"pid,fname,lname,DOB,sex\n1,\x81\x8d,x,1990-01-01,f\n", "neither UTF-8 nor Windows-1252"),
]


@pytest.mark.parametrize(("body", "rule"), REFUSED, ids=range(len(REFUSED)))
def test_a_file_that_is_not_what_it_claims_is_refused_whole(folder: Path, content: dict[str, Table], body: bytes, rule: str) -> None:
    write(folder, content)
    (folder / "patient_data.csv").write_bytes(body)
    with pytest.raises(SourceRefused) as refused:
        read(folder, load_table("openemr"), time_zone=ZONE)
    assert (refused.value.file, rule in refused.value.rule) == ("patient_data.csv", True)


def test_a_folder_without_the_exports_files_is_refused(tmp_path: Path, content: dict[str, Table]) -> None:
    with pytest.raises(SourceRefused, match="holds no file"):
        read(tmp_path, load_table("openemr"), time_zone=ZONE)
    del content["patient_data.csv"]
    with pytest.raises(SourceRefused, match=r"patient_data\.csv: The file is missing"):
        read(write(tmp_path, content), load_table("openemr"), time_zone=ZONE)


def test_progress_is_told_to_the_last_line(folder: Path, content: dict[str, Table]) -> None:
    told: dict[str, tuple[int, int]] = {}
    reading = read(write(folder, content), load_table("openemr"), time_zone=ZONE, progress=lambda file, line, lines: told.update({file: (line, lines)}))
    assert list(reading.records)
    assert told["patient_data.csv"] == (3, 3)


def test_a_file_full_of_stray_quotation_marks_is_read_in_good_time(folder: Path, content: dict[str, Table]) -> None:
    write(folder, content)
    header = as_csv(content["lists.csv"]).splitlines()[0]
    (folder / "lists.csv").write_text(header + "\n" + 'a,"b\n' * 20_000)
    started = time.perf_counter()
    assert len({fault.line for fault in Read(folder).faults if fault.file == "lists.csv"}) > 1_000
    assert time.perf_counter() - started < 20


@given(file=st.sampled_from(sorted(tables())), cuts=st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 6), st.binary(max_size=6)), min_size=1, max_size=6))
def test_whatever_bytes_an_export_holds_it_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, file: str, cuts: list[tuple[int, int, bytes]]) -> None:
    folder = write(tmp_path_factory.mktemp("mutated"), tables())
    body = (folder / file).read_bytes()
    for at, length, new in cuts:
        start = at % (len(body) + 1)
        body = body[:start] + new + body[start + length :]
    (folder / file).write_bytes(body)
    with contextlib.suppress(SourceRefused):
        found = Read(folder)
        assert "CANARY" not in repr((found.faults, found.left_out, found.notes))
