"""What a write answers with tells no more than a read would."""

from __future__ import annotations

from typing import Any

from tests.interaction.resources import entry, transaction
from tests.store.engines import client, consent, fresh, partner, patient_id, problem
from tests.world import Caller, World

CONCEALED = "Condition/"


def visit_with_a_diagnosis(world: World, who: str, practice: Caller) -> dict[str, Any]:
    condition = practice.get(f"Condition?patient={patient_id(who)}")["entry"][0]["resource"]["id"]
    ambulatory = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    told = {"subject": {"reference": f"Patient/{patient_id(who)}"}, "diagnosis": [{"condition": {"reference": f"Condition/{condition}"}}]}
    identifier = [{"system": "urn:test", "value": fresh("visit")}]
    made: dict[str, Any] = practice.post("Encounter", {"resourceType": "Encounter", "status": "finished", "class": ambulatory, "identifier": identifier} | told)
    return made


def test_a_conditional_create_masks_what_a_read_masks(world: World) -> None:
    who, to = fresh("client"), fresh("partner")
    world.take_in([client(who), partner(to), problem(fresh("p"), who), consent(who, to, categories=["demographics", "attendance"])])
    practice, theirs = world.client(practice=True), world.client(partner=to)
    visit = visit_with_a_diagnosis(world, who, practice)
    assert CONCEALED not in theirs.ask("GET", f"Encounter/{visit['id']}").text
    named = f"identifier=urn:test|{visit['identifier'][0]['value']}"
    sent = {name: value for name, value in visit.items() if name not in ("id", "meta", "diagnosis")}
    found = theirs.ask("POST", "Encounter", sent, {"If-None-Exist": named})
    assert (found.status_code, found.get_json()["id"], CONCEALED in found.text) == (200, visit["id"], False)
    asked = transaction(entry("POST", "Encounter", sent, ifNoneExist=named))
    in_one = theirs.ask("POST", "", asked, {"Prefer": "return=representation"})
    assert (in_one.status_code, visit["id"] in in_one.text, CONCEALED in in_one.text) == (200, True, False)


def test_a_provenance_tells_nothing_of_what_its_author_may_not_see(world: World) -> None:
    """Its labels are those of its targets: whoever could point at anything could ask whether a record is one of substance-use treatment."""
    who, to = fresh("client"), fresh("partner")
    world.take_in([client(who), partner(to), problem(fresh("p"), who, "F10.20"), consent(who, to)])
    practice, theirs = world.client(practice=True), world.client(partner=to)
    hidden = practice.get(f"Condition?patient={patient_id(who)}")["entry"][0]["resource"]["id"]
    assert theirs.ask("GET", f"Condition/{hidden}").status_code == 404

    def told_of(*targets: str) -> dict[str, Any]:
        agent = [{"who": {"display": "Somebody"}}]
        return {"resourceType": "Provenance", "target": [{"reference": one} for one in targets], "recorded": "2026-03-02T10:00:00Z", "agent": agent}

    refused = theirs.ask("POST", "Provenance", told_of(f"Condition/{hidden}"))
    unknown = theirs.ask("POST", "Provenance", told_of("Condition/00000000-0000-5000-8000-000000000000"))
    assert (refused.status_code, refused.get_json()["issue"]) == (unknown.status_code, unknown.get_json()["issue"])
    assert refused.status_code == 422
    made = theirs.post("Provenance", told_of(f"Patient/{patient_id(who)}"))
    assert theirs.ask("PUT", f"Provenance/{made['id']}", made | {"target": told_of(f"Condition/{hidden}")["target"]}).status_code == 422
    own = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": {"reference": f"Patient/{patient_id(who)}"}}
    both = transaction(
        entry("POST", "Observation", own, full_url="urn:uuid:5b0d9c1e-7f5e-4b8e-9f0a-0d3c4f1e2a67"),
        entry("POST", "Provenance", told_of("urn:uuid:5b0d9c1e-7f5e-4b8e-9f0a-0d3c4f1e2a67")),
    )
    theirs.post("", both, status=200)
