"""The practice never orders a medication: not by a record, not by FHIR, not by a transaction, not inside another resource."""

from __future__ import annotations

from typing import Any

import pytest

import mappings
from gateway.fhir.outcome import OutcomeError
from gateway.privacy import placing
from gateway.privacy.prescribing import ORDERING
from gateway.record.types import json_schema
from gateway.store.practice import zone_of
from tests.mappings.corpus import record
from tests.medication.office import Office
from tests.medication.test_switch import transaction
from tests.world import PRACTICE


def test_no_field_of_a_medication_note_can_say_order() -> None:
    assert "intent" not in json_schema("medication_note")["properties"]


def test_a_record_put_or_imported_is_never_an_order(office: Office) -> None:
    note = {"id": f"put-{office.client}", "client": office.client, "title": "Sertraline 50 mg"}
    office.practice.put(f"/records/medication_note/{note['id']}", note, 201)
    office.takes()
    found = office.practice.all(f"MedicationRequest?patient={office.patient}")
    assert [(one["intent"], one["reportedBoolean"]) for one in found] == [("plan", True)] * 2
    office.practice.put(f"/records/medication_note/{note['id']}", note | {"intent": "order"}, 400)


@pytest.mark.parametrize("intent", ORDERING)
def test_a_mapping_that_made_an_order_would_be_stopped_at_the_store(office: Office, intent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = office.order(intent=intent) | {"id": f"wrong-{office.client}"}
    monkeypatch.setitem(mappings.MAPPED, "medication_note", lambda *_: [wrong])
    with pytest.raises(OutcomeError) as refused:
        office.world.take_in([record("medication_note", client=office.client, id="wrong", prescriber=None, noted_by=None)])
    assert refused.value.issues[0].expression == "MedicationRequest.intent"


@pytest.mark.parametrize("intent", ORDERING)
def test_every_way_over_fhir_is_closed_to_the_practice(office: Office, intent: str) -> None:
    order = office.order(intent=intent)
    plan = office.practice.post("MedicationRequest", office.order(intent="plan"))
    ways: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "MedicationRequest", order),
        ("PUT", f"MedicationRequest/{plan['id']}", plan | {"intent": intent}),
        ("POST", "/fhir", transaction(order)),
        ("POST", "/fhir", transaction(plan | {"intent": intent})),
    ]
    for method, address, body in ways:
        answer = office.practice.ask(method, address, body)
        assert answer.status_code == 422, (method, address)
        assert "does not prescribe" in answer.get_json()["issue"][0]["diagnostics"]


def test_an_order_inside_another_resource_is_one_too(office: Office) -> None:
    inside = office.order() | {"id": "order"}
    statement = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "contained": [inside],
        "basedOn": [{"reference": "#order"}],
        "medicationCodeableConcept": {"text": "Sertraline"},
        "subject": {"reference": f"Patient/{office.patient}"},
    }
    refused = office.practice.post("MedicationStatement", statement, 422)
    assert refused["issue"][0]["expression"] == ["MedicationStatement.contained[0].intent"]


def test_the_practice_does_not_rewrite_a_prescribers_order(office: Office) -> None:
    order = office.prescribe()
    office.practice.put(f"MedicationRequest/{order['id']}", order | {"status": "stopped"}, 422)


def test_a_prescribers_order_comes_in(office: Office) -> None:
    order = office.order() | {"id": f"theirs-{office.client}"}
    with office.world.store.write() as connection:
        assert placing.store(connection, order, placing.Place(PRACTICE, zone_of(connection, PRACTICE), received=True), 1).changed
