"""What a Provenance tells of a change: which elements, in place of which version, why, who wrote it and who signed under it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.fhir.validation import faults
from gateway.record.trace import of_record
from gateway.record.types import Record
from gateway.store.resource import Stored
from tests.store.engines import SITE, client, consent, fresh, partner, patient_id, plan, record
from tests.world import Caller, World


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


def _told(caller: Caller, kind: str, record_id: str, part: str = "", resource_type: str = "CarePlan") -> dict[str, Any]:
    """The one Provenance that a reader finds of a resource."""
    (found,) = caller.all(f"Provenance?target={resource_type}/{SITE.id(kind, record_id, part)}")
    assert faults(found) == []
    return found


def _agents(provenance: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["type"]["coding"][0]["code"]: one["who"] for one in provenance["agent"]}


def _staff(world: World) -> tuple[str, str]:
    place, one, other = fresh("practice"), fresh("clinician"), fresh("clinician")
    named = [record("clinician", id=key, name={"family": "Reed"}, practice=place) for key in (one, other)]
    assert world.take_in([record("practice", id=place, name="A place"), *named]).refused == []
    return one, other


def test_a_new_record_is_told_as_created_without_a_version_before(world: World, practice: Caller) -> None:
    name, written = fresh("client"), fresh("plan")
    world.take_in([client(name), plan(written, name)])
    told = _told(practice, "treatment_plan", written)
    assert told["activity"]["coding"][0]["code"] == "CREATE"
    assert not {"entity", "reason", "text"} & told.keys()


def test_a_change_names_its_elements_the_version_before_and_the_reason(world: World, practice: Caller) -> None:
    name, written = fresh("client"), fresh("plan")
    world.take_in([client(name), plan(written, name)])
    world.take_in([plan(written, name, status="on-hold", title="Marsh's plan", change_reason="The client moved away.")])
    told = _told(practice, "treatment_plan", written)
    key = SITE.id("treatment_plan", written)
    assert told["activity"]["coding"][0]["code"] == "UPDATE"
    assert told["reason"] == [{"text": "The client moved away."}]
    assert {"role": "revision", "what": {"reference": f"CarePlan/{key}/_history/1"}} in told["entity"]
    before = practice.get(f"CarePlan/{key}/_history/1")
    after = practice.get(f"CarePlan/{key}")
    differing = sorted(name for name in before.keys() | after.keys() if name != "meta" and before.get(name) != after.get(name))
    assert {"status", "title"} <= set(differing)
    at = [target["reference"] for target in told["target"]].index(f"CarePlan/{key}") + 1
    assert f"{at}. CarePlan: {', '.join(differing)}" in told["text"]["div"]
    assert "Marsh" not in told["text"]["div"]
    assert key not in told["text"]["div"], "a narrative is not masked as references are"


def test_what_is_new_in_an_update_has_no_version_before(world: World, practice: Caller) -> None:
    name, written = fresh("client"), fresh("plan")
    world.take_in([client(name), plan(written, name, ("g1",))])
    world.take_in([plan(written, name, ("g1", "g2"))])
    told = _told(practice, "treatment_plan", written, "goal:g2", "Goal")
    assert [one["what"]["reference"].split("/")[0] for one in told["entity"]] == ["CarePlan"]


def test_a_change_of_labels_alone_is_told_as_such(world: World, practice: Caller) -> None:
    name, note = fresh("client"), fresh("note")
    given = {"id": note, "client": name, "written_at": "2026-05-05T10:00:00-04:00", "text": "Worked."}
    world.take_in([client(name), record("note", **given)])
    world.take_in([record("note", **given, sensitivity="restricted")])
    found = practice.all(f"Provenance?target=DocumentReference/{SITE.id('note', note)}")
    assert any("1. DocumentReference: meta" in one.get("text", {}).get("div", "") for one in found)


def test_neither_reason_nor_change_of_a_tightened_goal_is_told_to_who_may_not_see_it(world: World, practice: Caller) -> None:
    name, other, written = fresh("client"), fresh("partner"), fresh("plan")

    def goals(kept: str, hidden: str) -> list[dict[str, Any]]:
        return [{"id": "open", "description": kept}, {"id": "kept", "description": hidden, "sensitivity": "restricted"}]

    def written_as(first: str, second: str, **values: Any) -> Record:
        return record("treatment_plan", id=written, client=name, written_on="2026-02-01", goals=goals(first, second), **values)

    world.take_in([client(name), partner(other), consent(name, other), written_as("Sleep", "Secret")])
    world.take_in([written_as("Sleep", "Secret two", change_reason="Because.")])
    hidden = f"Goal/{SITE.id('treatment_plan', written, 'goal:kept')}"
    ehr = world.client(partner=other)
    for one in ehr.all(f"Provenance?patient={patient_id(name)}"):
        assert hidden not in str(one)
    told = [one for one in practice.all(f"Provenance?target={hidden}") if "entity" in one]
    assert [one["reason"][0]["text"] for one in told] == ["Because."]
    assert [[each["what"]["reference"] for each in one["entity"]] for one in told] == [[f"{hidden}/_history/1"]]


@pytest.mark.parametrize(
    ("labels", "category", "told"),
    [(3, 2, True), (7, 2, True), (1, 2, False), (0, 2, False), (3, 4, False)],
    ids=["as the plan", "tighter", "looser", "open", "elsewhere"],
)
def test_a_reason_goes_only_where_the_plan_itself_may_go(world: World, labels: int, category: int, told: bool) -> None:
    written = plan("p", "c", change_reason="Because.")
    main, other = Stored("CarePlan", "m", 1, 0, b"{}", category=2, labels=3), Stored("Goal", "g", 1, 0, b"{}", category=category, labels=labels)
    found = of_record(world.context(), written, [main, other], SITE, update=True)
    assert ["reason" in provenance for provenance, _ in found if {"reference": "Goal/g"} in provenance["target"]] == [told]


@pytest.mark.parametrize(
    ("kind", "resource_type", "who", "values"),
    [
        ("note", "DocumentReference", "author", {"written_at": "2026-05-05T10:00:00-04:00", "text": "Worked."}),
        ("assessment", "DocumentReference", "clinician", {"assessed_at": "2026-05-05T10:00:00-04:00", "presenting_problem": "Low mood."}),
        ("treatment_plan", "CarePlan", "author", {"written_on": "2026-05-05", "goals": [{"id": "g", "description": "Sleep"}]}),
    ],
)
def test_a_supervisor_who_signed_under_it_stands_beside_the_author(world: World, practice: Caller, kind: str, resource_type: str, who: str, values: dict[str, Any]) -> None:
    author, supervisor = _staff(world)
    name, key = fresh("client"), fresh(kind)
    signed = {"clinician": supervisor, "signed_at": "2026-05-06T09:00:00-04:00"}
    world.take_in([client(name), record(kind, id=key, client=name, cosigned=signed, **{who: author}, **values)])
    agents = _agents(_told(practice, kind, key, resource_type=resource_type))
    assert agents == {code: {"reference": f"PractitionerRole/{SITE.id('clinician', one, 'role')}"} for code, one in (("author", author), ("verifier", supervisor))}
