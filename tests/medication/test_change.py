"""What was known and what came in -> the change, both doses, and the sentence that the therapist reads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.medication.office import Office, rxnorm

DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
TWICE = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
EVERY_6_HOURS = {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}}
FOUR_TIMES = {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}}
MORNING = "Take one tablet by mouth every morning"


def test_a_doubled_dose_is_told_in_one_sentence(office: Office) -> None:
    office.takes()
    created = office.prescribe(reasonCode=[{"text": "partial response"}])
    (change,) = office.changes()
    assert change.sentence == "The dose of sertraline was raised from 50 mg to 100 mg."
    assert (change.change, change.old_dose, change.new_dose) == ("dose-increased", "50 mg", "100 mg")
    assert (change.prescriber, change.effective, change.reason, change.received_at) == ("Dr. Haddad", "2026-10-30", "partial response", change.received_at)
    assert (change.client, change.patient) == (office.client, f"Patient/{office.patient}")
    assert change.source == f"MedicationRequest/{created['id']}/_history/1"
    assert created["dosageInstruction"][0]["text"] == "1 tablet by mouth every morning", "the words stay in the resource"


CASES: tuple[tuple[tuple[str, str], tuple[str, str], tuple[str, str | None, str | None, str]], ...] = (
    (("Sertraline 100 mg", MORNING), ("Sertraline 50 mg", MORNING), ("dose-decreased", "100 mg", "50 mg", "The dose of sertraline was lowered from 100 mg to 50 mg.")),
    (("Sertraline 50 mg", MORNING), ("Sertraline 50 mg tablet", MORNING), ("unchanged", "50 mg", "50 mg", "Sertraline was confirmed unchanged: 50 mg.")),
    (
        ("Quetiapine 50 mg", "one tablet once a day"),
        ("Quetiapine 50 mg", "one tablet twice a day"),
        ("dose-increased", "50 mg once a day", "50 mg twice a day", "The dose of quetiapine was raised from 50 mg once a day to 50 mg twice a day."),
    ),
    (
        ("Quetiapine 50 mg", "one tablet twice a day"),
        ("Quetiapine 100 mg", "one tablet once a day"),
        ("schedule-changed", "50 mg twice a day", "100 mg once a day", "How quetiapine is taken was changed from 50 mg twice a day to 100 mg once a day."),
    ),
    (
        ("Trazodone 50 mg", "1 tablet in the morning"),
        ("Trazodone 50 mg", "1 tablet at bedtime"),
        (
            "schedule-changed",
            "50 mg, 1 tablet in the morning",
            "50 mg, 1 tablet at bedtime",
            "How trazodone is taken was changed from 50 mg, 1 tablet in the morning to 50 mg, 1 tablet at bedtime.",
        ),
    ),
    (
        ("Lithium carbonate 300 mg capsule", "2 capsules twice a day"),
        ("lithium carbonate 300 MG Oral Capsule", "3 capsules twice a day"),
        ("dose-increased", "600 mg", "900 mg", "The dose of lithium carbonate was raised from 600 mg to 900 mg."),
    ),
    (
        ("Divalproex 500 mg", "1 tablet daily"),
        ("Divalproex 1,000 mg", "1 tablet daily"),
        ("dose-increased", "500 mg", "1000 mg", "The dose of divalproex was raised from 500 mg to 1000 mg."),
    ),
    (
        ("Risperidone 1 mg", "1 tablet daily"),
        ("Risperidone .5 mg", "1 tablet daily"),
        ("dose-decreased", "1 mg", "0.5 mg", "The dose of risperidone was lowered from 1 mg to 0.5 mg."),
    ),
    (
        ("Levothyroxine 100 mcg", "1 tablet daily"),
        ("Levothyroxine 0.1 mg", "1 tablet daily"),
        ("unchanged", "100 mcg", "0.1 mg", "Levothyroxine was confirmed unchanged: 0.1 mg."),
    ),
    (
        ("Olanzapine 6 mg / fluoxetine 25 mg", "1 capsule daily"),
        ("Olanzapine 6 mg / fluoxetine 50 mg", "1 capsule daily"),
        (
            "dose-changed",
            "6 mg / 25 mg, 1 capsule daily",
            "6 mg / 50 mg, 1 capsule daily",
            "The dose of olanzapine / fluoxetine was changed from 6 mg / 25 mg, 1 capsule daily to 6 mg / 50 mg, 1 capsule daily.",
        ),
    ),
    (
        ("Clonazepam 0.5 mg", "1 tablet as needed"),
        ("Clonazepam 0.5 mg", "1 to 2 tablets as needed"),
        (
            "dose-changed",
            "0.5 mg, 1 tablet as needed",
            "0.5 mg, 1 to 2 tablets as needed",
            "The dose of clonazepam was changed from 0.5 mg, 1 tablet as needed to 0.5 mg, 1 to 2 tablets as needed.",
        ),
    ),
)
"""(title, instructions) known -> the same as ordered -> (change, old dose, new dose, sentence)."""


@pytest.mark.parametrize(("known", "ordered", "expected"), CASES, ids=[f"{known[0]} -> {ordered[0]}: {expected[0]}" for known, ordered, expected in CASES])
def test_both_doses_and_the_sentence(office: Office, known: tuple[str, str], ordered: tuple[str, str], expected: tuple[str, str, str, str]) -> None:
    office.takes(*known)
    office.prescribe(*ordered)
    (change,) = office.changes()
    assert (change.change, change.old_dose, change.new_dose, change.sentence) == expected


def test_a_drug_that_nobody_knew_of_was_started(office: Office) -> None:
    office.takes()
    office.prescribe("Mirtazapine 15 mg tablet", "1 tablet at bedtime")
    (change,) = office.changes()
    assert (change.change, change.old_dose, change.new_dose) == ("started", None, "15 mg once a day")
    assert change.sentence == "Mirtazapine was started: 15 mg once a day."


def structured(value: float, unit: str, timing: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"timing": timing, "doseAndRate": [{"doseQuantity": {"value": value, "unit": unit, **more}}]}]


@pytest.mark.parametrize(
    ("before", "after", "change", "doses"),
    [
        (structured(25, "mg", DAILY), structured(50, "mg", DAILY), "dose-increased", ("25 mg", "50 mg")),
        (structured(1, "tablet", DAILY), structured(2, "tablet", DAILY), "dose-increased", ("50 mg", "100 mg")),
        (structured(1, "tablet", FOUR_TIMES), structured(1, "tablet", EVERY_6_HOURS), "unchanged", ("50 mg", "50 mg")),
        (structured(1, "tablet", TWICE), structured(2, "tablet", DAILY), "schedule-changed", ("50 mg twice a day", "100 mg once a day")),
        (structured(1, "mg/kg", DAILY), structured(2, "mg/kg", DAILY), "dose-changed", ("50 mg, 1 mg/kg", "50 mg, 2 mg/kg")),
    ],
    ids=["in mg", "in tablets", "every six hours is four times a day", "twice one is once two", "by weight"],
)
def test_structured_doses_are_read(office: Office, before: list[Any], after: list[Any], change: str, doses: tuple[str, str]) -> None:
    first = office.prescribe("Sertraline 50 mg", None, dosageInstruction=before)
    office.revise(first, dosageInstruction=after)
    newest = office.changes()[0]
    assert (newest.change, (newest.old_dose, newest.new_dose)) == (change, doses)


def test_a_period_of_nothing_says_nothing_of_how_often(office: Office) -> None:
    office.takes()
    office.prescribe("Sertraline 100 mg", None, dosageInstruction=structured(1, "tablet", {"repeat": {"frequency": 1, "period": 0, "periodUnit": "d"}}))
    (change,) = office.changes()
    assert (change.change, change.new_dose) == ("dose-increased", "100 mg")


def test_a_titration_is_shown_in_its_own_words(office: Office) -> None:
    office.takes()
    office.prescribe("Sertraline 50 mg", None, dosageInstruction=[{"sequence": 1, "text": "1 tablet daily for a week"}, {"sequence": 2, "text": "2 tablets daily"}])
    (change,) = office.changes()
    assert (change.change, change.new_dose) == ("dose-changed", "50 mg, 1 tablet daily for a week; then 2 tablets daily")


@pytest.mark.parametrize("status", ["stopped", "cancelled", "completed"])
def test_an_ended_order_is_told_as_stopped(office: Office, status: str) -> None:
    first = office.prescribe()
    office.revise(first, status=status)
    newest = office.changes()[0]
    assert (newest.change, newest.new_dose, newest.sentence) == ("stopped", None, "Sertraline was stopped.")


def test_held_and_resumed(office: Office) -> None:
    order = office.prescribe()
    held = office.revise(order, status="on-hold")
    office.revise(held, status="active")
    assert [one.change for one in office.changes()] == ["resumed", "held", "started"]
    assert [one.sentence for one in office.changes()][:2] == ["Sertraline was resumed: 100 mg.", "Sertraline was put on hold."]


def test_an_order_that_was_an_error_is_withdrawn(office: Office) -> None:
    office.revise(office.prescribe(), status="entered-in-error")
    newest = office.changes()[0]
    assert (newest.change, newest.sentence) == ("entered-in-error", "An entry about sertraline was withdrawn as an error.")


def test_not_to_be_taken_is_never_told_as_started(office: Office) -> None:
    office.takes()
    office.prescribe(doNotPerform=True)
    (change,) = office.changes()
    assert (change.change, change.new_dose, change.sentence) == ("stopped", None, "Sertraline is not to be taken, the prescriber says.")


def test_a_stopped_drug_ordered_again_is_started(office: Office) -> None:
    office.takes(status="stopped", taken=False)
    office.prescribe()
    (change,) = office.changes()
    assert (change.change, change.old_dose) == ("started", None)


@pytest.mark.parametrize("changed", [{"status": "draft"}, {"status": "unknown"}, {"intent": "proposal"}, {"intent": "option"}])
def test_what_is_only_considered_changes_nothing(office: Office, changed: dict[str, str]) -> None:
    office.takes()
    office.prescribe(**changed)
    assert office.changes() == []


def test_a_named_prior_prescription_is_what_it_is_compared_with(office: Office) -> None:
    prior = office.prescribe("Zoloft 25 mg", "1 tablet daily")
    office.prescribe("Sertraline 75 mg", "1 tablet daily", priorPrescription={"reference": f"MedicationRequest/{prior['id']}"})
    newest = office.changes()[0]
    assert (newest.change, newest.old_dose, newest.new_dose) == ("dose-increased", "25 mg", "75 mg")


def test_the_newest_order_is_what_the_next_is_compared_with(office: Office) -> None:
    office.takes()
    office.prescribe("Sertraline 100 mg")
    office.prescribe("Sertraline 150 mg")
    assert [(one.old_dose, one.new_dose) for one in office.changes()] == [("100 mg", "150 mg"), ("50 mg", "100 mg")]


def test_the_same_rxnorm_code_is_the_same_drug_whatever_it_is_called(office: Office) -> None:
    office.prescribe(medicationCodeableConcept=rxnorm("312938", "Zoloft 100 MG"))
    office.prescribe(medicationCodeableConcept=rxnorm("312938", "sertraline 100 MG Oral Tablet"))
    assert [one.change for one in office.changes()] == ["unchanged", "started"]
    assert office.changes()[0].drug_code is not None


@pytest.mark.parametrize(
    ("one", "other"), [("Vitamin D 1000 units", "Vitamin B12 500 mcg"), ("Bupropion 150 mg", "Buspirone 15 mg"), ("Lamotrigine 25 mg", "Levetiracetam 500 mg")]
)
def test_two_drugs_are_not_taken_for_one(office: Office, one: str, other: str) -> None:
    office.takes(one)
    office.prescribe(other)
    assert office.changes()[0].change == "started"


def test_a_brand_name_beside_the_generic_does_not_hide_it(office: Office) -> None:
    office.takes("Bupropion XL 150 mg")
    office.prescribe(medicationCodeableConcept=rxnorm("993567", "24 HR bupropion hydrochloride 300 MG Extended Release Oral Tablet [Wellbutrin]"))
    assert office.changes()[0].sentence == "The dose of bupropion hydrochloride extended release was raised from 150 mg to 300 mg."


def test_a_contained_medication_is_read(office: Office) -> None:
    office.takes()
    order = office.order()
    del order["medicationCodeableConcept"]
    inside = {"resourceType": "Medication", "id": "med", "code": {"text": "Sertraline 100 mg tablet"}}
    office.prescriber.post("MedicationRequest", order | {"contained": [inside], "medicationReference": {"reference": "#med"}})
    assert office.changes()[0].sentence == "The dose of sertraline was raised from 50 mg to 100 mg."


def test_a_statement_of_what_is_taken_counts_too(office: Office) -> None:
    office.takes()
    statement = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": "Sertraline 25 mg"},
        "subject": {"reference": f"Patient/{office.patient}"},
        "effectiveDateTime": "2026-10-29",
        "informationSource": {"display": "Cedar Family Practice"},
        "dosage": [{"text": "one tablet a day"}],
    }
    office.prescriber.post("MedicationStatement", statement)
    (change,) = office.changes()
    assert (change.change, change.prescriber, change.effective) == ("dose-decreased", "Cedar Family Practice", "2026-10-29")
    assert change.source.startswith("MedicationStatement/")
