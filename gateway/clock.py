"""What time it is. Everything that asks takes a Clock, so that a test can hold it still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

Clock = Callable[[], datetime]
"""Returns an aware instant."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


@lru_cache(maxsize=64)
def instant(ms: int) -> str:
    """A FHIR `instant` in UTC with milliseconds (https://hl7.org/fhir/R4/datatypes.html#instant)."""
    return from_ms(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
