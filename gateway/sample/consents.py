"""The clients' word on what may leave: releases in force, expired, revoked, signed by guardians, for Part 2, until an event."""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.record.types import Category, Consent, Period
from gateway.sample.calendar import Calendar
from gateway.sample.people import ADDICTION_CLINIC, CHILD_PSYCHIATRIST, EMERGENCY, FAMILY_DOCTOR, HEALTH_CENTER, OBSTETRICIAN, PSYCHIATRIST, SOCIAL_SERVICES

_Purpose = Literal["treatment", "care-coordination", "payment", "operations", "legal", "patient-request", "other"]

_MEDICAL: tuple[Category, ...] = ("demographics", "diagnoses", "medications", "allergies")
_PRESCRIBER: tuple[Category, ...] = ("demographics", "assessments", "medications", "treatment_plan")
_CRISIS: tuple[Category, ...] = ("demographics", "diagnoses", "medications", "allergies", "assessments", "safety_plan")


class _Release(NamedTuple):
    key: str
    who: str
    partner: str | None
    categories: tuple[Category, ...]
    signed_by: str
    signed: int
    until: int | None = 52
    """Its last week; None where only an event ends it."""
    purpose: _Purpose = "treatment"
    direction: Literal["disclose", "obtain", "both"] = "disclose"
    part2: bool = False
    guardian: bool = False
    revoked: int | None = None
    event: str | None = None
    recipient: str | None = None
    purpose_text: str | None = None


_RELEASES = (
    _Release("ana-psychiatrist", "ana", PSYCHIATRIST, _PRESCRIBER, "Ana Restrepo", 1, direction="both"),
    _Release("ana-doctor", "ana", FAMILY_DOCTOR, ("demographics", "attendance"), "Ana Restrepo", 1, purpose="care-coordination"),
    _Release(
        "milo-school",
        "milo",
        None,
        ("attendance",),
        "Colleen Abernathy",
        1,
        30,
        "other",
        guardian=True,
        recipient="School counselor, Harborside Elementary",
        purpose_text="Drop-off plan",
    ),
    _Release(
        "jonah-agency",
        "jonah",
        SOCIAL_SERVICES,
        ("demographics", "attendance", "treatment_plan"),
        "Wanda Castellane, for the agency",
        1,
        guardian=True,
        purpose="care-coordination",
    ),
    _Release("jonah-psychiatrist", "jonah", CHILD_PSYCHIATRIST, (*_MEDICAL, "assessments"), "Wanda Castellane, for the agency", 1, guardian=True),
    _Release("jonah-old", "jonah", FAMILY_DOCTOR, _MEDICAL, "Kristen Pelletier", -60, -8, guardian=True),
    _Release("priya-psychiatrist", "priya", CHILD_PSYCHIATRIST, (*_MEDICAL, "assessments"), "Suresh Raghunathan", 1, None, guardian=True, event="End of the school year"),
    _Release("kai-psychiatrist", "kai", CHILD_PSYCHIATRIST, (*_PRESCRIBER, "safety_plan"), "Emiko Nakamura", 1, direction="both", guardian=True),
    _Release("aoife-psychiatrist", "aoife", PSYCHIATRIST, ("demographics", "diagnoses", "assessments"), "Aoife Ní Dhomhnaill", 2, 40),
    _Release("elias-emergency", "elias", EMERGENCY, _CRISIS, "Elias Thornbury", 10, None, event="Discharge and first visit afterwards"),
    _Release("elias-doctor", "elias", HEALTH_CENTER, _CRISIS, "Elias Thornbury", 11, 63),
    _Release("shay-doctor", "shay", HEALTH_CENTER, ("demographics", "attendance", "medications"), "Shay Kowalczyk", 1, purpose="care-coordination"),
    _Release("leilani-obstetrician", "leilani", OBSTETRICIAN, (*_PRESCRIBER, "allergies"), "Leilani Kahananui", 1, direction="both"),
    _Release("corinne-psychiatrist", "corinne", PSYCHIATRIST, _PRESCRIBER, "Corinne Baptiste", -48, 4),
    _Release(
        "noor-insurer",
        "noor",
        None,
        ("demographics", "attendance", "diagnoses"),
        "Noor Aziz-Wren",
        1,
        None,
        "payment",
        event="Claim settled",
        recipient="Claims office of the health plan",
    ),
    _Release("maren-psychiatrist", "maren", PSYCHIATRIST, _PRESCRIBER, "Maren Sørensdatter", 7, 59, revoked=11),
    _Release("marcus-doctor", "marcus", FAMILY_DOCTOR, (*_MEDICAL, "assessments", "progress_notes"), "Marcus Delacroix", 2),
    _Release("hector-doctor", "hector", HEALTH_CENTER, _MEDICAL, "Héctor Ibáñez Solís", 4, purpose="care-coordination"),
    _Release(
        "dmitri-psychiatrist", "dmitri", PSYCHIATRIST, (*_MEDICAL, "assessments", "treatment_plan", "progress_notes", "referrals"), "Dmitri Volkov-Stein", 1, direction="both"
    ),
    _Release("gus-clinic", "gus", ADDICTION_CLINIC, (*_MEDICAL, "assessments", "treatment_plan", "sud_records"), "Augustus Halloran", 1, direction="both", part2=True),
    _Release("gus-doctor", "gus", FAMILY_DOCTOR, _MEDICAL, "Augustus Halloran", 1),
    _Release("linh-doctor", "linh", HEALTH_CENTER, (*_MEDICAL, "assessments"), "Nguyễn Thị Linh", 1),
    _Release("yusuf-tern", "yusuf", SOCIAL_SERVICES, ("demographics", "attendance"), "Yusuf al-Hakim", 2, None, "care-coordination", event="Repairs finished"),
    _Release("yusuf-doctor", "yusuf", HEALTH_CENTER, (*_MEDICAL, "assessments", "treatment_plan"), "Yusuf al-Hakim", 1),
    _Release(
        "huiling-self",
        "huiling",
        None,
        ("demographics", "treatment_plan"),
        "Zhao Hui-Ling",
        5,
        9,
        "patient-request",
        recipient="The client herself, on paper",
        purpose_text="To show her son",
    ),
    _Release("rosalind-doctor", "rosalind", FAMILY_DOCTOR, (*_MEDICAL, "assessments"), "Philippa Achterberg-Diaz", 1, guardian=True),
    _Release("bettina-lawyer", "bettina", None, ("attendance",), "Bettina Graf", -4, 4, "legal", revoked=-1, recipient="Counsel in the divorce"),
    _Release("tomasz-history", "tomasz", HEALTH_CENTER, ("medications",), "Tomasz Wójcik", 2, direction="obtain"),
)


def consents(calendar: Calendar) -> tuple[Consent, ...]:
    """Signed on the Monday of their week; an end in a past week is an expired release."""
    return tuple(
        Consent(
            id=f"consent-{row.key}",
            client=f"client-{row.who}",
            partner=row.partner,
            recipient_text=row.recipient,
            direction=row.direction,
            categories=row.categories,
            purpose=row.purpose,
            purpose_text=row.purpose_text,
            part2=row.part2,
            period=Period(start=calendar.day(row.signed), end=None if row.until is None else calendar.day(row.until, 6)),
            expires_event=row.event,
            signed_by=row.signed_by,
            signed_on=calendar.day(row.signed),
            signer_is_guardian=row.guardian,
            revoked_on=None if row.revoked is None else calendar.day(row.revoked),
        )
        for row in _RELEASES
    )
