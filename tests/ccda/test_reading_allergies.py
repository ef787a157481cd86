"""Allergies that come in, with what older and newer documents say of them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.fhir.validation import faults
from mappings.ccda import read
from tests.ccda.corpus import CLIENT, consultation, section

_PENICILLIN = '<code code="70618" codeSystem="2.16.840.1.113883.6.88" displayName="Penicillin"/>'


def _inside(number: str, value: str, kind: str = "SUBJ") -> str:
    return (
        f'<entryRelationship typeCode="{kind}" inversionInd="true"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.{number}"/>'
        f"{value}</observation></entryRelationship>"
    )


def _value(code: str, system: str = "2.16.840.1.113883.6.96", more: str = "") -> str:
    return f'<value xsi:type="CD" code="{code}" codeSystem="{system}"{more}/>'


def _allergy(
    inner: str = "", *, kind: str = "419199007", substance: str = _PENICILLIN, negated: str = "", concern: str = "active", around: str = "", high: str = ""
) -> dict[str, Any]:
    entry = f"""<act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.30"/><id root="1.2.3"/><statusCode code="{concern}"/>
<effectiveTime><low value="20240304"/></effectiveTime><entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"{negated}>
<templateId root="2.16.840.1.113883.10.20.22.4.7" extension="2014-06-09"/><effectiveTime><low value="1998"/>{high}</effectiveTime>{_value(kind)}
<participant typeCode="CSM"><participantRole><playingEntity>{substance}</playingEntity></participantRole></participant>{inner}</observation></entryRelationship>{around}</act>"""
    (allergy,) = (one for one in read(consultation(section(entry))).about(CLIENT) if one["resourceType"] == "AllergyIntolerance")
    assert faults(allergy) == []
    return allergy


def test_an_allergy_is_read_with_its_substance_and_its_times() -> None:
    allergy = _allergy()

    assert allergy["code"] == {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "70618", "display": "Penicillin"}]}
    assert (allergy["onsetDateTime"], allergy["recordedDate"], allergy["patient"]) == ("1998", "2024-03-04", CLIENT)


@pytest.mark.parametrize(
    ("code", "kind", "category"),
    [("416098002", "allergy", ["medication"]), ("235719002", "intolerance", ["food"]), ("418038007", None, None), ("419511003", None, ["medication"]), ("1", None, None)],
)
def test_what_kind_of_allergy_it_is_comes_from_one_code(code: str, kind: str | None, category: list[str] | None) -> None:
    allergy = _allergy(kind=code)

    assert (allergy.get("type"), allergy.get("category")) == (kind, category)


@pytest.mark.parametrize(
    ("said", "concern", "high", "status"),
    [("73425007", "active", "", "inactive"), ("", "active", "", "active"), ("", "completed", "", "inactive"), ("", "active", '<high nullFlavor="UNK"/>', "resolved")],
)
def test_whether_an_allergy_is_over_is_read_from_its_status_its_end_or_its_concern(said: str, concern: str, high: str, status: str) -> None:
    allergy = _allergy(_inside("28", _value(said)) if said else "", concern=concern, high=high)

    assert allergy["clinicalStatus"]["coding"][0]["code"] == status


def test_a_reaction_is_read_with_its_severity() -> None:
    severe = _inside("8", _value("24484000"))
    reaction = _inside("9", f"{_value('422587007', more=chr(32) + 'displayName=' + chr(34) + 'Nausea' + chr(34))}{severe}", "MFST")

    assert _allergy(reaction)["reaction"] == [
        {"manifestation": [{"coding": [{"system": "http://snomed.info/sct", "code": "422587007", "display": "Nausea"}]}], "severity": "severe"}
    ]


def test_a_reaction_without_a_word_says_that_it_is_not_described() -> None:
    assert _allergy(_inside("9", '<value xsi:type="CD" nullFlavor="UNK"/>', "MFST"))["reaction"] == [{"manifestation": [{"text": "Not described"}]}]


def test_the_severity_of_a_whole_allergy_goes_to_its_one_reaction() -> None:
    told = _allergy(f"{_inside('9', _value('1'), 'MFST')}{_inside('8', _value('6736007'))}")

    assert (told["reaction"][0]["severity"], "note" in told) == ("moderate", False)


@pytest.mark.parametrize("place", ["inner", "around"])
def test_the_severity_of_a_whole_allergy_without_such_a_reaction_is_kept_in_words(place: str) -> None:
    graded = _inside("8", '<value xsi:type="CD" code="371924009" codeSystem="2.16.840.1.113883.6.96" displayName="Moderate to severe"/>')

    assert _allergy(**{place: graded})["note"] == [{"text": "Severity: Moderate to severe"}]


def test_criticality_is_read() -> None:
    assert _allergy(_inside("145", _value("CRITH", "2.16.840.1.113883.5.1063")))["criticality"] == "high"


@pytest.mark.parametrize(("kind", "code"), [("419199007", "716186003"), ("416098002", "409137002"), ("414285001", "429625007")])
def test_an_allergy_that_is_denied_without_a_substance_says_that_none_is_known(kind: str, code: str) -> None:
    allergy = _allergy(kind=kind, substance='<code nullFlavor="NA"/>', negated=' negationInd="true"')

    assert allergy["code"] == {"coding": [{"system": "http://snomed.info/sct", "code": code}], "text": "No known allergies"}
    assert "verificationStatus" not in allergy


def test_an_allergy_to_a_substance_that_is_denied_is_refuted() -> None:
    assert _allergy(negated=' negationInd="true"')["verificationStatus"]["coding"][0]["code"] == "refuted"


def test_a_substance_that_is_only_named_is_read_by_its_name() -> None:
    assert _allergy(substance='<code nullFlavor="UNK"/><name>Cat hair</name>')["code"] == {"text": "Cat hair"}


@pytest.mark.parametrize("words", ["No known allergies", "NKDA", "None", "Not known", " - "])
def test_an_allergy_that_is_denied_in_such_words_says_that_none_is_known(words: str) -> None:
    assert _allergy(substance=f'<code nullFlavor="NA"><originalText>{words}</originalText></code>', negated=' negationInd="true"')["code"]["coding"][0]["code"] == "716186003"


def test_an_allergy_that_is_denied_in_the_words_of_its_substance_is_refuted_and_not_none_known() -> None:
    allergy = _allergy(substance='<code nullFlavor="OTH"><originalText>Noscapine</originalText></code>', negated=' negationInd="true"')

    assert (allergy["code"], allergy["verificationStatus"]["coding"][0]["code"]) == ({"text": "Noscapine"}, "refuted")
