"""Every resource that comes in is R4 or is refused with the place, the code and the rule, and never with what it said."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.json import parse, render
from gateway.fhir.outcome import OutcomeError
from gateway.fhir.rules import RULES
from gateway.fhir.validation import MAX_FAULTS, check_resource, faults, is_valid
from tests.fhir.broken import BROKEN
from tests.fhir.samples import SAMPLES, XHTML, changed, sample

CANARY = "Zyxwvu Canary"


@pytest.mark.parametrize("resource_type", SAMPLES)
def test_a_sound_resource_has_no_faults(resource_type: str) -> None:
    assert faults(parse(render(sample(resource_type)))) == []


@pytest.mark.parametrize(("resource", "code", "expression"), BROKEN.values(), ids=BROKEN)
def test_a_broken_resource_is_refused_at_its_place(resource: dict[str, Any], code: str, expression: str) -> None:
    assert (expression, code) in [(fault.expression, fault.code) for fault in faults(resource)]


@pytest.mark.parametrize("resource_type", SAMPLES)
def test_the_quick_answer_is_the_long_one_for_a_sound_resource(resource_type: str) -> None:
    assert is_valid(parse(render(sample(resource_type))))


@pytest.mark.parametrize("resource", [resource for resource, _, _ in BROKEN.values()], ids=BROKEN)
def test_the_quick_answer_is_the_long_one_for_a_broken_resource(resource: dict[str, Any]) -> None:
    assert not is_valid(resource)


_URL = [{"url": "urn:x", "valueString": "x"}]


@pytest.mark.parametrize(
    "name",
    [{"given": ["Ada", None]}, {"given": ["Ada"], "_given": [None, {"extension": _URL}]}, {"period": {"id": "p"}}],
    ids=["null without a twin", "more twins than members", "an id alone"],
)
def test_the_quick_answer_sees_what_only_a_walk_sees(name: dict[str, Any]) -> None:
    resource = {"resourceType": "Patient", "name": [{"family": "Quist"} | name]}
    assert faults(resource)
    assert not is_valid(resource)


@pytest.mark.parametrize(("resource", "code", "expression"), BROKEN.values(), ids=BROKEN)
def test_only_broken_invariants_are_422(resource: dict[str, Any], code: str, expression: str) -> None:
    with pytest.raises(OutcomeError) as refused:
        check_resource(resource)
    assert refused.value.status == (422 if {fault.code for fault in faults(resource)} == {"invariant"} else 400)


def test_every_rule_of_the_table_is_broken_by_a_case() -> None:
    said = " ".join(fault.diagnostics for resource, _, _ in BROKEN.values() for fault in faults(resource))
    assert [rule.key for rule in RULES if f"({rule.key})" not in said] == []


def test_another_type_than_the_one_expected_is_refused() -> None:
    with pytest.raises(OutcomeError) as refused:
        check_resource(sample("Patient"), "Task")
    assert (refused.value.status, refused.value.issues[0].code) == (400, "structure")


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in members:
        yield (*path, key)
        yield from places(value, (*path, key))


@pytest.mark.parametrize("resource_type", SAMPLES)
def test_no_fault_repeats_a_value(resource_type: str) -> None:
    for path in places(sample(resource_type)):
        for poison in (CANARY, [CANARY], {CANARY: CANARY}, {"x": CANARY}):
            resource = sample(resource_type)
            node: Any = resource
            for step in path[:-1]:
                node = node[step]
            node[path[-1]] = poison
            said = json.dumps(faults(resource))
            assert "Zyxwvu" not in said, path


def test_at_most_twenty_faults_are_named() -> None:
    assert len(faults(changed("Patient", ("name", [{"period": {"start": "x"}}] * 500)))) == MAX_FAULTS


def test_each_entry_of_a_bundle_is_checked_by_its_own_type() -> None:
    entries = [{"resource": sample("Patient")}, {"resource": changed("Task", ("status", "done"))}, {"resource": {"resourceType": "Nothing"}}]
    found = faults({"resourceType": "Bundle", "type": "collection", "entry": entries})
    assert [(f.expression, f.code) for f in found] == [("Bundle.entry[1].resource.status", "code-invalid"), ("Bundle.entry[2].resource.resourceType", "structure")]


def test_a_contained_id_is_known_to_the_resource_around_it_alone() -> None:
    inner = sample("MedicationRequest")
    outer = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}, {"resource": changed("MedicationRequest", ("contained", ...))}]}
    assert [f.expression for f in faults(outer)] == ["Bundle.entry[1].resource.medication"]


def test_a_conditional_reference_is_for_transactions() -> None:
    batch = changed("Bundle", ("type", "batch"))
    assert [f.expression for f in faults(batch)] == ["Bundle.entry[0].resource.patient.reference"]


@pytest.mark.parametrize(
    "body",
    [
        "<b>bold</b>",
        '<a href="https://example.org/">a link</a>',
        '<a href="#part">a part</a>',
        '<img src="data:image/png;base64,AAAA" alt="x"/>',
        '<p style="color: #333; margin: 0">x</p>',
        "<table><tr><td colspan='2'>1 &lt; 2 &#160;</td></tr></table>",
        "<!-- a comment -->x",
    ],
)
def test_plain_narrative_is_taken(body: str) -> None:
    assert faults(changed("Patient", ("text.div", f'<div xmlns="{XHTML}">{body}</div>'))) == []


def examples() -> list[Any]:
    folder = Path(os.environ.get("HANDOFF_REFERENCE_DATA", "")) / "us-core"
    found = []
    for name in ("us_core_610", "us_core_700", "us_core_800"):
        if not (folder / f"{name}.tgz").exists():
            return [pytest.param(None, marks=pytest.mark.skip(reason="HANDOFF_REFERENCE_DATA does not name a folder with us-core"))]
        found.append(pytest.param(folder / f"{name}.tgz", id=name))
    return found


@pytest.mark.parametrize("package", examples())
def test_every_example_of_us_core_is_sound(package: Path) -> None:
    unsound: dict[str, Any] = {}
    with tarfile.open(package) as archive:
        for member in archive:
            if not (member.name.startswith("package/example/") and member.name.endswith(".json")):
                continue
            file = archive.extractfile(member)
            resource = parse(file.read()) if file else {}
            if faults(resource) or not is_valid(resource):
                unsound[member.name] = faults(resource)
    assert unsound == {}


_names = st.sampled_from(
    ["resourceType", "id", "contained", "entry", "resource", "parameter", "part", "text", "div", "name", "_given", "given", "extension", "period", "start", "reference"]
)
_words = st.sampled_from(["Patient", "Bundle", "Parameters", "transaction", "#x", "2020", "", " ", "\ud800"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names | st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(_names, _json), st.sampled_from(["Patient", "Bundle", "Parameters", "Composition", "Questionnaire", None]))
def test_no_json_object_breaks_the_check(resource: dict[str, Any], resource_type: str | None) -> None:
    whole = resource | ({"resourceType": resource_type} if resource_type else {})
    found = faults(whole)
    assert is_valid(whole) is (found == [])
    assert all(fault.expression and fault.diagnostics.endswith(".") for fault in found)


@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_no_change_of_a_sound_resource_breaks_the_check(resource_type: str, data: st.DataObject) -> None:
    resource = sample(resource_type)
    path = data.draw(st.sampled_from(list(places(resource))))
    node: Any = resource
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = data.draw(_json)
    assert isinstance(faults(resource), list)
