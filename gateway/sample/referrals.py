"""Referrals as the practice remembers them: one or more in every status, answered where they were completed."""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.record.types import Code, Referral, Reply
from gateway.sample.calendar import Calendar, Slot
from gateway.sample.chapters import ICD_10_CM, problem_id
from gateway.sample.people import (
    ADAEZE,
    ADDICTION_CLINIC,
    CHILD_PSYCHIATRIST,
    EMERGENCY,
    FAMILY_DOCTOR,
    HEALTH_CENTER,
    IMANI,
    JOEL,
    OBSTETRICIAN,
    PSYCHIATRIST,
    SOCIAL_SERVICES,
    TEO,
)
from gateway.sample.story import Sensitivity

_Service = Literal["psychiatry", "child-psychiatry", "primary-care", "social-work", "emergency", "addiction", "obstetrics-gynecology", "psychology", "support-group", "other"]
_Status = Literal["draft", "requested", "accepted", "declined", "in-progress", "completed", "cancelled"]

_NOON = Slot(4, 12, 30)
"""Letters are written on Fridays at noon."""


class _Answer(NamedTuple):
    week: int
    author: str
    findings: str
    recommendation: str
    diagnosis: str | None = None
    services: str | None = None


class _Ask(NamedTuple):
    key: str
    who: str
    author: str
    partner: str
    week: int
    service: _Service
    status: _Status
    reason: str
    problem: tuple[str, str] | None = None
    """(key of the problem, ICD-10-CM code)."""
    priority: Literal["routine", "urgent", "asap", "stat"] = "routine"
    risk: Literal["low", "medium", "high"] | None = None
    answer: _Answer | None = None
    slot: Slot = _NOON
    sensitivity: Sensitivity = "normal"


_ASKS = (
    _Ask(
        "ana-doctor",
        "ana",
        IMANI,
        FAMILY_DOCTOR,
        2,
        "primary-care",
        "completed",
        "Tired beyond what the nights explain. Please look at thyroid, iron and vitamin D.",
        ("depression", "F33.1"),
        risk="low",
        answer=_Answer(
            5,
            "Dr. Hannah Brandt",
            "Thyroid and vitamin D in range. Ferritin low at 11.",
            "Iron every other day for three months, then look again.",
            "Iron deficiency without anemia",
            "Visit and blood tests",
        ),
    ),
    _Ask(
        "milo-doctor",
        "milo",
        TEO,
        FAMILY_DOCTOR,
        3,
        "primary-care",
        "in-progress",
        "Stomach aches on school mornings. Probably worry; please make sure.",
        ("separation", "F93.0"),
        risk="low",
    ),
    _Ask(
        "jonah-psychology",
        "jonah",
        TEO,
        CHILD_PSYCHIATRIST,
        6,
        "psychology",
        "accepted",
        "Testing before the school meeting: reading two grades behind, attention or sleep?",
        ("ptsd", "F43.10"),
    ),
    _Ask(
        "priya-psychiatrist",
        "priya",
        TEO,
        CHILD_PSYCHIATRIST,
        8,
        "child-psychiatry",
        "accepted",
        "Yearly look at the stimulant, now with panic in the picture.",
        ("panic", "F41.0"),
    ),
    _Ask(
        "aoife-psychiatrist",
        "aoife",
        TEO,
        PSYCHIATRIST,
        2,
        "psychiatry",
        "completed",
        "Opinion on medication beside exposure work.",
        ("ocd", "F42.2"),
        risk="low",
        answer=_Answer(
            6,
            "Dr. Samir Haddad",
            "Exposure work is doing what it should. Fluoxetine well tolerated.",
            "Two capsules instead of one; see again in three months.",
            "Obsessive-compulsive disorder",
        ),
    ),
    _Ask(
        "sam-psychology", "sam", TEO, HEALTH_CENTER, 3, "psychology", "cancelled", "Question of autism raised by the client; testing, if Millpond offers it.", ("social", "F40.10")
    ),
    _Ask(
        "elias-emergency",
        "elias",
        ADAEZE,
        EMERGENCY,
        10,
        "emergency",
        "completed",
        "Suicidal thoughts with plan and intent today. Sister drives him over now; charge desk called at 11:40. Safety plan goes along.",
        ("ideation", "R45.851"),
        "stat",
        "high",
        _Answer(
            11,
            "Saint Brannoc, emergency social work",
            "Observed overnight, seen by psychiatry. Plan gone by morning, future-oriented, sister present.",
            "Home with his sister. Escitalopram through the health center, therapy within 48 hours, means kept by the sister.",
            "Major depression, severe",
            "Overnight observation",
        ),
        Slot(0, 11, 45),
    ),
    _Ask(
        "leilani-obstetrician",
        "leilani",
        IMANI,
        OBSTETRICIAN,
        3,
        "obstetrics-gynecology",
        "accepted",
        "Low mood since the birth. Please look at thyroid and iron and at what goes with nursing.",
        ("postpartum", "F53.0"),
        "asap",
        "low",
    ),
    _Ask(
        "corinne-psychiatrist",
        "corinne",
        ADAEZE,
        PSYCHIATRIST,
        9,
        "psychiatry",
        "in-progress",
        "Nightmares half gone on prazosin 1 mg. Interpreter needed: ASL.",
        ("ptsd", "F43.10"),
        risk="low",
    ),
    _Ask(
        "maren-psychiatrist",
        "maren",
        IMANI,
        PSYCHIATRIST,
        8,
        "psychiatry",
        "declined",
        "No change in eight weeks of good work and a year of venlafaxine.",
        ("depression", "F33.1"),
        risk="medium",
        answer=_Answer(10, "Breakwater Psychiatry, front desk", "No place before autumn.", "Try Millpond, or ask again in September."),
    ),
    _Ask(
        "tomasz-psychiatrist",
        "tomasz",
        IMANI,
        PSYCHIATRIST,
        12,
        "psychiatry",
        "requested",
        "PHQ-9 from 9 to 19 in twelve weeks, item 9 at 2. Mirtazapine not started. He agrees to be seen.",
        ("depression", "F32.1"),
        "urgent",
        "medium",
        slot=Slot(0, 10, 30),
    ),
    _Ask(
        "gus-clinic",
        "gus",
        JOEL,
        ADDICTION_CLINIC,
        1,
        "addiction",
        "completed",
        "Asks for help with drinking, after two tries alone. AUDIT-C 9.",
        ("alcohol", "F10.20"),
        "urgent",
        "medium",
        _Answer(
            3, "Dr. Kwabena Osei", "Alcohol dependence, motivated, no withdrawal.", "Naltrexone continued, group on Tuesdays and Sundays.", "Alcohol dependence", "Intake, group"
        ),
        sensitivity="substance-use",
    ),
    _Ask(
        "yusuf-tern",
        "yusuf",
        JOEL,
        SOCIAL_SERVICES,
        3,
        "social-work",
        "in-progress",
        "Mold and no heat in the bedroom of an apartment for two. Arabic interpreter, please.",
        ("housing", "Z59.10"),
        "urgent",
    ),
    _Ask("huiling-group", "huiling", TEO, SOCIAL_SERVICES, 12, "support-group", "requested", "Widowed in the autumn. Is there a Mandarin-speaking circle?", ("grief", "F43.21")),
    _Ask("ingrid-sleep", "ingrid", JOEL, FAMILY_DOCTOR, 12, "other", "draft", "Snores, she has been told. Sleep study?", ("insomnia", "F51.01")),
    _Ask(
        "rosalind-doctor",
        "rosalind",
        JOEL,
        FAMILY_DOCTOR,
        4,
        "primary-care",
        "completed",
        "Afraid of falling again. Physical therapy at home?",
        ("hip", "M25.559"),
        answer=_Answer(7, "Dr. Hannah Brandt", "Hip healed well.", "Physical therapy at home, twice a week for six weeks.", services="House call"),
    ),
)


def _reply(answer: _Answer, calendar: Calendar) -> Reply:
    return Reply(
        received_on=calendar.day(answer.week, 4),
        author=answer.author,
        diagnosis=answer.diagnosis,
        findings=answer.findings,
        recommendation=answer.recommendation,
        services=answer.services,
    )


def _referral(row: _Ask, calendar: Calendar) -> Referral:
    key, icd10cm = row.problem or (None, None)
    return Referral(
        id=f"referral-{row.key}",
        client=f"client-{row.who}",
        author=row.author,
        partner=row.partner,
        requested_at=calendar.at(row.week, row.slot),
        service=row.service,
        reason=row.reason,
        diagnoses=(Code(system=ICD_10_CM, code=icd10cm),) if icd10cm else (),
        problems=(problem_id(row.who, key),) if key else (),
        priority=row.priority,
        risk_level=row.risk,
        status=row.status,
        reply=_reply(row.answer, calendar) if row.answer else None,
        sensitivity=row.sensitivity,
    )


def referrals(calendar: Calendar) -> tuple[Referral, ...]:
    return tuple(_referral(row, calendar) for row in _ASKS)
