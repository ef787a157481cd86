"""The gateway of this room's tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

from tests.store.engines import world

__all__ = ["world"]
