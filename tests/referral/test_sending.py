"""Sent, delivered, answered: each exactly once, whatever fails between."""

from __future__ import annotations

import pytest

from gateway.channel import fhir_rest
from gateway.channel.backend_client import BackendClient
from gateway.fhir.outcome import OutcomeError
from gateway.net.client import Reply
from gateway.net.line import PartnerAway
from gateway.referral.desk import send_referral
from gateway.store.referral import Channel
from gateway.store.resource import Stored
from tests.referral.town import TASK, Town

EVERYWHERE = ("Task", "ServiceRequest", "Patient", "Practitioner", "PractitionerRole", "Organization", "Condition", "MedicationRequest", "Observation")


def counts(town: Town) -> dict[str, int]:
    return {kind: town.system.get(f"{kind}?_summary=count")["total"] for kind in EVERYWHERE}


def test_a_referral_arrives_with_its_request_and_its_client(town: Town) -> None:
    town.refer()
    assert town.send()["sent"]
    assert town.state == "sent"
    town.worker.run_once()
    assert town.state == "delivered"
    task = town.task_at_clinic()
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("requested", "2.0")
    assert town.system.get(task["focus"]["reference"])["reasonCode"][0]["text"] == "Please see her about medication."
    assert town.system.get(task["for"]["reference"])["name"][0]["family"] == "Okafor"
    assert not town.waiting()


def test_at_home_the_task_and_the_request_show_it(town: Town) -> None:
    town.refer()
    town.send()
    town.worker.run_once()
    own = town.home.client("system/*.cruds", practice=True)
    assert own.get(f"Task/{TASK}")["status"] == "received"
    assert own.get(own.get(f"Task/{TASK}")["focus"]["reference"])["status"] == "active"


def test_a_second_send_changes_nothing(town: Town) -> None:
    town.refer()
    town.send()
    before = town.story(), len(town.waiting())
    assert not town.send()["sent"]
    assert (town.story(), len(town.waiting())) == before
    town.worker.run_once()
    assert not town.send()["sent"]
    town.worker.run_once()
    assert counts(town)["Task"] == 1


def test_a_sent_referral_cannot_be_rewritten(town: Town) -> None:
    town.refer()
    town.send()
    with pytest.raises(AssertionError, match="has been sent"):
        town.refer(reason="Something else.")


def test_a_push_repeated_after_a_crash_makes_nothing_twice(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.refer()
    town.send()
    real = fhir_rest.push

    def crash(*arguments: object) -> str:
        real(*arguments)  # type: ignore[arg-type]
        raise PartnerAway("the connection broke before the answer")

    monkeypatch.setattr(fhir_rest, "push", crash)
    town.worker.run_once()
    assert town.state == "sent"
    once = counts(town)
    assert once["Task"] == once["ServiceRequest"] == once["Patient"] == 1
    monkeypatch.undo()
    town.clock.forward(minutes=10)
    town.worker.run_once()
    assert town.state == "delivered"
    assert counts(town) == once
    assert town.open().remote_task == town.task_at_clinic()["id"]


def test_a_second_referral_of_the_same_client_finds_the_client_there(town: Town) -> None:
    town.refer()
    town.send()
    town.worker.run_once()
    town.refer(id="ref2")
    send_referral(town.home.context(), "ref2")
    town.worker.run_once()
    found = counts(town)
    assert (found["Task"], found["ServiceRequest"], found["Patient"]) == (2, 2, 1)


def test_a_partner_that_is_away_gets_it_later(town: Town) -> None:
    town.refer()
    town.send()
    town.wire.away = True
    town.worker.run_once()
    (letter,) = town.waiting()
    assert (letter.attempts, letter.fault) == (1, "the partner does not answer")
    assert letter.due_at > letter.created_at
    assert town.state == "sent"
    town.wire.away = False
    town.worker.run_once()
    assert town.state == "sent", "not before it is due again"
    town.clock.forward(seconds=6)
    town.worker.run_once()
    assert town.state == "delivered"


def test_tries_grow_rarer(town: Town) -> None:
    town.refer()
    town.send()
    town.wire.away = True
    pauses = []
    for _ in range(7):
        town.worker.deliver()
        (letter,) = town.waiting()
        pauses.append(letter.due_at - int(town.clock().timestamp() * 1000))
        town.clock.forward(milliseconds=pauses[-1])
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (5_000, 3_600_000)


def test_after_seven_days_without_an_answer_the_referral_has_failed(town: Town) -> None:
    town.refer()
    town.send()
    town.wire.away = True
    town.clock.forward(days=6, hours=23)
    town.worker.deliver()
    assert town.state == "sent"
    town.clock.forward(hours=2)
    town.worker.deliver()
    assert town.state == "failed"
    assert not town.waiting()
    assert town.story()[-1] == ("gateway", "give up", "failed")
    partner = town.partner()
    assert partner.get("Patient?_summary=count")["total"] == 0, "what was opened for it is closed"
    town.wire.away = False
    town.clock.forward(days=1)
    town.worker.run_once()
    assert counts(town)["Task"] == 0


def test_a_refused_token_is_fetched_anew_once(town: Town) -> None:
    town.refer()
    town.send()
    town.wire.spoil_tokens = 1
    town.worker.run_once()
    assert town.state == "delivered"
    assert town.wire.asked.count(("POST", "/oauth/token")) == 2


def test_a_token_refused_twice_postpones(town: Town) -> None:
    town.refer()
    town.send()
    town.wire.spoil_tokens = 2
    town.worker.deliver()
    assert town.waiting()[0].fault == "the partner's server refused the referral"


def test_without_a_channel_the_letter_says_how_to_add_one(town: Town) -> None:
    town.refer(partner="cedar")
    town.send()
    town.worker.deliver()
    assert "handoff partner add" in town.waiting()[0].fault


def test_no_fault_of_a_letter_names_the_client(town: Town) -> None:
    town.refer()
    town.send()
    town.wire.away = True
    town.worker.deliver()
    assert not any(word in town.waiting()[0].fault for word in ("Okafor", "Ana", "1991"))


def test_a_partner_that_names_no_task_has_not_taken_it() -> None:
    class Silent(BackendClient):
        def __init__(self) -> None:
            """Needs nothing."""

        def request(self, *_: object, **__: object) -> Reply:
            return Reply(200, {}, b'{"resourceType": "Bundle", "entry": [{"response": {"location": "Patient/1"}}]}')

    with pytest.raises(PartnerAway, match="named no Task"):
        fhir_rest.push(Silent(), Channel("p", "fhir_rest", "https://ehr.example/r4", "id"), {"resourceType": "Bundle"})


def test_references_out_of_the_package_name_our_address() -> None:
    task = b'{"resourceType":"Task","id":"t","for":{"reference":"Patient/p"},"owner":{"reference":"PractitionerRole/r"},"focus":{"reference":"https://x.example/a/1"}}'
    bundle = fhir_rest.bundle_of([task, b'{"resourceType":"Patient","id":"p"}'], "https://us.example/fhir")
    sent = bundle["entry"][0]["resource"]
    assert sent["for"] == {"reference": "urn:uuid:p"}
    assert sent["owner"] == {"reference": "https://us.example/fhir/PractitionerRole/r"}
    assert sent["focus"] == {"reference": "https://x.example/a/1"}
    assert bundle["entry"][0]["request"]["ifNoneExist"] == "identifier=https%3A%2F%2Fus.example%2Ffhir|Task%2Ft"


def test_a_referral_withdrawn_while_it_is_on_the_wire_is_withdrawn_at_the_partner_too(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.refer()
    town.send()
    real = fhir_rest.push

    def meanwhile(*arguments: object) -> str:
        told = real(*arguments)  # type: ignore[arg-type]
        town.withdraw()
        return told

    monkeypatch.setattr(fhir_rest, "push", meanwhile)
    town.worker.run_once()
    assert town.state == "cancelled"
    town.worker.run_once()
    assert town.task_at_clinic()["status"] == "cancelled"


def test_a_task_that_vanished_postpones_its_letter_and_stops_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.refer()
    town.send()

    def gone(*_: object) -> Stored:
        raise OutcomeError(404, [])

    monkeypatch.setattr("gateway.worker.compose", gone)
    assert town.worker.deliver() >= 0
    assert town.waiting()[0].attempts == 1


def test_what_is_sent_is_what_the_clinic_holds(town: Town) -> None:
    """Nothing but ids, versions, labels and addresses differs."""
    town.refer()
    town.send()
    town.worker.run_once()
    request = town.system.all("ServiceRequest")[0]
    own = town.home.client("system/*.cruds", practice=True).get(f"ServiceRequest/{town.open().service_request}")
    for element in ("status", "intent", "code", "reasonCode", "priority", "authoredOn", "category"):
        assert request[element] == own[element], element
