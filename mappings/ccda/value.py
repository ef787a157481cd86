"""FHIR's datatypes as CDA's, on the way out: codes, times, identifiers, names, addresses, ways to reach someone.

What is not known leaves as a nullFlavor, never as an empty place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mappings.ccda import oid
from mappings.ccda.moment import ts_of
from mappings.ccda.unit import SYSTEM, annotated, is_ucum
from mappings.ccda.xml import Node, node


def null(tag: str, flavor: str = "UNK", xsi_type: str | None = None) -> Node:
    return node(tag, nullFlavor=flavor, xsi_type=xsi_type)


def code(tag: str, value: str, system: str, xsi_type: str | None = None) -> Node:
    """A fixed code of a template; the narrative says it in words."""
    return node(tag, code=value, codeSystem=system, xsi_type=xsi_type)


def referring(tag: str, identity: str) -> Node:
    """An element that holds a reference to a place in the narrative."""
    return node(tag, node("reference", value=f"#{identity}"))


def coded(tag: str, concept: dict[str, Any] | None, told_at: str | None = None, *, only: str | None = None, xsi_type: str | None = None) -> Node:
    """A CodeableConcept: its first coding that CDA can name, the others as translations, its words where the narrative tells them.

    `only`: the one code system that may stand first; without a coding of it the first is "other" and all are translations.
    """
    codings = [coding for coding in (concept or {}).get("coding", []) if oid.oid_of(coding.get("system")) and coding.get("code")]
    main = next((coding for coding in codings if only is None or oid.oid_of(coding["system"]) == only), None)
    others = [coding for coding in codings if coding is not main]
    attributes = _coding(main) if main else {"nullFlavor": "OTH" if concept else "UNK"}
    words = referring("originalText", told_at) if told_at else None
    return node(tag, words, [node("translation", **_coding(coding)) for coding in others], xsi_type=xsi_type, **attributes)


def _coding(coding: dict[str, Any]) -> dict[str, str | None]:
    return {"code": coding["code"], "codeSystem": oid.oid_of(coding["system"]), "displayName": coding.get("display")}


def moment(tag: str, date_time: str | None) -> Node:
    ts = ts_of(date_time)
    return node(tag, value=ts) if ts else null(tag)


def interval(tag: str, start: str | None, end: str | None = None, *, ended: bool = False, xsi_type: str | None = None) -> Node:
    """From when to when; `ended` where it is over, known end or not."""
    return node(tag, moment("low", start), moment("high", end) if end or ended else None, xsi_type=xsi_type)


def instance(resource_type: str, resource_id: str) -> Node:
    """The id of a resource: itself where it is a UUID, so that whoever answers can name it."""
    system, value = (oid.URI, f"urn:uuid:{resource_id}") if oid.is_uuid(resource_id) else (f"urn:handoff:{resource_type}", resource_id)
    return node("id", **(oid.instance_of({"system": system, "value": value}) or {"nullFlavor": "UNK"}))


def instances(resource: dict[str, Any] | None) -> list[Node]:
    """The ids of a resource, its own first; one that is unknown where there is none."""
    resource = resource or {}
    own = [instance(resource["resourceType"], resource["id"])] if resource.get("id") else []
    given = [found for identifier in resource.get("identifier", []) if (found := oid.instance_of(identifier))]
    return [*own, *(node("id", **each) for each in given)] or [null("id")]


def unit_of(quantity: dict[str, Any]) -> str | None:
    """The unit of a Quantity as UCUM has it; a word that is none as what is counted."""
    if quantity.get("system") == SYSTEM and quantity.get("code"):
        return str(quantity["code"])
    unit = str(quantity.get("unit") or "")
    return unit if unit and is_ucum(unit) else annotated(unit)


_NAME_USE = {"official": "L", "usual": "P", "nickname": "P", "anonymous": "P"}


def name(human: dict[str, Any] | None, *, tag: str = "name") -> Node:
    """A fielded name; both its family and a given name are asked for, so the missing one is said to be unknown."""
    human = human or {}
    if not (human.get("family") or human.get("given")):
        return node(tag, text=human["text"]) if human.get("text") else null(tag)
    parts = [
        *(node("prefix", text=each) for each in human.get("prefix", [])[:1]),
        *([node("given", text=each) for each in human.get("given", [])] or [null("given")]),
        node("family", text=human["family"]) if human.get("family") else null("family"),
        *(node("suffix", text=each) for each in human.get("suffix", [])[:1]),
    ]
    return node(tag, parts, use=_NAME_USE.get(human.get("use", "")))


_ADDRESS_USE = {"home": "HP", "work": "WP", "temp": "TMP"}
_PARTS = (("city", "city"), ("state", "state"), ("postalCode", "postalCode"), ("country", "country"))
_NEEDED = ("city", "state", "postalCode")


def address(places: Sequence[dict[str, Any]]) -> list[Node]:
    """US Realm addresses: one to four lines, city, state and postal code, each unknown where missing; one that is unknown where there is none."""
    return [_address(place) for place in places] or [null("addr")]


def _address(place: dict[str, Any]) -> Node:
    told = place.get("line", [])[:4] or ([place["text"]] if place.get("text") else [])
    street = [node("streetAddressLine", text=line) for line in told] or [null("streetAddressLine")]
    rest = [node(tag, text=place[field]) if place.get(field) else null(tag) for field, tag in _PARTS if place.get(field) or field in _NEEDED]
    return node("addr", street, rest, use=_ADDRESS_USE.get(place.get("use", "")))


_SCHEMES = {"phone": "tel:", "fax": "fax:", "email": "mailto:", "sms": "sms:", "url": ""}
_TELECOM_USE = {"home": "HP", "work": "WP", "mobile": "MC"}


def telecom(ways: Sequence[dict[str, Any]]) -> list[Node]:
    """Every way to reach someone; one that is unknown where there is none."""
    return [
        node("telecom", value=f"{_SCHEMES.get(way.get('system', ''), 'tel:')}{''.join(way['value'].split())}", use=_TELECOM_USE.get(way.get("use", "")))
        for way in ways
        if way.get("value")
    ] or [null("telecom")]
