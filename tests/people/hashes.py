"""Passwords hashed in no time, for tests of something else than what a hash costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from argon2 import PasswordHasher

from gateway.people import password as passwords


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """While this lasts; the real cost is tested in test_password."""
    passwords._nobodys_hash.cache_clear()  # noqa: SLF001 (it was made at full cost)
    with patch.object(passwords, "_hasher", cache(lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))):
        yield
    passwords._nobodys_hash.cache_clear()  # noqa: SLF001
