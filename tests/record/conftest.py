"""The gateway of the intake's tests, on SQLite and on PostgreSQL, and courses to hang on its records."""

from __future__ import annotations

from tests.record.scores import courses
from tests.store.engines import world

__all__ = ["courses", "world"]
