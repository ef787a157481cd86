"""What we ship as terminology: valid R4, complete about itself, no code without a home, and our own words as the records have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_args

import pytest

from gateway.fhir.validation import faults
from gateway.privacy.label import SENSITIVITY_TAG, security
from gateway.record.types import Activity, Category, Goal, Intervention, Member, Note, Referral, RiskAssessment, Session
from gateway.record.types.base import Sensitivity
from gateway.referral.state import BUSINESS_STATUS, OWN_STATUS, STATES
from mappings import codes, terminology

Resource = dict[str, Any]
SHIPPED = {f"{resource['resourceType']}/{resource['id']}": resource for resource in terminology.shipped()}
MAPS = {resource["id"]: resource for resource in terminology.resources("ConceptMap")}
SYSTEMS = {resource["url"]: resource for resource in terminology.resources("CodeSystem")}
OWN = "urn:handoff:"

OWNERS = {
    "http://snomed.info/sct": "SNOMED International",
    "http://loinc.org": "Regenstrief Institute",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "National Library of Medicine",
    "http://nucc.org/provider-taxonomy": "American Medical Association",
}
"""A code system whose owner asks to be named, and a word that names it."""
EVERY_RESOURCE_SAYS = ("id", "url", "version", "name", "title", "status", "experimental", "date", "publisher", "description")


def _included() -> Iterator[tuple[str, Resource]]:
    for value_set in terminology.resources("ValueSet"):
        yield from ((value_set["id"], include) for include in value_set["compose"]["include"])


def _groups() -> Iterator[tuple[str, Resource]]:
    for concept_map in MAPS.values():
        yield from ((concept_map["id"], group) for group in concept_map["group"])


def _systems_of(resource: Resource) -> set[str]:
    includes = {include["system"] for include in resource.get("compose", {}).get("include", ())}
    return includes | {group[side] for group in resource.get("group", ()) for side in ("source", "target")}


@pytest.mark.parametrize("resource", SHIPPED.values(), ids=SHIPPED)
def test_every_resource_is_valid_and_says_what_it_is(resource: Resource) -> None:
    name = resource["resourceType"]
    assert faults(resource) == []
    getattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name).model_validate(resource)
    assert [element for element in EVERY_RESOURCE_SAYS if element not in resource] == []
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", resource["name"])
    assert resource["url"].startswith(OWN)


def test_no_two_resources_share_an_address_or_a_canonical() -> None:
    assert len(SHIPPED) == len(terminology.shipped())
    assert len({resource["url"] for resource in terminology.shipped()}) == len(SHIPPED)


@pytest.mark.parametrize("resource", SHIPPED.values(), ids=SHIPPED)
def test_the_owner_of_a_code_system_is_named_where_its_codes_stand(resource: Resource) -> None:
    for system in _systems_of(resource) & set(OWNERS):
        assert OWNERS[system] in resource["copyright"]


def test_no_code_of_the_american_medical_associations_procedures_is_shipped() -> None:
    assert {system for system, _ in codes.table()} & {"http://www.ama-assn.org/go/cpt", "urn:oid:2.16.840.1.113883.6.12"} == set()


def test_every_group_of_codes_names_its_source() -> None:
    groups = [*SYSTEMS.values(), *(include for _, include in _included()), *(group for _, group in _groups())]
    assert [group for group in groups if not terminology.source(group)] == []


def test_a_code_has_one_display_wherever_it_stands() -> None:
    for _, include in _included():
        for concept in include.get("concept", ()):
            assert concept.get("display") == codes.table()[include["system"], concept["code"]].display
    for _, group in _groups():
        for element in group["element"]:
            assert element["display"] == codes.table()[group["source"], element["code"]].display
            for target in element["target"]:
                assert target.get("display") == (codes.table()[group["target"], target["code"]].display if "code" in target else None)


def test_every_target_of_a_map_stands_in_the_value_set_that_the_map_names() -> None:
    sets = {resource["url"]: resource["id"] for resource in terminology.resources("ValueSet")}
    for concept_map in MAPS.values():
        targets = {(group["target"], target["code"]) for group in concept_map["group"] for element in group["element"] for target in element["target"] if "code" in target}
        assert targets
        assert targets <= codes.value_set(sets[concept_map["targetCanonical"]]), concept_map["id"]


def test_every_source_of_a_map_is_a_code_system_of_ours_whole_or_a_code_of_the_table() -> None:
    for name, group in _groups():
        sources = [element["code"] for element in group["element"]]
        assert len(sources) == len(set(sources)), name
        if group["source"] in SYSTEMS:
            assert sources == [concept["code"] for concept in SYSTEMS[group["source"]]["concept"]], name
        else:
            assert all((group["source"], code) in codes.table() for code in sources)


def test_every_code_system_of_ours_that_is_included_anywhere_is_shipped() -> None:
    used = {system for resource in terminology.shipped() for system in _systems_of(resource)} | {system for system, _ in codes.table()}
    assert {system for system in used if system.startswith(OWN)} <= set(SYSTEMS)


def test_a_code_system_counts_its_codes_and_defines_each() -> None:
    for system in SYSTEMS.values():
        found = [concept["code"] for concept in system["concept"]]
        assert system["count"] == len(found) == len(set(found))
        assert all(concept["display"] and concept["definition"] for concept in system["concept"])


def test_a_value_set_that_names_a_system_alone_holds_all_of_it() -> None:
    assert {code for _, code in codes.value_set("release-categories")} == set(get_args(Category))


def _words(model: Any, field: str) -> set[str]:
    """What a record may say in an element, None left out."""
    annotation = model.model_fields[field].annotation
    return {word for part in (annotation, *get_args(annotation)) for word in get_args(part) if isinstance(word, str)} or set(get_args(annotation))


WORDS = {
    "activity-category": _words(Activity, "kind"),
    "note-type": _words(Note, "type"),
    "session-mode": _words(Session, "mode"),
    "risk-level": _words(RiskAssessment, "level"),
    "referral-service": _words(Referral, "service"),
    "referral-step": _words(Referral, "status"),
    "release-category": set(get_args(Category)),
    "sensitivity": set(get_args(Sensitivity)) - {"normal"},
    "intervention-area": _words(Intervention, "area"),
    "care-team-role": _words(Member, "role"),
    "goal-term": _words(Goal, "term"),
}


@pytest.mark.parametrize("name", WORDS)
def test_a_code_system_holds_every_word_of_the_record_and_no_other(name: str) -> None:
    assert {concept["code"] for concept in SYSTEMS[OWN + name]["concept"]} == WORDS[name]


def test_what_other_rooms_send_of_our_own_systems_stands_in_them() -> None:
    assert SENSITIVITY_TAG in SYSTEMS
    assert (OWN_STATUS, "awaiting-information") in codes.table()
    told = {state.business_status for state in STATES.values() if state.business_status}
    assert {code for code in told if (BUSINESS_STATUS, code) not in codes.table()} == {"awaiting-information"}


def test_every_security_label_that_is_sent_stands_in_the_table() -> None:
    sent = {(label["system"], label["code"]) for bit in range(9) for label in security(1 << bit)} | {(label["system"], label["code"]) for label in security(0)}
    assert sent <= codes.value_set("security-labels")


UNMATCHED = {
    "activity-category": {"coordination"},
    "referral-step": {"draft", "in-progress"},
    "risk-level": {"none"},
    "intervention-area": {"psychotherapy", "crisis", "coordination"},
    "care-team-role": {"social-worker", "case-manager", "supervisor", "family", "other"},
}
"""Words that no code says; what leaves for them is the word."""
UNNAMED = {"224588003", "80584001", "446050000"}
"""Codes that are checked while their display is not."""


@pytest.mark.parametrize("name", sorted(set(MAPS) - {"diagnosis"}))
def test_a_map_has_a_checked_code_for_every_word_but_the_listed_ones(name: str) -> None:
    for element in (element for group in MAPS[name]["group"] for element in group["element"]):
        coding = codes.translated(name, element["code"])
        assert (coding is None) == (element["code"] in UNMATCHED.get(name, set()))
        assert coding is None or ("display" in coding) == (coding["code"] not in UNNAMED)


def test_only_what_is_called_equivalent_is_beyond_doubt() -> None:
    found = {(element["code"], target["code"]): target["equivalence"] for group in MAPS["diagnosis"]["group"] for element in group["element"] for target in element["target"]}
    assert {pair for pair, equivalence in found.items() if equivalence == "equivalent"} == {("F41.0", "371631005"), ("F41.1", "21897009")}
    assert set(found.values()) == {"equivalent", "wider"}
    assert not {"F11.20", "F10.20"} & {icd10 for icd10, _ in found}
