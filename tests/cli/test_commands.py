"""Every command: its help, its JSON, and how it fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.cli import main
from tests.cli.desk import Desk, assert_one_sentence


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_help_of_a_command_ends_with_an_example(desk: Desk, path: tuple[str, ...]) -> None:
    result = desk.run(*path, "--help")
    assert result.exit_code == 0
    said = re.search(r"Example: (.*)", result.stdout)
    assert said is not None
    assert f"handoff {' '.join(path)}" in said[1]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_an_example_names_only_options_that_exist(path: tuple[str, ...]) -> None:
    command = ALL[path]
    example = re.search(r"Example: (.*)", command.help or "")
    assert example is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"(?<= )--[a-z-]+", example[1])) <= known


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    silent = [option.name for option in ALL[path].params if isinstance(option, click.Option) and not option.help and option.name != "scope"]
    assert silent == []


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_an_option_that_does_not_exist_is_wrong_use(desk: Desk, path: tuple[str, ...]) -> None:
    assert "No such option" in assert_one_sentence(desk.run(*path, "--no-such-option"), 2)


def test_a_command_that_does_not_exist_is_wrong_use(desk: Desk) -> None:
    assert_one_sentence(desk.run("sing"), 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("init",),
        ("import",),
        ("import", "no-such-file"),
        ("client", "add", "--name", "X"),
        ("client", "token"),
        ("referral", "send"),
        ("audit", "report"),
        ("partner", "add", "1"),
        ("demo",),
    ],
    ids=" ".join,
)
def test_what_is_missing_is_wrong_use(desk: Desk, arguments: tuple[str, ...]) -> None:
    assert_one_sentence(desk.run(*arguments), 2)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--practice", "a b"), ("--practice", "ünique"), ("--practice", ""), ("--time-zone", "Mars/Olympus"), ("--time-zone", "../etc/passwd")],
)
def test_a_practice_needs_a_plain_id_and_a_real_time_zone(closed: Desk, option: str, value: str) -> None:
    wanted = {"--practice": "larkmoor", "--name": "Larkmoor", "--time-zone": "America/Chicago"} | {option: value}
    assert option in assert_one_sentence(closed.run("init", *(part for pair in wanted.items() for part in pair)), 2)


NEEDS_A_STORE = ("outbox list", "client list", "partner list", "referral list", "medication list", "audit report --client 1", "referral show 1", "client revoke 1", "worker")


@pytest.mark.parametrize("command", NEEDS_A_STORE)
def test_before_init_each_command_says_what_to_run(closed: Desk, command: str) -> None:
    assert "handoff migrate" in assert_one_sentence(closed.run(*command.split()), 1)


@pytest.mark.parametrize("command", ["outbox list", "client list", "partner list", "referral list", "medication list", "audit report --client 1", "migrate", "check"])
def test_the_lists_of_a_new_practice_are_json_for_scripts_and_words_for_people(desk: Desk, command: str) -> None:
    assert desk.json(*command.split()) in ([], {"faults": []}) or command == "migrate"
    told = desk.run(*command.split())
    assert told.exit_code == 0
    if command not in ("client list", "partner list"):
        assert told.stdout.strip().endswith("."), told.stdout


@pytest.mark.parametrize("command", ["referral preview 12", "referral send 12", "referral show 12", "referral withdraw 12"])
def test_a_referral_that_is_not_there_is_a_failure_with_a_sentence(desk: Desk, command: str) -> None:
    assert_one_sentence(desk.run(*command.split()), 1)


def test_a_practice_that_is_not_there_is_named_with_those_that_are(desk: Desk) -> None:
    assert "larkmoor" in assert_one_sentence(desk.run("client", "list", "--practice", "other"), 1)


def test_with_two_practices_one_must_be_named(desk: Desk) -> None:
    desk.json("init", "--practice", "second", "--name", "Second")
    assert "larkmoor, second" in assert_one_sentence(desk.run("client", "list"), 1)
    assert desk.json("client", "list", "--practice", "second") == []


def test_init_again_leaves_what_is_there(desk: Desk) -> None:
    keys = (desk.folder / "keys" / "gateway.jwks.json").read_bytes()
    assert desk.json("init", "--practice", "larkmoor", "--name", "Another name") == {"practice": "larkmoor", "added": False}
    assert (desk.folder / "keys" / "gateway.jwks.json").read_bytes() == keys


def test_the_keys_are_readable_by_their_owner_alone(desk: Desk) -> None:
    assert (desk.folder / "keys" / "gateway.jwks.json").stat().st_mode & 0o077 == 0


def test_check_names_what_is_missing_and_fails(closed: Desk) -> None:
    result = closed.run("check", "--json")
    assert result.exit_code == 1
    faults = json.loads(result.stdout)["faults"]
    assert [fault.rpartition("run: ")[2] for fault in faults] == ["handoff migrate.", "handoff init."]


def test_check_refuses_a_broken_key_file(desk: Desk) -> None:
    (desk.folder / "keys" / "gateway.jwks.json").write_text("{}")
    assert_one_sentence(desk.run("check"), 1)


def test_migrate_says_the_revision(desk: Desk) -> None:
    assert desk.json("migrate")["revision"]


def test_a_database_in_a_place_that_does_not_exist_is_one_sentence(closed: Desk) -> None:
    closed.environment["HANDOFF_DATABASE_URL"] = "sqlite:////proc/none/handoff.db"
    assert_one_sentence(closed.run("migrate"), 1)


def test_a_file_that_is_no_database_is_one_sentence(closed: Desk) -> None:
    (closed.folder / "handoff.db").write_bytes(b"this is a letter, not a database" * 100)
    assert_one_sentence(closed.run("client", "list"), 1)


def test_the_version_is_told(desk: Desk) -> None:
    assert re.search(r"\d+\.\d+\.\d+", desk.run("--version").stdout)


def test_help_lists_every_command(desk: Desk) -> None:
    listed = desk.run("--help").stdout
    assert all(name in listed for name in main.commands)
    assert Path("demo").name in listed
