"""Search by brute force over the stored JSON: written from the specification, sharing nothing with the store.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
Span = tuple[datetime, datetime]

TOKEN = {"gender": "gender", "active": "active", "identifier": "identifier", "status": "status", "code": "code"}
DATE = {"birthdate": "birthDate", "date": "effectiveDateTime"}
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")


def matches(resource: dict[str, Any], name: str, value: str) -> bool:
    """Whether a resource answers to one parameter, its alternatives OR-ed."""
    base, _, modifier = name.partition(":")
    found = any(_one(resource, base, modifier, part) for part in _alternatives(value))
    return found != (modifier == "not")


def _alternatives(value: str) -> list[str]:
    """Split at commas that no backslash stands before."""
    parts, escaped = [""], False
    for letter in value:
        if escaped:
            parts[-1] += letter if letter in ",|$\\" else "\\" + letter
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == ",":
            parts.append("")
        else:
            parts[-1] += letter
    parts[-1] += "\\" * escaped
    return [part for part in parts if part]


def _one(resource: dict[str, Any], base: str, modifier: str, value: str) -> bool:
    if base == "_id":
        return bool(resource["id"] == value)
    if base == "_lastUpdated":
        start = datetime.fromisoformat(resource["meta"]["lastUpdated"])
        return _dated((start, start + timedelta(milliseconds=1)), value)
    if base in TOKEN:
        return any(_token(pair, value) for pair in _pairs(resource.get(TOKEN[base])))
    if base in DATE:
        return DATE[base] in resource and _dated(span(resource[DATE[base]]), value)
    if base in ("patient", "subject"):
        return bool(resource["subject"]["reference"] in (value, f"Patient/{value}"))
    return any(_text(text, modifier, value) for text in _texts(resource, base))


def _pairs(element: Any) -> list[tuple[str, str]]:
    if element is None:
        return []
    if isinstance(element, bool):
        return [("", str(element).lower())]
    if isinstance(element, str):
        return [("", element)]
    codings = element if isinstance(element, list) else element["coding"]
    return [(one.get("system", ""), one.get("code", one.get("value"))) for one in codings]


def _token(pair: tuple[str, str], value: str) -> bool:
    if "|" not in value:
        return pair[1] == value
    system, _, code = value.rpartition("|")
    return pair[0] == system and code in ("", pair[1])


def _texts(resource: dict[str, Any], base: str) -> list[str]:
    names = resource.get("name", [])
    family = [name["family"] for name in names if "family" in name]
    given = [text for name in names for text in name.get("given", [])]
    return {"family": family, "given": given, "name": family + given}[base]


def _text(text: str, modifier: str, value: str) -> bool:
    if modifier == "exact":
        return text == value
    return _folded(value) in _folded(text) if modifier == "contains" else _folded(text).startswith(_folded(value))


def _folded(text: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    folded = "".join(letter for letter in unicodedata.normalize("NFKD", plain.casefold()) if not unicodedata.combining(letter))
    return " ".join(folded.split())


def span(text: str) -> Span:
    """From, and up to but not including."""
    digits = re.sub(r"T.*", "", text).split("-")
    if "T" in text:
        moment = datetime.fromisoformat(text)
        width = timedelta(minutes=1) if text.count(":") - ("+" in text or text[-6] == "-") == 1 else timedelta(seconds=1)
        start = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
        return start, start + width
    year, month, day = int(digits[0]), int(digits[1]) if digits[1:] else 0, int(digits[2]) if digits[2:] else 0
    first = datetime(year, month or 1, day or 1, tzinfo=ZONE)
    days = 1 if day else calendar.monthrange(year, month)[1] if month else 366 if calendar.isleap(year) else 365
    return first, (first.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=ZONE)


def _dated(target: Span, value: str) -> bool:
    prefix, text = (value[:2], value[2:]) if value[:2] in PREFIXES else ("eq", value)
    low, high = (moment.timestamp() for moment in target)
    start, end = (moment.timestamp() for moment in span(text))
    inside = start <= low and high <= end
    return {
        "eq": inside,
        "ne": not inside,
        "gt": high > end,
        "lt": low < start,
        "ge": high > end or inside,
        "le": low < start or inside,
        "sa": low >= end,
        "eb": high <= start,
    }[prefix]
