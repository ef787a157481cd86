"""The longer papers of the chart: first assessments and safety plans."""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.record.types import Assessment, Record, SafetyPlan
from gateway.sample.calendar import Calendar, Slot
from gateway.sample.chapters import session_id
from gateway.sample.people import ADAEZE, IMANI, JOEL, TEO
from gateway.sample.story import Sensitivity


class _First(NamedTuple):
    who: str
    clinician: str
    week: int
    slot: Slot
    presenting: str
    history: str
    mental_status: str
    strengths: str
    impression: str
    sensitivity: Sensitivity = "normal"


_FIRST = (
    _First(
        "ana",
        IMANI,
        1,
        Slot(1, 17, 50),
        "Low since the winter, third time in eight years. Works nights, raises her son alone, sees friends never.",
        "First episode after the birth of her son, second after the divorce; both lifted with sertraline and talking. No hospital stays, no attempts. Mother treated for depression in Medellín.",
        "On time, tired, dressed for work. Speech soft, Spanish when it matters. Mood 'gray', cries briefly. Thinking clear. No wish to die, no thoughts of harming anyone.",
        "Knows her signs. Stubborn about her son's Saturdays. Laughs at herself without being unkind.",
        "Major depression, recurrent, moderate. The nights are part of it and will not change before summer.",
    ),
    _First(
        "gus",
        JOEL,
        1,
        Slot(1, 8, 50),
        "Asks for help with drinking; evenings ashore since the separation.",
        "Alcohol daily from his thirties, two stretches sober of a year each. No withdrawal fits. Father and brother likewise.",
        "Weathered, sober, quick with a joke and then not. Mood low, thinking ordered, no wish to die.",
        "Has quit twice, so knows that he can. Up at three in the morning for forty years.",
        "Alcohol dependence beside an adjustment disorder. Stillwater for the first, this room for both.",
        "substance-use",
    ),
    _First(
        "june",
        IMANI,
        12,
        Slot(3, 15, 50),
        "Theater closed in mid-season. Awake at four every morning, heart going.",
        "No treatment before. Panic once, at nineteen, on a ladder.",
        "Quick, warm, draws on her sleeve. Mood anxious, thinking clear. Nothing on the risk screen.",
        "Can build anything out of anything; has friends who turn up.",
        "Adjustment disorder, provisional. Look again in eight weeks.",
    ),
    _First(
        "jonah",
        TEO,
        1,
        Slot(1, 16, 50),
        "Nightmares, startle, food in the backpack. Foster mother brings him.",
        "Removed from home in the spring by the agency; two placements since. What happened before is in the agency's report and stays there.",
        "Watches doors. Few words, exact ones. Plays with purpose. Says he feels 'fine' eleven times.",
        "Notices everything. Kind to the fish.",
        "Post-traumatic stress. Safety and sameness come before any technique.",
    ),
)


class _Safety(NamedTuple):
    who: str
    author: str
    week: int
    weekday: int
    status: Literal["active", "completed", "revoked"]
    review: int
    warning_signs: str
    coping: str
    distraction: str
    people: str
    professionals: str
    means_safety: str
    reasons_for_living: str


_LINES = "988 by call or text, at any hour. Alder Quay 978-555-0100, office hours. 911 if it is now."

_SAFETY = (
    _Safety(
        "elias",
        ADAEZE,
        10,
        0,
        "active",
        14,
        "Not eating on a day off. Taking the long way over the bridge. Giving knives away.",
        "Cold water on the wrists. Chop an onion, slowly. The playlist called 'service'.",
        "The diner on Signal Street, counter seat. The laundromat when it is full.",
        "Odette, my sister, day or night. Ruben from the old kitchen.",
        "Dr. Nwosu 978-555-0103. Saint Brannoc emergency 978-555-0170. " + _LINES,
        "Odette has the bottle and the car keys. I do not walk over the bridge; bus 426 instead.",
        "Odette. Her kid, who thinks I am a pirate. The menu I have not cooked yet.",
    ),
    _Safety(
        "tomasz",
        IMANI,
        9,
        0,
        "active",
        13,
        "Sitting in the car. Saying 'nothing' twice in a row. Not shaving.",
        "Walk to the water and back. Sharpen something and put it away.",
        "Saturday market. The church hall on chess night.",
        "Danuta, my wife. My brother Piotr, by telephone, after six.",
        "Ms. Brathwaite 978-555-0104. Millpond 978-555-0150. " + _LINES,
        "Danuta keeps the tablets and the garage key.",
        "Danuta. The granddaughter who comes in May.",
    ),
    _Safety(
        "kai",
        TEO,
        1,
        3,
        "completed",
        10,
        "Curtains shut past noon. Deleting drawings.",
        "Dog. Viola, open strings only. Hoodie from the dryer.",
        "Kitchen when Mom cooks. The mall fountain.",
        "Mom. Cousin Marisol. Wren from orchestra.",
        "Teo 978-555-0106. " + _LINES,
        "Parents lock up everything in the bathroom cabinet.",
        "Dog. The comic is only half done.",
    ),
)


def assessments(calendar: Calendar) -> tuple[Record, ...]:
    return tuple(
        Assessment(
            id=f"assessment-{row.who}",
            client=f"client-{row.who}",
            clinician=row.clinician,
            session=session_id(row.who, row.week),
            assessed_at=calendar.at(row.week, row.slot),
            presenting_problem=row.presenting,
            history=row.history,
            mental_status=row.mental_status,
            strengths=row.strengths,
            impression=row.impression,
            sensitivity=row.sensitivity,
        )
        for row in _FIRST
    )


def safety_plans(calendar: Calendar) -> tuple[Record, ...]:
    return tuple(
        SafetyPlan(
            id=f"safety-{row.who}",
            client=f"client-{row.who}",
            author=row.author,
            session=session_id(row.who, row.week),
            written_on=calendar.day(row.week, row.weekday),
            status=row.status,
            warning_signs=row.warning_signs,
            coping=row.coping,
            distraction=row.distraction,
            people=row.people,
            professionals=row.professionals,
            means_safety=row.means_safety,
            reasons_for_living=row.reasons_for_living,
            review_on=calendar.day(row.review, row.weekday),
        )
        for row in _SAFETY
    )
