"""Parents, guardians and others who stand beside a client."""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.record.types import Contact, Guardian, Name, Period
from gateway.sample.calendar import Calendar

_Relationship = Literal["GUARD", "PRN", "MTH", "FTH", "GRMTH", "MTHFOST", "SPS", "FRND", "HPOWATT"]


class _Beside(NamedTuple):
    key: str
    who: str
    name: Name
    relationship: _Relationship
    sex: Literal["female", "male", "other", "unknown"]
    phone: str
    since: int
    until: int | None = None
    legal: bool = True


_BESIDE = (
    _Beside("milo-mother", "milo", Name(family="Abernathy", given=("Colleen",)), "MTH", "female", "978-555-0160", -416),
    _Beside("milo-father", "milo", Name(family="Abernathy", given=("Darnell", "J.")), "FTH", "male", "978-555-0161", -416),
    _Beside("jonah-agency", "jonah", Name(family="Castellane", given=("Wanda",), suffix="LSW"), "GUARD", "female", "978-555-0162", -30),
    _Beside("jonah-foster", "jonah", Name(family="Mbeki-Lowe", given=("Thandiwe",)), "MTHFOST", "female", "978-555-0163", -28, legal=False),
    _Beside("jonah-mother", "jonah", Name(family="Pelletier", given=("Kristen",)), "MTH", "female", "978-555-0164", -500, until=-31, legal=False),
    _Beside("priya-father", "priya", Name(family="Raghunathan", given=("Suresh",)), "FTH", "male", "978-555-0165", -770),
    _Beside("kai-mother", "kai", Name(family="Nakamura", given=("Emiko",)), "MTH", "female", "978-555-0166", -860),
    _Beside("kai-father", "kai", Name(family="Reyes", given=("Ángel", "Tomás")), "FTH", "male", "978-555-0167", -860),
    _Beside("elias-sister", "elias", Name(family="Thornbury", given=("Odette",)), "FRND", "female", "781-555-0168", 10, legal=False),
    _Beside("yusuf-wife", "yusuf", Name(family="al-Hakim", given=("Samira",)), "SPS", "female", "781-555-0169", -20, legal=False),
    _Beside("rosalind-daughter", "rosalind", Name(family="Achterberg-Diaz", given=("Philippa",)), "HPOWATT", "female", "617-555-0170", -90),
)


def guardians(calendar: Calendar) -> tuple[Guardian, ...]:
    """One whose time is over is kept, inactive."""
    return tuple(
        Guardian(
            id=f"guardian-{row.key}",
            client=f"client-{row.who}",
            name=row.name,
            relationship=row.relationship,
            sex=row.sex,
            contact=Contact(mobile_phone=row.phone),
            legal=row.legal,
            period=Period(start=calendar.day(row.since), end=None if row.until is None else calendar.day(row.until)),
            active=row.until is None,
        )
        for row in _BESIDE
    )
