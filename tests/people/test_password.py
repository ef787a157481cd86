"""Passwords: any characters, kept so that the same one opens and no other."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.people.password import LONGEST, SHORTEST, BadPassword, check_password, hashed, is_outdated, is_password
from gateway.people.secret_key import SecretKey, Unsealable
from gateway.store import account as accounts
from tests.people.house import PASSWORD, Browser, person
from tests.world import World

FEW = max(5, settings.default.max_examples // 20)
"""Each example costs a tenth of a second, on purpose."""


@settings(max_examples=FEW)
@given(st.text(min_size=1, max_size=LONGEST), st.text(min_size=1, max_size=LONGEST))
def test_what_was_set_opens_and_nothing_else(password: str, other: str) -> None:
    kept = hashed(password)
    assert kept.startswith("$argon2id$")
    assert is_password(password, kept)
    assert is_password(unicodedata.normalize("NFD", password), kept), "however the keyboard writes it"
    assert is_password(other, kept) == (unicodedata.normalize("NFKC", other) == unicodedata.normalize("NFKC", password))


@given(st.text(max_size=200))
def test_length_counts_and_not_the_kind_of_characters(password: str) -> None:
    plain = unicodedata.normalize("NFKC", password)
    assume("\x00" not in plain)
    try:
        check_password(password, "m.lund")
        taken = True
    except BadPassword:
        taken = False
    assert not taken or SHORTEST <= len(plain) <= LONGEST
    varied = len(set(plain.casefold())) >= 8 and not any(character.isascii() and character.isalpha() for character in plain)
    assert taken or not (SHORTEST <= len(plain) <= LONGEST) or not varied or plain.isdecimal()


@pytest.mark.parametrize(
    "password",
    ["passwordpassword", "PassWord!2026", "qwertyuiop12", "111111111111", "987654321098", "letmein-letmein", "m.lund2026-07", "administrator", "therapist2026!", "abababababab"],
)
def test_what_anyone_would_try_first_is_refused(password: str) -> None:
    with pytest.raises(BadPassword):
        check_password(password, "m.lund")


@pytest.mark.parametrize(
    "password",
    ["seven herons over grey water", "83920175638204", "Zwölf Boxkämpfer", "密碼是一個很長的句子不是嗎", "correct horse battery", "x7#Kq!pL2@mZ", "my password is a heron"],
)
def test_a_good_one_is_taken(password: str) -> None:
    check_password(password, "m.lund")


@pytest.mark.parametrize("broken", ["", "x", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", None])
def test_a_broken_or_missing_hash_opens_to_nobody(broken: str | None) -> None:
    assert not is_password(PASSWORD, broken)


def test_a_hash_by_older_parameters_is_replaced_when_its_owner_signs_in(world: World) -> None:
    who = person(world)
    with world.store.write() as connection:
        accounts.set_password(connection, who.account.id, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))
    Browser(world).sign_in(who)
    with world.store.read() as connection:
        row = accounts.account(connection, who.account.id)
    assert row is not None
    assert row.password_hash is not None
    assert not is_outdated(row.password_hash)
    assert is_password(PASSWORD, row.password_hash)


@given(st.text(), st.text(), st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_for_what_it_is_about_alone(text: str, about: str, root: bytes) -> None:
    key = SecretKey(root)
    sealed = key.seal(text, about)
    assert key.unseal(sealed, about) == text
    assert key.seal(text, about) != sealed
    for wrong_key, wrong_about in ((SecretKey(bytes(32)), about), (key, about + "x")):
        if wrong_key != key or wrong_about != about:
            with pytest.raises(Unsealable):
                wrong_key.unseal(sealed, wrong_about)
