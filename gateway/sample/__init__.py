"""The sample practice that `make run` serves and `handoff demo` plays: Alder Quay Therapy, its people and twelve weeks of their work.

Everyone and everything in it is invented: names, addresses (`.example`, RFC 2606), telephone numbers (555-0100 to 555-0199),
NPIs (2555000xxx, with the check digit of 45 CFR 162.406 and issued to nobody).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.record.types import KINDS, Client, Record
from gateway.sample import stories_children, stories_elders, stories_midlife, stories_part2, stories_young_adults
from gateway.sample.calendar import TIME_ZONE, Calendar
from gateway.sample.chapters import CHAPTERS
from gateway.sample.clients import CLIENTS
from gateway.sample.consents import consents
from gateway.sample.duties import duties
from gateway.sample.family import guardians
from gateway.sample.papers import assessments, safety_plans
from gateway.sample.people import ADAEZE, BEA, CLINICIANS, IMANI, PARTNERS, PRACTICE_ID, PRACTICE_NAME, PRACTICES, PSYCHIATRIST
from gateway.sample.referrals import referrals

__all__ = [
    "DEMO_CLIENT",
    "DEMO_FRONT_DESK",
    "DEMO_MEDICATION",
    "DEMO_PSYCHIATRIST",
    "DEMO_RELEASE",
    "DEMO_SUPERVISOR",
    "DEMO_THERAPIST",
    "PRACTICE_ID",
    "PRACTICE_NAME",
    "STORIES",
    "TIME_ZONE",
    "sample_records",
]

DEMO_CLIENT = "client-ana"
"""Whose care plan is pulled, who is referred, and whose dose the psychiatrist doubles."""
DEMO_PSYCHIATRIST = PSYCHIATRIST
"""The partner with a FHIR base of its own, which has DEMO_CLIENT's release."""
DEMO_THERAPIST, DEMO_SUPERVISOR, DEMO_FRONT_DESK = IMANI, ADAEZE, BEA
DEMO_MEDICATION = "med-ana-sertraline"
"""Sertraline 50 mg, before the psychiatrist makes it 100 mg."""
DEMO_RELEASE = "consent-ana-psychiatrist"
"""Opens demographics, assessments, medications and the treatment plan to DEMO_PSYCHIATRIST."""

STORIES = stories_children.STORIES + stories_young_adults.STORIES + stories_midlife.STORIES + stories_elders.STORIES + stories_part2.STORIES

_ENDED = {"client-otis": (3, 6)}
"""Client -> (week, weekday) of death."""


def _clients(calendar: Calendar) -> Iterator[Client]:
    for client in CLIENTS:
        died = _ENDED.get(client.id)
        yield client.model_copy(update={"birth_date": calendar.birthday(client.birth_date), "deceased_on": calendar.day(*died) if died else None})


def _everything(calendar: Calendar) -> Iterator[Record]:
    yield from (*PRACTICES, *CLINICIANS, *PARTNERS, *_clients(calendar), *guardians(calendar))
    for story in STORIES:
        for chapter in CHAPTERS:
            yield from chapter(story, calendar)
    yield from (*assessments(calendar), *safety_plans(calendar), *consents(calendar), *referrals(calendar), *duties(calendar))


def sample_records(today: date) -> list[Record]:
    """The whole practice as of that day, sorted by kind so that what is referred to comes first; the same day gives the same list."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(_everything(Calendar(today)), key=lambda record: order[record.kind])
