"""Process notes (45 CFR 164.501) arrive nowhere: not in an answer, a record, a report, a log, nor in a byte of the database."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from gateway.fhir.capability import SERVED
from gateway.record.types import KINDS
from tests.story.imported import Imported
from tests.world import PRACTICE, Caller

MARK = re.compile(rb"PN-D-\d")
"""What all the canaries have in common."""


@pytest.fixture(scope="module")
def words(imported: Imported, reference_data: Path) -> list[bytes]:
    """The canaries, and each long sentence of a process note that stands in no other note."""
    canaries = [one["canary"] for one in imported.expected["process_note_canaries"]]
    ids = {str(one["id"]) for one in imported.expected["process_note_canaries"]}
    with (reference_data / "practice-export" / "form_clinical_notes.csv").open(encoding="utf-8-sig", newline="") as lines:
        notes = [(row["id"], row["description"]) for row in csv.DictReader(lines)]
    others = "\n".join(text for number, text in notes if number not in ids)
    own = [sentence for number, text in notes if number in ids for sentence in re.split(r"(?<=[.!?])\s+|\n+", text) if len(sentence) >= 40 and sentence not in others]
    assert len(canaries) == len(ids) == imported.expected["process_notes_total"]
    assert all(any(canary in text for _, text in notes) for canary in canaries)
    assert len(own) >= len(ids) // 2
    return [text.encode() for text in (*canaries, *own)]


def _check_silent(raw: bytes, words: list[bytes], where: str) -> None:
    assert not MARK.search(raw), where
    for position, one in enumerate(words):
        assert one not in raw, f"words {position} in {where}"


@pytest.mark.parametrize("kind", SERVED)
def test_no_fhir_answer_holds_a_word_of_a_process_note(imported: Imported, words: list[bytes], kind: str) -> None:
    url, pages = f"{kind}?_count=500&_revinclude=Provenance:target", 0
    while url:
        answer = imported.practice.ask("GET", url)
        assert answer.status_code == 200
        _check_silent(answer.data, words, url)
        url = next((link["url"].partition("/fhir/")[2] for link in answer.get_json()["link"] if link["relation"] == "next"), "")
        pages += 1
    assert pages * 500 >= len(imported.all[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_no_record_holds_a_word_of_a_process_note(imported: Imported, words: list[bytes], kind: str) -> None:
    answer = imported.practice.ask("GET", f"/records/{kind}")
    kept = sum(row[1] == kind for row in imported.after_first["record"])
    assert (answer.status_code, len(answer.get_json())) == (200, kept)
    _check_silent(answer.data, words, kind)


def test_a_process_note_leaves_only_that_it_exists_whose_it_is_and_when(imported: Imported) -> None:
    marks = imported.practice.ask("GET", "/records/process_note_mark").get_json()
    told = {str(one["id"]): str(one["pid"]) for one in imported.expected["process_note_canaries"]}
    assert {one["id"]: one["client"] for one in marks} == told
    assert {name for one in marks for name in one} <= {"id", "client", "author", "written_on"}


def test_no_document_comes_of_a_process_note(imported: Imported) -> None:
    for one in imported.expected["process_note_canaries"]:
        for kind in ("note", "process_note", "process_note_mark"):
            assert imported.practice.get(f"DocumentReference?identifier=urn:handoff:{PRACTICE}:{kind}|{one['id']}")["total"] == 0


def test_neither_the_report_nor_the_command_says_a_word_of_it(imported: Imported, words: list[bytes]) -> None:
    for name in ("first.json", "second.json"):
        _check_silent((imported.folder / name).read_bytes(), words, name)
    for result in (imported.first, imported.second):
        assert "Read" in result.output
        _check_silent(result.output.encode(), words, "output")


def test_no_byte_of_the_database_holds_it(imported: Imported, words: list[bytes]) -> None:
    imported.world.journal.close()
    files = [path for path in imported.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" and path.stat().st_size > 1_000_000 for path in files)
    for path in files:
        _check_silent(path.read_bytes(), words, path.name)


def test_neither_is_it_in_the_log_at_its_most_talkative(imported: Imported, words: list[bytes]) -> None:
    assert imported.heard.lines
    _check_silent(imported.heard.text.encode(), words, "log")


def test_the_log_names_no_client_either(imported: Imported, stranger_who_asked: Caller) -> None:
    """Names, birth dates and titles of what the practice holds, searched for by their words, appear in no line."""
    for number, facts in imported.expected["clients"].items():
        for value in (facts["name"], facts["name"].rsplit(" ", 1)[1], facts["dob"], imported.clients[number]):
            assert not re.search(rf"\b{re.escape(value)}\b", imported.heard.text), number


@pytest.fixture
def stranger_who_asked(imported: Imported) -> Caller:
    stranger = imported.world.client()
    for number, facts in imported.expected["clients"].items():
        for caller in (stranger, imported.practice):
            caller.get(f"Patient?name={facts['name'].rsplit(' ', 1)[1]}&birthdate={facts['dob']}")
            caller.ask("GET", f"Patient/{imported.clients[number]}")
    return stranger
