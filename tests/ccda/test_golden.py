"""Documents beside what they say, and resources beside the document they become; a change of either shows here line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.fhir.validation import faults
from mappings.ccda import read, referral_note
from tests.ccda.corpus import CLIENT, CREATED, ID, package

GOLDEN = Path(__file__).parent / "golden"


def _received(name: str) -> dict[str, Any]:
    return json.loads(json.dumps(read((GOLDEN / name).read_bytes())._asdict(), default=str))


def test_a_psychiatrists_note_says_what_stands_beside_it() -> None:
    assert _received("consultation_note.xml") == json.loads((GOLDEN / "consultation_note.json").read_text())


def test_every_resource_of_it_is_valid() -> None:
    received = read((GOLDEN / "consultation_note.xml").read_bytes())

    assert [faults(one) for one in received.about(CLIENT)] == [[]] * 5


def test_a_referrals_package_becomes_the_note_that_stands_beside_it() -> None:
    document = etree.ElementTree(etree.fromstring(referral_note(package(), document_id=ID, created=CREATED, notice="What must go along.")))
    etree.indent(document)

    assert etree.tostring(document).decode().splitlines() == (GOLDEN / "referral_note.xml").read_text().splitlines()
