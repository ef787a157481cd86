"""C-CDA at the desk: a Referral Note that holds what goes and nothing else, a Care Plan as its reader may see it, a Consultation Note that comes back."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from gateway.store.audit import trail
from mappings import ccda
from tests.mappings.corpus import record
from tests.referral.town import CLINIC, SERVICE_REQUEST, SITE, Town
from tests.world import PRACTICE, Caller

V3 = "{urn:hl7-org:v3}"
XML = {"Content-Type": "application/xml"}


@pytest.fixture
def practice(town: Town) -> Caller:
    return town.home.client(practice=True)


def _document(practice: Caller, path: str, status: int = 200) -> bytes:
    answer = practice.ask("GET", f"/records/{path}")
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    return answer.data


def _take(practice: Caller, document: bytes, status: int, query: str = "") -> dict[str, Any]:
    answer = practice.http.post(f"/records/ccda{query}", data=document, headers={"Authorization": f"Bearer {practice.token}"} | XML)
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    found: dict[str, Any] = answer.get_json()
    return found


def _words(document: bytes) -> str:
    return " ".join(etree.fromstring(document).itertext())


def test_a_referral_note_holds_what_goes_and_nothing_of_what_stays(town: Town, practice: Caller) -> None:
    town.refer()
    note = _document(practice, "referral/ref1/$ccda")
    told = ccda.read(note)
    going = {item["title"] for item in town.preview()["items"] if item["goes"] and item["resource"].startswith(("Condition/", "MedicationRequest/"))}

    titles = {one[element]["text"] for one in told.resources for element in ("code", "medicationCodeableConcept") if isinstance(one.get(element), dict) and "text" in one[element]}
    assert going <= titles
    assert "Knee pain" not in _words(note)
    assert "Breakwater" in _words(note)
    assert "Brathwaite" in _words(note)


def _reads(town: Town) -> int:
    with town.home.store.read() as connection:
        return sum(row.action == "R" for row in trail(connection, PRACTICE, SITE.id("client", "ana")))


def test_a_document_leaves_its_trace_before_it_leaves(town: Town, practice: Caller) -> None:
    town.refer()
    before = _reads(town)
    _document(practice, "referral/ref1/$ccda")

    assert _reads(town) == before + 1


def test_a_care_plan_for_a_partner_without_a_release_is_not_there(town: Town, practice: Caller) -> None:
    town.home.take_in([record("treatment_plan", replaces=None, protocols=[], cosigned=None)])

    assert _document(practice, f"treatment_plan/tp1/$ccda?partner={CLINIC}", 404)
    own = _document(practice, "treatment_plan/tp1/$ccda")
    assert "PHQ-9 below five" in _words(own)


def test_a_care_plan_leaves_out_what_its_reader_may_not_see(town: Town, practice: Caller) -> None:
    town.home.take_in([record("treatment_plan", replaces=None, protocols=[], cosigned=None)])
    town.home.take_in([record("consent", categories=["demographics", "treatment_plan"], part2=False, period={"start": "2025-01-12"}, direction="disclose")])
    plan = _words(_document(practice, f"treatment_plan/tp1/$ccda?partner={CLINIC}"))

    assert "PHQ-9 below five" in plan
    assert "Keeps evenings dry" not in plan
    assert "42 CFR" not in plan
    assert "42 CFR part 2 prohibits unauthorized disclosure" in _words(_document(practice, "treatment_plan/tp1/$ccda"))


def _answer(town: Town, practice: Caller) -> bytes:
    """What a partner's system makes of our Referral Note: a Consultation Note that names the order it fulfils."""
    note = etree.fromstring(_document(practice, "referral/ref1/$ccda"))
    note.find(f"{V3}templateId[@root='2.16.840.1.113883.10.20.22.1.14']").set("root", "2.16.840.1.113883.10.20.22.1.4")
    note.find(f"{V3}code").set("code", "11488-4")
    order = etree.Element(f"{V3}inFulfillmentOf")
    etree.SubElement(etree.SubElement(order, f"{V3}order"), f"{V3}id").set("root", SERVICE_REQUEST)
    note.insert(note.index(note.find(f"{V3}component")), order)
    return etree.tostring(note, xml_declaration=True, encoding="UTF-8")


def test_a_consultation_note_finds_its_referral_and_its_client(town: Town, practice: Caller) -> None:
    town.refer()
    told = _take(practice, _answer(town, practice), 201, f"?partner={CLINIC}")
    (kept,) = practice.get("/records/consultation")

    assert (told["document"], told["matched"], told["referrals"]) == ("Consultation Note", True, ["ref1"])
    assert (kept["client"], kept["referrals"]) == ("ana", ["ref1"])
    assert any("Sertraline" in line for line in kept["medications"])
    assert {one["resourceType"] for one in practice.all(f"DocumentReference?patient={SITE.id('client', 'ana')}")} == {"DocumentReference"}


def test_the_same_document_twice_changes_nothing(town: Town, practice: Caller) -> None:
    town.refer()
    document = _answer(town, practice)
    _take(practice, document, 201)
    again = _take(practice, document, 200)

    assert again["resources"] == 0
    assert len(practice.get("/records/consultation")) == 1


def test_the_document_itself_is_kept_beside_its_words(town: Town, practice: Caller) -> None:
    town.refer()
    _take(practice, _answer(town, practice), 201)
    found = practice.all(f"DocumentReference?patient={SITE.id('client', 'ana')}")

    media = sorted(one["content"][0]["attachment"]["contentType"].partition(";")[0] for one in found)
    assert media == ["application/xml", "text/plain"]
    words = next(one for one in found if "relatesTo" in one)
    assert words["relatesTo"][0]["target"]["reference"] in {f"DocumentReference/{one['id']}" for one in found}


def test_a_medication_in_the_document_is_told_to_the_therapist(town: Town, practice: Caller) -> None:
    town.refer()
    _take(practice, _answer(town, practice), 201, f"?partner={CLINIC}")

    assert [change["client"] for change in practice.get("/records/medication_change")] == ["ana"]


def test_a_document_of_someone_unknown_waits_without_a_client(town: Town, practice: Caller) -> None:
    town.refer()
    stranger = _answer(town, practice).replace(SERVICE_REQUEST.encode(), b"00000000-0000-4000-8000-000000000000").replace(b"19910417", b"19710101")
    told = _take(practice, stranger, 201)
    (kept,) = practice.get("/records/consultation")

    assert (told["matched"], kept["client"]) == (False, None)
    assert practice.get("Patient?_count=0&_total=accurate")["total"] == 1
    assert practice.get("/records/medication_change") == []


def test_a_document_that_names_our_referral_for_someone_born_on_another_day_is_not_filed_with_the_client(town: Town, practice: Caller) -> None:
    town.refer()

    assert _take(practice, _answer(town, practice).replace(b"19910417", b"19710101"), 201)["matched"] is False


def test_a_document_that_names_the_referrals_of_two_clients_is_filed_with_neither(town: Town, practice: Caller) -> None:
    town.refer()
    town.home.take_in([record("client", id="joao", name={"family": "Pires", "given": ["Joao"]}, partner_of=None, primary_care=None)])
    town.home.take_in([record("referral", id="ref2", client="joao", problems=[], status="draft", reply=None)])
    note = etree.fromstring(_answer(town, practice))
    order = note.find(f"{V3}inFulfillmentOf/{V3}order")
    etree.SubElement(order, f"{V3}id").set("root", SITE.id("referral", "ref2"))

    assert _take(practice, etree.tostring(note), 201)["matched"] is False


def test_without_a_referral_a_client_is_found_by_name_and_birth_date(town: Town, practice: Caller) -> None:
    town.refer()
    other = _answer(town, practice).replace(SERVICE_REQUEST.encode(), b"00000000-0000-4000-8000-000000000000")

    told = _take(practice, other, 201)
    assert (told["matched"], told["referrals"]) == (True, [])


@pytest.mark.parametrize("body", [b"", b"<x/>", b"not xml", b'<!DOCTYPE x [<!ENTITY a "b">]><ClinicalDocument xmlns="urn:hl7-org:v3">&a;</ClinicalDocument>'])
def test_what_is_no_such_document_is_refused_and_changes_nothing(town: Town, practice: Caller, body: bytes) -> None:
    _take(practice, body, 400)

    assert practice.get("/records/consultation") == []


def test_a_partner_that_is_not_on_file_is_refused(town: Town, practice: Caller) -> None:
    town.refer()
    _take(practice, _answer(town, practice), 400, "?partner=nobody")

    assert practice.get("/records/consultation") == []


def test_only_the_practices_own_system_hands_documents_over_or_takes_them(town: Town) -> None:
    partner = town.partner()
    for method, path in (("GET", "/records/referral/ref1/$ccda"), ("GET", "/records/treatment_plan/tp1/$ccda"), ("POST", "/records/ccda")):
        assert partner.ask(method, path, b"<x/>" if method == "POST" else None).status_code == 403
