"""Accounts from the command line."""

from __future__ import annotations

import orjson
import pytest

from gateway.app import create_app
from gateway.settings import read_settings
from mappings.identity import Site
from tests.cli.desk import Desk, assert_one_sentence

RECORDS = [
    {"kind": "practice", "id": "larkmoor", "name": "Larkmoor"},
    {"kind": "clinician", "id": "c7", "name": {"family": "Lund"}, "practice": "larkmoor"},
    {"kind": "client", "id": "101", "name": {"family": "Quist", "given": ["Ada"]}, "birth_date": "1990-02-03", "sex": "female"},
]


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    desk.json("import", desk.file("records.ndjson", b"\n".join(map(orjson.dumps, RECORDS))))
    return desk


def test_a_therapist_gets_an_account_and_a_link_that_opens_the_enrolment_page(staffed: Desk) -> None:
    told = staffed.json("user", "add", "M.Lund", "--display", "Maren Lund", "--duty", "therapist", "--duty", "supervisor", "--clinician", "c7")
    assert told["name"] == "m.lund"
    assert told["fhir_user"] == f"Practitioner/{Site('larkmoor').id('clinician', 'c7')}"
    settings = read_settings({name: value for name, value in staffed.environment.items() if value is not None})
    page = create_app(settings).test_client().get(told["enrolment_link"].removeprefix(settings.base_url))
    assert (page.status_code, "Maren Lund" in page.text) == (200, True)
    (row,) = staffed.json("user", "list")
    assert (row["duties"], row["state"]) == (["therapist", "supervisor"], "not enrolled yet")
    assert told["enrolment_link"].rpartition("/")[2] not in str(row)


def test_a_client_gets_an_account_for_the_own_record(staffed: Desk) -> None:
    told = staffed.json("user", "add", "ada", "--display", "Ada Quist", "--duty", "client", "--client", "101")
    assert told["fhir_user"] == f"Patient/{Site('larkmoor').id('client', '101')}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("x --display X --duty therapist", "at least|2 to 64"),
        ("xx --display X --duty therapist", "--clinician"),
        ("xx --display X --duty supervisor", "--clinician"),
        ("xx --display X --duty client", "--client"),
        ("xx --display X --duty therapist --clinician nobody", "not on file"),
        ("xx --display X --duty client --client c7", "not on file"),
        ("xx --display X --duty client --client 101 --clinician c7", "second account"),
        ("xx --display X --duty client --duty therapist --client 101 --clinician c7", "second account"),
        ("xx --display X --duty front_desk --client 101", "duty client"),
        ("xx --display X --duty guardian --client 101", "Guardians"),
        ("xx --display X --duty owner", "administrator, therapist"),
        ("../x --display X --duty auditor", "letters"),
        ("xx --display X --duty auditor --openid-subject 7", "HANDOFF_OPENID_ISSUER"),
    ],
)
def test_an_account_that_would_be_wrong_is_not_made(staffed: Desk, arguments: str, said: str) -> None:
    told = assert_one_sentence(staffed.run("user", "add", *arguments.split()), 1)
    assert any(part in told for part in said.split("|")), told
    assert staffed.json("user", "list") == []


def test_a_name_is_used_once(desk: Desk) -> None:
    desk.json("user", "add", "desk", "--display", "Desk", "--duty", "front_desk")
    assert "already" in assert_one_sentence(desk.run("user", "add", "DESK", "--display", "Other", "--duty", "auditor"), 1)


def test_disabling_enabling_and_resetting_show_in_the_list(desk: Desk) -> None:
    first = desk.json("user", "add", "desk", "--display", "Desk", "--duty", "front_desk")
    desk.json("user", "disable", "desk")
    assert desk.json("user", "list")[0]["state"] == "disabled"
    desk.json("user", "enable", "desk")
    assert desk.json("user", "list")[0]["state"] == "not enrolled yet"
    assert desk.json("user", "reset", "desk")["enrolment_link"] != first["enrolment_link"]


@pytest.mark.parametrize("command", ["disable", "enable", "reset"])
def test_an_account_that_is_not_there_is_a_failure_with_a_sentence(desk: Desk, command: str) -> None:
    assert "handoff user list" in assert_one_sentence(desk.run("user", command, "nobody"), 1)


def test_the_file_of_peoples_secrets_is_for_its_owner_alone(desk: Desk) -> None:
    create_app(read_settings({name: value for name, value in desk.environment.items() if value is not None}))
    assert (desk.folder / "keys" / "people.key").stat().st_mode & 0o077 == 0
