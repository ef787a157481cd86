"""Native records come as NDJSON or one JSON array, each with its kind; a bad line keeps no other out."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.source import SourceRefused, read_records
from gateway.record.source.span import spans

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
    records = list(by_line.records)
    assert [record.kind for record in records] == ["client", "note"]
    assert list(read_records(array).records) == records


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
    records = list(found.records)
    assert [(fault.line, fault.column) for fault in found.faults] == [(2, column)]
    assert rule in found.faults[0].rule
    assert "SECRET" not in repr((found.faults, found.left_out, found.notes))
    assert [record.kind for record in records] == ["client", "note"]


def test_faults_of_an_array_name_the_line_on_which_the_element_starts(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    path.write_text(f'[\n{json.dumps(CLIENT)},\n\n{{"kind": "note",\n"id": "x"}}\n]', encoding="utf-8")
    found = read_records(path)
    assert len(list(found.records)) == 1
    assert {fault.line for fault in found.faults} == {4}


@pytest.mark.parametrize("sign", [{"text": "PROCESS NOTE. CANARY"}, {"type": "psychotherapy_note", "text": "CANARY"}])
def test_a_process_note_leaves_only_its_mark(tmp_path: Path, sign: dict[str, str]) -> None:
    found = read_records(lines(tmp_path, CLIENT, {**NOTE, **sign}))
    records = list(found.records)
    assert [(record.kind, record.id) for record in records] == [("client", "1"), ("process_note_mark", "n1")]
    assert "CANARY" not in repr((records, found.faults, found.left_out))


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"id,name\n", b"\xff\xfe{", b'[{"kind": "client"', b"[{}} , {}]", b"[{}] [{}]", b'[{"kind": "', b"{"])
def test_a_file_that_holds_no_records_is_refused_whole(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(body)
    with pytest.raises(SourceRefused):
        read_records(path)


def test_json_nested_beyond_reason_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    assert read_records(lines(tmp_path, '{"kind": ' + "[" * 200_000)).faults[0].line == 1


def test_messages_that_answer_one_another_in_a_circle_are_rejected_and_what_hangs_on_none_goes_in(tmp_path: Path) -> None:
    message = {"kind": "message", "client": "1", "to_client": True, "sent_at": "2026-02-03T10:00:00-05:00", "text": "See you."}
    told = [message | {"id": "a", "in_reply_to": "b"}, message | {"id": "b", "in_reply_to": "a"}, message | {"id": "c"}, message | {"id": "d", "in_reply_to": "c"}]
    found = read_records(lines(tmp_path, CLIENT, *told))
    assert [record.id for record in found.records] == ["1", "c", "d"]
    assert [(fault.line, fault.column) for fault in found.faults] == [(2, "in_reply_to"), (3, "in_reply_to")]


def test_what_the_caller_checks_is_refused_by_line_and_field(tmp_path: Path) -> None:
    found = read_records(lines(tmp_path, CLIENT, NOTE), check=lambda record: ("text", "is not kind; write kindly") if record.kind == "note" else None)
    assert [record.id for record in found.records] == ["1"]
    assert [(fault.line, fault.column, fault.rule, fault.mend) for fault in found.faults] == [(2, "text", "The cell (text) is not kind.", "Write kindly.")]


@given(
    elements=st.lists(
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)), max_size=6
    ),
    indent=st.sampled_from([None, 1]),
    plain=st.booleans(),
)
def test_the_elements_of_an_array_are_found_wherever_they_stand(tmp_path_factory: pytest.TempPathFactory, elements: list[Any], indent: int | None, plain: bool) -> None:
    path = tmp_path_factory.mktemp("array") / "records.json"
    path.write_text(json.dumps(elements, indent=indent, ensure_ascii=plain), encoding="utf-8", errors="surrogatepass")
    body = path.read_bytes()
    found = [(span, json.loads(body[span.start : span.start + span.length].decode("utf-8", "surrogatepass"))) for span in spans(path)]
    assert [value for _, value in found] == elements
    assert all(span.line == 1 + body.count(b"\n", 0, span.start) for span, _ in found)


def test_a_large_file_is_read_in_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    path = tmp_path / "records.ndjson"
    with path.open("w", encoding="utf-8") as stream:
        for number in range(20_000):
            stream.write(json.dumps(NOTE | {"id": f"n{number}", "text": "x" * 500}) + "\n")
        stream.write(json.dumps(CLIENT) + "\n")
    tracemalloc.start()
    try:
        found = read_records(path)
        assert next(found.records).kind == "client"
        assert sum(1 for _ in found.records) == 20_000
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 4
    finally:
        tracemalloc.stop()
