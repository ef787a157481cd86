"""Points in time: HL7's TS (`20250112100000-0500`) <-> FHIR's dateTime (`2025-01-12T10:00:00-05:00`), at the precision they have.

A time of day without an offset has no place in FHIR (https://hl7.org/fhir/R4/datatypes.html#dateTime): its day is kept. An hour
or a minute alone is filled up with zeros, as FHIR asks.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

_TS = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)?(?P<day>\d\d)?(?P<clock>\d{2}(?:\d\d)?(?:\d\d)?)?(?P<part>\.\d{1,9})?(?P<offset>[+-]\d{4}|[+-]\d\d|Z)?")
_DATE_TIME = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<part>\.\d+)?)?(?P<offset>Z|[+-]\d\d:\d\d)?)?)?)?"
)
_FARTHEST = 14 * 60


def ts_of(date_time: str | None) -> str | None:
    """The TS of a FHIR date, dateTime or instant; None for what is none."""
    found = _DATE_TIME.fullmatch(date_time or "")
    if found is None:
        return None
    part = {name: value or "" for name, value in found.groupdict().items()}
    offset = "+0000" if part["offset"] == "Z" else part["offset"].replace(":", "")
    clock = part["hour"] + part["minute"] + (part["second"] or "00" if part["hour"] else "") + part["part"]
    return part["year"] + part["month"] + part["day"] + (clock + offset if clock and offset else "")


def date_time_of(ts: str | None) -> str | None:
    """The FHIR dateTime of a TS; None for what is no time at all."""
    found = _TS.fullmatch((ts or "").strip())
    if found is None or not _is_day(found):
        return None
    day = "-".join(part for part in found.group("year", "month", "day") if part)
    clock, offset = _clock(found["clock"] or ""), _offset(found["offset"] or "")
    return f"{day}T{clock}{found['part'] or ''}{offset}" if found["day"] and clock and offset else day


def is_after(first: str, second: str) -> bool:
    """Whether one FHIR dateTime is surely after another: two instants by the clock, else as far as both say."""
    if "T" not in first or "T" not in second:
        shared = min(len(each.partition("T")[0]) for each in (first, second))
        return first[:shared] > second[:shared]
    try:
        return datetime.fromisoformat(first) > datetime.fromisoformat(second)
    except (ValueError, OverflowError):
        return False


def _is_day(found: re.Match[str]) -> bool:
    try:
        date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
    except ValueError:
        return False
    return True


def _clock(digits: str) -> str | None:
    filled = digits.ljust(6, "0")
    try:
        time(int(filled[:2]), int(filled[2:4]), int(filled[4:6]))
    except ValueError:
        return None
    return f"{filled[:2]}:{filled[2:4]}:{filled[4:6]}" if digits else None


def _offset(written: str) -> str | None:
    if written in ("", "Z"):
        return written or None
    hours, minutes = written[1:3], written[3:5] or "00"
    return f"{written[0]}{hours}:{minutes}" if int(minutes) < 60 and int(hours) * 60 + int(minutes) <= _FARTHEST else None
