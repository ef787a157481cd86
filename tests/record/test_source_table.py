"""A source table is checked when it is loaded: what is wrong is said by file, key and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.record.source import TableRefused, load_table
from gateway.record.types import Client
from tests.record.small_export import Read

PLAIN = """
name = "sheet"
title = "A spreadsheet"
null = ["-"]
dates = "day-first"
[codes.sex]
weiblich = "female"
[[file]]
name = "clients.csv"
needs = ["No", "Name", "Born"]
ignore = { "not for others" = ["Shoe size"] }
[[record]]
kind = "client"
file = "clients.csv"
id = "c-{No}"
[record.field]
name = "Name | full_name"
birth_date = "Born | day"
sex = { from = ["Sex"], as = "code:sex", otherwise = "unknown" }
"contact.email" = "Mail"
"""


def table(tmp_path: Path, body: str) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(body, encoding="utf-8")
    return str(path)


def test_a_practice_maps_a_spreadsheet_of_its_own_without_code(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "Clients.csv").write_text('No,Name,Born,Sex,Mail,Shoe size,Tea\n1,"Stein, Ida",01/02/1980,Weiblich,-,39,mint\n2,Bo Reed,1990-05-06,,bo@example.org,,\n')
    found = Read(folder, table(tmp_path, PLAIN))
    first, second = (record for record in found.records if isinstance(record, Client))
    assert (first.id, first.name.family, first.sex, first.contact.email) == ("c-1", "Stein", "female", None)
    assert str(first.birth_date) == "1980-02-01"
    assert (second.name.given, second.sex, second.contact.email) == (("Bo",), "unknown", "bo@example.org")
    assert {(one.column, one.reason) for one in found.left_out} == {("Shoe size", "not for others"), ("Tea", "the source table does not map this column")}


WRONG = [
    ('kind = "client"', 'kind = "custmer"', "record.0.kind", "kind that does not exist"),
    ("birth_date =", "birthdate =", "record.0.field.birthdate", "field that client does not have"),
    ("| day", "| dya", "record.0.field.birth_date", "converter that does not exist"),
    ("| day", "| day:day-last", "record.0.field.birth_date", "neither month-first nor day-first"),
    ("| day", "| day:%d.%m.%y", "record.0.field.birth_date", "no pattern has (%y)"),
    ("| day", "| yes", "record.0.field.birth_date", "gives yes or no, which birth_date does not take"),
    ("| full_name", "| line", "record.0.field.name", "gives text, which name does not take"),
    ("code:sex", "code:gender", "record.0.field.sex", "list that codes does not have"),
    ('otherwise = "unknown"', 'otherwise = "none"', "record.0.field.sex", "gives 'none', which sex does not take"),
    ('weiblich = "female"', 'weiblich = "feminine"', "codes.sex.weiblich", "does not take"),
    ("weiblich =", "Weiblich =", "codes.sex.Weiblich", "matches no cell"),
    ('"contact.email"', '"contact.mail"', "record.0.field.contact.mail", "contact.email"),
    ('"contact.email" = "Mail"', 'therapist = "Mail | ref:partner"', "record.0.field.therapist", "names a clinician, not a partner"),
    ('birth_date = "Born | day"', "", "record.0.field", "Nothing sets birth_date, which every client needs"),
    ('file = "clients.csv"', 'file = "people.csv"', "record.0.file", "file that no"),
    ('title = "A spreadsheet"', "", "title", "must be given"),
    ('dates = "day-first"', 'dates = "whichever"', "dates", "month-first"),
    ('name = "clients.csv"', 'name = "../clients.csv"', "file.0.name", "pattern"),
    ("needs =", "neds =", "file.0.neds", "no such key"),
    ("[[file]]", "[[file", "", "not TOML"),
    ('id = "c-{No}"', 'id = "No"\nfinish = "magic"', "record.0.finish", "finisher that does not exist"),
    ('id = "c-{No}"', 'id = "c-{No | nmuber}"', "record.0.id", "converter that does not exist"),
    ('id = "c-{No}"', 'id = "No"\nwhen = [{ column = "No" }]', "record.0.when.0", "exactly one of"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "mend"), WRONG)
def test_a_wrong_table_is_refused_by_file_line_key_and_mend(tmp_path: Path, right: str, wrong: str, key: str, mend: str) -> None:
    assert right in PLAIN
    body = PLAIN.replace(right, wrong, 1)
    with pytest.raises(TableRefused) as refused:
        load_table(table(tmp_path, body))
    assert (refused.value.file, refused.value.key) == ("mine.toml", key)
    assert mend in refused.value.mend
    line = next((number for number, text in enumerate(body.splitlines(), start=1) if wrong and wrong.splitlines()[-1] in text), None)
    assert refused.value.line in (line, None) or "Nothing sets" in mend


@pytest.mark.parametrize("name", ["no-such-table", "no/such/file.toml"])
def test_a_table_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(TableRefused, match="no such source table"):
        load_table(name)


def test_a_table_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableRefused, match="not UTF-8"):
        load_table(str(path))
