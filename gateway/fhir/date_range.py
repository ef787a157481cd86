"""FHIR dates as half-open ranges of milliseconds: `2026-05` is the whole month, in the practice's own time zone.

https://hl7.org/fhir/R4/search.html#date
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

_DATE_TIME = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")

EARLIEST = -(2**53)
LATEST = 2**53


class Range(NamedTuple):
    """From `low` up to, not including, `high`; milliseconds since 1970 UTC."""

    low: int
    high: int


@lru_cache(maxsize=4096)
def parse(text: str, zone: tzinfo) -> Range:
    """The range a FHIR date, dateTime or instant stands for. Raises ValueError where it is none."""
    match = _DATE_TIME.fullmatch(text)
    if not match:
        raise ValueError("is not a FHIR date")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if hour is None:
        return _days(int(year), month, day, zone)
    where = zone if offset is None else datetime.fromisoformat(f"2000-01-01T00:00:00{offset.replace('Z', '+00:00')}").tzinfo
    start = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59), tzinfo=where)
    low = _ms(start) + (int(Decimal(fraction) * 1000) if fraction else 0)
    width = 60_000 if second is None else 1_000 if fraction is None else max(1, 10 ** max(0, 4 - len(fraction)))
    return Range(low, low + width)


def _days(year: int, month: str | None, day: str | None, zone: tzinfo) -> Range:
    first = date(year, int(month or 1), int(day or 1))
    if year == date.max.year:  # the year 9999, which many write for "no end"
        return Range(_ms(datetime(first.year, first.month, first.day, tzinfo=zone)), LATEST)
    if day:
        after = first + timedelta(days=1)
    elif month:
        after = date(year + first.month // 12, first.month % 12 + 1, 1)
    else:
        after = date(year + 1, 1, 1)
    return Range(*(_ms(datetime(limit.year, limit.month, limit.day, tzinfo=zone)) for limit in (first, after)))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def of_element(value: Any, zone: tzinfo) -> Range | None:
    """The range of a date, dateTime, instant, Period or Timing; None where it says nothing that can be placed."""
    try:
        if isinstance(value, str):
            return parse(value, zone)
        if isinstance(value, dict) and ("start" in value or "end" in value):
            return Range(parse(value["start"], zone).low if "start" in value else EARLIEST, parse(value["end"], zone).high if "end" in value else LATEST)
        if isinstance(value, dict) and "event" in value:
            ranges = [parse(event, zone) for event in value["event"]]
            return Range(min(r.low for r in ranges), max(r.high for r in ranges))
        if isinstance(value, dict) and "repeat" in value:
            return of_element(value["repeat"].get("boundsPeriod"), zone)
    except (ValueError, OverflowError):
        return None
    return None
