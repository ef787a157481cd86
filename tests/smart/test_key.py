"""Our own keys: made once, kept to ourselves, published without their private part."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from flask import Flask
from joserfc.jwk import KeySet

from gateway.http.key_sets import key_sets_blueprint
from gateway.http.oauth import oauth_blueprint
from gateway.smart.jwks import check_key_set, signing_keys
from gateway.smart.key import ALGORITHMS, BadKeyFile, OwnKeys, create, load, load_or_create, public_jwks
from gateway.smart.practice_key import PracticeKeys
from gateway.store.engine import Store
from tests.smart.world import StillClock


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, KeySet]:
    path = tmp_path_factory.mktemp("keys") / "own" / "keys.json"
    return path, create(path, ALGORITHMS)


def test_the_key_file_is_for_its_owner_alone(made: tuple[Path, KeySet]) -> None:
    assert stat.S_IMODE(made[0].stat().st_mode) == 0o600


def test_one_key_for_each_algorithm_is_read_back_as_it_was_made(made: tuple[Path, KeySet]) -> None:
    path, keys = made
    again = load_or_create(path)
    assert public_jwks(again) == public_jwks(keys)
    assert [key.alg for key in again] == ["ES384", "RS384", "RS256"]
    assert all(key.is_private for key in again)


def test_what_is_published_holds_nothing_private_and_would_be_taken_by_us(made: tuple[Path, KeySet]) -> None:
    published = public_jwks(made[1])
    check_key_set(published)
    assert [key.algorithm for key in signing_keys(published)] == ["ES384", "RS384"]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & {name for key in published["keys"] for name in key}


def test_keys_are_never_overwritten(made: tuple[Path, KeySet]) -> None:
    before = made[0].read_bytes()
    with pytest.raises(FileExistsError):
        create(made[0])
    assert made[0].read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_may_read_is_refused(mode: int, made: tuple[Path, KeySet], tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(made[0].read_bytes())
    path.chmod(mode)
    with pytest.raises(BadKeyFile, match="chmod 600"):
        load(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"kty": "EC"}]}'])
def test_a_file_that_is_no_key_set_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(BadKeyFile):
        load(path)


def test_public_keys_alone_cannot_sign(made: tuple[Path, KeySet], tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(public_jwks(made[1])))
    path.chmod(0o600)
    with pytest.raises(BadKeyFile):
        load(path)


def test_partners_find_our_public_keys(made: tuple[Path, KeySet], store: Store, clock: StillClock) -> None:
    app = Flask("published")
    app.register_blueprint(key_sets_blueprint(PracticeKeys(OwnKeys(made[0], clock), clock), store))
    response = app.test_client().get("/oauth/jwks")
    assert response.get_json() == public_jwks(made[1])


@pytest.mark.parametrize("url", ["http://gateway.example.org", "http://10.0.0.1", "ftp://gateway.example.org", "gateway"])
def test_the_server_does_not_start_without_tls(url: str, store: Store, clock: StillClock) -> None:
    with pytest.raises(ValueError, match="https"):
        oauth_blueprint(store, clock, url, f"{url}/fhir")
