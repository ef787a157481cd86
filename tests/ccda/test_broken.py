"""A document with any of its parts missing, doubled, moved or odd: it is read into valid resources, or refused by a rule; it never breaks the reader."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.fhir.json import render
from gateway.fhir.validation import faults
from mappings.ccda import BadDocument, care_plan, read, referral_note
from tests.ccda.corpus import CLIENT, CREATED, ID, package, plan

_GOLDEN = Path(__file__).parent / "golden"
_VALUES = st.sampled_from(
    [
        "",
        " ",
        "x",
        "0",
        "-1",
        "1e9",
        "999999999999999999999",
        "NaN",
        "2025",
        "20250231",
        "20250203101500+9999",
        "1.2.3",
        "not an oid",
        "#gone",
        "true",
        "UNK",
        "\u00e9\U0001f33f",
        "a" * 300,
    ]
)
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NAMES = st.sampled_from(["value", "code", "codeSystem", "root", "extension", "unit", "nullFlavor", "negationInd", "moodCode", "displayName", "use", "ID", _TYPE])
_PLACES = st.integers(0, 10_000)


def _move(element: Any, target: Any, _: Any) -> None:
    if element is not target and element not in target.iterancestors():
        target.append(element)


_PACKAGE, _PLAN = package(), plan()


_HOW: dict[str, Callable[[Any, Any, Any], Any]] = {
    "drop": lambda element, _target, _drawn: element.getparent().remove(element),
    "double": lambda element, _target, _drawn: element.addnext(deepcopy(element)),
    "set": lambda element, _target, drawn: element.set(*drawn),
    "unset": lambda element, _target, drawn: element.attrib.pop(drawn[0], None),
    "text": lambda element, _target, drawn: setattr(element, "text", drawn[1]),
    "move": _move,
}
_CHANGES = st.lists(st.tuples(st.sampled_from(sorted(_HOW)), _PLACES, _PLACES, st.tuples(_NAMES, _VALUES)), min_size=1, max_size=12)


def _changed(name: str, changes: list[tuple[str, int, int, tuple[str, str]]]) -> bytes:
    root = etree.fromstring((_GOLDEN / name).read_bytes())
    for how, place, other, drawn in changes:
        elements: list[Any] = list(root.iter(etree.Element))
        if len(elements) > 1:
            _HOW[how](elements[1 + place % (len(elements) - 1)], elements[1 + other % (len(elements) - 1)], drawn)
    return etree.tostring(root)


@given(st.sampled_from(["consultation_note.xml", "referral_note.xml"]), _CHANGES)
def test_a_broken_document_is_read_into_valid_resources_or_refused(name: str, changes: list[tuple[str, int, int, tuple[str, str]]]) -> None:
    try:
        received = read(_changed(name, changes))
    except BadDocument:
        return
    for one in received.about(CLIENT):
        assert faults(one) == []
        assert render(one)


@given(st.lists(st.tuples(_PLACES, _PLACES), min_size=1, max_size=12))
def test_resources_with_any_element_missing_still_become_a_document(missing: list[tuple[int, int]]) -> None:
    for made, whole in ((referral_note, _PACKAGE), (care_plan, _PLAN)):
        given_ = deepcopy(whole)
        for which, element in missing:
            resource = given_[which % len(given_)]
            names = sorted(set(resource) - {"resourceType"})
            if names:
                del resource[names[element % len(names)]]

        assert etree.fromstring(made(given_, document_id=ID, created=CREATED)) is not None
