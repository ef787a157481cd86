"""Believable scores: a course becomes one filled-in instrument a week, the same ones every time."""

from __future__ import annotations

from hashlib import sha256

from gateway.record.types import INSTRUMENTS
from gateway.sample.calendar import LAST_WEEK
from gateway.sample.story import Course, Profile, Shape

_WAY: dict[Shape, tuple[float, ...]] = {
    "steady": tuple(week / 11 for week in range(12)),
    "early": (0, 0.25, 0.45, 0.6, 0.7, 0.78, 0.84, 0.88, 0.92, 0.95, 0.98, 1),
    "late": (0, 0, 0.05, 0.05, 0.1, 0.15, 0.25, 0.4, 0.55, 0.7, 0.85, 1),
    "sudden": (0, 0.05, 0.1, 0.1, 0.7, 0.75, 0.75, 0.8, 0.85, 0.9, 0.95, 1),
    "partial": (0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 1, 1, 1, 1),
    "setback": (0, 0.2, 0.35, 0.5, 0.6, 0.3, 0.2, 0.45, 0.65, 0.8, 0.9, 1),
    "stuck": (0, 0.5, 0.2, 0.8, 0.4, 0.6, 0.1, 0.7, 0.3, 0.9, 0.5, 1),
    "crisis": (0, 0, 0.3, 0.3, 0.6, 0.6, 1, 1.3, 2, 3, 2, 1),
}
"""How much of the way from start to end is gone in each of the twelve weeks; above 1: worse than where it ends."""

_WEIGHTS: dict[Profile, tuple[float, ...]] = {
    "even": (1, 1, 1, 1, 1, 1, 1, 0.5),
    "low": (1, 1.6, 1, 1, 0.7, 1.5, 0.9, 0.3),
    "sleepless": (0.8, 0.9, 1.8, 1.5, 0.8, 0.6, 1.1, 0.3),
    "numb": (1.8, 1.3, 0.8, 1.3, 0.9, 0.9, 0.9, 0.5),
    "restless": (0.8, 0.8, 1.3, 0.8, 0.9, 0.7, 1.6, 1.2),
    "worry": (1.3, 1.5, 1.6, 1, 0.6, 0.8, 0.7),
    "tense": (1.3, 0.9, 1, 1.5, 1.2, 1.1, 0.5),
    "panic": (1.4, 1, 1, 0.9, 0.8, 0.6, 1.7),
}
"""Which items weigh most, in the instrument's order of items (PHQ-9 without item 9, or GAD-7)."""

_SEPARATE = "self_harm"
"""PHQ-9 item 9 is told by the story, never drawn."""


def _chance(*seed: object) -> float:
    """A number from 0 to 1 that the seed alone decides."""
    return int.from_bytes(sha256(repr(seed).encode()).digest()[:4]) / 0xFFFFFFFF


def weeks(course: Course) -> list[int]:
    """The weeks in which the instrument was given; the last week is always one of them."""
    return [week for week in range(1, LAST_WEEK + 1) if (LAST_WEEK - week) % course.every == 0]


def total(who: str, course: Course, week: int) -> int:
    """The score of that week: on the way, and in the middle weeks a point up or down as life goes."""
    exact = course.start + (course.end - course.start) * _WAY[course.shape][week - 1]
    drift = round(_chance(who, course.instrument, week) * 2 - 1) if 1 < week < LAST_WEEK else 0
    return min(max(round(exact) + drift, 0), int(INSTRUMENTS[course.instrument].range.most))


def answers(who: str, course: Course, week: int) -> dict[str, int | None]:
    """Answers that add up to `total`, leaning to the items of the course's profile (highest averages, one point at a time)."""
    shape = INSTRUMENTS[course.instrument]
    items = [item for item in shape.items if item != _SEPARATE]
    weights = dict(zip(items, _WEIGHTS[course.profile], strict=False))
    lean = {item: weights[item] * (0.8 + 0.4 * _chance(who, item, week)) for item in items}
    given: dict[str, int] = dict.fromkeys(shape.items, 0)
    if _SEPARATE in given:
        given[_SEPARATE] = dict(course.self_harm).get(week, 0)
    for _ in range(total(who, course, week) - sum(given.values())):
        room = [item for item in items if given[item] < shape.items[item].most]
        given[max(room, key=lambda item: lean[item] / (given[item] + 0.5))] += 1
    open_item = dict(course.left_open).get(week)
    return {item: None if item == open_item else score for item, score in given.items()}


def difficulty(score: int) -> int:
    """How hard the trouble makes the days, 0 to 3, in step with the score."""
    return sum(score >= step for step in (5, 12, 20))
