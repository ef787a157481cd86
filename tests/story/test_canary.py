"""Whatever a client sends, good or bad, nothing of it comes into the log, nor back in an error."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from sqlalchemy.exc import DatabaseError
from werkzeug.test import TestResponse

from gateway.store import resource as resources
from tests.story.imported import Heard, listen
from tests.story.small import CONSENT, PARTNER, RECORDS, send, taken
from tests.world import Caller, World

FAMILY, GIVEN, BORN, PHONE, WORDS = "Quillfeather", "Zephyrine", "1987-03-19", "617-555-0177", "marmalade-under-the-stairs"
CANARIES = (FAMILY, FAMILY.upper(), FAMILY.lower(), GIVEN, BORN, PHONE, WORDS, "Quillf", "zephyr")
CLIENT: dict[str, Any] = {
    "kind": "client",
    "id": "c7",
    "name": {"family": FAMILY, "given": [GIVEN]},
    "birth_date": BORN,
    "sex": "female",
    "contact": {"home_phone": PHONE},
}
NOTE = {"kind": "note", "id": "n7", "client": "c7", "written_at": "2026-10-20T09:00:00-04:00", "text": WORDS}
PATIENT: dict[str, Any] = {"resourceType": "Patient", "name": [{"family": FAMILY, "given": [GIVEN]}], "birthDate": BORN, "telecom": [{"system": "phone", "value": PHONE}]}


@pytest.fixture
def heard() -> Iterator[Heard]:
    yield from listen()


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, heard: Heard) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("canary"))
    taken(world.client(practice=True), *RECORDS, CLIENT, NOTE, CONSENT | {"id": "roi-7", "client": "c7", "signed_by": f"{GIVEN} {FAMILY}"})
    yield world
    world.close()


def _check_silent(heard: Heard, *tokens: str) -> None:
    assert any("handoff.access" in line for line in heard.lines)
    for canary in (*CANARIES, *tokens):
        assert canary not in heard.text, canary
        assert quote(canary) not in heard.text, canary


def _check_error(answer: TestResponse) -> None:
    assert answer.status_code >= 400, answer.request.path
    text = answer.get_data(as_text=True) + repr(list(answer.headers))
    for canary in CANARIES:
        assert canary not in text, (answer.status_code, canary)
    if not answer.request.path.startswith("/oauth"):
        assert orjson.loads(answer.data)["issue"][0]["diagnostics"]


def test_good_requests_leave_no_word_of_a_client_in_the_log(world: World, heard: Heard) -> None:
    practice, partner = world.client(practice=True), world.client(partner=PARTNER)
    for caller in (practice, partner):
        for path in (f"Patient?name={FAMILY}&birthdate={BORN}", f"Patient?family:exact={FAMILY}", "Patient?identifier=c7", f"Patient?given={GIVEN}&_sort=-_lastUpdated"):
            assert caller.get(path)["total"] == 1
        body = f"name={FAMILY}&birthdate={BORN}".encode()
        form = {"Authorization": f"Bearer {caller.token}"}
        found = world.http.post("/fhir/Patient/_search", data=body, headers=form, content_type="application/x-www-form-urlencoded")
        assert found.get_json()["total"] == 1
    made = practice.post("Patient", PATIENT)
    practice.put(f"Patient/{made['id']}", made | {"gender": "female"})
    practice.get("/records/client/c7")
    practice.get("/records/note")
    _check_silent(heard, practice.token, partner.token)


BAD: dict[str, tuple[str, str, Any]] = {
    "an unknown parameter": ("GET", f"Patient?nickname={GIVEN}", None),
    "a parameter of a whole name": ("GET", f"Patient?{FAMILY}%2C%20{GIVEN}=x", None),
    "a value that is none": ("GET", f"Patient?birthdate={FAMILY}", None),
    "a modifier that is none": ("GET", f"Patient?name:{FAMILY}%20{GIVEN}={GIVEN}", None),
    "a prefix that is none": ("GET", f"Patient?birthdate=zz{BORN}{FAMILY}", None),
    "a sort by a name": ("GET", f"Patient?_sort={FAMILY}", None),
    "an include of a name": ("GET", f"Patient?_include={FAMILY}:{GIVEN}", None),
    "a count of a name": ("GET", f"Patient?_count={FAMILY}", None),
    "a type of a name": ("GET", f"{FAMILY}?name={GIVEN}", None),
    "an id of a name": ("GET", f"Patient/{FAMILY}", None),
    "a version of a name": ("GET", f"Patient/x/_history/{FAMILY}", None),
    "an address of a name": ("GET", f"/{FAMILY}/{GIVEN}/{WORDS}", None),
    "a method not served": ("DELETE", f"Patient/{FAMILY}", None),
    "an unknown element": ("POST", "Patient", PATIENT | {FAMILY: GIVEN}),
    "a wrong code": ("POST", "Patient", PATIENT | {"gender": FAMILY}),
    "a wrong date": ("POST", "Patient", PATIENT | {"birthDate": f"{BORN}T{FAMILY}"}),
    "a type within that is none": ("POST", "Patient", PATIENT | {"resourceType": FAMILY}),
    "a reference of a name": ("POST", "Condition", {"resourceType": "Condition", "subject": {"reference": f"{FAMILY}/{GIVEN}"}, "code": {"text": WORDS}}),
    "an extension of a name": ("POST", "Patient", PATIENT | {"extension": [{"url": FAMILY, "valueString": GIVEN, "valueCode": WORDS}]}),
    "a narrative that runs": ("POST", "Patient", PATIENT | {"text": {"status": "generated", "div": f"<div><script>{WORDS}</script></div>"}}),
    "no JSON": ("POST", "Patient", f'{{"resourceType":"Patient","name":"{FAMILY}'.encode()),
    "another id than the address": ("PUT", "Patient/x1", PATIENT | {"id": FAMILY}),
    "a transaction with a fault": (
        "POST",
        "",
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "POST", "url": "Patient"}, "resource": PATIENT | {"gender": WORDS}}]},
    ),
    "a transaction to an address of a name": (
        "POST",
        "",
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "GET", "url": f"{FAMILY}/{GIVEN}/{WORDS}"}}]},
    ),
    "a record of a name": ("GET", f"/records/client/{FAMILY}", None),
    "a kind of a name": ("GET", f"/records/{FAMILY}/x", None),
    "a record with an unknown field": ("PUT", "/records/client/c7", {FAMILY: GIVEN}),
    "a record with a wrong date": ("PUT", "/records/client/c7", {"name": {"family": FAMILY}, "birth_date": f"{BORN} {FAMILY}", "sex": WORDS}),
    "a record about nobody": ("PUT", "/records/note/n8", {"client": FAMILY, "written_at": "2026-10-20T09:00:00-04:00", "text": WORDS}),
    "a code that is none": ("PUT", "/records/problem/d7", {"client": "c7", "title": FAMILY, "codes": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": WORDS}]}),
}


@pytest.mark.parametrize(("method", "path", "body"), BAD.values(), ids=BAD.keys())
def test_a_bad_request_is_answered_and_logged_without_its_words(world: World, heard: Heard, method: str, path: str, body: Any) -> None:
    practice, partner = world.client(practice=True), world.client(partner=PARTNER)
    for caller in (practice, partner):
        _check_error(caller.ask(method, path, body))
    _check_error(world.http.open(path if path.startswith("/") else f"/fhir/{path}", method=method, headers={"Authorization": f"Bearer {FAMILY}"}))
    _check_silent(heard, practice.token, partner.token)


@pytest.mark.parametrize("header", ["X-Request-Id", "If-Match", "If-None-Exist", "Prefer", "Accept", "Content-Type", "User-Agent", "Referer", "Cookie", "X-Forwarded-For"])
def test_words_in_a_header_come_back_nowhere(world: World, heard: Heard, header: str) -> None:
    practice = world.client(practice=True)
    answer = world.http.post(
        "/fhir/Patient",
        data=orjson.dumps(PATIENT | {"gender": WORDS}),
        headers={"Authorization": f"Bearer {practice.token}", "Content-Type": "application/fhir+json", header: FAMILY},
    )
    _check_error(answer)
    _check_silent(heard, practice.token)


@pytest.mark.parametrize("field", ["grant_type", "scope", "client_assertion_type", "client_assertion", FAMILY])
def test_words_in_a_token_request_come_back_nowhere(world: World, heard: Heard, field: str) -> None:
    form = {"grant_type": "client_credentials", "scope": "system/*.rs", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    _check_error(world.http.post("/oauth/token", data=form | {field: f"{FAMILY}.{GIVEN}.{WORDS}"}, content_type="application/x-www-form-urlencoded"))
    _check_error(world.http.post(f"/oauth/token?name={FAMILY}", data=form, content_type="application/x-www-form-urlencoded"))
    _check_silent(heard)


def test_a_failure_within_says_which_kind_it_was_and_nothing_that_it_carried(world: World, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception's text holds what was asked: a statement with its values, a name in a KeyError."""
    practice = world.client(practice=True)
    failures: list[Exception] = [KeyError(FAMILY), DatabaseError(f"SELECT {WORDS}", {"name": FAMILY}, Exception(GIVEN)), ValueError(PHONE), OSError(5, BORN, FAMILY)]
    for failure in failures:

        def broken(*_: object, failure: Exception = failure) -> None:
            raise failure

        monkeypatch.setattr(resources, "read", broken)
        answer = practice.ask("GET", f"Patient/{FAMILY}")
        assert answer.status_code in (500, 503)
        _check_error(answer)
    _check_silent(heard, practice.token)
    assert "KeyError" in heard.text


def test_refused_records_are_named_without_their_words(world: World, heard: Heard) -> None:
    practice = world.client(practice=True)
    answer = send(practice, NOTE | {"id": "n9", "client": "nobody"}, CLIENT | {"primary_care": "nobody"})
    assert answer.status_code == 207
    assert len(answer.get_json()["refused"]) == 2
    for canary in CANARIES:
        assert canary not in answer.get_data(as_text=True)
    _check_silent(heard, practice.token)


def test_the_audit_trail_holds_no_word_of_a_client(world: World) -> None:
    """What was asked is told by type and id: no name, date, number or text that was searched for, sent or shown."""
    practice: Caller = world.client(practice=True)
    for path in (f"Patient?name={FAMILY}&birthdate={BORN}", f"Patient/{FAMILY}", "Patient"):
        practice.ask("GET", path)
    practice.ask("POST", "Patient", PATIENT)
    with world.store.read() as connection:
        trail = b"\n".join(connection.exec_driver_sql("SELECT body FROM audit_event").scalars())
    assert trail.count(b'"AuditEvent"') > 5
    for canary in CANARIES:
        assert canary.encode() not in trail, canary


def test_what_listens_here_hears_a_canary_that_is_logged(heard: Heard) -> None:
    logging.getLogger("handoff").debug("asked for %s", FAMILY)
    assert FAMILY in heard.text
