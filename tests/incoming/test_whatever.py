"""Whatever valid resource a partner writes, it is stored, and what it tells is kept; nothing fails inside."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.fhir.json import parse
from gateway.fhir.outcome import OutcomeError
from gateway.fhir.validation import faults
from tests.medication.office import Office

WORDS = st.one_of(st.text(min_size=1, max_size=20), st.sampled_from(["x\ty\n", "\ufffe", "long " * 500, "{drug}", "1e30", "\u2028", "Dr. \U0001f33f"]))
CONCEPT = st.one_of(
    st.builds(lambda text: {"text": text}, WORDS),
    st.builds(lambda code, display: {"coding": [{"system": "http://loinc.org", "code": code, "display": display}]}, st.sampled_from(["11488-4", "34788-0", "x"]), WORDS),
    st.sampled_from([{"coding": [{"code": "1"}]}, {"coding": [{"system": "urn:x:y"}]}, {"extension": [{"url": "urn:x:y", "valueString": "z"}]}]),
    st.sampled_from([{"coding": [{"system": "urn:oid:1.2.36.1.2001.1001.101.104.16592", "code": code}]} for code in ("01", "02", "05", "99")]),
)
REFERENCE = st.one_of(
    st.sampled_from([{"reference": one} for one in ("Patient/none", "#x", "https://other.example/Patient/1", "Organization/", "MedicationRequest/1/_history/1", "urn:uuid:1")]),
    st.builds(lambda display: {"display": display}, WORDS),
    st.just({"identifier": {"value": "7"}}),
)
QUANTITY = st.fixed_dictionaries({}, optional={"value": st.sampled_from([0, 1, 30, 0.5, -1, 1e30, 10**17]), "unit": WORDS, "code": st.sampled_from(["d", "mg"])})
MOMENT = st.sampled_from(["2026", "2026-10", "2026-10-30", "2026-10-30T10:00:00Z", "0001-01-01", "9999-12-31T23:59:59.123456789+14:00"])
NOTES = st.lists(st.builds(lambda text: {"text": text}, WORDS), min_size=1, max_size=2)
ATTACHMENT = st.fixed_dictionaries(
    {"contentType": st.sampled_from(["text/plain", "text/html", "text/plain; charset=latin1", "application/pdf"])},
    optional={"data": st.sampled_from(["", "AA==", "/////w==", "PGI+", "PCEtLQ==", "eA=="]), "title": WORDS, "url": st.just("https://other.example/1")},
)
DRAWN: dict[str, dict[str, Any]] = {
    "Communication": {
        "status": st.sampled_from(["preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"]),
        **{name: st.lists(CONCEPT, min_size=1, max_size=2) for name in ("category", "reasonCode", "medium")},
        **{name: st.lists(REFERENCE, min_size=1, max_size=2) for name in ("about", "basedOn", "inResponseTo", "recipient")},
        "topic": CONCEPT,
        "sender": REFERENCE,
        "sent": MOMENT,
        "priority": st.sampled_from(["routine", "stat"]),
        "payload": st.lists(st.builds(lambda text: {"contentString": text}, WORDS) | st.builds(lambda to: {"contentReference": to}, REFERENCE), min_size=1, max_size=2),
    },
    "ServiceRequest": {
        "status": st.sampled_from(["draft", "active", "revoked", "completed"]),
        "intent": st.sampled_from(["proposal", "order", "plan", "option"]),
        "code": CONCEPT,
        "reasonCode": st.lists(CONCEPT, min_size=1, max_size=2),
        "requester": REFERENCE,
        "performer": st.lists(REFERENCE, min_size=1, max_size=2),
        "authoredOn": MOMENT,
        "note": NOTES,
    },
    "MedicationDispense": {
        "status": st.sampled_from(["preparation", "in-progress", "cancelled", "on-hold", "completed", "entered-in-error", "stopped", "declined", "unknown"]),
        "medicationCodeableConcept": CONCEPT,
        "quantity": QUANTITY,
        "daysSupply": QUANTITY,
        "whenHandedOver": MOMENT,
        "note": NOTES,
        "performer": st.lists(st.builds(lambda actor: {"actor": actor}, REFERENCE), min_size=1, max_size=2),
        "statusReasonCodeableConcept": CONCEPT,
    },
    "List": {
        "status": st.just("current"),
        "mode": st.just("changes"),
        "source": REFERENCE,
        "date": MOMENT,
        "note": NOTES,
        "entry": st.lists(st.fixed_dictionaries({"item": REFERENCE}, optional={"flag": CONCEPT, "deleted": st.booleans()}), min_size=1, max_size=3),
    },
    "DocumentReference": {
        "status": st.just("current"),
        "type": CONCEPT,
        "date": st.just("2026-10-30T10:00:00Z"),
        "author": st.lists(REFERENCE, min_size=1, max_size=2),
        "description": WORDS,
        "content": st.lists(st.builds(lambda one: {"attachment": one}, ATTACHMENT), min_size=1, max_size=2),
        "context": st.builds(lambda related: {"related": [related]}, REFERENCE),
    },
}
ALWAYS = ("status", "intent", "mode", "medicationCodeableConcept", "content")


@st.composite
def written(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(DRAWN)))
    fields = DRAWN[name]
    drawn = st.fixed_dictionaries({field: fields[field] for field in fields if field in ALWAYS}, optional={field: fields[field] for field in fields if field not in ALWAYS})
    return {"resourceType": name} | draw(drawn)


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=st.lists(written(), min_size=1, max_size=6))
def test_whatever_a_partner_writes_is_stored_or_refused_for_its_shape(office: Office, drawn: list[dict[str, Any]]) -> None:
    for one in drawn:
        resource = one | {"subject": {"reference": f"Patient/{office.patient}"}}
        answer = office.prescriber.ask("POST", resource["resourceType"], resource)
        assert (answer.status_code == 201) == _valid(resource), (answer.status_code, answer.get_data(as_text=True))
    for kind in ("message", "incoming_referral", "consultation", "medication_change"):
        office.practice.get(f"/records/{kind}")


def _valid(resource: dict[str, Any]) -> bool:
    try:
        return not faults(parse(orjson.dumps(resource)))
    except OutcomeError:
        return False
