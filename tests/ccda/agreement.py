"""Whether what a person reads in a document and what a machine reads are the same: a reader of its own, which knows nothing of how the document was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

CDA = "{urn:hl7-org:v3}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
STATUS_WORDS = {
    "55561003": "Active",
    "246455001": "Recurrence",
    "263855007": "Relapse",
    "73425007": "Inactive",
    "277022003": "Remission",
    "413322009": "Resolved",
    "255604002": "mild",
    "6736007": "moderate",
    "24484000": "severe",
}
_STATEMENTS = ("act", "observation", "procedure", "substanceAdministration")
_WITHOUT_ENTRIES = "51848-0"
"""Assessment: its last lines sum up scores whose entries are elsewhere."""


def disagreements(document: etree._ElementTree) -> list[str]:
    """Everything in which narrative and entries differ; empty where they agree."""
    ids = Counter(document.xpath("//@ID"))
    faults = [f"the ID {identity} stands twice" for identity, count in ids.items() if count > 1]
    for section in document.iter(f"{CDA}section"):
        faults += _of_section(section)
    return faults


def _of_section(section: Any) -> Iterator[str]:
    text = section.find(f"{CDA}text")
    places = {place.get("ID"): " ".join(" ".join(place.itertext()).split()) for place in text.iter() if place.get("ID")}
    title, entries = section.findtext(f"{CDA}title"), section.findall(f"{CDA}entry")
    if section.get("nullFlavor"):
        yield from (f"{title} has no information, and entries" for _ in entries)
    told = {reference.get("value", "").removeprefix("#") for entry in entries for reference in entry.iter(f"{CDA}reference") if reference.get("value")}
    yield from (f"{title}: a reference leads nowhere" for identity in told if not places.get(identity))
    rows = {row.get("ID") for row in text.iter(f"{CDA}tr") if row.get("ID")}
    if section.find(f"{CDA}code") is not None and section.find(f"{CDA}code").get("code") != _WITHOUT_ENTRIES:
        yield from (f"{title}: no entry refers to the line {row}" for row in sorted(rows - told))
    for entry in entries:
        yield from (f"{title}: {fault}" for fault in _of_statement(entry[0], places, None))


def _of_statement(statement: Any, places: dict[str, str], outer: str | None) -> Iterator[str]:
    line = _reference(statement.find(f"{CDA}text"))
    if line is None and outer is None:
        yield "an entry refers to no line"
    here = places.get(line or "", "") or outer or ""
    yield from _of_values(statement, places, here)
    if statement.tag in (f"{CDA}observation", f"{CDA}substanceAdministration"):
        yield from _of_times(statement, here)
    for inner in (each for link in statement.iterfind(f"{CDA}entryRelationship") for each in link if etree.QName(each).localname in _STATEMENTS):
        yield from _of_statement(inner, places, here)


def _of_values(statement: Any, places: dict[str, str], here: str) -> Iterator[str]:
    value = statement.find(f"{CDA}value")
    if value is None:
        return
    if value.get(TYPE) in ("INT", "PQ") and value.get("value"):
        yield from _unless(value.get("value") in here.split(), "a number is not told")
    if value.get(TYPE) in ("CD", "CE"):
        word, original = STATUS_WORDS.get(value.get("code", "")), _reference(value.find(f"{CDA}originalText"))
        yield from _unless(word is not None or not _templates(statement) & {"6", "8", "28"}, "a status has no word")
        if word:
            yield from _unless(word in here, "a status is not told")
        elif original:
            yield from _unless(places.get(original, "?") in here, "the words of a code are not on its line")
        elif value.get("displayName"):
            yield from _unless(" ".join(value.get("displayName").split()) in here, "a code's display is not told")


def _of_times(statement: Any, here: str) -> Iterator[str]:
    """A day in the entry is on its line, as a person writes it."""
    if not _templates(statement) & {"4", "16", "69"}:
        return
    for time in statement.findall(f"{CDA}effectiveTime"):
        for point in (time, *time.findall(f"{CDA}low"), *time.findall(f"{CDA}high")):
            ts = point.get("value", "")[:8]
            day = "-".join(part for part in (ts[:4], ts[4:6], ts[6:8]) if part)
            yield from _unless(day in here, "a day is not told")


def _templates(statement: Any) -> set[str]:
    """The last number of each template it follows."""
    return {template.get("root").rpartition(".")[2] for template in statement.iterfind(f"{CDA}templateId")}


def _unless(agreed: bool, fault: str) -> Iterator[str]:
    if not agreed:
        yield fault


def _reference(element: Any) -> str | None:
    reference = None if element is None else element.find(f"{CDA}reference")
    return None if reference is None else reference.get("value", "").removeprefix("#")
