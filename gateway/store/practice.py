"""The practices this store holds, and their time zones."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from gateway.store.engine import put
from gateway.store.schema import practice


def add(connection: Connection, practice_id: str, name: str, time_zone: str, now: int) -> bool:
    """Add a practice; False where one with this id is there already (nothing changes)."""
    ZoneInfo(time_zone)
    if practice_id in all_ids(connection):
        return False
    put(connection, practice, [{"id": practice_id, "name": name, "time_zone": time_zone, "created_at": now}], replace=False)
    return True


def all_ids(connection: Connection) -> list[str]:
    return list(connection.scalars(select(practice.c.id).order_by(practice.c.created_at, practice.c.id)))


def name_of(connection: Connection, practice_id: str) -> str:
    return connection.scalar(select(practice.c.name).where(practice.c.id == practice_id)) or practice_id


def zone_of(connection: Connection, practice_id: str) -> ZoneInfo:
    """The practice's time zone; UTC for a practice that is not there."""
    return _zone(connection.scalar(select(practice.c.time_zone).where(practice.c.id == practice_id)) or "UTC")


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
