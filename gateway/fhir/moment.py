"""Comparing FHIR dates, dateTimes and instants of unequal precision (https://hl7.org/fhirpath/N1/#greater-than)."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def is_after(first: Any, second: Any) -> bool:
    """Whether `first` is surely after `second`; what is missing, or equal as far as both say, is not."""
    if type(first) is not str or type(second) is not str:
        return False
    if "T" in first and "T" in second:
        return _is_later_instant(first, second)
    shared = min(len(first.partition("T")[0]), len(second.partition("T")[0]))
    return first[:shared] > second[:shared]


def _is_later_instant(first: str, second: str) -> bool:
    try:
        return _moment(first) > _moment(second)
    except (ValueError, TypeError, OverflowError):
        return False  # the structure says what is wrong with them


def _moment(text: str) -> datetime:
    # Python knows no leap second
    return datetime.fromisoformat(text.replace(":60", ":59", 1) if text[16:19] == ":60" else text)
