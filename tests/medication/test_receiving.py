"""Who may send a medication, for whom, and how often the same one is told: once."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.fhir.json import parse
from gateway.fhir.medication import dose_of, dose_texts, drug_of, same_drug
from gateway.fhir.outcome import OutcomeError
from gateway.fhir.validation import faults
from gateway.medication.reconcile import reconcile
from gateway.store import resource as resources
from gateway.store.visible import Clearance
from tests.medication.office import PSYCHIATRIST, Office, rxnorm
from tests.world import PRACTICE


def test_the_same_version_is_told_once(office: Office) -> None:
    office.takes()
    created = office.prescribe()
    context = office.world.context()
    before = len(office.letters())
    with context.store.change() as connection:
        stored = resources.read(connection, Clearance(PRACTICE, True, "", (), 0, 0), "MedicationRequest", created["id"])
        assert stored is not None
        reconcile(context, connection, stored, parse(stored.body))
    assert (len(office.changes()), len(office.letters())) == (1, before)


def test_each_version_is_told_once(office: Office) -> None:
    first = office.prescribe("Sertraline 50 mg")
    second = office.revise(first, medicationCodeableConcept={"text": "Sertraline 75 mg"})
    office.revise(second, medicationCodeableConcept={"text": "Sertraline 100 mg"})
    assert [(one.source[-1], one.old_dose, one.new_dose) for one in office.changes()] == [
        ("3", "75 mg", "100 mg"),
        ("2", "50 mg", "75 mg"),
        ("1", None, "50 mg once a day"),
    ]


def test_an_update_that_changes_nothing_is_not_told(office: Office) -> None:
    first = office.prescribe()
    office.revise(first)
    assert len(office.changes()) == 1


def test_an_order_repeated_with_if_none_exist_is_told_once(office: Office) -> None:
    order = office.order(identifier=[{"system": "https://ehr.example/orders", "value": office.client}])
    condition = {"If-None-Exist": f"identifier=https://ehr.example/orders|{office.client}"}
    statuses = [office.prescriber.ask("POST", "MedicationRequest", order, condition).status_code for _ in range(2)]
    assert statuses == [201, 200]
    assert len(office.changes()) == 1


def test_every_change_leaves_one_letter(office: Office) -> None:
    before = len(office.letters())
    office.prescribe()
    letter = office.letters()[-1]
    assert len(office.letters()) == before + 1
    assert orjson.loads(letter.payload) == {"patient": office.patient, "change": "started"}


def test_in_a_transaction_it_is_told_too(office: Office) -> None:
    entry = {"resource": office.order(), "request": {"method": "POST", "url": "MedicationRequest"}}
    assert office.prescriber.ask("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).status_code == 200
    assert len(office.changes()) == 1


def test_a_refused_transaction_tells_nothing(office: Office) -> None:
    entries = [{"resource": order, "request": {"method": "POST", "url": "MedicationRequest"}} for order in (office.order(), office.order(subject={"reference": "Patient/nobody"}))]
    assert office.prescriber.ask("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries}).status_code == 422
    assert office.changes() == []


@pytest.mark.parametrize("intent", ["order", "original-order", "instance-order"])
def test_a_therapist_does_not_prescribe(office: Office, intent: str) -> None:
    refused = office.practice.post("MedicationRequest", office.order(intent=intent), 422)
    assert refused["issue"][0]["expression"] == ["MedicationRequest.intent"]
    assert "does not prescribe" in refused["issue"][0]["diagnostics"]


def test_what_the_practice_itself_notes_is_no_news_to_it(office: Office) -> None:
    office.practice.post("MedicationRequest", office.order(intent="plan"))
    office.takes()
    assert office.changes() == []


@pytest.mark.parametrize("subject", [{"reference": "Patient/nobody"}, {"reference": "https://other.example/Patient/1"}, {"display": "Ana"}, {"identifier": {"value": "7"}}])
def test_a_patient_who_is_not_known_is_refused_and_not_made(office: Office, subject: dict[str, Any]) -> None:
    before = office.practice.get("Patient?_summary=count")["total"]
    refused = office.prescriber.post("MedicationRequest", office.order(subject=subject), 422)
    assert refused["issue"][0]["expression"] == ["MedicationRequest.subject"]
    assert office.practice.get("Patient?_summary=count")["total"] == before


def test_a_patient_of_whom_this_partner_knows_nothing_is_refused_the_same_way(office: Office) -> None:
    stranger = office.world.client("system/*.crus", partner="cedar")
    unknown = stranger.post("MedicationRequest", office.order(subject={"reference": "Patient/nobody"}), 422)
    hidden = stranger.post("MedicationRequest", office.order(), 422)
    assert hidden == unknown
    assert office.changes() == []


def test_another_partner_does_not_change_an_order(office: Office) -> None:
    created = office.prescribe()
    office.take_in(
        "consent", id=f"cedar-{office.client}", client=office.client, partner="cedar", categories=["demographics", "medications"], part2=False, period={"start": "2026-01-01"}
    )
    other = office.world.client("system/*.crus", partner="cedar")
    other.put(f"MedicationRequest/{created['id']}", created | {"status": "stopped"}, 403)
    assert [one.change for one in office.changes()] == ["started"]


def test_an_order_does_not_move_to_another_patient(office: Office) -> None:
    created = office.prescribe()
    other = office.world.client("system/*.crus", partner=PSYCHIATRIST)
    other.put(f"MedicationRequest/{created['id']}", created | {"subject": {"reference": "Patient/nobody"}}, 422)


def test_the_therapist_reads_the_changes_over_http(office: Office) -> None:
    office.takes()
    office.prescribe()
    answer = office.practice.get("/records/medication_change")
    assert office.changes()[0].sentence in [one["sentence"] for one in answer]
    office.prescriber.get("/records/medication_change", 403)


LINES = st.one_of(
    st.text(min_size=1, max_size=30), st.sampled_from(["1 tablet daily", "50 mg", "{drug}", "1/0 tablets", "½ tablet", "a tablet, \u0663 times", "٣ tablets", "1,5 mg", "²mg"])
)
NUMBERS = st.one_of(st.integers(0, 10**6), st.decimals(0, 10**6, places=3).map(float), st.sampled_from([0, 1e-30, 1e30, -1]))
QUANTITIES = st.fixed_dictionaries(
    {},
    optional={
        "value": NUMBERS,
        "unit": LINES | st.sampled_from(["mg", "tablet", "mL"]),
        "code": st.sampled_from(["mg", "1", "{tbl}", "mL", "[iU]"]),
        "comparator": st.sampled_from(["<", ">="]),
    },
)
REPEATS = st.fixed_dictionaries(
    {},
    optional={
        "frequency": st.integers(1, 100),
        "period": st.sampled_from([0, 0.5, 1, 6, 1e-20]),
        "periodUnit": st.sampled_from(["s", "min", "h", "d", "wk", "mo", "a"]),
        "frequencyMax": st.integers(1, 9),
    },
)
INSTRUCTIONS = st.fixed_dictionaries(
    {},
    optional={
        "text": LINES,
        "timing": st.fixed_dictionaries(
            {}, optional={"repeat": REPEATS, "code": st.sampled_from([{"coding": [{"code": "BID"}]}, {"text": "twice"}, {"coding": [{"display": "x"}]}])}
        ),
        "doseAndRate": st.lists(
            st.fixed_dictionaries({}, optional={"doseQuantity": QUANTITIES}) | st.just({"doseRange": {"low": {"value": 1}, "high": {"unit": "mg"}}}), min_size=1, max_size=2
        ),
        "asNeededBoolean": st.booleans(),
    },
)
CONCEPTS = st.one_of(
    st.builds(lambda text: {"text": text}, LINES),
    st.builds(rxnorm, st.sampled_from(["312938", "not a number", "9" * 80]), LINES),
    st.just({"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312938"}]}),
    st.just({"coding": [{"display": "50"}]}),
)
ORDERS = st.fixed_dictionaries(
    {"status": st.sampled_from(["active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"]), "medicationCodeableConcept": CONCEPTS},
    optional={
        "intent": st.sampled_from(["order", "plan", "proposal", "option"]),
        "dosageInstruction": st.lists(INSTRUCTIONS, min_size=1, max_size=3),
        "doNotPerform": st.booleans(),
        "reasonCode": st.lists(st.sampled_from([{"text": "x\ty\n"}, {"coding": [{"code": "1"}]}]), min_size=1),
        "requester": st.sampled_from([{"display": " Dr.\u2028Haddad "}, {"reference": "Practitioner/1"}]),
        "authoredOn": st.sampled_from(["2026", "2026-10", "2026-10-30T10:00:00Z"]),
        "priorPrescription": st.sampled_from([{"reference": "MedicationRequest/none"}, {"display": "the old one"}]),
    },
)


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture])
@given(orders=st.lists(ORDERS, min_size=1, max_size=3))
def test_whatever_valid_order_comes_it_is_told_in_one_line(shared: Office, orders: list[dict[str, Any]]) -> None:
    shared.new_client()
    for drawn in orders:
        order = _no_empty(shared.order() | drawn)
        response = shared.prescriber.ask("POST", "MedicationRequest", order)
        assert (response.status_code == 201) == _valid(order), response.get_data(as_text=True)
    for change in shared.changes():
        assert change.sentence[0] == change.sentence[0].upper()
        assert "\n" not in change.sentence


@given(before=ORDERS, after=ORDERS)
def test_reading_a_medication_never_fails(before: dict[str, Any], after: dict[str, Any]) -> None:
    whole = [_no_empty({"resourceType": "MedicationRequest", "intent": "order", "subject": {"reference": "Patient/1"}} | one) for one in (before, after)]
    assume(all(map(_valid, whole)))
    old, new = (parse(orjson.dumps(one)) for one in whole)
    assert all(text is None or text for text in dose_texts(dose_of(old), dose_of(new)))
    assert same_drug(drug_of(old), drug_of(new)) == same_drug(drug_of(new), drug_of(old))


def _valid(order: dict[str, Any]) -> bool:
    try:
        return not faults(parse(orjson.dumps(order)))
    except OutcomeError:
        return False


def _no_empty(node: Any) -> Any:
    """FHIR allows no empty object and no empty list."""
    if isinstance(node, dict):
        kept = {name: _no_empty(value) for name, value in node.items()}
        return {name: value for name, value in kept.items() if value not in ({}, [], None)}
    return [one for one in map(_no_empty, node) if one not in ({}, [], None)] if isinstance(node, list) else node
