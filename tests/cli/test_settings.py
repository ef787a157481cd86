"""Settings: a wrong one stops the start with one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.settings import SETTINGS, BadSetting, read_settings
from tests.cli.desk import Desk, assert_one_sentence

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HANDOFF_DATABASE_URL", "mysql://root@db/handoff"),
        ("HANDOFF_DATABASE_URL", "handoff.db"),
        ("HANDOFF_BASE_URL", "http://fhir.practice.example"),
        ("HANDOFF_BASE_URL", "https://fhir.practice.example/"),
        ("HANDOFF_BASE_URL", "https://fhir.practice.example?x=1"),
        ("HANDOFF_BASE_URL", "fhir.practice.example"),
        ("HANDOFF_PORT", "0"),
        ("HANDOFF_PORT", "65536"),
        ("HANDOFF_PORT", "eighty"),
        ("HANDOFF_WORKERS", "-1"),
        ("HANDOFF_WORKERS", "\u0662"),
        ("HANDOFF_ALLOW_PRIVATE_PARTNERS", "true"),
        ("HANDOFF_POLL_SECONDS", "1.5"),
        ("HANDOFF_MAX_BODY_MB", "0"),
    ],
)
def test_a_wrong_setting_stops_every_command_with_its_name(desk: Desk, variable: str, value: str) -> None:
    said = assert_one_sentence(desk.run("client", "list", **{variable: value}), 1)
    assert variable in said


def test_a_password_in_a_wrong_address_is_not_repeated(desk: Desk) -> None:
    assert "hunter2" not in assert_one_sentence(desk.run("check", HANDOFF_DATABASE_URL="mysql://root:hunter2@db/handoff"), 1)


def test_a_variable_that_does_not_exist_stops_the_start(desk: Desk) -> None:
    said = assert_one_sentence(desk.run("client", "list", HANDOFF_DATABSE_URL="sqlite:///x.db"), 1)
    assert "HANDOFF_DATABSE_URL" in said


def test_an_empty_variable_means_the_default() -> None:
    assert read_settings({"HANDOFF_PORT": ""}).port == 8000


def test_without_any_variable_everything_lies_in_demo() -> None:
    settings = read_settings({})
    assert (settings.database_url, settings.fhir_base, settings.host) == ("sqlite:///demo/handoff.db", "http://127.0.0.1:8000/fhir", "127.0.0.1")
    assert not settings.allow_private_partners


def test_every_default_is_a_value_that_may_be_set() -> None:
    assert read_settings({setting.variable: setting.default for setting in SETTINGS.values()}) == read_settings({})


def test_plain_http_is_for_this_machine_alone() -> None:
    assert read_settings({"HANDOFF_BASE_URL": "http://localhost:9000"}).base_url == "http://localhost:9000"
    with pytest.raises(BadSetting, match="https://"):
        read_settings({"HANDOFF_BASE_URL": "http://10.0.0.5:9000"})


def test_the_readme_lists_every_setting_as_it_is() -> None:
    rows = re.findall(r"^\| `(HANDOFF_[A-Z_]+)` \| `([^`]*)` \| (.*) \|$", README.read_text(), re.MULTILINE)
    if not rows:
        pytest.skip("the README has no table of settings yet")
    assert rows == [(setting.variable, setting.default, setting.meaning) for setting in SETTINGS.values()]
