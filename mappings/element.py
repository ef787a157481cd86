"""The small pieces that every resource is made of; dict literals that look like FHIR's JSON.

Builders may leave None, "" or an empty list in a place; `pruned` takes every such place out again
(https://hl7.org/fhir/R4/json.html: no null, no empty string, array or object).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gateway.record.types import Address, Contact, Name

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
UCUM = "http://unitsofmeasure.org"
NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
SENSITIVITY_TAG = "urn:handoff:sensitivity"
"""System of the tag that carries the practice's own tightening to the place where labels are decided."""

_ODD_SPACE = re.compile(r"[^\S \r\n\t]")
"""Spaces that no FHIR string may hold (https://hl7.org/fhir/R4/datatypes.html#string); a plain one takes their place."""
_FARTHEST = timedelta(hours=14)
"""No dateTime has an offset beyond 14:00 (https://hl7.org/fhir/R4/datatypes.html#dateTime)."""


def pruned(value: Any) -> Any:
    """The same value without empty places, and with plain spaces only."""
    if isinstance(value, dict):
        return _filled(value)
    if isinstance(value, list | tuple):
        return _filled_list(value)
    return _plain(value) if isinstance(value, str) else value


def _filled(members: dict[str, Any]) -> dict[str, Any]:
    """Written out, not called again for each leaf: everything that leaves passes here."""
    found = {}
    for name, inner in members.items():
        kind = type(inner)
        if kind is str:
            if inner:
                found[name] = inner if inner.isascii() and inner.isprintable() else _plain(inner)
        elif kind is dict or kind is list or kind is tuple:
            if inner and (kept := _filled(inner) if kind is dict else _filled_list(inner)):
                found[name] = kept
        elif inner is not None:
            found[name] = inner
    return found


def _filled_list(members: Sequence[Any]) -> list[Any]:
    found = []
    for inner in members:
        kept = _filled(inner) if type(inner) is dict else pruned(inner)
        if kept or (kept is not None and not isinstance(kept, str | list | dict)):
            found.append(kept)
    return found


def _plain(text: str) -> str:
    return _ODD_SPACE.sub(" ", text)


def meta(*profiles: str, sensitivity: str | tuple[str, ...] = "normal") -> dict[str, Any]:
    """`meta` with US Core profiles by their short names, and a tag for each sensitivity that is not normal."""
    levels = (sensitivity,) if isinstance(sensitivity, str) else sensitivity
    return {
        "profile": [US_CORE + profile for profile in profiles],
        "tag": [{"system": SENSITIVITY_TAG, "code": level} for level in sorted(set(levels) - {"normal"})],
    }


def moment(instant: datetime | None) -> str | None:
    """A FHIR dateTime that keeps the local offset it was written with."""
    if instant is None:
        return None
    offset = instant.utcoffset() or timedelta()
    odd = abs(offset) > _FARTHEST or offset % timedelta(minutes=1)
    return (instant.astimezone(UTC) if odd else instant).isoformat()


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def days(start: date | None, end: date | None) -> dict[str, Any]:
    """A Period; an end before its start is no period (per-1), and of such a pair only the start is sent."""
    return {"start": day(start), "end": None if start and end and end < start else day(end)}


def said(text: str | None) -> dict[str, Any] | None:
    """A CodeableConcept in words only."""
    return {"text": text} if text else None


def note(text: str | None, title: str = "") -> dict[str, Any] | None:
    """An Annotation, under a title of ours where one is given."""
    return {"text": f"{title}: {text}" if title else text} if text else None


def extension(url: str, **value: Any) -> dict[str, Any]:
    return {"url": url, **value}


def human_name(name: Name, use: str | None = None) -> dict[str, Any]:
    return {"use": use, "family": name.family, "given": list(name.given), "prefix": [name.prefix], "suffix": [name.suffix]}


def full_name(name: Name) -> str:
    return " ".join(part for part in (name.prefix, *name.given, name.family, name.suffix) if part)


def address(place: Address | None, use: str | None = None) -> list[dict[str, Any]]:
    """Zero or one Address; from the fourth line on all stand in one (US Core allows four)."""
    if place is None or place == Address():
        return []
    lines = [*place.line[:3], ", ".join(place.line[3:])]
    return [{"use": use, "line": lines, "city": place.city, "state": place.state, "postalCode": place.postal_code, "country": place.country}]


_TELECOM = (
    ("home_phone", "phone", "home"),
    ("mobile_phone", "phone", "mobile"),
    ("work_phone", "phone", "work"),
    ("fax", "fax", "work"),
    ("email", "email", None),
    ("direct_address", "email", "work"),
)


def telecom(contact: Contact) -> list[dict[str, Any]]:
    """Every way to reach someone; a Direct address is an email marked as one (US Core extension us-core-direct)."""
    return [{"extension": _direct(field), "system": system, "value": value, "use": use} for field, system, use in _TELECOM if (value := getattr(contact, field))]


def _direct(field: str) -> list[dict[str, Any]]:
    return [extension(US_CORE + "direct", valueBoolean=True)] if field == "direct_address" else []


def npi(number: str | None) -> dict[str, Any] | None:
    return {"system": NPI_SYSTEM, "value": number} if number else None
