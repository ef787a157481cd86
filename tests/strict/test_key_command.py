"""`handoff key`: what a person at the desk sees of our keys, and how they are changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.clock import system_clock
from gateway.smart.key import load
from gateway.smart.rotation import rotate
from tests.cli.desk import Desk, assert_one_sentence
from tests.world import own_keys


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    path = tmp_path / "keys" / "gateway.jwks.json"
    path.parent.mkdir()
    path.touch(0o600)
    path.write_bytes(own_keys())
    return Desk(tmp_path).open()


def _file(desk: Desk, name: str = "gateway") -> Path:
    return desk.folder / "keys" / f"{name}.jwks.json"


def test_the_keys_are_listed_and_nothing_private_with_them(desk: Desk) -> None:
    told = desk.json("key", "list")
    assert told["published_at"] == "http://127.0.0.1:8000/oauth/jwks"
    assert [(row["algorithm"], row["signs"], row["signs_from"], row["until"]) for row in told["keys"]] == [(name, True, None, None) for name in ("ES384", "RS384", "RS256")]
    shown = desk.run("key", "list").output + json.dumps(told)
    assert not any(str(key.as_dict(private=True)["d"]) in shown for key in load(_file(desk)))


def test_a_rotation_tells_when_the_new_keys_sign_and_the_old_ones_are_gone(desk: Desk) -> None:
    done = desk.json("key", "rotate", "--overlap", "72", "--lead", "30")
    rows = desk.json("key", "list")["keys"]
    assert [row["until"] for row in rows[:3]] == [done["old_until"]] * 3
    assert [(row["signs"], row["signs_from"], row["until"]) for row in rows[3:]] == [(False, done["signs_from"], None)] * 3
    assert f"signs from {done['signs_from']}" in desk.run("key", "list").output


def test_keys_that_became_known_are_gone_at_once(desk: Desk) -> None:
    before = {key.kid for key in load(_file(desk))}
    assert "The old keys are gone" in desk.run("key", "rotate", "--at-once").output
    assert [row["signs"] for row in desk.json("key", "list")["keys"]] == [True] * 3
    assert not before & {key.kid for key in load(_file(desk))}


def test_a_practice_is_given_keys_of_its_own(desk: Desk) -> None:
    said = desk.run("key", "rotate", "--practice", "larkmoor").output
    assert "published at http://127.0.0.1:8000/oauth/jwks/larkmoor. They stand at http://127.0.0.1:8000/oauth/jwks too." in said
    assert [key.alg for key in load(_file(desk, "practices/larkmoor"))] == ["ES384", "RS384", "ES384", "RS384"]
    assert len(load(_file(desk)).keys) == 3
    assert len(desk.json("key", "list", "--practice", "larkmoor")["keys"]) == 4


def test_every_practice_after_the_first_begins_with_keys_of_its_own(desk: Desk) -> None:
    assert not _file(desk, "practices/larkmoor").exists()
    desk.json("init", "--practice", "second", "--name", "Second")
    made = _file(desk, "practices/second").read_bytes()
    desk.json("init", "--practice", "second", "--name", "Second")
    assert _file(desk, "practices/second").read_bytes() == made
    assert desk.json("key", "list", "--practice", "second")["published_at"].endswith("/oauth/jwks/second")
    assert "must register this address" in desk.run("key", "rotate", "--practice", "second").output


def test_the_check_looks_at_the_keys_of_every_practice(desk: Desk) -> None:
    desk.json("init", "--practice", "second", "--name", "Second")
    assert desk.json("check") == {"faults": []}
    _file(desk, "practices/second").chmod(0o644)
    assert "chmod 600" in assert_one_sentence(desk.run("check"), 1)


@pytest.mark.parametrize("arguments", [["--overlap", "0"], ["--overlap", "x"], ["--lead", "1"]])
def test_times_that_would_leave_partners_without_keys_are_refused(desk: Desk, arguments: list[str]) -> None:
    before = _file(desk).read_bytes()
    assert_one_sentence(desk.run("key", "rotate", *arguments), 2)
    assert _file(desk).read_bytes() == before


def test_a_practice_that_is_not_here_has_no_keys(desk: Desk) -> None:
    assert_one_sentence(desk.run("key", "rotate", "--practice", "nobody"), 1)
    assert_one_sentence(desk.run("key", "list", "--practice", "../gateway"), 1)


def test_too_many_rotations_are_one_sentence(desk: Desk) -> None:
    for _ in range(21):
        rotate(_file(desk), system_clock().timestamp(), ["ES384"])
    assert "--at-once" in assert_one_sentence(desk.run("key", "rotate"), 1)
