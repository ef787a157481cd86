"""Both ways: what a record becomes turns into the same record again, and what a record does not hold is named."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.validation import faults
from gateway.record.types import KINDS, Problem, Record
from mappings import resources_of
from mappings.condition import listed_by_rule
from mappings.element import pruned
from mappings.from_fhir import BOTH_WAYS, NOT_SAID, record_of
from tests.mappings.both_ways import DRAWN, Known, back, both_ways
from tests.mappings.corpus import FULL, SITE, record


def as_it_comes_back(given_record: Record) -> dict[str, Any]:
    """A record as NOT_SAID says that it comes back: odd spaces plain, an end before its start gone, an entry in error without its state."""
    fields: dict[str, Any] = pruned(given_record.model_dump(mode="json"))
    if fields.get("start") and fields.get("end") and fields["end"] < fields["start"]:
        del fields["end"]
    if isinstance(given_record, Problem) and given_record.listed_as == listed_by_rule(given_record.verification):
        fields.pop("listed_as")
    if getattr(given_record, "verification", None) == "entered-in-error":
        fields = {name: value for name, value in fields.items() if name not in ("clinical_status", "abatement", "status")}
    return KINDS[given_record.kind].model_validate(fields).model_dump()


@given(both_ways())
def test_a_record_comes_back_as_it_was(drawn: Record) -> None:
    assert back(drawn).record.model_dump() == as_it_comes_back(drawn)


@given(both_ways())
def test_of_what_we_say_ourselves_nothing_is_unheld(drawn: Record) -> None:
    assert back(drawn).unheld == ()


@given(both_ways())
def test_what_leaves_is_r4(drawn: Record) -> None:
    for resource in resources_of(drawn, SITE):
        assert faults(resource) == []
        name = resource["resourceType"]
        getattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name).model_validate(resource)


@pytest.mark.parametrize("kind", BOTH_WAYS)
def test_the_full_record_comes_back_to_the_letter(kind: str) -> None:
    assert back(record(kind)).record == record(kind)


def test_every_kind_that_goes_both_ways_is_drawn_here() -> None:
    assert set(DRAWN) == set(BOTH_WAYS)
    assert all(reason for reason in NOT_SAID.values())


@pytest.mark.parametrize("verification", ["unconfirmed", "confirmed"])
@pytest.mark.parametrize("listed_as", ["problem", "health-concern", "social-need", "encounter-diagnosis"])
def test_where_a_problem_is_listed_comes_back(listed_as: str, verification: str) -> None:
    found = back(record("problem", listed_as=listed_as, verification=verification)).record
    assert isinstance(found, Problem)
    assert (found.listed_as or listed_by_rule(verification)) == listed_as


# --- whatever else stands in a resource is named ---


def _leaf_places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every object inside a resource to which an element may be added."""
    if isinstance(node, dict):
        yield path
    for name, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from _leaf_places(inner, (*path, name))


ANYWHERE: tuple[tuple[str, Any], ...] = (
    ("extension", [{"url": "https://ehr.example/more", "valueString": "more"}]),
    ("extension", [{"url": "http://hl7.org/fhir/StructureDefinition/originalText", "valueString": "more"}]),
    ("display", "More"),
    ("text", "More"),
    ("unit", "More"),
    ("version", "2026"),
    ("userSelected", True),
    ("use", "old"),
    ("time", "2026-01-01"),
    ("authorString", "Someone"),
    ("reference", "Practitioner/unknown"),
    ("identifier", {"value": "7"}),
    ("coding", [{"system": "urn:oid:1.2.3", "code": "77"}]),
    ("frequency", 2),
    ("asNeededBoolean", True),
    ("comparator", "<"),
    ("exposureRoute", {"text": "by mouth"}),
    ("function", {"text": "More"}),
)
AT_THE_TOP: tuple[tuple[str, Any], ...] = (
    ("implicitRules", "https://ehr.example/rules"),
    ("language", "es"),
    ("modifierExtension", [{"url": "https://ehr.example/not", "valueBoolean": True}]),
    ("contained", [{"resourceType": "Medication", "id": "m", "code": {"text": "More", "extension": [{"url": "urn:x:y", "valueReference": {"reference": "#"}}]}}]),
    ("statusReason", {"text": "More"}),
    ("statusReasonCodeableConcept", {"text": "More"}),
    ("reasonCode", [{"text": "More"}]),
    ("category", [{"text": "More"}]),
    ("note", [{"text": "More"}]),
    ("encounter", {"reference": "Encounter/1"}),
    ("context", {"reference": "Encounter/1"}),
    ("supportingInformation", [{"reference": "Observation/1"}]),
    ("doNotPerform", True),
    ("priority", "stat"),
    ("received", "2026-01-01T00:00:00Z"),
    ("medium", [{"text": "More"}]),
    ("whenPrepared", "2025-01-01"),
    ("whenHandedOver", "2026-01-01"),
    ("severity", {"text": "More"}),
    ("bodySite", [{"text": "More"}]),
    ("onsetDateTime", "2023"),
    ("onsetString", "long ago"),
    ("criticality", "high"),
    ("lastOccurrence", "2026"),
    ("substitution", {"wasSubstituted": True}),
    ("priorPrescription", {"reference": "MedicationRequest/1"}),
    ("occurrenceDateTime", "2026-01-01"),
    ("orderDetail", [{"text": "More"}]),
)


@given(both_ways(), st.data())
def test_nothing_added_to_a_resource_is_lost_in_silence(drawn: Record, data: st.DataObject) -> None:
    """It changes the record, or it is named."""
    first, *rest = resources_of(drawn, SITE)
    wider = copy.deepcopy(first)
    place = data.draw(st.sampled_from([path for path in _leaf_places(wider) if path[:1] not in [("meta",), ("text",)]]))
    name, value = data.draw(st.sampled_from(ANYWHERE if place else AT_THE_TOP))
    node = _at(wider, place)
    node[name] = [*node[name], *value] if isinstance(node.get(name), list) else value
    if wider == first or faults(wider):
        return
    before, after = record_of(first, rest, Known(drawn)), record_of(wider, rest, Known(drawn))
    assert before is not None
    assert after is None or after.record != before.record or after.unheld


@given(both_ways(), st.data())
def test_nothing_changed_in_a_resource_is_lost_in_silence(drawn: Record, data: st.DataObject) -> None:
    first, *rest = resources_of(drawn, SITE)
    wider = copy.deepcopy(first)
    texts = [(path, name) for path in _leaf_places(wider) if path[:1] not in [("meta",), ("text",)] for name in _at(wider, path) if isinstance(_at(wider, path)[name], str)]
    path, name = data.draw(st.sampled_from([one for one in texts if one not in [((), "id"), ((), "resourceType")]]))
    _at(wider, path)[name] += "-2"
    before, after = record_of(first, rest, Known(drawn)), record_of(wider, rest, Known(drawn))
    assert after is None or before is None or after.record != before.record or after.unheld


def _at(node: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        node = node[step]
    return node


FOREIGN: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "rx-7",
    "status": "active",
    "intent": "order",
    "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-category", "code": "outpatient"}]}],
    "medicationCodeableConcept": {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312938", "display": "sertraline 100 MG Oral Tablet"}],
        "text": "Sertraline 100 mg",
    },
    "subject": {"reference": "Patient/p"},
    "authoredOn": "2026-10-30T09:00:00-04:00",
    "requester": {"display": "Dr. Haddad"},
    "dosageInstruction": [{"text": "1 tablet in the morning", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}, {"text": "with food"}],
    "note": [{"text": "Watch for restlessness.", "time": "2026-10-30"}, {"text": "Call me if so."}],
}


def _only_the_client(reference: str, kind: str) -> str | None:
    return "ana" if (reference, kind) == ("Patient/p", "client") else None


def test_a_partners_order_becomes_a_note_and_all_the_rest_is_named() -> None:
    assert faults(FOREIGN) == []
    found = record_of(FOREIGN, [], _only_the_client)
    assert found is not None
    assert (found.record.id, found.record.title, found.record.instructions) == ("rx-7", "Sertraline 100 mg", "1 tablet in the morning\n\nwith food")  # type: ignore[attr-defined]
    assert found.record.noted_on == date(2026, 10, 30)  # type: ignore[attr-defined]
    assert found.unheld == (
        "MedicationRequest.intent",
        "MedicationRequest.category[0].coding[0].code",
        "MedicationRequest.authoredOn",
        "MedicationRequest.requester",
        "MedicationRequest.dosageInstruction[0].timing",
        "MedicationRequest.note[0].time",
    )


@pytest.mark.parametrize("missing", ["subject", "medicationCodeableConcept"])
def test_without_a_known_client_or_a_drug_there_is_no_record(missing: str) -> None:
    assert record_of({name: value for name, value in FOREIGN.items() if name != missing}, [], _only_the_client) is None


def test_a_type_that_becomes_no_record_becomes_none() -> None:
    assert record_of({"resourceType": "Basic", "id": "1"}, [], _only_the_client) is None


def test_a_type_whose_kind_is_known_has_a_full_record_to_come_back_from() -> None:
    assert set(BOTH_WAYS) <= set(FULL)


def test_what_is_said_twice_is_held_once() -> None:
    condition = resources_of(record("problem"), SITE)[0]
    found = record_of(condition | {"category": condition["category"] * 2}, [], Known(record("problem")))
    assert found is not None
    assert found.unheld == ("Condition.category[1]",)
