"""CDA's datatypes as FHIR's, on the way in: codes, times, identifiers, names, addresses, quantities.

What carries a nullFlavor, or is not what its type asks for, becomes nothing here; the narrative keeps it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from mappings.ccda import oid
from mappings.ccda.moment import date_time_of, is_after
from mappings.ccda.people import full_name
from mappings.ccda.unit import SYSTEM, is_ucum, shown
from mappings.ccda.words import Words
from mappings.ccda.xml import XSI_TYPE, Node, attribute, child, children, local
from mappings.element import pruned

_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?")
_CODE = re.compile(r"\S+(?: \S+)*")
_LINE = 200
"""Characters of a name or a title that is told again with every entry."""
_NONE = re.compile(r"\W*(?:$|no\b|none\b|not? known\b|nil\b|denies\b|nkd?a\b)", re.IGNORECASE)
_UID = re.compile(r"[0-9A-Za-z.-]{1,128}")


def flavor(element: Node | None) -> str | None:
    return attribute(element, "nullFlavor")


def type_of(element: Node) -> str:
    """The name of the type an element says it has, without a prefix."""
    return (element.get(XSI_TYPE) or "").split(":")[-1].strip()


def coding(element: Node) -> dict[str, Any] | None:
    code, system = attribute(element, "code"), attribute(element, "codeSystem")
    if code is None or not _CODE.fullmatch(code):
        return None
    return {"system": oid.system_of(system) if system and _UID.fullmatch(system) else None, "code": code, "display": attribute(element, "displayName")}


def concept(element: Node | None, words: Words) -> dict[str, Any]:
    """A CodeableConcept of a code and its translations, with the original text; empty where there is none of them."""
    if element is None:
        return {}
    codings = [found for each in (element, *children(element, "translation")) if (found := coding(each))]
    text = words.of(child(element, "originalText"))
    return dict(pruned({"coding": codings, "text": text or (None if codings else attribute(element, "displayName"))}))


def names_nothing(what: dict[str, Any]) -> bool:
    """Whether what is denied names nothing: no code, and no words or such as "none known"."""
    return "coding" not in what and (_NONE.match(what.get("text", "")) is not None)


def identifiers(element: Node | None) -> list[dict[str, Any]]:
    """Every id of an element that is one."""
    return [found for each in children(element, "id") if (found := identifier(each))]


def identifier(element: Node) -> dict[str, Any] | None:
    root = attribute(element, "root")
    if root is None or flavor(element) or not _UID.fullmatch(root):
        return None
    return oid.identifier_of(root, attribute(element, "extension"))


def moment(element: Node | None) -> str | None:
    return date_time_of(attribute(element, "value"))


def recorded(found: Node, concern: Node | None) -> str | None:
    """When it was written down: its own author's time, else that of the concern, else when the concern began to be tracked."""
    places = (child(found, "author", "time"), child(concern, "author", "time"), child(concern, "effectiveTime", "low"))
    return next((written for place in places if (written := moment(place))), None)


def period(element: Node | None) -> dict[str, str]:
    """From when to when; a point in time is its own start. An end before its start is left out (https://hl7.org/fhir/R4/datatypes.html#Period, per-1)."""
    start, end = moment(child(element, "low")) or moment(element), moment(child(element, "high"))
    if start and end and is_after(start, end):
        end = None
    return {name: found for name, found in (("start", start), ("end", end)) if found}


def number(element: Node | None) -> int | Decimal | None:
    written = attribute(element, "value") or ""
    if not _NUMBER.fullmatch(written):
        return None
    return Decimal(written) if "." in written else int(written)


def quantity(element: Node | None, unit: str | None = None) -> dict[str, Any]:
    """A Quantity; a unit that is UCUM's is its code too, `1` is no unit, and `unit` stands in where none is written."""
    value, written = number(element), attribute(element, "unit")
    if value is None:
        return {}
    if written is None or written == "1":
        return {"value": value} | ({"unit": unit} if unit else {})
    return {"value": value, "unit": shown(written)} | ({"system": SYSTEM, "code": written} if is_ucum(written) else {})


_NAME_USE = {"L": "official", "C": "official", "A": "nickname", "P": "nickname"}
_ADDRESS_USE = {"H": "home", "HP": "home", "HV": "home", "WP": "work", "DIR": "work", "PUB": "work", "TMP": "temp", "BAD": "old"}
_TELECOM_USE = {"H": "home", "HP": "home", "HV": "home", "WP": "work", "DIR": "work", "PUB": "work", "MC": "mobile", "TMP": "temp", "BAD": "old"}
_SCHEMES = {"tel": "phone", "fax": "fax", "x-text-fax": "fax", "mailto": "email", "sms": "sms", "http": "url", "https": "url"}


def text(element: Node | None) -> str | None:
    """The text of an element with single spaces."""
    return None if element is None else (" ".join("".join(map(str, element.itertext())).split()) or None)


def line(element: Node | None) -> str | None:
    """The text of an element where a line of it is enough."""
    return (text(element) or "")[:_LINE] or None


def texts(element: Node, tag: str) -> list[str]:
    return [found for each in children(element, tag) if (found := text(each))]


def _uses(element: Node, known: dict[str, str]) -> str | None:
    return next((known[use] for use in (attribute(element, "use") or "").split() if use in known), None)


def name(element: Node) -> dict[str, Any]:
    """A HumanName; one that is not fielded is its text."""
    fielded = any(local(part) in ("family", "given") for part in element)
    found = {
        "use": _uses(element, _NAME_USE),
        "text": None if fielded else text(element),
        "family": " ".join(texts(element, "family")),
        "given": texts(element, "given"),
        "prefix": texts(element, "prefix"),
        "suffix": texts(element, "suffix"),
    }
    kept = pruned(found)
    return dict(kept) if set(kept) - {"use"} else {}


def names(element: Node | None) -> list[dict[str, Any]]:
    return [found for each in children(element, "name") if (found := name(each))]


def said_name(element: Node | None) -> str | None:
    """The first name below an element, as a line."""
    return next((full_name(each)[:_LINE] for each in names(element)), None)


def addresses(element: Node | None) -> list[dict[str, Any]]:
    found = [
        {
            "use": _uses(each, _ADDRESS_USE),
            "line": texts(each, "streetAddressLine"),
            "city": text(child(each, "city")),
            "state": text(child(each, "state")),
            "postalCode": text(child(each, "postalCode")),
            "country": text(child(each, "country")),
        }
        for each in children(element, "addr")
    ]
    return [kept for one in found if set(kept := pruned(one)) - {"use"}]


def telecoms(element: Node | None) -> list[dict[str, Any]]:
    found = []
    for each in children(element, "telecom"):
        written = attribute(each, "value")
        if written:
            scheme, mark, rest = written.partition(":")
            system = _SCHEMES.get(scheme.lower()) if mark else "phone"
            value = written if system in ("url", None) else (rest if mark else written).strip()
            found.append({"system": system or "other", "value": value, "use": _uses(each, _TELECOM_USE)})
    return [kept for one in found if (kept := pruned(one)).get("value")]
