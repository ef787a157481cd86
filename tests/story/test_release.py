"""A partner sees exactly what each client opened to it, a stranger sees nothing; Part 2 records go only by their own consent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from functools import cache

import pytest

from tests.story import oracle
from tests.story.imported import OF_PRACTICE, TERMINOLOGY, Imported, Resource, name_of, patient_of
from tests.world import PRACTICE, Caller

PARTNERS = ("101", "102", "103", "104", "105", "106", "107", "108", "111", "112", "113")
PART2_CLIENTS = ("114", "119", "121", "126", "130", "139")
SUBSTANCE_USE = re.compile(
    rb"alcohol|opioid|naltrexon|buprenorphin|acamprosat|naloxon|\bF1[01]\.|sponsor|\bsober|detox|\b75626-2|\b72109-2|\b68518-0|\b68519-8|\b68520-6", re.IGNORECASE
)
"""Words of substance-use treatment, its diagnoses, drugs and the codes of AUDIT-C."""


INCLUDING = (
    "Patient?_revinclude=Provenance:target",
    "CarePlan?_include=CarePlan:goal&_include=CarePlan:patient",
    "Provenance?_include=Provenance:target",
    "Observation?_include=Observation:patient",
)


class Seen:
    """What one partner's client gets for every served type, and the bytes in which it came."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.found: dict[str, list[Resource]] = {kind: caller.all(f"{kind}?_count=500") for kind in OF_PRACTICE}
        self.names = {name_of(one) for found in self.found.values() for one in found}


@pytest.fixture(scope="module")
def seen(imported: Imported) -> dict[str, Seen]:
    return {partner: Seen(imported.partner(partner)) for partner in imported.partners()}


@pytest.fixture(scope="module")
def stranger(imported: Imported) -> Caller:
    return imported.world.client()


@cache
def _day(imported: Imported) -> str:
    return str(imported.expected["export_date"])


def test_the_partners_and_part_2_clients_named_here_are_the_exports(imported: Imported) -> None:
    assert tuple(imported.partners()) == PARTNERS
    assert tuple(number for number, facts in imported.expected["clients"].items() if facts["sud_part2"]) == PART2_CLIENTS


@pytest.mark.parametrize("kind", OF_PRACTICE)
def test_a_client_without_a_release_finds_nothing(imported: Imported, stranger: Caller, kind: str) -> None:
    found = stranger.get(f"{kind}?_total=accurate")
    assert found["total"] == 0
    assert "entry" not in found


NOT_IN_THE_EXPORT = ("Communication", "MedicationDispense", "List", "Procedure", "ClinicalImpression", "PlanDefinition")


@pytest.mark.parametrize("kind", OF_PRACTICE)
def test_a_known_id_and_an_unknown_one_are_refused_alike_byte_for_byte(imported: Imported, stranger: Caller, kind: str) -> None:
    known = [one["id"] for one in imported.all[kind][:3]]
    unknown = stranger.ask("GET", f"{kind}/{uuid.UUID(int=7)}")
    for one in known:
        for path in (f"{kind}/{one}", f"{kind}/{one}/_history/1", f"{kind}/{one}/_history"):
            refused = stranger.ask("GET", path)
            assert (refused.status_code, refused.data) == (404, unknown.data), path
        assert stranger.get(f"{kind}?_id={one}")["total"] == 0
    assert known or kind in NOT_IN_THE_EXPORT


@pytest.mark.parametrize("kind", TERMINOLOGY)
def test_a_client_without_a_release_reads_the_terminology_and_meets_nobody_in_it(imported: Imported, stranger: Caller, kind: str) -> None:
    assert stranger.all(kind) == imported.all[kind] != []
    told = stranger.ask("GET", f"{kind}?_count=500").get_data(as_text=True)
    names = [facts["name"] for facts in imported.expected["clients"].values()]
    assert [at for at, name in enumerate(names) if name in told] == []
    assert PRACTICE not in told


def test_a_client_without_a_release_finds_nobody_by_name_identifier_or_include(imported: Imported, stranger: Caller) -> None:
    for number, patient in imported.clients.items():
        facts = imported.expected["clients"][number]
        for asked in (f"identifier={number}", f"name={facts['name'].split()[0]}&birthdate={facts['dob']}", f"_id={patient}&_revinclude=Provenance:target"):
            assert stranger.get(f"Patient?{asked}")["total"] == 0
        assert stranger.get(f"Observation?patient={patient}&_include=Observation:patient")["total"] == 0


def test_a_partner_on_file_without_a_release_sees_its_own_entry_alone(imported: Imported) -> None:
    names = Seen(imported.partner("114")).names
    assert names == oracle.opened(imported, "114", _day(imported))
    assert names
    assert names <= oracle.own_entry("114")


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_partner_sees_exactly_what_each_client_opened_to_it(imported: Imported, seen: dict[str, Seen], partner: str) -> None:
    told, found = oracle.opened(imported, partner, _day(imported)), seen[partner].names
    assert sorted(found - told) == [], "shown without a release"
    assert sorted(told - found) == [], "released but not shown"


@pytest.mark.parametrize("partner", PARTNERS)
def test_each_total_counts_what_is_shown_and_nothing_else(imported: Imported, seen: dict[str, Seen], partner: str) -> None:
    for kind, found in seen[partner].found.items():
        assert seen[partner].caller.get(f"{kind}?_count=0&_total=accurate")["total"] == len(found), kind


@pytest.mark.parametrize("partner", PARTNERS)
def test_the_withheld_rest_is_not_there_by_id_either(imported: Imported, seen: dict[str, Seen], partner: str) -> None:
    caller = seen[partner].caller
    for kind in OF_PRACTICE:
        hidden = [one["id"] for one in imported.all[kind] if name_of(one) not in seen[partner].names]
        for start in range(0, len(hidden), 400):
            assert caller.get(f"{kind}?_id={','.join(hidden[start : start + 50])}")["total"] == 0, kind
        for one in hidden[:2]:
            caller.get(f"{kind}/{one}", 404)


@pytest.mark.parametrize("partner", PARTNERS)
def test_includes_and_transactions_bring_nothing_that_was_not_released(imported: Imported, seen: dict[str, Seen], partner: str) -> None:
    caller, names = seen[partner].caller, seen[partner].names
    for one in INCLUDING:
        brought = [entry["resource"] for entry in caller.get(f"{one}&_count=500").get("entry", ())]
        assert {name_of(each) for each in brought} <= names, one
    gets = [{"request": {"method": "GET", "url": f"{kind}?_count=200"}} for kind in ("Patient", "Condition", "Observation", "DocumentReference")]
    answered = caller.post("", {"resourceType": "Bundle", "type": "transaction", "entry": gets}, 200)
    brought = [inner["resource"] for entry in answered["entry"] for inner in entry["resource"].get("entry", ())]
    assert {name_of(each) for each in brought} <= names


def _may_read_substance_use(imported: Imported, partner: str, number: str) -> bool:
    return any(client == number and one["part2"] and "sud_records" in one["categories"] for client, one in oracle.releases(imported, partner, _day(imported)))


@pytest.mark.parametrize("number", PART2_CLIENTS)
def test_no_word_of_substance_use_treatment_goes_out_without_the_clients_part_2_consent(imported: Imported, seen: dict[str, Seen], number: str) -> None:
    patient, spoke = imported.clients[number], 0
    for partner in PARTNERS:
        if _may_read_substance_use(imported, partner, number):
            spoke += 1
            continue
        for raw in _everything_about(seen[partner].caller, patient):
            assert not (found := SUBSTANCE_USE.search(raw)), (partner, found and found.group())
    assert spoke <= 1


def _everything_about(caller: Caller, patient: str) -> Iterator[bytes]:
    yield caller.ask("GET", f"Patient/{patient}").data
    yield caller.ask("GET", f"Patient?_id={patient}&_revinclude=Provenance:target").data
    for kind in OF_PRACTICE:
        if kind in ("Patient", "Provenance", *oracle.DIRECTORY):
            continue
        yield caller.ask("GET", f"{kind}?patient={patient}&_count=500&_revinclude=Provenance:target").data


@pytest.mark.parametrize("number", PART2_CLIENTS)
def test_what_speaks_of_substance_use_is_labelled_so(imported: Imported, number: str) -> None:
    """The words are there in the practice's own view, and each resource that holds one carries a label that an ordinary release does not clear."""
    patient, spoke = imported.clients[number], 0
    for found in imported.all.values():
        for one in found:
            if patient_of(one) == patient and one["resourceType"] != "Consent" and SUBSTANCE_USE.search(repr(one).encode()):
                spoke += 1
                assert not oracle.labels(one) <= oracle.ORDINARY, name_of(one)
    assert spoke


@pytest.mark.parametrize(("partner", "number"), [("111", "114"), ("111", "119"), ("112", "126"), ("111", "139")])
def test_a_part_2_consent_in_force_opens_the_substance_use_records_it_names(imported: Imported, seen: dict[str, Seen], partner: str, number: str) -> None:
    shown = oracle.about(imported, seen[partner].names, number)
    assert any(oracle.labels(imported.by_id[name]) & oracle.SUBSTANCE_USE for name in shown)


@pytest.mark.parametrize(("partner", "number"), [("112", "121"), ("112", "130")])
def test_an_expired_or_revoked_part_2_consent_opens_nothing_at_all(imported: Imported, seen: dict[str, Seen], partner: str, number: str) -> None:
    assert oracle.about(imported, seen[partner].names, number) == set()
