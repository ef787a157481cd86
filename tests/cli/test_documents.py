"""handoff ccda and handoff risk: documents to and from files, and who must be spoken with now."""

from __future__ import annotations

from typing import Any

import pytest

from mappings import ccda
from tests.cli.desk import Desk, assert_one_sentence
from tests.mappings.corpus import record

_PEOPLE = (
    record("practice", part_of=None),
    record("clinician", supervisor=None),
    record("partner"),
    record("client", partner_of=None, primary_care=None),
    record("problem"),
    record("session", supervisor=None),
    record("referral", status="draft", reply=None),
    record("treatment_plan", team=[], replaces=None, protocols=[], cosigned=None),
)


def _lines(*records: Any) -> bytes:
    return b"\n".join(b'{"kind": "%s", %s' % (one.kind.encode(), one.model_dump_json(exclude_defaults=True).encode()[1:]) for one in records)


@pytest.fixture
def office(desk: Desk) -> Desk:
    assert desk.json("import", desk.file("people.ndjson", _lines(*_PEOPLE)))["refused"] == []
    return desk


def test_a_referral_and_a_plan_become_files_that_read_as_what_they_are(office: Desk) -> None:
    for words, title in ((("referral", "ref1"), b"57133-1"), (("plan", "tp1"), b"18776-5")):
        out = office.folder / f"{words[1]}.xml"
        assert office.run("ccda", *words, "--out", str(out)).exit_code == 0
        assert title in out.read_bytes()


def test_a_document_goes_to_the_terminal_without_a_file(office: Desk) -> None:
    printed = office.run("ccda", "referral", "ref1").stdout_bytes
    assert ccda.read(printed.strip()).type == "Referral Note"


def test_a_document_is_taken_in_once(office: Desk) -> None:
    note = office.file("note.xml", office.run("ccda", "referral", "ref1").stdout_bytes.strip())
    assert office.json("ccda", "take", note, "--partner", "breakwater")["matched"] is True
    assert office.json("ccda", "take", note, "--partner", "breakwater")["resources"] == 0


def test_what_is_no_document_is_one_sentence(office: Desk) -> None:
    assert_one_sentence(office.run("ccda", "take", office.file("letter.xml", b"Dear colleague")), 1)


def test_a_screening_that_found_risk_is_listed_until_the_next_one(office: Desk) -> None:
    def screen(key: str, day: str, *, wish: bool) -> None:
        one = record("risk_assessment", id=key, assessed_at=f"2026-10-{day}T10:00:00-04:00", answers={"wish": wish, "thoughts": False}, note=None)
        assert office.json("import", office.file(f"{key}.ndjson", _lines(one)))["refused"] == []

    assert office.json("risk", "list") == []
    screen("r1", "01", wish=True)
    (found,) = office.json("risk", "list")
    assert (found["client"], found["since"][:10], found["found"]) == ("ana", "2026-10-01", "Suicide risk level: Low")
    assert "client ana" in office.run("risk", "list").stdout
    screen("r2", "08", wish=False)
    assert office.json("risk", "list") == []


def test_a_referral_that_cannot_wait_is_no_finding(office: Desk) -> None:
    urgent = record("referral", id="ref2", status="requested", priority="stat", reply=None)
    assert office.json("import", office.file("urgent.ndjson", _lines(urgent)))["refused"] == []
    assert office.json("risk", "list") == []
