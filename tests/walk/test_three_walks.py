"""A care plan out, a referral there and back, a medication change in: real servers, real HTTP, signed tokens."""

from __future__ import annotations

from typing import Any

import click
import pytest

from tests.walk.street import WEEKS, Street, matches, pages, told


@pytest.fixture
def patient(street: Street) -> dict[str, Any]:
    """Found as an EHR finds someone: by name and birth date."""
    (found,) = matches(street.psychiatrist, "Patient?family=Okafor&birthdate=1991-04-17")
    return found


def test_an_ehr_pulls_the_care_plan_its_goals_and_the_scores(street: Street, patient: dict[str, Any]) -> None:
    subject = f"patient={patient['id']}"
    plan, *goals = matches(street.psychiatrist, f"CarePlan?{subject}&status=active&_include=CarePlan:goal")
    assert plan["title"] == "Plan for the winter"
    assert {goal["description"]["text"] for goal in goals} == {"PHQ-9 below five"}, "the goal about drinking takes a Part 2 consent"
    assert {reference["reference"] for reference in plan["goal"] if "reference" in reference} == {f"Goal/{goal['id']}" for goal in goals}
    scores = matches(street.psychiatrist, f"Observation?{subject}&code=http://loinc.org|44261-6&_sort=date&_count=5")
    assert [score["valueQuantity"]["value"] for score in scores] == [12] * WEEKS
    assert [score["effectiveDateTime"] for score in scores] == sorted(score["effectiveDateTime"] for score in scores)


def test_the_pages_of_a_search_hold_each_match_once(street: Street, patient: dict[str, Any]) -> None:
    found = pages(street.psychiatrist, f"Observation?patient={patient['id']}&code=44261-6&_count=5")
    assert [len(page["entry"]) for page in found] == [5, 5, 2]
    assert {page["total"] for page in found} <= {WEEKS}
    assert len({entry["resource"]["id"] for page in found for entry in page["entry"]}) == WEEKS


def test_what_the_release_does_not_open_is_not_there(street: Street, patient: dict[str, Any]) -> None:
    for kind in ("Condition", "Encounter", "DocumentReference"):
        assert matches(street.psychiatrist, f"{kind}?patient={patient['id']}") == []
    assert matches(street.psychiatrist, "Patient?family=Pires") == []


def test_a_stranger_sees_nobody(street: Street, patient: dict[str, Any]) -> None:
    assert matches(street.stranger, "Patient") == []
    with pytest.raises(click.ClickException, match="answered 404"):
        street.stranger.get(f"Patient/{patient['id']}")


def test_a_referral_is_accepted_and_completed_at_the_partners_server(street: Street) -> None:
    sent = street.refer("push")
    street.wait_until(sent, "received")
    task = next(one for one in matches(street.clinic_system, "Task?status=requested") if any(part["value"] == sent["task"] for part in one["identifier"]))
    asked = street.clinic_system.get(task["focus"]["reference"])
    assert asked["reasonCode"][0]["text"] == "Please see her about medication."
    assert street.clinic_system.get(asked["subject"]["reference"])["birthDate"] == "1991-04-17"
    for status, code in (("accepted", "3.0"), ("completed", "7.0")):
        task = street.clinic_system.send("PUT", f"Task/{task['id']}", told(task, status, code))
        street.wait_until(sent, status)
    (row,) = [row for row in street.practice.run("referral", "list") if row["task"] == sent["task"]]
    assert [step["to"] for step in row["story"]] == ["sent", "delivered", "accepted", "completed"]


def test_a_partner_may_pull_it_instead(street: Street) -> None:
    sent = street.refer("pull", partner="cedar")
    (task,) = matches(street.stranger, "Task?status=requested")
    assert f"Task/{task['id']}" == sent["task"]
    assert street.stranger.get(task["for"]["reference"])["birthDate"] == "1991-04-17"
    with pytest.raises(click.ClickException, match="answered 422"):
        street.stranger.send("PUT", sent["task"], told(task, "completed", "7.0"))
    with pytest.raises(click.ClickException, match="answered 422"):
        street.stranger.send("PUT", sent["task"], told(task, "accepted", "3.0") | {"priority": "stat"})
    with pytest.raises(click.ClickException, match="answered 404"):
        street.psychiatrist.send("PUT", sent["task"], told(task, "accepted", "3.0"))
    assert street.task(sent)["status"] == "requested"
    for status, code in (("accepted", "3.0"), ("completed", "7.0")):
        task = street.stranger.send("PUT", sent["task"], told(task, status, code))
        assert street.task(sent)["status"] == status
    with pytest.raises(click.ClickException, match="answered 422"):
        street.stranger.send("PUT", sent["task"], told(task, "accepted", "3.0"))


def test_a_psychiatrist_changes_a_dose_and_the_therapist_reads_it(street: Street, patient: dict[str, Any]) -> None:
    (known,) = matches(street.psychiatrist, f"MedicationRequest?patient={patient['id']}&status=active&intent=plan")
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Sertraline 100 mg tablet"},
        "subject": {"reference": f"Patient/{patient['id']}"},
        "authoredOn": "2026-10-30",
        "requester": {"display": "Dr. Haddad"},
        "priorPrescription": {"reference": f"MedicationRequest/{known['id']}"},
        "dosageInstruction": [{"text": "1 tablet every morning", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}],
    }
    created = street.psychiatrist.send("POST", "MedicationRequest", order)
    change = next(one for one in street.therapist.record("GET", "medication_change") if created["id"] in one["source"])
    assert (change["old_dose"], change["new_dose"], change["prescriber"], change["effective"]) == ("50 mg", "100 mg", "Dr. Haddad", "2026-10-30")
    assert change["sentence"] == "The dose of sertraline was raised from 50 mg to 100 mg."
    assert (change["client"], change["source"]) == ("ana", f"MedicationRequest/{created['id']}/_history/1")
    assert street.practice.run("medication", "list")[0]["sentence"] == change["sentence"]


def test_a_therapists_order_is_refused(street: Street, patient: dict[str, Any]) -> None:
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Sertraline"},
        "subject": {"reference": f"Patient/{patient['id']}"},
    }
    with pytest.raises(click.ClickException, match="does not prescribe"):
        street.therapist.send("POST", "MedicationRequest", order)


def test_everything_left_a_trace(street: Street, patient: dict[str, Any]) -> None:
    told_of = street.practice.run("audit", "report", "--client", "ana")
    assert {"Breakwater EHR", "Own system"} <= {row["who"] for row in told_of}
