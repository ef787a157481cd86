"""Our keys change: what is published, what signs, and what a crash, a second process or a broken file does to it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from gateway.smart.key import ALGORITHMS, PARTNER_ALGORITHMS, BadKeyFile, OwnKeys, create, load, load_or_create, public_jwks, signing_key
from gateway.smart.rotation import LEAD_S, OVERLAP_S, rotate
from tests.token.given import allow, app
from tests.world import StillClock, World, own_keys

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "keys" / "gateway.jwks.json"
    found.parent.mkdir()
    found.touch(0o600)
    found.write_bytes(own_keys())
    return found


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def keys(path: Path, clock: StillClock) -> OwnKeys:
    return OwnKeys(path, clock)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[World]:
    one = World(tmp_path)
    yield one
    one.close()


def _kids(keys: OwnKeys) -> list[str]:
    return [str(key.kid) for key in keys.published()]


def _published(home: World, path: str = "/oauth/jwks") -> list[str]:
    return [key["kid"] for key in home.http.get(path).get_json()["keys"]]


def test_new_keys_are_published_then_sign_and_the_old_ones_go_when_the_overlap_is_over(path: Path, keys: OwnKeys, clock: StillClock) -> None:
    old = _kids(keys)
    rotate(path, clock().timestamp())
    assert _kids(keys)[:3] == old
    assert len(_kids(keys)) == 6
    assert {signing_key(keys, algorithm).kid for algorithm in ALGORITHMS} == set(old)
    clock.forward(seconds=LEAD_S - 1)
    assert signing_key(keys, "RS256").kid in old
    clock.forward(seconds=1)
    new = {signing_key(keys, algorithm).kid for algorithm in ALGORITHMS}
    assert not new & set(old)
    clock.forward(seconds=OVERLAP_S - 1)
    assert set(_kids(keys)) == new | set(old)
    clock.forward(seconds=1)
    assert set(_kids(keys)) == new
    assert {key.kid for key in load(path)} == new, "what is over goes out of the file too"


def test_known_keys_can_be_dropped_at_once(path: Path, keys: OwnKeys, clock: StillClock) -> None:
    old = _kids(keys)
    rotate(path, clock().timestamp(), overlap_s=0, lead_s=0)
    assert len(_kids(keys)) == 3
    assert not set(_kids(keys)) & set(old)
    assert signing_key(keys, "ES384").kid in _kids(keys)


def test_a_second_rotation_keeps_the_end_of_the_first(path: Path, keys: OwnKeys, clock: StillClock) -> None:
    old = set(_kids(keys))
    rotate(path, clock().timestamp(), overlap_s=3600)
    rotate(path, clock().timestamp(), overlap_s=7200)
    clock.forward(seconds=LEAD_S + 3600)
    assert not set(_kids(keys)) & old
    assert len(_kids(keys)) == 6


def test_rotations_without_end_are_refused(path: Path, clock: StillClock) -> None:
    for _ in range(21):
        rotate(path, clock().timestamp(), ["ES384"])
    before = path.read_bytes()
    with pytest.raises(BadKeyFile, match="--at-once"):
        rotate(path, clock().timestamp(), ["ES384"])
    assert path.read_bytes() == before
    rotate(path, clock().timestamp(), ["ES384"], overlap_s=0, lead_s=0)
    assert len(load(path).keys) == 1


def test_nothing_private_and_no_times_of_ours_are_published(path: Path, keys: OwnKeys, clock: StillClock) -> None:
    rotate(path, clock().timestamp())
    for key in public_jwks(keys.published())["keys"]:
        assert set(key) <= {"kty", "crv", "x", "y", "n", "e", "kid", "alg", "use"}


def test_a_file_of_an_earlier_version_is_given_a_key_for_id_tokens(tmp_path: Path) -> None:
    path = tmp_path / "old.jwks.json"
    before = {key.kid for key in create(path, PARTNER_ALGORITHMS)}
    after = load_or_create(path)
    assert [key.alg for key in after] == ["ES384", "RS384", "RS256"]
    assert before < {key.kid for key in after}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [key.kid for key in load(path)] == [key.kid for key in after]


def test_many_processes_that_start_at_once_agree_on_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "gateway.jwks.json"
    program = f"from gateway.smart.key import load_or_create; from pathlib import Path; print(sorted(key.kid for key in load_or_create(Path({str(path)!r}))))"
    started = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert said == {f"{sorted(str(key.kid) for key in load(path))}\n"}


def test_rotations_at_the_same_time_lose_nothing(path: Path, clock: StillClock) -> None:
    threads = [threading.Thread(target=rotate, args=(path, clock().timestamp(), ("ES384",))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(load(path).keys) == 3 + 8


_CRASHES = {
    "before anything is written": "os.open = die_after(os.open, 2)",
    "when half is written": "os.fdopen = half",
    "before it is forced to the disk": "os.fsync = die_before(os.fsync)",
    "before the new file takes the name": "Path.replace = die_before(Path.replace)",
    "after the new file took the name": "Path.replace = die_after(Path.replace, 1)",
}
_CRASHING = """
import os, signal, sys, time
from pathlib import Path
from gateway.smart.rotation import rotate

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_before(function):
    return die

def die_after(function, times):
    left = [times]
    def then_die(*given, **named):
        done = function(*given, **named)
        left[0] -= 1
        return done if left[0] else die()
    return then_die

real_fdopen, count = os.fdopen, [0]
def half(*given, **named):
    count[0] += 1
    file = real_fdopen(*given, **named)
    if count[0] == 2:
        file.write('{"keys": [{"kty"')
        file.flush()
        die()
    return file

path = Path(sys.argv[1])
CRASH
rotate(path, time.time())
"""


@pytest.mark.parametrize("crash", _CRASHES.values(), ids=_CRASHES)
def test_a_crash_at_any_point_leaves_a_whole_file(path: Path, crash: str) -> None:
    before = {key.kid for key in load(path)}
    program = _CRASHING.replace("CRASH", crash)
    ended = subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert before <= {key.kid for key in load_or_create(path)}
    rotate(path, StillClock()().timestamp())
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_one_sentence(path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadKeyFile, match=r"cannot be written \(No space left on device\)"):
        rotate(path, clock().timestamp())
    assert path.read_bytes() == before


@pytest.mark.parametrize("broken", ["", "{", '{"keys": []}'])
def test_a_file_that_is_broken_under_a_running_server_changes_nothing_but_the_log(path: Path, keys: OwnKeys, broken: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    logging.getLogger("gateway.smart.key").disabled = False  # import-linter, where it ran before, switches off every logger there is
    before = _kids(keys)
    path.write_text(broken)
    assert _kids(keys) == before
    assert "key file cannot be read" in caplog.text
    path.unlink()
    assert _kids(keys) == before


@pytest.mark.parametrize("members", [{"nbf": "soon"}, {"exp": None}, {"exp": [1]}, {"nbf": 1.5}])
def test_a_key_with_a_time_that_is_none_is_refused(path: Path, members: dict[str, object]) -> None:
    held = json.loads(path.read_text())
    held["keys"][0] |= members
    path.write_text(json.dumps(held))
    with pytest.raises(BadKeyFile):
        load(path)


def test_a_running_server_follows_what_another_process_does(home: World) -> None:
    before = _published(home)
    environment = {"HANDOFF_DATABASE_URL": home.settings.database_url, "HANDOFF_SECRET_KEY_FILE": str(home.settings.secret_key_file), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "gateway.cli", "key", "rotate"], cwd=ROOT, env=os.environ | environment, check=True, timeout=60, capture_output=True)
    after = _published(home)
    assert after[:3] == before
    assert len(after) == 6


def test_an_id_token_is_signed_with_the_newest_key_and_can_be_checked_with_what_is_published(home: World) -> None:
    kids = [_id_token_kid(home)]
    rotate(home.settings.secret_key_file, home.clock().timestamp())
    kids.append(_id_token_kid(home))
    home.clock.forward(seconds=LEAD_S)
    kids.append(_id_token_kid(home))
    assert kids[0] == kids[1] != kids[2]


def _id_token_kid(home: World) -> str:
    mine = app(home, scope="openid fhirUser patient/*.rs")
    told = mine.tokens(allow(home, mine, "openid fhirUser patient/*.rs", patient="p1"))["id_token"]
    published = KeySet.import_key_set(home.http.get("/oauth/jwks").get_json())
    return str(jws.deserialize_compact(told, published, algorithms=["RS256"]).headers()["kid"])
