"""Problems, plans, visits, notes, medications and allergies."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mappings import resources_of
from tests.mappings.corpus import ICD10, SITE, SNOMED, record

CLIENT = SITE.reference("Patient", "client", "ana")
IMANI = SITE.reference("Practitioner", "clinician", "imani")


def _sent(kind: str, **changed: Any) -> list[dict[str, Any]]:
    return resources_of(record(kind, **changed), SITE)


def _codes(concept: dict[str, Any]) -> list[str]:
    return [coding["code"] for coding in concept["coding"]]


def test_a_problem_becomes_a_condition_of_the_problem_list() -> None:
    condition = _sent("problem")[0]

    assert condition["code"] == {
        "coding": [
            {"system": ICD10, "code": "F32.1", "display": "Major depressive disorder, single episode, moderate"},
            {"system": SNOMED, "code": "36923009", "display": "Major depression, single episode (disorder)"},
        ],
        "text": "Depression, moderate",
    }
    assert [_codes(condition[element]) for element in ("clinicalStatus", "verificationStatus")] == [["remission"], ["confirmed"]]
    assert _codes(condition["category"][0]) == ["problem-list-item"]
    assert (condition["onsetDateTime"], condition["abatementDateTime"], condition["recordedDate"]) == ("2024-02-01", "2025-09-30", "2024-03-04")
    assert (condition["subject"], condition["recorder"]) == (CLIENT, IMANI)


def test_a_problem_entered_in_error_has_no_clinical_status_and_no_end() -> None:
    condition = _sent("problem", verification="entered-in-error")[0]

    assert not {"clinicalStatus", "abatementDateTime"} & set(condition)


def test_a_treatment_plan_becomes_a_care_plan_its_goals_its_team_and_its_work() -> None:
    plan, first, _, team, *work = _sent("treatment_plan")

    assert _codes(plan["category"][0]) == ["assess-plan"]
    assert plan["goal"] == [SITE.reference("Goal", "treatment_plan", "tp1", "goal:g1"), SITE.reference("Goal", "treatment_plan", "tp1", "goal:g2")]
    assert plan["careTeam"] == [SITE.reference("CareTeam", "treatment_plan", "tp1", "team")]
    assert [activity["reference"] for activity in plan["activity"]] == [
        *(SITE.reference("ServiceRequest", "treatment_plan", "tp1", f"activity:w{number}") for number in (1, 2, 3)),
        SITE.reference("Task", "treatment_plan", "tp1", "activity:w4"),
    ]
    assert (first["id"], team["id"]) == (SITE.id("treatment_plan", "tp1", "goal:g1"), SITE.id("treatment_plan", "tp1", "team"))
    assert all(each["basedOn"] == [SITE.reference("CarePlan", "treatment_plan", "tp1")] for each in work)
    assert plan["replaces"] == [SITE.reference("CarePlan", "treatment_plan", "tp0")]


def test_a_plans_narrative_is_generated_and_its_text_escaped() -> None:
    text = _sent("treatment_plan")[0]["text"]

    assert text["status"] == "generated"
    assert "Weekly sessions &lt;b&gt;&amp; more&lt;/b&gt;" in text["div"]


@pytest.mark.parametrize("told", ["PHQ-9 below five", "Cognitive therapy", "Call with the school"])
def test_a_plans_narrative_tells_its_ordinary_parts(told: str) -> None:
    assert told in _sent("treatment_plan")[0]["text"]["div"]


@pytest.mark.parametrize("kept", ["Keeps evenings dry", "Peer meeting"])
def test_a_plan_never_tells_what_may_be_withheld_apart_from_it(kept: str) -> None:
    plan, *parts = _sent("treatment_plan")

    assert kept not in str(plan)
    assert kept in str(parts)


def test_a_goal_measured_by_alcohol_use_stays_out_of_the_plans_narrative_without_being_marked() -> None:
    goals = [{"id": "g", "description": "Two dry evenings", "measure": "AUDIT-C", "target_score": 2}]

    assert "Two dry evenings" not in str(_sent("treatment_plan", goals=goals)[0])


def test_work_coded_outside_the_table_stays_out_of_the_plans_narrative() -> None:
    activities = [{"id": "w", "description": "Counselor downtown", "code": {"system": SNOMED, "code": "401266006"}}]

    assert "Counselor downtown" not in str(_sent("treatment_plan", activities=activities)[0])


def test_a_goal_carries_its_score_to_reach_and_its_date() -> None:
    goal = _sent("treatment_plan")[1]

    assert (goal["lifecycleStatus"], _codes(goal["achievementStatus"])) == ("active", ["improving"])
    assert goal["target"] == [
        {
            "measure": {
                "coding": [{"system": "http://loinc.org", "code": "44261-6", "display": "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]"}],
                "text": "PHQ-9 total score",
            },
            "detailQuantity": {"value": 4, "comparator": "<=", "unit": "{score}", "system": "http://unitsofmeasure.org", "code": "{score}"},
            "dueDate": "2025-07-01",
        }
    ]
    assert goal["addresses"] == [SITE.reference("Condition", "problem", "p1")]


def test_a_part_of_a_plan_is_at_least_as_sensitive_as_the_plan() -> None:
    parts = _sent("treatment_plan", sensitivity="restricted")

    assert [tag["code"] for tag in parts[2]["meta"]["tag"]] == ["restricted", "substance-use"]
    assert all({"system": "urn:handoff:sensitivity", "code": "restricted"} in part["meta"]["tag"] for part in parts)


def test_planned_work_is_a_plan_with_its_rhythm() -> None:
    work = _sent("treatment_plan")[4]

    assert (work["intent"], work["status"]) == ("plan", "active")
    assert work["code"] == {"coding": [{"system": SNOMED, "code": "228557008", "display": "Cognitive and behavioral therapy (regime/therapy)"}], "text": "Cognitive therapy"}
    assert work["occurrenceTiming"] == {"repeat": {"duration": 50, "durationUnit": "min", "frequency": 1, "period": 1, "periodUnit": "wk"}}


def test_a_care_team_names_each_once_and_the_client_too() -> None:
    team = _sent("treatment_plan")[3]

    assert [each["member"] for each in team["participant"]] == [CLIENT, IMANI, SITE.reference("Practitioner", "clinician", "adaeze")]
    assert all(len(each["role"]) == 1 for each in team["participant"])


def test_a_plan_without_a_clinician_still_has_a_team() -> None:
    team = _sent("treatment_plan", author=None, team=[])[3]

    assert [each["member"] for each in team["participant"]] == [CLIENT]


def test_a_safety_plan_becomes_a_care_plan_of_its_own_category() -> None:
    plan = _sent("safety_plan")[0]

    assert [_codes(category) for category in plan["category"]] == [["assess-plan"], ["735324008"]]
    assert [(each["detail"]["code"]["text"], each["detail"].get("description")) for each in plan["activity"]] == [
        ("Warning signs", "Cannot eat"),
        ("What I can do myself", "Walk to the breakwater"),
        ("Professionals and services to call", "988"),
        ("Crisis lines", "988 Suicide and Crisis Lifeline: call, text or chat 988\nCrisis Text Line: text 741741"),
        ("Review of the plan", None),
    ]
    assert "Walk to the breakwater" in plan["text"]["div"]


@pytest.mark.parametrize(("mode", "code"), [("in-person", "AMB"), ("video", "VR"), ("phone", "VR"), ("home", "HH"), ("emergency", "EMER")])
def test_how_a_visit_was_held_is_the_class_of_the_encounter(mode: str, code: str) -> None:
    assert _sent("session", mode=mode)[0]["class"]["code"] == code


def test_a_visit_becomes_an_encounter_that_keeps_its_local_time() -> None:
    encounter = _sent("session")[0]

    assert encounter["period"] == {"start": "2025-01-12T10:00:00-05:00", "end": "2025-01-12T10:50:00-05:00"}
    assert encounter["type"] == [{"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "90834"}], "text": "Individual psychotherapy"}]
    assert encounter["participant"][0]["individual"] == IMANI
    assert encounter["serviceProvider"] == SITE.reference("Organization", "practice", "house")


def test_a_missed_visit_is_a_cancelled_encounter() -> None:
    assert _sent("session", status="no-show")[0]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("note_type", "code"),
    [("progress", "34904-3"), ("evaluation", "51848-0"), ("general", "34109-9"), ("discharge", "78263-1"), ("consultation", "34785-6"), ("history", "78306-8")],
)
def test_each_type_of_note_has_its_loinc_code(note_type: str, code: str) -> None:
    assert _codes(_sent("note", type=note_type)[0]["type"]) == [code]


def test_a_note_becomes_a_document_with_its_text_inside() -> None:
    document = _sent("note")[0]
    attachment = document["content"][0]["attachment"]

    assert attachment["contentType"] == "text/plain; charset=utf-8"
    assert base64.b64decode(attachment["data"]).decode() == "Worked on mornings. \U0001f33f"
    assert (document["subject"], document["author"], document["date"]) == (CLIENT, [IMANI], "2025-01-12T11:00:00-05:00")
    assert document["context"]["encounter"] == [SITE.reference("Encounter", "session", "s1")]
    assert _codes(document["category"][0]) == ["clinical-note"]


def test_an_assessment_becomes_a_document_with_every_section() -> None:
    text = base64.b64decode(_sent("assessment")[0]["content"][0]["attachment"]["data"]).decode()

    assert text == (
        "Presenting problem\nLow mood since autumn.\n\nHistory\nNone before.\n\nMental status\nAlert, tearful.\n\nStrengths\nSings.\n\nImpression\nModerate depression."
    )


def test_a_medication_is_reported_and_carries_its_prescriber() -> None:
    request, statement = _sent("medication_note")

    assert (request["intent"], request["reportedBoolean"]) == ("plan", True)
    assert request["requester"] == SITE.reference("PractitionerRole", "partner", "breakwater", "role")
    assert request["medicationCodeableConcept"]["coding"][0]["display"] == "sertraline 50 MG Oral Tablet"
    assert request["dosageInstruction"] == [{"text": "One tablet in the morning", "timing": {"repeat": {"boundsPeriod": {"start": "2025-01-10", "end": "2025-07-10"}}}}]
    assert statement["basedOn"] == [{"reference": f"MedicationRequest/{request['id']}"}]


@pytest.mark.parametrize("status", ["active", "completed", "stopped", "on-hold", "unknown"])
@pytest.mark.parametrize("taken", [True, False, None])
def test_a_therapists_medication_is_never_an_order(status: str, taken: bool | None) -> None:
    for resource in _sent("medication_note", status=status, taken=taken):
        if resource["resourceType"] == "MedicationRequest":
            assert resource["intent"] == "plan"


@pytest.mark.parametrize(("taken", "count"), [(True, 2), (False, 1), (None, 1)])
def test_a_statement_is_made_only_where_the_client_takes_it(taken: bool | None, count: int) -> None:
    assert len(_sent("medication_note", taken=taken)) == count


def test_that_a_client_does_not_take_it_is_not_lost() -> None:
    told = _sent("medication_note", taken=False)[0]["note"][-1]

    assert (told["text"], told["authorReference"]) == ("The client says it is not being taken.", SITE.reference("Patient", "client", "ana"))


def test_an_allergy_becomes_an_allergy_intolerance() -> None:
    allergy = _sent("allergy")[0]

    assert [_codes(allergy[element]) for element in ("clinicalStatus", "verificationStatus")] == [["active"], ["unconfirmed"]]
    assert allergy["reaction"] == [{"manifestation": [{"text": "Hives"}], "severity": "mild"}]


def test_an_allergy_entered_in_error_has_no_clinical_status() -> None:
    assert "clinicalStatus" not in _sent("allergy", verification="entered-in-error")[0]
