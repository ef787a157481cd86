"""Dates and times as practices write them.

Year first (2026-02-03) and dates with the month's English name (3 Feb 2026) read one way only. 02/03/2026 reads two
ways: the source table says which, by its `dates` or at the field, and nothing is guessed. A year has four digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.record.source.fault import Unreadable


class Setting(NamedTuple):
    """What a converter may know beside the cell."""

    time_zone: ZoneInfo
    codes: Mapping[str, Mapping[str, str]]
    dates: str = ""
    """Which of day and month is first where both are numbers: one of ORDERS, or nothing where the table does not say."""
    decimal: str = "."


class _Found(NamedTuple):
    day: date
    time: time
    zone: str | None


ORDERS = {"month-first": "MM/DD/YYYY", "day-first": "DD/MM/YYYY"}
"""The orders that a table may name, and how such a date looks."""

_MONTHS = {name: number for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}
_ZERO = re.compile(r"0000-00-00(?:[T ]00:00:00)?")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_NAMED = re.compile(r"(?:(?P<day>\d{1,2})[ .-]+)?(?P<month>[A-Za-z]{3,9})\.?[ -]+(?:(?P<after>\d{1,2})(?:st|nd|rd|th)?,?[ ]+)?(?P<year>\d{4})(?!\d)")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(?:([ap])\.?m\.?)?", re.IGNORECASE)
_AFTER_DAY = re.compile(r"(?:T|[ ,]+)(?P<clock>\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?\s*(?:[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?)\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_MIDNIGHT = time()


def day(cell: str, argument: str, setting: Setting) -> date | None:
    """A day, as 2026-02-03, 3 Feb 2026, or by numbers in the order that the table says; a time after it is passed over."""
    try:
        found = _read(cell, argument, setting)
    except ValueError:
        raise Unreadable("The cell is not a date that exists.", f"Write it as {_forms(argument, setting, '')}.") from None
    return found.day if found else None


def moment(cell: str, argument: str, setting: Setting) -> datetime | None:
    """A day with a time of day, 24 hours or AM and PM, in the practice's time zone unless it says its own; without a time, the day's first minute."""
    try:
        found = _read(cell, argument, setting)
        return _instant(found, setting) if found else None
    except ValueError:
        raise Unreadable("The cell is not a date and time that exist.", f"Write it as {_forms(argument, setting, ' HH:MM')}.") from None


def read_clock(cell: str) -> time:
    """`14:05`, `2:05 PM`, `2 pm`."""
    found = _CLOCK.fullmatch(cell.strip())
    try:
        if found is None or not (found[2] or found[4]):
            raise ValueError
        return _clock(*found.groups())
    except ValueError:
        raise Unreadable("The cell is not a time of day.", "Write it as 14:05 or 2:05 PM.") from None


def _later(start: datetime, minutes: int) -> datetime:
    """So many minutes of the clock on the wall later, an hour that a time change skips or repeats apart."""
    return (start.astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)).astimezone(start.tzinfo)


def fault_of_pattern(argument: str) -> str | None:
    """What is wrong with what a table says about a date's form, or None."""
    if not argument or argument in ORDERS:
        return None
    if "%" not in argument:
        return f"is neither {' nor '.join(ORDERS)} nor a pattern such as %d.%m.%Y"
    if unknown := set(re.findall(r"%(.?)", argument)) - set(_PIECES):
        return f"holds a sign that no pattern has (%{min(unknown)}); there are {', '.join('%' + sign for sign in _PIECES)}"
    missing = [sign for sign in "Ymd" if argument.count(f"%{sign}") != 1 and not (sign == "m" and argument.count("%b") == 1)]
    return f"needs %Y, %m or %b, and %d, once each, and lacks %{missing[0]}" if missing else None


def _forms(argument: str, setting: Setting, clock: str) -> str:
    if "%" in argument:
        return f"the source table says: {argument}"
    order = ORDERS.get(argument or setting.dates)
    return f"YYYY-MM-DD{clock}" + (f" or {order}{clock}" if order else "")


def _read(cell: str, argument: str, setting: Setting) -> _Found | None:
    """Day, time of day and zone as written; None for the zero date that MySQL writes for nothing; ValueError if no form fits."""
    if _ZERO.fullmatch(cell):
        return None
    if "%" in argument:
        return _by_pattern(cell, argument)
    day, end = _day(cell, argument or setting.dates)
    if end == len(cell):
        return _Found(day, _MIDNIGHT, None)
    rest = _AFTER_DAY.fullmatch(cell, end)
    clock = _CLOCK.fullmatch(rest["clock"]) if rest else None
    if rest is None or clock is None:
        raise ValueError
    return _Found(day, _clock(*clock.groups()), rest["zone"])


def _day(cell: str, order: str) -> tuple[date, int]:
    """The day at the beginning of a cell, and where it ends."""
    if found := _YEAR_FIRST.match(cell):
        return _sane(found[1], found[3], found[4]), found.end()
    if found := _NAMED.match(cell):
        day = found["day"] or found["after"]
        if bool(found["day"]) is bool(found["after"]):
            raise ValueError
        return _sane(found["year"], _month(found["month"]), day), found.end()
    if (found := _NUMBERS.match(cell)) is None:
        raise ValueError
    if order not in ORDERS:
        raise Unreadable("The date reads two ways, day first or month first, and the source table does not say which.", _SAY_WHICH)
    month, day = (found[1], found[3]) if order == "month-first" else (found[3], found[1])
    return _sane(found[4], month, day), found.end()


_SAY_WHICH = 'Say dates = "month-first" or dates = "day-first" in the source table, or write the cell as YYYY-MM-DD.'


def _month(word: str) -> str:
    number = _MONTHS.get(word[:3].casefold())
    if number is None:
        raise ValueError
    return str(number)


def _sane(year: str, month: str, day: str) -> date:
    found = date(int(year), int(month), int(day))
    if not date(1880, 1, 1) <= found <= date(2200, 1, 1):
        raise ValueError
    return found


def _clock(hour: str | None, minute: str | None, second: str | None, half: str | None) -> time:
    found = time(int(hour or 0), int(minute or 0), int(second or 0))
    if half is None:
        return found
    if not 1 <= found.hour <= 12:
        raise ValueError
    return found.replace(hour=found.hour % 12 + (12 if half.casefold() == "p" else 0))


def _instant(found: _Found, setting: Setting) -> datetime:
    if found.zone:
        return datetime.fromisoformat(f"{found.day.isoformat()}T{found.time.isoformat()}{found.zone.upper()}")
    return datetime.combine(found.day, found.time, setting.time_zone)


_PIECES = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d{1,2})",
    "b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "p": r"(?P<p>[AaPp])\.?[Mm]\.?",
}
"""The signs of a pattern, as strftime has them; no %y, since the century of a birth is never guessed."""


@cache
def _pattern(argument: str) -> re.Pattern[str]:
    parts = re.split(r"%(.)", argument)
    return re.compile("".join(_PIECES[part] if number % 2 else re.escape(part) for number, part in enumerate(parts)))


def _by_pattern(cell: str, argument: str) -> _Found:
    found = _pattern(argument).fullmatch(cell)
    if found is None:
        raise ValueError
    said = found.groupdict()
    month = said.get("m") or _month(said["b"])
    return _Found(_sane(said["Y"], month, said["d"]), _clock(said.get("H") or said.get("I"), said.get("M"), said.get("S"), said.get("p")), None)


def moment_on(cell: str, argument: str, setting: Setting) -> datetime | None:
    """The day of the first column, with the time of the second where that is a date and time of the same day."""
    first, _, second = cell.partition("\x1f")
    on = moment(first, argument, setting) if first else None
    at = moment(second, argument, setting) if second else None
    return at if on and at and on.date() == at.date() else on


def day_time(cell: str, argument: str, setting: Setting) -> datetime | None:
    """The day of the first column at the time of day of the second. With more columns, the end: the time of day or the number of minutes in the first filled one."""
    cells = cell.split("\x1f")
    at = next((at for at, each in enumerate(cells) if at > 1 and each), None)
    on = moment(cells[0], argument, setting) if cells[0] else None
    if on is None or (len(cells) > 2 and at is None):
        return None
    start = datetime.combine(on.date(), _time_of(cells, 1), on.tzinfo) if len(cells) > 1 and cells[1] else on
    return start if at is None else _end(start, cells, at)


def _end(start: datetime, cells: list[str], at: int) -> datetime:
    """So many minutes after the start, or at that time of its day."""
    if not re.fullmatch(r"[+-]?[0-9]{1,4}", cells[at]):
        return datetime.combine(start.date(), _time_of(cells, at), start.tzinfo)
    if int(cells[at]) < 0:
        raise Unreadable("The end lies before the start.", "Write the minutes, 50 say, or the time of day.", at)
    return _later(start, int(cells[at]))


def _time_of(cells: list[str], at: int) -> time:
    try:
        return read_clock(cells[at])
    except Unreadable as fault:
        raise Unreadable(fault.rule, fault.mend, at) from None
