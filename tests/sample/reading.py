"""How the tests of the sample read it: by kind, by id, leaf by leaf, course by course."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, TypeVar

from gateway.record.types import (
    Client,
    OutcomeMeasure,
    Record,
)
from gateway.record.types import references as references_of
from gateway.sample import sample_records

TODAY = date(2026, 3, 4)
DAYS = [date(2025, 11, 5), TODAY, date(2026, 3, 8), date(2026, 3, 9), date(2028, 2, 29), date(2031, 7, 19)]
"""Midweek, again, a Sunday on which the clocks change, the Monday after it, a leap day, a summer's Saturday."""

AnyRecord = TypeVar("AnyRecord", bound=Record)

MAY_LIE_AHEAD = re.compile(r"\.period\.end$|\.goals\.\d+\.due$|\.review_on$")
"""What is planned; all else has happened."""

SUBSTANCE_WORDS = re.compile(r"alcohol|audit-c|drink|drank|beer|sober|opioid|buprenorphine|naltrexone|craving|stillwater|F1[0-9]\.|using days", re.IGNORECASE)


def of(kind: type[AnyRecord], today: date = TODAY) -> list[AnyRecord]:
    return [record for record in sample_records(today) if isinstance(record, kind)]


def by_id(kind: type[AnyRecord]) -> dict[str, AnyRecord]:
    return {record.id: record for record in of(kind)}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value of a dumped record with its path."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else None
    if parts is None:
        yield path, value
        return
    for key, part in parts:
        yield from leaves(part, f"{path}.{key}")


def references(record: Record) -> Iterator[tuple[str, str]]:
    """Kind and id of every record that this one names."""
    yield from ((one.kind, one.id) for one in references_of(record))


def age(client: Client, today: date = TODAY) -> int:
    return today.year - client.birth_date.year - ((today.month, today.day) < (client.birth_date.month, client.birth_date.day))


def courses() -> dict[tuple[str, str], list[OutcomeMeasure]]:
    found: dict[tuple[str, str], list[OutcomeMeasure]] = defaultdict(list)
    for measure in sorted(of(OutcomeMeasure), key=lambda measure: measure.taken_at):
        found[measure.client, measure.instrument].append(measure)
    return found
