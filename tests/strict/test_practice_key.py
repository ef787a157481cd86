"""One key set for each practice: where its partners find it, and how it parts from the gateway's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import to_ms
from gateway.smart.key import OwnKeys
from gateway.smart.practice_key import PracticeKeys
from gateway.smart.rotation import LEAD_S, OVERLAP_S
from gateway.store import practice as practices
from tests.world import PRACTICE, World

SECOND = "second-practice"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[World]:
    """With a second practice, which has keys of its own."""
    one = World(tmp_path)
    with one.store.write() as connection:
        practices.add(connection, SECOND, "Second", "America/New_York", to_ms(one.clock()) + 1)
    yield one
    one.close()


@pytest.fixture
def keys(home: World) -> PracticeKeys:
    return PracticeKeys(OwnKeys(home.settings.secret_key_file, home.clock), home.clock)


def _published(home: World, path: str = "/oauth/jwks") -> set[str]:
    response = home.http.get(path)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    return {key["kid"] for key in response.get_json()["keys"]}


def test_a_practice_without_keys_of_its_own_has_the_gateways_but_not_the_one_for_id_tokens(home: World, keys: PracticeKeys) -> None:
    assert [key["alg"] for key in home.http.get(f"/oauth/jwks/{PRACTICE}").get_json()["keys"]] == ["ES384", "RS384"]
    assert _published(home, f"/oauth/jwks/{PRACTICE}") < _published(home)
    assert [key.alg for key in keys.signing(PRACTICE)] == ["ES384", "RS384"]


def test_practices_have_different_keys(home: World, keys: PracticeKeys) -> None:
    keys.create(SECOND)
    assert not _published(home, f"/oauth/jwks/{SECOND}") & _published(home)
    assert not {key.kid for key in keys.signing(SECOND)} & {key.kid for key in keys.signing(PRACTICE)}


def test_the_first_practice_parts_from_the_gateway_and_its_partners_notice_nothing(home: World, keys: PracticeKeys) -> None:
    """They have registered `/oauth/jwks`, and go on finding there whatever this practice signs with."""
    before = [key.kid for key in keys.signing(PRACTICE)]
    keys.rotate(PRACTICE)
    for _ in range(3):
        signing = {str(key.kid) for key in keys.signing(PRACTICE)[:1]}
        assert signing <= _published(home)
        assert signing <= _published(home, f"/oauth/jwks/{PRACTICE}")
        home.clock.forward(seconds=LEAD_S)
    assert keys.signing(PRACTICE)[0].kid not in before
    home.clock.forward(seconds=OVERLAP_S)
    assert not set(before) & _published(home, f"/oauth/jwks/{PRACTICE}")
    assert set(before) < _published(home), "the gateway's own are as they were"


def test_a_later_practice_parts_from_the_gateway_without_its_keys_being_found_there(home: World, keys: PracticeKeys) -> None:
    keys.rotate(SECOND)
    assert len(_published(home, f"/oauth/jwks/{SECOND}")) == 4
    assert len(_published(home)) == 3


def test_the_keys_of_a_practice_are_for_their_owner_alone(home: World, keys: PracticeKeys) -> None:
    keys.create(SECOND)
    assert keys.path(SECOND).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["nobody", "..", "%2e%2e", "..%2fgateway", "gateway", "a%00b", "practices"])
def test_there_are_no_keys_of_a_practice_that_is_not_here(home: World, name: str) -> None:
    assert home.http.get(f"/oauth/jwks/{name}").status_code == 404


@pytest.mark.parametrize("name", ["", "..", "a/b", "a.b", "a\n", "x" * 65, "-a"])
def test_no_file_is_named_after_what_is_no_id(keys: PracticeKeys, name: str) -> None:
    assert keys.own(name) is None
    with pytest.raises(ValueError, match="letters, digits and dashes"):
        keys.path(name)
