"""A partner's Communication is a message to the practice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.incoming.reading import SITE, kept, letters, stranger, unmatched
from tests.medication.office import PSYCHIATRIST, Office


def communication(office: Office, **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Communication",
        "status": "completed",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "alert"}]}],
        "priority": "urgent",
        "subject": {"reference": f"Patient/{office.patient}"},
        "sent": "2026-10-30T09:00:00-04:00",
        "recipient": [SITE.reference("PractitionerRole", "clinician", "imani", "role")],
        "sender": SITE.reference("PractitionerRole", "partner", PSYCHIATRIST, "role"),
        "reasonCode": [{"text": "Side effect"}],
        "payload": [{"contentString": "Please watch for restlessness."}, {"contentString": "Call me if it starts."}],
    } | changed


def test_a_message_is_kept_whole_and_told(office: Office) -> None:
    before = len(letters(office, "message-received"))
    created = office.prescriber.post("Communication", communication(office))
    (message,) = kept(office, "message")
    told = {name: message[name] for name in ("client", "from_partner", "to", "category", "priority", "topic", "text", "source", "unheld")}
    assert told == {
        "client": office.client,
        "from_partner": PSYCHIATRIST,
        "to": "imani",
        "category": "alert",
        "priority": "urgent",
        "topic": "side-effect",
        "text": "Please watch for restlessness.\n\nCall me if it starts.",
        "source": f"Communication/{created['id']}/_history/1",
        "unheld": [],
    }
    assert len(letters(office, "message-received")) == before + 1


def test_it_says_what_it_is_about(office: Office) -> None:
    medication = office.takes()
    office.prescriber.post("Communication", communication(office, about=[{"reference": f"MedicationRequest/{medication}"}]))
    (message,) = kept(office, "message")
    assert message["medications"] == [f"m-{office.client}"]


def test_what_only_the_resource_holds_is_named(office: Office) -> None:
    more = {
        "payload": [{"contentString": "See the paper."}, {"contentAttachment": {"contentType": "application/pdf", "url": "https://clinic.example/1"}}],
        "medium": [{"text": "portal"}],
    }
    office.prescriber.post("Communication", communication(office, **more))
    (message,) = kept(office, "message")
    assert message["unheld"] == ["Communication.payload[1]", "Communication.medium"]


def test_nobody_writes_in_the_name_of_a_clinician(office: Office) -> None:
    office.prescriber.post("Communication", communication(office, sender=SITE.reference("PractitionerRole", "clinician", "imani", "role")))
    (message,) = kept(office, "message")
    assert (message["sender"], message["from_partner"]) == (None, PSYCHIATRIST)
    assert message["unheld"] == ["Communication.sender"]


def test_what_the_partner_says_now_counts_and_is_told_once_for_each_word(office: Office) -> None:
    created = office.prescriber.post("Communication", communication(office))
    office.prescriber.put(f"Communication/{created['id']}", created)
    withdrawn = office.prescriber.put(f"Communication/{created['id']}", created | {"status": "entered-in-error"})
    (message,) = kept(office, "message")
    assert (message["status"], message["source"]) == ("entered-in-error", f"Communication/{withdrawn['id']}/_history/2")


@pytest.mark.parametrize("status", ["preparation", "not-done"])
def test_what_was_not_sent_is_no_message(office: Office, status: str) -> None:
    office.prescriber.post("Communication", communication(office, status=status))
    assert kept(office, "message") == []


def test_what_is_on_hold_is_not_told_as_done(office: Office) -> None:
    office.prescriber.post("Communication", communication(office, status="on-hold"))
    (message,) = kept(office, "message")
    assert (message["status"], message["unheld"]) == ("in-progress", ["Communication.status"])


def test_a_patient_the_practice_does_not_know_waits_in_the_queue_and_is_not_made_a_client(office: Office) -> None:
    clients = len(office.practice.get("/records/client"))
    before = len(unmatched(office, "message"))
    stranger(office, communication(office))
    assert len(unmatched(office, "message")) == before + 1
    assert len(office.practice.get("/records/client")) == clients


def test_what_the_practice_writes_is_no_news_to_it(office: Office) -> None:
    before = len(letters(office, "message-received"))
    office.practice.post("Communication", communication(office))
    assert len(letters(office, "message-received")) == before


def test_an_identifier_copied_from_another_client_gives_nothing(office: Office) -> None:
    copied = {
        "resourceType": "Patient",
        "identifier": [{"system": f"urn:handoff:{SITE.practice}:client", "value": office.client}],
        "name": [{"family": "Quist"}],
        "gender": "female",
    }
    made = office.prescriber.post("Patient", copied)
    office.prescriber.post("Communication", communication(office, subject={"reference": f"Patient/{made['id']}"}))
    assert kept(office, "message") == []
    assert f"Patient/{made['id']}" in [one["patient"] for one in unmatched(office, "message")]
