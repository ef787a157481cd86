"""Native records come as NDJSON or one JSON array, each with its kind; a bad line keeps no other out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.record.source import SourceRefused, read_records

CLIENT: dict[str, Any] = {"kind": "client", "id": "1", "name": {"family": "Marsh"}, "birth_date": "1990-03-04", "sex": "female"}
NOTE: dict[str, Any] = {"kind": "note", "id": "n1", "client": "1", "written_at": "2026-02-03T10:00:00-05:00", "text": "Came on time."}


def lines(tmp_path: Path, *records: Any) -> Path:
    path = tmp_path / "records.ndjson"
    path.write_text("\n".join(record if isinstance(record, str) else json.dumps(record) for record in records) + "\n", encoding="utf-8")
    return path


def test_lines_and_an_array_give_the_same_records_in_kinds_order(tmp_path: Path) -> None:
    by_line = read_records(lines(tmp_path, NOTE, CLIENT))
    array = tmp_path / "records.json"
    array.write_text(json.dumps([NOTE, CLIENT], indent=1), encoding="utf-8-sig")
    assert [record.kind for record in by_line.records] == ["client", "note"]
    assert read_records(array).records == by_line.records


BAD: list[tuple[Any, str, str]] = [
    ("{not json", "", "not one JSON object"),
    ('{"kind": "client", "kind": "note"}', "", "gives a key twice"),
    ("[1]", "", "not one JSON object"),
    ({**CLIENT, "kind": "custmer"}, "kind", "no kind that exists"),
    ({**CLIENT, "id": "2", "birth_date": "1990-02-30"}, "birth_date", "birth_date"),
    ({**CLIENT, "id": "2", "sex": "SECRETVALUE"}, "sex", "none of the words"),
    ({**NOTE, "id": "2", "written_at": "2026-02-03T10:00:00"}, "written_at", "no zone"),
    ({**NOTE, "id": "2", "SECRETVALUE": 1}, "", "no field"),
    ({**NOTE, "client": None, "id": "2"}, "client", "client"),
    (CLIENT, "id", "same id"),
]


@pytest.mark.parametrize(("bad", "column", "rule"), BAD)
def test_a_bad_line_is_rejected_by_line_field_rule_and_mend(tmp_path: Path, bad: Any, column: str, rule: str) -> None:
    found = read_records(lines(tmp_path, CLIENT, bad, NOTE))
    assert [(fault.line, fault.column) for fault in found.faults] == [(2, column)]
    assert rule in found.faults[0].rule
    assert "SECRET" not in repr(found)
    assert [record.kind for record in found.records] == ["client", "note"]


def test_faults_of_an_array_name_the_line_on_which_the_element_starts(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    path.write_text(f'[\n{json.dumps(CLIENT)},\n\n{{"kind": "note",\n"id": "x"}}\n]', encoding="utf-8")
    assert {fault.line for fault in read_records(path).faults} == {4}


@pytest.mark.parametrize("sign", [{"text": "PROCESS NOTE. CANARY"}, {"type": "psychotherapy_note", "text": "CANARY"}])
def test_a_process_note_leaves_only_its_mark(tmp_path: Path, sign: dict[str, str]) -> None:
    found = read_records(lines(tmp_path, CLIENT, {**NOTE, **sign}))
    assert [(record.kind, record.id) for record in found.records] == [("client", "1"), ("process_note_mark", "n1")]
    assert "CANARY" not in repr(found)


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"id,name\n", b"\xff\xfe{", b'[{"kind": "client"'])
def test_a_file_that_holds_no_records_is_refused_whole(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(body)
    with pytest.raises(SourceRefused):
        read_records(path)


def test_json_nested_beyond_reason_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    assert read_records(lines(tmp_path, '{"kind": ' + "[" * 200_000)).faults[0].line == 1
