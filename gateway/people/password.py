"""Passwords: which are taken, how they are kept (argon2id), how one is checked.

ASVS 5.0 V6.2, NIST SP 800-63B section 3.1.1: length counts, not kinds of characters; the very common ones are refused.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 128
"""In characters after NFKC."""

_COMMON = """
password passwort passw0rd letmein welcome administrator iloveyou monkey dragon football baseball sunshine princess superman batman trustno whatever computer
internet changeme secret qwerty qwertyuiop qwertzuiop asdfgh asdfghjkl zxcvbnm azerty login access master therapy therapist counseling handoff clinic practice
health summer winter spring autumn january december monday friday
"""
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop")
_FEWEST_KINDS, _FEWEST_LETTERS = 5, 4


class BadPassword(ValueError):
    """The password is not taken; its text says why, without it."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """What an unknown name's password is checked against, so that it costs the same."""
    return _hasher().hash("nobody's password")


def check_password(password: str, account_name: str) -> None:
    """Raises BadPassword: too short, too long, the account's own name, or very common."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise BadPassword(f"Use at least {SHORTEST} characters; a few words in a row are good.")
    if len(plain) > LONGEST:
        raise BadPassword(f"Use at most {LONGEST} characters.")
    if "\x00" in plain:
        raise BadPassword("One of the characters cannot be typed everywhere; leave it out.")
    if _is_easy(plain.casefold(), account_name.casefold()):
        raise BadPassword("This is among the first that anyone would try; choose one that says nothing about you or the practice.")


def hashed(password: str) -> str:
    """Argon2id with the library's recommended parameters (RFC 9106)."""
    return _hasher().hash(_normal(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether it is the one; about the same work where there is none. Longer than LONGEST is never one."""
    plain = _normal(password[: LONGEST * 4])
    try:
        _hasher().verify(password_hash or _nobodys_hash(), plain)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with parameters that are no longer those recommended."""
    return _hasher().check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _is_easy(plain: str, name: str) -> bool:
    """Of few characters, a row of keys, or a common word (or the name) with little else but digits and signs around it."""
    rest = plain
    for known in sorted({*_COMMON.split(), name, name.partition("@")[0]}, key=len, reverse=True):
        rest = rest.replace(known, "") if len(known) > 2 else rest
    says_little = rest != plain and sum(map(str.isalpha, rest)) < _FEWEST_LETTERS
    return len(set(plain)) < _FEWEST_KINDS or says_little or _is_row(plain)


def _is_row(plain: str) -> bool:
    return any(plain in row or plain[::-1] in row for row in (row * 12 for row in _ROWS))
