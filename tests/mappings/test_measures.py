"""Questionnaires, their scores, and the risk of suicide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from gateway.fhir.validation import faults
from gateway.record.types import INSTRUMENTS, OutcomeMeasure
from mappings import resources_of
from tests.mappings.corpus import SITE, record
from tests.mappings.drawn import measures


def _sent(kind: str, **changed: Any) -> list[dict[str, Any]]:
    return resources_of(record(kind, **changed), SITE)


def _answers(instrument: str, score: int) -> dict[str, int]:
    return dict.fromkeys(INSTRUMENTS[instrument].items, score)


def _code(resource: dict[str, Any]) -> str:
    code: str = resource["code"]["coding"][0]["code"]
    return code


def test_a_phq_9_becomes_a_response_a_panel_a_score_and_ten_items() -> None:
    response, panel, score, *items = _sent("outcome_measure")

    assert response["questionnaire"] == "http://loinc.org/q/44249-1"
    assert [_code(panel), _code(score)] == ["44249-1", "44261-6"]
    assert [_code(item) for item in items] == ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8", "69722-7"]


def test_a_panel_holds_its_members_and_comes_from_its_response() -> None:
    response, panel, *members = _sent("outcome_measure")

    assert panel["hasMember"] == [{"reference": f"Observation/{member['id']}"} for member in members]
    assert all(each["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{response['id']}"}] for each in (panel, *members))
    assert not any(name.startswith("value") for name in panel)


def test_a_score_has_its_number_its_unit_and_its_word() -> None:
    score = _sent("outcome_measure")[2]

    assert score["id"] == SITE.id("outcome_measure", "o1", "score")
    assert score["valueQuantity"] == {"value": 12, "unit": "{score}", "system": "http://unitsofmeasure.org", "code": "{score}"}
    assert score["interpretation"] == [
        {"text": "moderate"},
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "POS", "display": "Positive"}], "text": "screens positive"},
    ]
    assert score["effectiveDateTime"] == "2025-01-12T09:50:00-05:00"


def test_an_item_has_loincs_answer_and_its_weight() -> None:
    item = next(each for each in _sent("outcome_measure") if each["id"] == SITE.id("outcome_measure", "o1", "item:self_harm"))

    assert item["valueCodeableConcept"]["coding"] == [
        {
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 1}],
            "system": "http://loinc.org",
            "code": "LA6569-3",
            "display": "Several days",
        }
    ]


def test_an_item_left_open_is_not_sent_and_there_is_no_score() -> None:
    response, panel, *members = _sent("outcome_measure", answers=_answers("phq-9", 1) | {"sleep": None}, total=None, difficulty=None)

    assert "44259-0" not in str([response, panel, members])
    assert "44261-6" not in str([response, panel, members])
    assert len(members) == 8


def test_a_total_alone_is_its_score_and_no_response() -> None:
    (score,) = _sent("outcome_measure", answers={}, total=7, difficulty=None)

    assert _code(score) == "44261-6"
    assert score["identifier"] == [SITE.identifier("outcome_measure", "o1")]
    assert "derivedFrom" not in score


def test_the_scores_of_parts_stand_beside_the_total_under_a_panel() -> None:
    panel, score, *parts = _sent(
        "outcome_measure", instrument="psc-17", answers={}, total=None, subscales={"internalizing": 5, "attention": 4, "externalizing": 3}, difficulty=None
    )

    assert panel["identifier"] == [SITE.identifier("outcome_measure", "o1")]
    assert score["valueQuantity"]["value"] == 12
    assert [(_code(part), part["valueQuantity"]["value"]) for part in parts] == [("psc-17.internalizing", 5), ("psc-17.attention", 4), ("psc-17.externalizing", 3)]
    assert panel["hasMember"] == [{"reference": f"Observation/{member['id']}"} for member in (score, *parts)]


def test_a_score_with_decimals_leaves_with_them() -> None:
    (score,) = _sent("outcome_measure", instrument="ors", answers={}, total=23.4, difficulty=None)

    assert score["valueQuantity"]["value"] == 23.4
    assert score["interpretation"] == [{"text": "in the clinical range"}]
    assert score["code"] == {"coding": [{"system": "urn:handoff:instrument", "code": "ors.score", "display": "ORS total score"}], "text": "ORS total score"}


def test_an_answer_without_a_loinc_code_leaves_as_its_number() -> None:
    response, _, score, item = _sent("outcome_measure", instrument="epds", answers={"self_harm": 2}, total=14, difficulty=None)

    assert response["questionnaire"] == "urn:handoff:questionnaire:epds"
    assert response["item"][0] == {"linkId": "epds.self_harm", "text": "Thoughts of self-harm", "answer": [{"valueInteger": 2}]}
    assert item["valueInteger"] == 2
    assert score["valueQuantity"]["value"] == 14


@given(measures())
def test_every_measure_of_every_instrument_leaves_valid(drawn: OutcomeMeasure) -> None:
    made = resources_of(drawn, SITE)

    assert [faults(each) for each in made] == [[] for _ in made]
    assert made[0]["identifier"] in (SITE.identifier("outcome_measure", drawn.id), [SITE.identifier("outcome_measure", drawn.id)])


@given(measures())
def test_no_reference_within_a_measure_leads_nowhere(drawn: OutcomeMeasure) -> None:
    made = resources_of(drawn, SITE)
    named = {member["reference"] for each in made for element in ("hasMember", "derivedFrom") for member in each.get(element, ())}

    assert named <= {f"{each['resourceType']}/{each['id']}" for each in made}


def test_a_measure_without_a_clinician_was_performed_by_the_client() -> None:
    assert _sent("outcome_measure", clinician=None)[2]["performer"] == [SITE.reference("Patient", "client", "ana")]


def test_a_gad_7_sends_codes_without_displays_that_were_not_checked() -> None:
    _, panel, score, *items = _sent("outcome_measure", instrument="gad-7", answers=_answers("gad-7", 3), total=21)

    assert [_code(panel), _code(score)] == ["69737-5", "70274-6"]
    assert [_code(item) for item in items] == ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]
    assert all("display" not in item["code"]["coding"][0] and item["code"]["text"] for item in items)


def test_the_difficulty_asked_beside_another_instrument_stays_in_its_response() -> None:
    response, *observations = _sent("outcome_measure", instrument="gad-7", answers=_answers("gad-7", 3), total=21, difficulty=2)

    assert response["item"][7]["linkId"] == "difficulty"
    assert "69722-7" not in str(observations)


def test_an_audit_c_begins_with_its_own_first_item_and_has_no_word_without_the_clients_sex() -> None:
    """The LOINC code 68517-2 that an example of US Core puts first is no item of AUDIT-C."""
    _, _, score, first, *_ = _sent("outcome_measure", instrument="audit-c", answers={"frequency": 4, "quantity": 1, "binge": 2}, total=7)

    assert _code(first) == "68518-0"
    assert first["valueCodeableConcept"]["text"] == "4 or more times a week"
    assert "interpretation" not in score


def test_a_screening_becomes_its_response_and_the_level_of_risk() -> None:
    response, risk = _sent("risk_assessment")

    assert [(item["linkId"], item["answer"][0]["valueCoding"]["code"]) for item in response["item"]] == [
        ("/93246-7", "LA33-6"),
        ("/93247-5", "LA33-6"),
        ("/93248-3", "LA33-6"),
        ("/93249-1", "LA32-8"),
        ("/93250-9", "LA32-8"),
        ("/93269-9", "LA32-8"),
    ]
    assert _code(risk) == "93374-7"
    assert risk["valueCodeableConcept"] == {"coding": [{"system": "http://loinc.org", "code": "LA6751-7", "display": "Moderate"}], "text": "Moderate"}
    assert risk["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{response['id']}"}]


@pytest.mark.parametrize(("level", "code"), [("low", "LA9194-7"), ("moderate", "LA6751-7"), ("high", "LA9193-9")])
def test_each_level_of_risk_has_loincs_answer(level: str, code: str) -> None:
    assert _sent("risk_assessment", level=level)[-1]["valueCodeableConcept"]["coding"][0]["code"] == code


def test_no_risk_is_said_in_words_for_loinc_has_no_answer_for_it() -> None:
    assert _sent("risk_assessment", level="none")[-1]["valueCodeableConcept"] == {"text": "No risk found"}


def test_a_level_set_by_judgement_alone_has_no_response() -> None:
    (risk,) = _sent("risk_assessment", instrument="clinical-judgement", answers={}, level="high")

    assert risk["id"] == SITE.id("risk_assessment", "r1", "risk")
    assert "derivedFrom" not in risk
