"""HL7's own samples, where the reference data holds them: everything in them is read, and what no resource holds is named."""

from __future__ import annotations

import base64
from collections import Counter
from pathlib import Path

import pytest

from gateway.fhir.validation import faults
from mappings.ccda import Received, read
from tests.ccda.corpus import CLIENT


def _sample(reference_data: Path, name: str) -> Received:
    path = reference_data / "c-cda" / name
    if not path.is_file():
        pytest.skip("the reference data holds no C-CDA samples")
    return read(path.read_bytes())


@pytest.mark.parametrize(
    ("name", "kind", "held"),
    [
        ("Consultation_Note.xml", "Consultation Note", {"DocumentReference": 1, "Encounter": 1, "AllergyIntolerance": 2, "Condition": 4, "MedicationStatement": 2}),
        ("Referral_Note.xml", "Referral Note", {"DocumentReference": 1, "AllergyIntolerance": 2, "Condition": 4, "MedicationStatement": 2}),
    ],
)
def test_a_sample_becomes_its_resources_and_each_is_valid(reference_data: Path, name: str, kind: str, held: dict[str, int]) -> None:
    received = _sample(reference_data, name)

    assert received.type == kind
    assert Counter(one["resourceType"] for one in received.resources) == held
    assert [faults(one) for one in received.about(CLIENT) if faults(one)] == []


def test_the_sample_of_an_answer_names_the_order_it_fulfils(reference_data: Path) -> None:
    assert _sample(reference_data, "Consultation_Note.xml").fulfils == ({"system": "urn:oid:2.16.840.1.113883.6.96", "value": "1298989898"},)


def test_no_section_of_a_sample_is_silently_lost(reference_data: Path) -> None:
    received = _sample(reference_data, "Consultation_Note.xml")
    words = base64.b64decode(received.resources[0]["content"][0]["attachment"]["data"]).decode()
    held = ("ALLERGIES AND ADVERSE REACTIONS", "MEDICATIONS", "PROBLEMS")
    titles = [line for line in words.splitlines() if line.isupper() or line == "Physical Examination"]

    assert len(titles) == 13
    assert {title for title in titles if title not in held} == {name.partition(":")[0] for name in received.unheld} - set(held)
    assert "MEDICATIONS: Drug Monitoring Act" in received.unheld


def test_a_sample_is_read_for_matching_and_for_who_wrote_it(reference_data: Path) -> None:
    received = _sample(reference_data, "Consultation_Note.xml")

    assert (received.patient["birthDate"], received.patient["gender"], received.effective) == ("1975-05-01", "female", "2013-08-01T05:00:00-08:00")
    assert [name["family"] for name in received.patient["name"]] == ["Betterhalf", "Everywoman"]
    assert received.author is not None
    assert received.author["name"][0]["family"] == "Primary"
    assert received.custodian is not None
    assert received.custodian["name"] == "Good Health HIE"
