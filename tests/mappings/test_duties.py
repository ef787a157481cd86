"""The duties around the hour: what was done, on what evidence, for whom, who pays, what the client tells, and what stays inside."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from mappings import resources_of
from tests.mappings.corpus import SITE, record

CLIENT = SITE.reference("Patient", "client", "ana")
IMANI = SITE.reference("Practitioner", "clinician", "imani")


def _sent(kind: str, **changed: Any) -> list[dict[str, Any]]:
    return resources_of(record(kind, **changed), SITE)


def _codes(concept: dict[str, Any]) -> list[str]:
    return [coding["code"] for coding in concept.get("coding", ())]


def test_what_was_done_becomes_a_procedure_that_names_session_plan_reason_and_protocol() -> None:
    procedure = _sent("intervention")[0]

    assert procedure["status"] == "completed"
    assert (procedure["subject"], procedure["performer"]) == (CLIENT, [{"actor": IMANI}])
    assert procedure["encounter"] == SITE.reference("Encounter", "session", "s1")
    assert procedure["basedOn"] == [SITE.reference("CarePlan", "treatment_plan", "tp1")]
    assert procedure["reasonReference"] == [SITE.reference("Condition", "problem", "p1")]
    assert procedure["instantiatesCanonical"] == [_sent("protocol")[0]["url"]]
    assert procedure["outcome"] == {"text": "Found two alternative thoughts."}


@pytest.mark.parametrize(
    ("area", "code"),
    [("psychotherapy", []), ("support", ["409063005"]), ("coping-skills", ["409073007"]), ("education", ["409073007"]), ("crisis", []), ("evaluation", ["386053000"])],
)
def test_an_area_has_a_code_only_where_one_is_checked(area: str, code: list[str]) -> None:
    category = _sent("intervention", area=area)[0]["category"]

    assert _codes(category) == code
    assert category["text"]


def test_a_technique_without_a_code_stays_words() -> None:
    assert _sent("intervention", code=None)[0]["code"] == {"text": "Thought record, third column"}


def test_a_protocol_carries_its_research_and_its_steps() -> None:
    protocol = _sent("protocol")[0]

    assert protocol["relatedArtifact"] == [
        {"type": "citation", "citation": "Doe, J. (2020). A trial of something. Journal of Examples.", "url": "https://doi.org/10.1234/example.5"}
    ]
    assert [step["title"] for step in protocol["action"]] == ["Activity schedule", "Thought record"]
    assert _codes(protocol["useContext"][0]["valueCodeableConcept"]) == ["F32.1"]


def test_a_plan_names_the_protocols_it_follows() -> None:
    assert _sent("treatment_plan")[0]["instantiatesCanonical"] == [_sent("protocol")[0]["url"]]


def test_homework_is_a_task_of_the_client_with_how_it_went() -> None:
    plan, *parts = _sent("treatment_plan")
    homework = parts[-1]

    assert (homework["resourceType"], homework["intent"], homework["status"]) == ("Task", "plan", "in-progress")
    assert homework["owner"] == homework["for"] == CLIENT
    assert homework["restriction"] == {"period": {"end": "2025-02-15"}}
    assert homework["note"] == [{"text": "2025-01-22: Five of seven mornings"}]
    assert plan["activity"][-1] == {
        "progress": [{"time": "2025-01-22", "text": "Five of seven mornings"}],
        "reference": {"reference": f"Task/{homework['id']}"},
    }


def test_an_activity_names_the_sessions_in_which_it_took_place() -> None:
    assert _sent("treatment_plan")[0]["activity"][0]["outcomeReference"] == [SITE.reference("Encounter", "session", "s1")]


def test_progress_of_an_activity_that_is_labelled_apart_stays_out_of_the_plan() -> None:
    activity = {"id": "w", "description": "Peer meeting", "kind": "self-care", "sensitivity": "substance-use", "progress": [{"on": "2025-02-01", "text": "Went twice"}]}
    plan, *parts = _sent("treatment_plan", activities=[activity])

    assert "progress" not in plan["activity"][0]
    assert parts[-1]["note"] == [{"text": "2025-02-01: Went twice"}]


@pytest.mark.parametrize(("area", "code"), [("behavioral", "behavioral"), ("safety", "safety"), ("social", "sdoh")])
def test_a_goal_says_its_area_and_its_term(area: str, code: str) -> None:
    goal = _sent("treatment_plan", goals=[{"id": "g", "description": "x", "area": area, "term": "long"}])[1]

    assert [_codes(category) for category in goal["category"]] == [[code], ["long"]]


@pytest.mark.parametrize("status", ["active", "on-hold"])
def test_a_plan_in_force_without_a_goal_is_refused(status: str) -> None:
    with pytest.raises(ValidationError, match="without a goal; give it at least one, or make it a draft"):
        record("treatment_plan", goals=[], status=status)


def test_a_draft_may_still_lack_its_goals() -> None:
    assert "goal" not in _sent("treatment_plan", goals=[], status="draft")[0]


def test_a_plan_cannot_take_its_own_place() -> None:
    with pytest.raises(ValidationError, match="replaces itself"):
        record("treatment_plan", replaces="tp1")


@pytest.mark.parametrize(
    ("verification", "category"), [("confirmed", "problem-list-item"), ("provisional", "health-concern"), ("unconfirmed", "health-concern"), ("refuted", "problem-list-item")]
)
def test_a_problem_is_a_health_concern_until_it_is_confirmed(verification: str, category: str) -> None:
    assert [_codes(each) for each in _sent("problem", verification=verification)[0]["category"]] == [[category]]


@pytest.mark.parametrize(
    ("listed_as", "categories", "profile"),
    [
        ("social-need", [["health-concern"], ["sdoh"]], "us-core-condition-problems-health-concerns"),
        ("encounter-diagnosis", [["encounter-diagnosis"]], "us-core-condition-encounter-diagnosis"),
    ],
)
def test_a_problem_is_listed_where_the_practice_says(listed_as: str, categories: list[list[str]], profile: str) -> None:
    condition = _sent("problem", listed_as=listed_as)[0]

    assert [_codes(each) for each in condition["category"]] == categories
    assert condition["meta"]["profile"][0].endswith(profile)


def test_a_session_names_what_it_was_about() -> None:
    assert _sent("session")[0]["diagnosis"] == [{"condition": SITE.reference("Condition", "problem", "p1")}]


def test_family_history_tells_of_a_relative_without_a_name() -> None:
    history = _sent("family_history")[0]

    assert (_codes(history["relationship"]), history["deceasedBoolean"]) == (["MTH"], False)
    assert history["condition"][0]["onsetAge"] == {"value": 34, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}
    assert "name" not in history


def test_coverage_names_payer_member_group_and_plan() -> None:
    coverage = _sent("coverage")[0]

    assert coverage["payor"] == [{"display": "Commonwealth Mutual"}]
    assert coverage["identifier"][1]["value"] == coverage["subscriberId"] == "M-100-200"
    assert [(_codes(each["type"]), each["value"]) for each in coverage["class"]] == [(["group"], "G7"), (["plan"], "PPO Gold")]


def test_a_coverage_without_a_member_number_claims_no_profile() -> None:
    coverage = _sent("coverage", member_id=None)[0]

    assert "meta" not in coverage
    assert [each["value"] for each in coverage["identifier"]] == ["cov1"]


def test_the_member_number_of_a_childs_coverage_is_not_told_as_the_subscribers() -> None:
    assert "subscriberId" not in _sent("coverage", relationship="child")[0]


@pytest.mark.parametrize(("about", "code"), [("care-experience", "95541-9"), ("treatment", "75773-2")])
def test_a_preference_is_told_in_the_clients_words(about: str, code: str) -> None:
    preference = _sent("preference", about=about)[0]

    assert _codes(preference["code"]) == [code]
    assert preference["valueString"].startswith("A woman who speaks Spanish")
    assert preference["performer"] == [CLIENT, IMANI]


def test_a_side_effect_is_told_in_words_and_points_at_the_medication() -> None:
    effect = _sent("side_effect")[0]

    assert effect["valueCodeableConcept"] == {"text": "Nausea in the first hour"}
    assert effect["focus"] == [SITE.reference("MedicationRequest", "medication_note", "m1")]
    assert effect["interpretation"] == [{"text": "mild"}]


def test_a_review_says_what_was_found_and_what_follows() -> None:
    review = _sent("progress_review")[0]

    assert review["summary"].startswith("Sleep and appetite are back")
    assert [finding["itemCodeableConcept"]["text"] for finding in review["finding"]] == ["Mood brighter", "No thoughts of death"]
    assert review["note"] == [{"text": "Next steps: Every second week from April."}]


def test_a_care_team_reaches_beyond_the_practice() -> None:
    team = _sent("care_team")[0]

    assert [member["member"] for member in team["participant"]] == [
        CLIENT,
        IMANI,
        SITE.reference("PractitionerRole", "partner", "breakwater", "role"),
        SITE.reference("RelatedPerson", "guardian", "g1"),
    ]
    assert [_codes(member["role"][0]) for member in team["participant"]] == [["116154003"], ["310190000"], ["80584001"], []]
    assert team["participant"][3]["role"][0]["text"] == "Mother"


@pytest.mark.parametrize("member", [{}, {"clinician": "imani", "partner": "breakwater"}])
def test_a_member_is_one_person(member: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="give one of clinician, partner and guardian"):
        record("care_team", members=[member])


@pytest.mark.parametrize(("paper", "code"), [("letter", "UNK"), ("handout", "UNK"), ("signed-form", "59284-0"), ("advance-directive", "42348-3"), ("report", "UNK")])
def test_a_paper_has_a_document_type_only_where_one_is_checked(paper: str, code: str) -> None:
    document = _sent("document", type=paper)[0]

    assert _codes(document["type"]) == [code]
    assert document["type"]["text"]


def test_a_paper_in_another_form_leaves_as_it_came() -> None:
    attachment = _sent("document", text=None, media_type="application/pdf", data="JVBERi0=")[0]["content"][0]["attachment"]

    assert (attachment["contentType"], attachment["data"], attachment["size"]) == ("application/pdf", "JVBERi0=", len(base64.b64decode("JVBERi0=")))


@pytest.mark.parametrize("content", [{"text": None}, {"data": "AAAA"}, {"media_type": "application/pdf"}])
def test_a_paper_has_its_content_once_and_in_its_own_form(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        record("document", **content)


def test_a_note_signed_by_the_supervisor_names_her() -> None:
    cosigned = {"clinician": "adaeze", "signed_at": "2025-01-13T08:00:00-05:00"}

    assert _sent("note", cosigned=cosigned)[0]["authenticator"] == SITE.reference("Practitioner", "clinician", "adaeze")
    assert "authenticator" not in _sent("note")[0]


def test_a_clinician_shows_licence_period_and_degrees() -> None:
    qualification = _sent("clinician")[0]["qualification"]

    assert qualification[0]["period"] == {"start": "2023-01-01", "end": "2026-12-31"}
    assert qualification[1] == {"code": {"text": "M.A. Counseling Psychology"}}


def test_a_client_says_who_they_are_in_their_own_words() -> None:
    told = {each["url"].rpartition("/")[2]: each for each in _sent("client")[0]["extension"]}

    assert told["individual-genderIdentity"]["extension"][0]["valueCodeableConcept"] == {"text": "woman"}
    assert _codes(told["us-core-tribal-affiliation"]["extension"][0]["valueCodeableConcept"]) == ["338"]


def test_every_safety_plan_names_the_crisis_lines() -> None:
    steps = {each["detail"]["code"]["text"]: each["detail"].get("description", "") for each in _sent("safety_plan")[0]["activity"]}

    assert "988" in steps["Crisis lines"]
    assert "741741" in steps["Crisis lines"]


@pytest.mark.parametrize("kind", ["supervision", "training"])
def test_supervision_and_training_stay_inside(kind: str) -> None:
    assert _sent(kind) == []
