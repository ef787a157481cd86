"""The sample's calendar: twelve weeks of work that end before the week of `today`, in the practice's time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

TIME_ZONE = "America/New_York"
LAST_WEEK = 12
"""Week 1 is the first of the twelve, week 12 the last whole one before this week; 13 is this week, 0 and less lie before the work began."""
WRITTEN_FOR = 2025
"""The year in which the birth dates of the sample are right; they move with the calendar, so that a child stays a child."""

_ZONE = ZoneInfo(TIME_ZONE)


class Slot(NamedTuple):
    """A client's hour of the week; weekday 0 is Monday."""

    weekday: int
    hour: int
    minute: int = 0


class Calendar(NamedTuple):
    """Turns week numbers into days; all days of one week give the same history."""

    today: date

    @property
    def monday(self) -> date:
        return self.today - timedelta(days=self.today.weekday())

    def day(self, week: int, weekday: int = 0) -> date:
        return self.monday + timedelta(weeks=week - LAST_WEEK - 1, days=weekday)

    def at(self, week: int, slot: Slot, minutes: int = 0) -> datetime:
        """The slot in that week, moved by so many minutes of the wall clock."""
        start = datetime.combine(self.day(week, slot.weekday), time(slot.hour, slot.minute))
        return (start + timedelta(minutes=minutes)).replace(tzinfo=_ZONE)

    def birthday(self, written: date) -> date:
        """A birth date of the sample, moved by whole years; none of them is a 29 February."""
        return written.replace(year=written.year + self.today.year - WRITTEN_FOR)
