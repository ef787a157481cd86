"""A pharmacy's dispense and a reconciled list, told as changes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.medication.office import Office
from tests.medication.test_switch import transaction

_FLAG = "urn:oid:1.2.36.1.2001.1001.101.104.16592"


def dispense(office: Office, text: str = "Sertraline 50 mg", **changed: Any) -> dict[str, Any]:
    found = {
        "resourceType": "MedicationDispense",
        "status": "completed",
        "medicationCodeableConcept": {"text": text},
        "subject": {"reference": f"Patient/{office.patient}"},
        "whenHandedOver": "2026-10-29",
        "performer": [{"actor": {"display": "Harbor Pharmacy"}}],
        "quantity": {"value": 30, "unit": "tablets"},
        "daysSupply": {"value": 30, "unit": "days"},
    } | changed
    created: dict[str, Any] = office.prescriber.post("MedicationDispense", found)
    return created


def test_a_dispense_of_a_known_drug_is_a_refill(office: Office) -> None:
    office.takes()
    dispense(office)
    (change,) = office.changes()
    assert (change.change, change.new_dose, change.effective, change.prescriber) == ("refilled", "30 tablets for 30 days", "2026-10-29", "Harbor Pharmacy")
    assert change.sentence == "Sertraline was handed out: 30 tablets for 30 days."
    assert change.unheld == ()


def test_a_dispense_of_a_drug_first_heard_of_is_a_start(office: Office) -> None:
    dispense(office, "Mirtazapine 15 mg")
    (change,) = office.changes()
    assert change.change == "started"


@pytest.mark.parametrize("status", ["declined", "cancelled", "stopped"])
def test_a_supply_that_was_not_handed_out_changes_no_medication_and_is_told(office: Office, status: str) -> None:
    office.takes()
    dispense(office, status=status, whenHandedOver="2026-10-29", statusReasonCodeableConcept={"text": "out of stock"})
    (change,) = office.changes()
    assert (change.change, change.reason, change.sentence) == ("unchanged", "out of stock", "A supply of sertraline was not handed out.")


@pytest.mark.parametrize("status", ["preparation", "in-progress", "on-hold"])
def test_a_dispense_on_its_way_is_not_told_yet(office: Office, status: str) -> None:
    dispense(office, status=status)
    assert office.changes() == []


def test_a_dispense_is_told_once_for_each_version(office: Office) -> None:
    first = dispense(office, status="in-progress")
    office.prescriber.put(f"MedicationDispense/{first['id']}", first | {"status": "completed"})
    office.prescriber.put(f"MedicationDispense/{first['id']}", first | {"status": "completed"})
    assert [one.source for one in office.changes()] == [f"MedicationDispense/{first['id']}/_history/2"]


def medication_list(office: Office, *entries: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "List",
        "status": "current",
        "mode": "changes",
        "subject": {"reference": f"Patient/{office.patient}"},
        "date": "2026-10-30",
        "source": {"display": "Dr. Haddad"},
        "entry": list(entries),
    } | changed


def flagged(code: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flag": {"coding": [{"system": _FLAG, "code": code}]}, "item": item} | more


def test_each_entry_of_a_list_of_changes_is_one_change(office: Office) -> None:
    known = office.takes("Sertraline 50 mg")
    entries = [
        {"deleted": True, "flag": {"text": "side effects"}, "item": {"reference": f"MedicationRequest/{known}"}},
        flagged("04", {"display": "Escitalopram 10 mg"}),
        flagged("06", {"display": "Lithium 300 mg"}),
        {"item": {"display": "Quetiapine 25 mg"}},
        flagged("05", {"reference": "AllergyIntolerance/1"}),
    ]
    created = office.prescriber.post("List", medication_list(office, *entries))
    told = {one.source.partition("#")[2]: (one.change, one.drug) for one in office.changes()}
    assert told == {"entry[0]": ("stopped", "Sertraline 50 mg"), "entry[1]": ("started", "Escitalopram 10 mg"), "entry[2]": ("held", "Lithium 300 mg")}
    stopped = next(one for one in office.changes() if one.change == "stopped")
    assert (stopped.reason, stopped.prescriber, stopped.effective) == ("side effects", "Dr. Haddad", "2026-10-30")
    assert stopped.source == f"List/{created['id']}/_history/1#entry[0]"


def test_a_list_told_again_is_told_once(office: Office) -> None:
    created = office.prescriber.post("List", medication_list(office, flagged("05", {"display": "Lithium 300 mg"})))
    office.prescriber.put(f"List/{created['id']}", created)
    assert len(office.changes()) == 1


def test_an_entry_is_told_once_where_its_item_comes_in_the_same_transaction(office: Office) -> None:
    order = transaction(
        office.order("Mirtazapine 15 mg", "1 tablet at bedtime"), medication_list(office, flagged("04", {"reference": "urn:uuid:6f1d0a52-8e0f-4f0b-9d2e-0f6f5f1c9a11"}))
    )
    order["entry"][0]["fullUrl"] = "urn:uuid:6f1d0a52-8e0f-4f0b-9d2e-0f6f5f1c9a11"
    office.prescriber.post("/fhir", order, 200)
    assert [(one.change, one.drug) for one in office.changes()] == [("started", "Mirtazapine 15 mg")]


def test_an_item_of_another_patient_is_not_told_as_this_ones(office: Office) -> None:
    theirs = office.takes("Lithium 300 mg")
    office.new_client()
    office.prescriber.post("List", medication_list(office, flagged("05", {"reference": f"MedicationRequest/{theirs}"})))
    assert [one.drug for one in office.changes()] == ["a medication"]


@pytest.mark.parametrize("changed", [{"mode": "snapshot"}, {"mode": "working"}, {"status": "retired"}])
def test_a_list_that_is_no_list_of_changes_tells_none(office: Office, changed: dict[str, str]) -> None:
    office.prescriber.post("List", medication_list(office, flagged("05", {"display": "Lithium 300 mg"}), **changed))
    assert office.changes() == []


def test_what_only_the_list_holds_is_named_entry_by_entry(office: Office) -> None:
    entries = [flagged("05", {"display": "Lithium 300 mg"}, extension=[{"url": "urn:x:y", "valueString": "z"}]), flagged("05", {"display": "Quetiapine 25 mg"})]
    office.prescriber.post("List", medication_list(office, *entries, title="After the visit"))
    first, second = sorted(office.changes(), key=lambda one: one.source)
    assert first.unheld == ("List.entry[0].extension", "List.title")
    assert second.unheld == ("List.title",)
