"""A partner asks the practice to see someone."""

from __future__ import annotations

from typing import Any

from tests.incoming.reading import SITE, kept, letters, stranger, unmatched
from tests.medication.office import PSYCHIATRIST, Office

_ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"


def request(office: Office, **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "priority": "urgent",
        "code": {"text": "Psychotherapy"},
        "subject": {"reference": f"Patient/{office.patient}"},
        "authoredOn": "2026-10-30T09:00:00-04:00",
        "requester": {"display": "Dr. Haddad"},
        "performer": [SITE.reference("PractitionerRole", "clinician", "imani", "role")],
        "reasonCode": [{"text": "Low mood since spring"}, {"coding": [{"system": _ICD10, "code": "F32.1"}]}],
    } | changed


def task(office: Office, focus: str, **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "focus": {"reference": focus},
        "for": {"reference": f"Patient/{office.patient}"},
        "owner": SITE.reference("Organization", "practice", "house"),
    } | changed


def test_a_request_is_an_entry_of_the_work_list(office: Office) -> None:
    before = len(letters(office, "referral-received"))
    created = office.prescriber.post("ServiceRequest", request(office))
    (asked,) = kept(office, "incoming_referral")
    told = {name: asked[name] for name in ("client", "partner", "requester", "service", "reason", "priority", "status", "source", "task")}
    assert told == {
        "client": office.client,
        "partner": PSYCHIATRIST,
        "requester": "Dr. Haddad",
        "service": "Psychotherapy",
        "reason": "Low mood since spring",
        "priority": "urgent",
        "status": "active",
        "source": f"ServiceRequest/{created['id']}/_history/1",
        "task": None,
    }
    assert asked["diagnoses"] == [{"system": _ICD10, "code": "F32.1", "text": None}]
    assert (asked["to"], asked["unheld"]) == ("imani", [])
    assert len(letters(office, "referral-received")) == before + 1


def test_the_task_on_which_the_partner_waits_belongs_to_it(office: Office) -> None:
    created = office.prescriber.post("ServiceRequest", request(office))
    made = office.prescriber.post("Task", task(office, f"ServiceRequest/{created['id']}", priority="stat"))
    (asked,) = kept(office, "incoming_referral")
    assert (asked["task"], asked["priority"], asked["status"]) == (f"Task/{made['id']}/_history/1", "stat", "active")
    office.prescriber.put(f"Task/{made['id']}", made | {"status": "cancelled"})
    (asked,) = kept(office, "incoming_referral")
    assert (asked["task"], asked["status"]) == (f"Task/{made['id']}/_history/2", "revoked")


def test_request_and_task_in_one_transaction_are_one_entry(office: Office) -> None:
    full_url = "urn:uuid:5f0b4a1c-7d51-4b0b-8f0e-8b2f1d9c3e77"
    entries = [
        {"resource": task(office, full_url), "request": {"method": "POST", "url": "Task"}},
        {"fullUrl": full_url, "resource": request(office), "request": {"method": "POST", "url": "ServiceRequest"}},
    ]
    office.prescriber.post("/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries}, 200)
    (asked,) = kept(office, "incoming_referral")
    assert asked["task"].startswith("Task/")


def test_a_request_to_someone_else_is_none_of_ours(office: Office) -> None:
    office.prescriber.post("ServiceRequest", request(office, performer=[SITE.reference("PractitionerRole", "partner", "cedar", "role")]))
    assert kept(office, "incoming_referral") == []


def test_a_request_withdrawn_says_so(office: Office) -> None:
    created = office.prescriber.post("ServiceRequest", request(office))
    office.prescriber.put(f"ServiceRequest/{created['id']}", created | {"status": "revoked"})
    (asked,) = kept(office, "incoming_referral")
    assert (asked["status"], asked["source"]) == ("revoked", f"ServiceRequest/{created['id']}/_history/2")


def test_a_request_for_someone_unknown_waits_in_the_queue(office: Office) -> None:
    before = len(unmatched(office, "incoming_referral"))
    stranger(office, request(office))
    assert len(unmatched(office, "incoming_referral")) == before + 1


def test_the_practice_cannot_write_one_itself(office: Office) -> None:
    office.practice.put("/records/incoming_referral/x", {"client": office.client}, 422)
    office.practice.put("/records/consultation/x", {"client": office.client}, 422)


def test_a_task_for_another_patient_than_its_request_is_none_of_it(office: Office) -> None:
    created = office.prescriber.post("ServiceRequest", request(office))
    first = office.patient
    office.new_client()
    office.prescriber.post("Task", task(office, f"ServiceRequest/{created['id']}"))
    assert kept(office, "incoming_referral") == []
    office.patient = first
    assert [one["task"] for one in kept(office, "incoming_referral")] == [None]
