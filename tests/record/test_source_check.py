"""The check of a source table finds everything at once, and says where; the reference of what a table may say is whole."""

from __future__ import annotations

import contextlib
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.source import SourceRefused, TableRefused, load_table, read
from gateway.record.source.explain import words
from gateway.record.source.load import Finding, check_table, shipped
from gateway.record.source.locate import line_of
from tests.record.small_export import ZONE

BASE = """
name = "ours"
title = "Our sheets"
[codes.sex]
f = "female"
[[file]]
name = "clients.csv"
[[file]]
name = "goals.csv"
[[file]]
name = "plans.csv"
[file.join.goal]
file = "goals.csv"
key = ["Plan"]
on = ["No"]
many = true
[[record]]
kind = "client"
file = "clients.csv"
id = "No"
[record.field]
name = "Name | full_name"
birth_date = "Born | day:%d.%m.%Y"
sex = "Sex | code:sex"
[[record]]
kind = "treatment_plan"
file = "plans.csv"
id = "No"
[record.field]
client = "Client | ref:client"
written_on = "Written | day:%d.%m.%Y"
[[record.part]]
into = "goals"
join = "goal"
field = { description = "Goal | line" }
"""


def findings(tmp_path: Path, *changes: tuple[str, str]) -> list[Finding]:
    body = BASE
    for right, wrong in changes:
        assert right in body
        body = body.replace(right, wrong, 1)
    path = tmp_path / "ours.toml"
    path.write_text(body, "utf-8")
    return check_table(str(path)).findings


def test_a_right_table_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path) == []


def test_the_tables_that_ship_are_right() -> None:
    assert {name: check_table(name).findings for name in shipped()} == {"openemr": [], "spreadsheet": []}


def test_everything_wrong_is_found_at_once_each_with_its_line_and_mend(tmp_path: Path) -> None:
    found = findings(tmp_path, ("| full_name", "| fullname"), ('f = "female"', 'f = "fem"'), ("Client | ref:client", "Client | ref:clinician"), ('into = "goals"', 'into = "goal"'))
    assert [finding.key for finding in found] == ["codes.sex.f", "record.0.field.name", "record.1.field.client", "record.1.part.0.into"]
    lines = [(tmp_path / "ours.toml").read_text("utf-8").splitlines()[(finding.line or 0) - 1] for finding in found]
    assert ['"fem"' in lines[0], "fullname" in lines[1], "ref:clinician" in lines[2], 'into = "goal"' in lines[3]] == [True] * 4
    assert all(finding.rule.endswith(".") and finding.mend.endswith(".") for finding in found)
    assert "full_name" in found[1].mend, "the converter that was meant"


LOOKS = [
    (("[codes.sex]", '[codes.unused]\na = "b"\n[codes.sex]'), "codes.unused", "Nothing uses the list"),
    (('sex = "Sex | code:sex"', 'sex = "Sex | code:sex"\npronouns = "Say | line"\noccupation = "Say | line"'), "record.0.field.occupation", "same column"),
    (('sex = "Sex | code:sex"', 'sex = "Sex | code:sex"\ntherapist = "By | ref:clinician"'), "record.0.field.therapist", "no record of the table makes one"),
    (('name = "clients.csv"', 'name = "clients.csv"\nignore = { "of no use" = ["Name"] }'), "file.0.ignore", "and a record reads it"),
    (("Sex | code:sex", "more.Sex | code:sex"), "file.0", "has no join more"),
    (("many = true", 'many = true\n[file.join.idle]\nfile = "clients.csv"\nkey = ["No"]\non = ["No"]'), "file.2.join.idle", "No column, part or condition asks"),
]


@pytest.mark.parametrize(("change", "key", "rule"), LOOKS)
def test_what_is_only_worth_a_look_keeps_no_table_from_use(tmp_path: Path, change: tuple[str, str], key: str, rule: str) -> None:
    (finding,) = findings(tmp_path, change)
    assert (finding.key, finding.fault, rule in finding.rule) == (key, False, True)


FAULTS = [
    (("many = true", ""), "record.1.part.0.join", "one row only"),
    (('join = "goal"', 'join = "gaol"'), "record.1.part.0.join", "has no join gaol"),
    (('join = "goal"', 'join = "goal"\ncount = 3'), "record.1.part.0", "from numbered columns"),
    (('description = "Goal | line"', 'start = "Goal | day"'), "record.1.part.0.field", "Nothing sets description"),
    (('file = "goals.csv"\nkey', 'file = "gaols.csv"\nkey'), "file.2.join.goal.file", "which no [[file]] names"),
    (('name = "goals.csv"', 'name = "Clients.csv"'), "file", "are called clients.csv"),
    (('name = "clients.csv"', 'name = "clients.csv"\nignore = { "a" = ["X"], "b" = ["X"] }'), "file.0.ignore", "ignored twice"),
    (('id = "No"\n[record.field]\nclient', 'id = "No"\nknown_as = ["{Title}"]\n[record.field]\nclient'), "record.1.known_as", "named by its id alone"),
]


@pytest.mark.parametrize(("change", "key", "rule"), FAULTS)
def test_a_fault_of_joins_and_parts_is_named(tmp_path: Path, change: tuple[str, str], key: str, rule: str) -> None:
    found = [finding for finding in findings(tmp_path, change) if finding.fault]
    assert (key, True) in [(finding.key, rule in finding.rule) for finding in found], found


def test_a_key_is_found_on_its_line_however_it_is_written() -> None:
    body = "a = 1\n[[x]]\n\"b.c\" = 1\n[x.y]\nz = 1\n[[x]]\n'b.c' = 2\n[[x.part]]\nk.l = 3\n"
    assert [line_of(body, key) for key in (("a",), ("x", 0, "b.c"), ("x", 0, "y", "z"), ("x", 1, "b.c"), ("x", 1, "part", 0, "k", "l"))] == [1, 3, 5, 7, 9]
    assert line_of(body, ("x", 1, "none")) == 6, "the table around it"
    assert line_of(body, ("q",)) is None


def test_every_key_converter_and_finisher_says_what_it_does_with_an_example() -> None:
    told = list(words())
    assert [(word.place, word.name) for word in told if not (word.meaning and word.example)] == []
    assert {"converter", "finisher", "[[record]]", "a field"} <= {word.place for word in told}


def test_the_example_of_every_key_is_toml() -> None:
    for word in words():
        if word.place not in ("converter", "finisher"):
            assert tomllib.loads(word.example if not word.example.startswith("{") else f"x = {word.example}"), word


EXPORT = {
    "clients.csv": "No,Name,Born,Sex\n1,Ida Stein,1.2.1980,f\n2,Bo Reed,31.2.1980,F\n",
    "plans.csv": "No,Client,Written,Goals\n7,1,3.4.2026,\n8,2,3.4.2026,\n",
    "goals.csv": "Plan,Goal\n7,Sleep\n9,Eat\n",
}


@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 2_000), st.integers(0, 12), st.sampled_from(["", "{", "}", '"', "Goal", "{n}", "0", "[]", "=", "goal", "\n", ".", "|", "day", "%", "*"])),
        max_size=4,
    )
)
def test_whatever_a_table_says_it_is_refused_or_reads(tmp_path_factory: pytest.TempPathFactory, cuts: list[tuple[int, int, str]]) -> None:
    body = BASE
    for at, length, new in cuts:
        start = at % (len(body) + 1)
        body = body[:start] + new + body[start + length :]
    folder = tmp_path_factory.mktemp("export")
    for name, text in EXPORT.items():
        (folder / name).write_text(text)
    table = tmp_path_factory.mktemp("table") / "ours.toml"
    table.write_text(body, "utf-8")
    with contextlib.suppress(TableRefused, SourceRefused):
        reading = read(folder, load_table(str(table)), time_zone=ZONE)
        assert all(record.id for record in reading.records)
