"""The Care Plan: concerns, goals, interventions and outcomes that refer to each other."""

from __future__ import annotations

from tests.ccda.agreement import disagreements
from tests.ccda.corpus import found, plan, plan_document, resources
from tests.mappings.corpus import SITE

_TITLES = "//c:structuredBody/c:component/c:section/c:code/@code"


def test_a_care_plan_says_what_it_is_and_whose_care_it_is() -> None:
    document = plan_document(plan())

    assert found(document, "/c:ClinicalDocument/c:templateId/@root")[1] == "2.16.840.1.113883.10.20.22.1.15"
    assert found(document, "/c:ClinicalDocument/c:code/@code") == ["18776-5"]
    assert found(document, "/c:ClinicalDocument/c:title/text()") == ["Plan for the winter"]
    assert found(document, "//c:serviceEvent/c:effectiveTime/*/@value") == ["20250115", "20250715"]
    assert found(document, "//c:serviceEvent/c:performer//c:family/text()") == ["Brathwaite"]


def test_a_care_plan_has_concerns_goals_interventions_and_outcomes_and_no_plan_of_treatment() -> None:
    assert found(plan_document(plan()), _TITLES) == ["75310-3", "61146-7", "62387-6", "11383-7", "10190-7"]


def test_sections_that_are_required_stand_empty_and_others_do_not_stand() -> None:
    document = plan_document(resources("client"))

    assert found(document, _TITLES) == ["75310-3", "61146-7"]
    assert [section.get("nullFlavor") for section in found(document, "//c:section")] == ["NI", "NI"]


def test_a_health_concern_holds_its_problem() -> None:
    assert found(plan_document(plan()), "//c:act[c:code/@code='75310-3']/c:entryRelationship/c:observation/c:value/@code") == ["F32.1"]


def test_a_goal_refers_to_its_concern_and_an_intervention_to_its_goals() -> None:
    document = plan_document(plan())
    goal = SITE.id("treatment_plan", "tp1", "goal:g1")

    assert found(document, f"//c:observation[c:id/@root='{goal}']/c:entryRelationship/c:act/c:id/@root") == [SITE.id("problem", "p1")]
    assert goal in found(document, "//c:act[c:templateId/@root='2.16.840.1.113883.10.20.22.4.146']/c:entryRelationship[@typeCode='RSON']/c:act/c:id/@root")


def test_every_reference_to_an_entry_finds_it() -> None:
    document = plan_document(plan())
    stand = set(found(document, "//*[c:templateId/@root!='2.16.840.1.113883.10.20.22.4.122']/c:id/@root"))

    assert {*found(document, "//c:act[c:templateId/@root='2.16.840.1.113883.10.20.22.4.122']/c:id/@root")} <= stand


def test_a_score_that_measures_a_goal_is_an_outcome_that_evaluates_it() -> None:
    (outcome,) = found(plan_document(plan()), "//c:section[c:code/@code='11383-7']/c:entry/c:observation")

    assert outcome.find("{urn:hl7-org:v3}value").get("value") == "12"
    assert outcome.find("{urn:hl7-org:v3}entryRelationship").get("typeCode") == "GEVL"


def test_narrative_and_entries_of_a_care_plan_agree() -> None:
    assert disagreements(plan_document(plan(), notice="Notice")) == []
