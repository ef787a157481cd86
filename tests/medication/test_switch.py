"""One drug replaced by another, the reason in words, and what of an order the therapist must look up in the resource."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.medication.change import REASONS
from tests.medication.office import PSYCHIATRIST, SITE, Office

_REASON = "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason"


def transaction(*resources: dict[str, Any], **urls: str) -> dict[str, Any]:
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"} if "id" in one else {"method": "POST", "url": one["resourceType"]}}
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def test_an_order_that_names_another_drug_as_its_prior_is_a_switch(office: Office) -> None:
    prior = office.prescribe("Sertraline 50 mg", "1 tablet daily")
    office.prescribe("Escitalopram 10 mg", "1 tablet daily", priorPrescription={"reference": f"MedicationRequest/{prior['id']}"})
    change = office.changes()[0]
    assert (change.change, change.old_drug, change.old_dose, change.drug, change.new_dose) == (
        "switched",
        "Sertraline 50 mg",
        "50 mg once a day",
        "Escitalopram 10 mg",
        "10 mg once a day",
    )
    assert change.sentence == "Sertraline was replaced by escitalopram: 10 mg once a day."


@pytest.mark.parametrize("start_first", [True, False])
def test_a_stop_and_a_start_of_the_same_class_in_one_transaction_are_a_switch(office: Office, start_first: bool) -> None:
    first = office.prescribe("Sertraline 50 mg", "1 tablet daily")
    both = [first | {"status": "stopped"}, office.order("Duloxetine 60 mg capsule", "1 capsule daily")]
    office.prescriber.post("/fhir", transaction(*(reversed(both) if start_first else both)), 200)
    told = {one.drug: one.change for one in office.changes()}
    assert told["Duloxetine 60 mg capsule"] == "switched"
    assert {one.change for one in office.changes()} == {"started", "stopped", "switched"}


def test_a_start_of_another_class_beside_a_stop_is_no_switch(office: Office) -> None:
    first = office.prescribe("Sertraline 50 mg", "1 tablet daily")
    office.prescriber.post("/fhir", transaction(first | {"status": "stopped"}, office.order("Quetiapine 25 mg", "1 tablet at bedtime")), 200)
    assert "switched" not in {one.change for one in office.changes()}


def test_a_stop_in_an_earlier_request_is_no_switch(office: Office) -> None:
    office.revise(office.prescribe("Sertraline 50 mg", "1 tablet daily"), status="stopped")
    office.prescribe("Escitalopram 10 mg", "1 tablet daily")
    assert office.changes()[0].change == "started"


def test_another_patients_prior_prescription_is_not_looked_at(office: Office) -> None:
    other = office.prescribe("Sertraline 50 mg", "1 tablet daily")
    office.new_client()
    office.prescribe("Escitalopram 10 mg", "1 tablet daily", priorPrescription={"reference": f"MedicationRequest/{other['id']}"})
    (change,) = office.changes()
    assert (change.change, change.old_drug) == ("started", None)


@pytest.mark.parametrize("code", REASONS)
def test_the_reason_of_a_stop_is_told_in_words(office: Office, code: str) -> None:
    office.prescribe(status="stopped", statusReason={"coding": [{"system": _REASON, "code": code}]})
    (change,) = office.changes()
    assert change.reason == REASONS[code]
    assert not any("statusReason" in path and "system" not in path for path in change.unheld)


def test_who_to_call_is_told_where_someone_said_so(office: Office) -> None:
    doctor = office.prescriber.post(
        "Practitioner", {"resourceType": "Practitioner", "name": [{"text": "Samir Haddad, MD"}], "telecom": [{"system": "phone", "value": "978-555-0199"}]}
    )
    office.prescribe(requester={"reference": f"Practitioner/{doctor['id']}"})
    office.prescribe("Lithium 300 mg")
    unsaid, said = office.changes()
    assert (said.prescriber, said.prescriber_contact) == ("Samir Haddad, MD", "phone 978-555-0199")
    assert unsaid.prescriber_contact is not None
    assert "978-555-0120" in unsaid.prescriber_contact


def test_a_prescriber_known_by_a_role_is_named_as_the_person(office: Office) -> None:
    office.prescribe(requester=SITE.reference("PractitionerRole", "partner", PSYCHIATRIST, "role"))
    (change,) = office.changes()
    assert change.prescriber == "Samir Haddad MD"


def test_another_client_named_as_prescriber_is_not_looked_at(office: Office) -> None:
    other = office.patient
    office.new_client()
    office.prescribe(requester={"reference": f"Patient/{other}"})
    (change,) = office.changes()
    assert (change.prescriber, "978-555-0133" in str(change.prescriber_contact)) == ("partner breakwater", False)


def test_what_to_watch_for_and_how_to_take_it_are_told_in_the_prescribers_words(office: Office) -> None:
    office.prescribe(note=[{"text": "Watch for restlessness."}], dosageInstruction=[{"text": "1 tablet every morning", "patientInstruction": "With food."}])
    (change,) = office.changes()
    assert (change.instructions, change.note) == ("1 tablet every morning", "Watch for restlessness.\n\nWith food.")
    assert change.unheld == ()


def test_a_statement_of_what_is_taken_is_a_change_too(office: Office) -> None:
    statement = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": "Lithium 300 mg"},
        "subject": {"reference": f"Patient/{office.patient}"},
        "effectivePeriod": {"start": "2026-10-01", "end": "2026-12-01"},
        "informationSource": {"display": "Ana's mother"},
        "dosage": [{"text": "2 capsules twice a day", "route": {"text": "by mouth"}}],
    }
    office.prescriber.post("MedicationStatement", statement)
    (change,) = office.changes()
    assert (change.change, change.new_dose, change.effective, change.prescriber) == ("started", "600 mg twice a day", "2026-10-01", "Ana's mother")
    assert change.unheld == ("MedicationStatement.effective.end", "MedicationStatement.dosage[0].route")


def test_what_only_the_order_holds_is_named(office: Office) -> None:
    office.prescribe(
        dispenseRequest={"numberOfRepeatsAllowed": 3},
        substitution={"allowedBoolean": False},
        dosageInstruction=[{"text": "1 tablet daily", "maxDosePerAdministration": {"value": 2}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}],
        category=[{"text": "outpatient"}],
    )
    (change,) = office.changes()
    assert set(change.unheld) == {
        "MedicationRequest.dispenseRequest",
        "MedicationRequest.substitution",
        "MedicationRequest.dosageInstruction[0].maxDosePerAdministration",
        "MedicationRequest.category",
    }
