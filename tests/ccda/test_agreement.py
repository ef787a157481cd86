"""The check that narrative and entries agree can fail: each way to differ is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from tests.ccda.agreement import disagreements
from tests.ccda.corpus import found, note, package


def _told(path: str, text: str) -> Callable[[etree._ElementTree], None]:
    return lambda document: setattr(found(document, path)[0], "text", text)


def _set(path: str, name: str, value: str) -> Callable[[etree._ElementTree], None]:
    return lambda document: found(document, path)[0].set(name, value)


def _without_entry(document: etree._ElementTree) -> None:
    entry: Any = found(document, "//c:section[c:code/@code='10160-0']/c:entry")[0]
    entry.getparent().remove(entry)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_told("//c:td[@ID='problem-0-status']", "Active"), "Problems: a status is not told"),
        (_told("//c:td[@ID='problem-0-since']", "2024-02-02"), "Problems: a day is not told"),
        (_told("//c:td[@ID='score-1-result']", "13"), "Mental Status: a number is not told"),
        (_set("//c:td[@ID='problem-0-what']", "ID", "elsewhere"), "Problems: a reference leads nowhere"),
        (_set("//c:tr[@ID='allergy-0']", "ID", "problem-0"), "the ID problem-0 stands twice"),
        (_set("//c:section[c:code/@code='11450-4']", "nullFlavor", "NI"), "Problems has no information, and entries"),
        (_without_entry, "Medications: no entry refers to the line medication-0"),
    ],
)
def test_a_document_that_tells_two_things_is_found_out(change: Callable[[etree._ElementTree], None], fault: str) -> None:
    document = note(package())
    change(document)

    assert fault in disagreements(document)
