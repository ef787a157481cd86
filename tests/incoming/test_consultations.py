"""A consultation note is kept as a record, with the referrals it answers."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from gateway.incoming.consultation import CONSULTATION_NOTES, keep_consultation
from gateway.incoming.ground import found_at
from tests.incoming.reading import SITE, kept, letters, stranger, unmatched
from tests.medication.office import PSYCHIATRIST, Office
from tests.world import PRACTICE

NOTE = "Seen today. Sertraline to 100 mg; watch for restlessness."


def document(office: Office, text: str = NOTE, media_type: str = "text/plain", code: str = "34788-0", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": code}], "text": "Psychiatry consult note"},
        "subject": {"reference": f"Patient/{office.patient}"},
        "date": "2026-10-30T09:00:00-04:00",
        "author": [{"display": "Dr. Haddad"}],
        "content": [{"attachment": {"contentType": media_type, "data": b64encode(text.encode()).decode()}}],
    } | changed


def refer(office: Office) -> tuple[str, str]:
    """A referral sent to the psychiatrist; returns its ServiceRequest and Task."""
    key = f"ref-{office.client}"
    office.take_in("referral", id=key, client=office.client, author="imani", partner=PSYCHIATRIST, status="draft", reply=None, problems=[])
    office.practice.ask("POST", f"/records/referral/{key}/$send")
    return f"ServiceRequest/{SITE.id('referral', key)}", f"Task/{SITE.id('referral', key, 'task')}"


@pytest.mark.parametrize("code", CONSULTATION_NOTES)
def test_each_kind_of_consultation_note_is_a_consultation(office: Office, code: str) -> None:
    created = office.prescriber.post("DocumentReference", document(office, code=code))
    (note,) = kept(office, "consultation")
    assert (note["client"], note["title"], note["author"], note["text"]) == (office.client, "Psychiatry consult note", "Dr. Haddad", NOTE)
    assert note["source"] == f"DocumentReference/{created['id']}/_history/1"


def test_another_document_is_none(office: Office) -> None:
    office.prescriber.post("DocumentReference", document(office, code="34904-3"))
    assert kept(office, "consultation") == []


def test_it_answers_the_referral_that_it_names(office: Office) -> None:
    request, _ = refer(office)
    office.prescriber.post("DocumentReference", document(office, context={"related": [{"reference": request}, {"reference": "ServiceRequest/other"}]}))
    (note,) = kept(office, "consultation")
    assert note["referrals"] == [f"ref-{office.client}"]
    assert "DocumentReference.context.related[1]" in note["unheld"]
    assert "DocumentReference.context" not in note["unheld"]


def answer(office: Office, task: str, document_id: str, **more: Any) -> None:
    """The psychiatrist accepts, with a document as output."""
    seen = office.prescriber.get(task)
    step = {"coding": [{"system": "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS", "code": "3.0"}]}
    output = [{"type": {"text": "Consultation note"}, "valueReference": {"reference": f"DocumentReference/{document_id}"}}]
    office.prescriber.put(task, seen | {"status": "accepted", "businessStatus": step, "output": output} | more)


def test_it_answers_the_referral_whose_task_names_it_and_is_told_once(office: Office) -> None:
    _, task = refer(office)
    created = office.prescriber.post("DocumentReference", document(office, code="34904-3"))
    assert kept(office, "consultation") == []
    before = len(letters(office, "consultation-received"))
    answer(office, task, created["id"])
    answer(office, task, created["id"], note=[{"text": "See the note."}])
    (note,) = kept(office, "consultation")
    assert note["referrals"] == [f"ref-{office.client}"]
    assert len(letters(office, "consultation-received")) == before + 1


def test_a_document_about_someone_else_answers_nothing(office: Office) -> None:
    created = office.prescriber.post("DocumentReference", document(office, code="34904-3"))
    about = office.patient
    office.new_client()
    _, task = refer(office)
    answer(office, task, created["id"])
    assert kept(office, "consultation") == []
    office.patient = about
    assert kept(office, "consultation") == []


def test_html_is_read_and_a_paper_that_cannot_be_read_is_named(office: Office) -> None:
    office.prescriber.post("DocumentReference", document(office, "<p>Seen <b>today</b>.</p>", "text/html"))
    office.prescriber.post("DocumentReference", document(office, "%PDF", "application/pdf"))
    paper, page = sorted(kept(office, "consultation"), key=lambda one: one["text"] or "")
    assert "".join(page["text"].split("\n")) == "Seen today."
    assert (paper["text"], "DocumentReference.content" in paper["unheld"]) == (None, True)


@pytest.mark.parametrize("text", ["", "\x00\x01", "<", "<!-- -->", "\ufffe", " "])
@pytest.mark.parametrize("media_type", ["text/plain", "text/html"])
def test_whatever_a_document_holds_it_is_kept(office: Office, text: str, media_type: str) -> None:
    attachment = {"contentType": media_type, **({"data": b64encode(text.encode()).decode()} if text else {"title": "empty"})}
    office.prescriber.post("DocumentReference", document(office, content=[{"attachment": attachment}]))
    assert len(kept(office, "consultation")) == 1


def test_it_is_told_once_for_each_version(office: Office) -> None:
    before = len(letters(office, "consultation-received"))
    created = office.prescriber.post("DocumentReference", document(office))
    office.prescriber.put(f"DocumentReference/{created['id']}", created)
    assert len(letters(office, "consultation-received")) == before + 1


def test_a_note_about_someone_unknown_waits_in_the_queue(office: Office) -> None:
    before = len(unmatched(office, "consultation"))
    stranger(office, document(office))
    assert len(unmatched(office, "consultation")) == before + 1


def test_what_a_reader_found_inside_is_kept_with_it_and_the_rest_is_named(office: Office) -> None:
    created = office.prescriber.post("DocumentReference", document(office))
    request, _ = refer(office)
    inside: list[dict[str, Any]] = [
        {"resourceType": "Procedure", "basedOn": [{"reference": request}], "code": {"text": "Interview"}},
        {"resourceType": "Condition", "code": {"text": "Depression"}, "onsetDateTime": "2024"},
        {"resourceType": "MedicationStatement", "medicationCodeableConcept": {"text": "Sertraline 100 mg"}, "dosage": [{"text": "1 tablet daily"}]},
        {"resourceType": "AllergyIntolerance", "code": {"text": "Penicillin"}},
    ]
    context = office.world.context()
    with context.store.write() as connection:
        found = found_at(connection, PRACTICE, f"DocumentReference/{created['id']}")
        assert found
        keep_consultation(context, connection, *found, inside=inside)
    (note,) = kept(office, "consultation")
    assert (note["diagnoses"], note["medications"]) == (["Depression"], ["Sertraline 100 mg: 1 tablet daily"])
    assert note["referrals"] == [f"ref-{office.client}"]
    assert {"Condition.onset", "AllergyIntolerance.code"} <= set(note["unheld"])
