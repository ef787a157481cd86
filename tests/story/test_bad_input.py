"""What cannot be understood is refused with a sentence that says what to do, repeats nothing of it, and leaves no trace in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from gateway.store import schema
from tests.story.small import PARTNER, RECORDS, taken
from tests.world import Caller, World

CANARY = "Zebulon Quartermain-Vey"
"""A client's name that no answer to bad input may repeat."""
NOTE = {"kind": "note", "id": "n1", "client": "c1", "written_at": "2026-10-20T09:00:00-04:00", "text": CANARY}
PATIENT = {"resourceType": "Patient", "name": [{"family": CANARY}], "gender": "female"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("bad-input"))
    taken(world.client(practice=True), *RECORDS)
    yield world
    world.close()


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


def _rows(world: World) -> tuple[int, ...]:
    tables = (schema.record, schema.record_history, schema.resource, schema.resource_history, schema.release, schema.outbox)
    with world.store.read() as connection:
        return tuple(int(connection.scalar(select(func.count()).select_from(table)) or 0) for table in tables)


def _check_refused(answer: TestResponse, status: int) -> list[dict[str, Any]]:
    """An OperationOutcome, each issue of it in words that say something and repeat nothing."""
    assert answer.status_code == status, answer.get_data(as_text=True)[:400]
    assert answer.mimetype == "application/fhir+json"
    body = orjson.loads(answer.data)
    assert body["resourceType"] == "OperationOutcome"
    issues: list[dict[str, Any]] = body["issue"]
    assert issues
    for issue in issues:
        assert issue["severity"] in ("error", "fatal")
        assert len(issue["diagnostics"]) > 20
    for word in CANARY.split():
        assert word not in answer.get_data(as_text=True)
    return issues


def _text(value: Any) -> bytes:
    return orjson.dumps(value)


def _deep(levels: int) -> bytes:
    return b'{"resourceType":"Patient","extension":' + b'[{"extension":' * levels + b"[]" + b"}]" * levels + b"}"


EMPTY = {"nothing": b"", "blank": b" \n "}
BROKEN: dict[str, bytes] = {
    "HTML": f"<html><body>{CANARY}</body></html>".encode(),
    "a formula": f'=HYPERLINK("http://x.example";"{CANARY}")'.encode(),
    "NUL bytes": b"\x00" * 64,
    "JSON with a NUL byte": b'{"resourceType":"Patient","kind":"note","id":"a\x00b"}',
    "Latin-1": f'{{"resourceType":"Patient","kind":"client","id":"c9","name":[{{"family":"{CANARY} Pe\u00f1alver"}}]}}'.encode("latin-1"),
    "UTF-16": _text(PATIENT).decode().encode("utf-16"),
    "a BOM": b"\xef\xbb\xbf" + _text(PATIENT),
    "cut off": _text(PATIENT)[:-4],
    "two objects": _text(PATIENT) + _text(PATIENT),
    "text": _text(CANARY),
    "a number": b"17",
    "null": b"null",
    "NaN": b'{"resourceType":"Patient","kind":"client","id":NaN}',
    "a lone surrogate": b'{"resourceType":"Patient","kind":"client","id":"c9","name":{"family":"\\ud800"}}',
    "a thousand levels": _deep(1_000),
    "a hundred thousand levels": b"[" * 100_000,
    "a repeated key": f'{{"resourceType":"Patient","resourceType":"Patient","name":[{{"family":"{CANARY}"}}]}}'.encode(),
}


ADDRESSES = [("POST", "Patient"), ("PUT", "Patient/x1"), ("POST", ""), ("PUT", "/records/client/c9"), ("POST", "/records")]
SENT = [(method, path, name) for method, path in ADDRESSES for name in (*BROKEN, *EMPTY) if name in BROKEN or path != "/records"]
"""No lines of NDJSON are no records, and no fault."""


@pytest.mark.parametrize(("method", "path", "name"), SENT)
def test_a_body_that_is_not_what_it_claims_is_refused_whole(world: World, practice: Caller, method: str, path: str, name: str) -> None:
    before = _rows(world)
    _check_refused(practice.ask(method, path, (BROKEN | EMPTY)[name]), 400)
    assert _rows(world) == before


def test_a_record_with_a_repeated_key_is_refused_rather_than_read_by_its_last_value(world: World, practice: Caller) -> None:
    before = _rows(world)
    twice = b'{"kind":"problem","id":"twice","client":"c1","client":"c2","title":"Panic disorder"}'
    for method, path, body in (("PUT", "/records/problem/twice", twice.replace(b'"kind":"problem",', b"")), ("POST", "/records", twice), ("POST", "/records", b"[" + twice + b"]")):
        _check_refused(practice.ask(method, path, body), 400)
    assert _rows(world) == before


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "application/fhir+xml", "text/html", "multipart/form-data", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/fhir/Patient"), ("PUT", "/fhir/Patient/x1"), ("POST", "/fhir"), ("PUT", "/records/note/n1"), ("POST", "/records")])
def test_another_media_type_is_refused(world: World, practice: Caller, method: str, path: str, media: str) -> None:
    before = _rows(world)
    body = _text(PATIENT if path.startswith("/fhir") else NOTE)
    answer = world.http.open(path, method=method, data=body, content_type=media, headers={"Authorization": f"Bearer {practice.token}"})
    _check_refused(answer, 415)
    assert _rows(world) == before


@pytest.mark.parametrize("path", ["/fhir/Patient", "/fhir", "/records"])
def test_a_body_past_the_limit_is_refused(world: World, practice: Caller, path: str) -> None:
    before = _rows(world)
    _check_refused(practice.ask("POST", path, b" " * (world.settings.max_body_mb * 1024 * 1024 + 1)), 413)
    assert _rows(world) == before


MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown element": ({"nickname": CANARY}, "Patient.nickname"),
    "a code outside its set": ({"gender": CANARY}, "Patient.gender"),
    "a date that is none": ({"birthDate": CANARY}, "Patient.birthDate"),
    "an object for a list": ({"name": {"family": CANARY}}, "Patient.name"),
    "a value within a list": ({"name": [{"family": CANARY}, {"family": 7}]}, "Patient.name[1].family"),
    "null": ({"telecom": None}, "Patient.telecom"),
    "a control character": ({"name": [{"family": f"{CANARY}\u0001"}]}, ""),
}


@pytest.mark.parametrize(("elements", "expression"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_resource_is_refused_with_the_path_of_its_fault(world: World, practice: Caller, elements: dict[str, Any], expression: str) -> None:
    before = _rows(world)
    issues = _check_refused(practice.ask("POST", "Patient", PATIENT | elements), 400)
    assert not expression or expression in [path for issue in issues for path in issue.get("expression", ())]
    assert _rows(world) == before


def test_a_script_in_the_narrative_is_refused(world: World, practice: Caller) -> None:
    """A rule of FHIR (txt-1) is broken by a well-formed resource: 422, as http.html#create has it."""
    before = _rows(world)
    script = f'<div xmlns="http://www.w3.org/1999/xhtml"><script>alert("{CANARY}")</script></div>'
    (issue,) = _check_refused(practice.ask("POST", "Patient", PATIENT | {"text": {"status": "generated", "div": script}}), 422)
    assert issue["expression"] == ["Patient.text.div"]
    assert _rows(world) == before


def test_a_fault_within_a_transaction_names_its_entry_and_nothing_of_it_is_stored(world: World, practice: Caller) -> None:
    before = _rows(world)
    entries = [{"request": {"method": "POST", "url": "Patient"}, "resource": one} for one in (PATIENT, PATIENT | {"gender": CANARY})]
    issues = _check_refused(practice.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries}), 400)
    assert issues[0]["expression"] == ["Bundle.entry[1].resource.gender"]
    assert _rows(world) == before


BAD_RECORDS: dict[str, dict[str, Any]] = {
    "an unknown field": NOTE | {"mood": CANARY},
    "a date without a zone": NOTE | {"written_at": "2026-10-20T09:00:00"},
    "a date that is none": NOTE | {"written_at": CANARY},
    "a word outside its list": NOTE | {"type": CANARY},
    "a NUL within": NOTE | {"text": f"{CANARY}\x00"},
    "an id with a slash": NOTE | {"id": "../n1"},
    "a name as a number": {"kind": "client", "id": "c9", "name": 7, "birth_date": "1990-01-01", "sex": "female"},
    "a text beyond all measure": NOTE | {"text": "x" * 2_000_001},
    "no such kind": NOTE | {"kind": CANARY},
    "a kind that is a list": NOTE | {"kind": [CANARY]},
    "a fact that cannot be": {"kind": "outcome_measure", "id": "m9", "client": "c1", "instrument": "phq-9", "taken_at": "2026-10-06T10:00:00-04:00", "total": 28},
}


@pytest.mark.parametrize("record", BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
def test_a_record_that_cannot_be_is_refused_with_its_field_and_nothing_is_stored(world: World, practice: Caller, record: dict[str, Any]) -> None:
    before = _rows(world)
    answer = practice.ask("POST", "/records", [record])
    _check_refused(answer, 404 if record["kind"] not in ("note", "client", "outcome_measure") else 400)
    assert _rows(world) == before


def test_a_record_about_nobody_is_refused_by_name_of_the_field_while_the_rest_goes_in(world: World, practice: Caller) -> None:
    answer = practice.ask("POST", "/records", [NOTE | {"client": "nobody"}, NOTE | {"id": "n-good"}])
    assert answer.status_code == 207
    (refused,) = answer.get_json()["refused"]
    assert (refused["kind"], refused["id"]) == ("note", "n1")
    assert "client" in refused["rule"]
    assert answer.get_json()["created"] == 1
    assert practice.ask("GET", "/records/note/n1").status_code == 404
    assert practice.ask("GET", "/records/note/n-good").status_code == 200


HARMLESS: dict[str, str] = {
    "HTML": '<script>alert(1)</script><img src=x onerror="alert(2)">',
    "a formula": '=HYPERLINK("http://x.example","click")',
    "SQL": "'); DROP TABLE record; --",
    "emoji": "\U0001f9d1\U0001f3fe\u200d\U0001f33e \U0001f642 ok",
    "many scripts": "Bích Đặng, 陳美玲, العربية, ไทย, Ελληνικά",
    "a BOM within": "\ufeffwritten elsewhere",
    "Windows line ends": "one\r\ntwo\r\n\r\nthree",
    "a template": "{{7*7}} ${jndi:ldap://x} %s %(x)s {0}",
    "a megabyte": "Lorem ipsum dolor. " * 55_000,
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS.keys())
def test_odd_text_in_a_note_neither_breaks_nor_runs_and_comes_back_as_it_went_in(practice: Caller, text: str) -> None:
    record = NOTE | {"id": "odd", "text": text}
    taken(practice, record)
    assert practice.ask("GET", "/records/note/odd").get_json()["text"] == text.strip()
    (document,) = practice.all("DocumentReference?identifier=urn:handoff:test-practice:note|odd")
    assert "<script" not in orjson.dumps(document.get("text", {})).decode()


def test_a_note_of_a_megabyte_over_fhir_is_stored(practice: Caller) -> None:
    made = practice.post("Communication", {"resourceType": "Communication", "status": "completed", "payload": [{"contentString": "x" * 1_000_000}]})
    assert len(practice.get(f"Communication/{made['id']}")["payload"][0]["contentString"]) == 1_000_000


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (header, path)
        for header in ("", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", f"Bearer {CANARY}", "bearer \u00e9", "Bearer a, Bearer b")
        for path in ("/fhir/Patient", "/records/client/c1")
    ],
)
def test_a_wrong_token_is_401(world: World, header: str, path: str) -> None:
    answer = world.http.get(path, headers={"Authorization": header} if header else {})
    _check_refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_is_401(world: World) -> None:
    caller = world.client()
    caller.get("Patient")
    before = world.clock.now
    world.clock.forward(hours=2)
    try:
        _check_refused(caller.ask("GET", "Patient"), 401)
    finally:
        world.clock.now = before


SCOPES = [
    ("system/Observation.rs", "GET", "Patient", None),
    ("system/Patient.r", "GET", "Patient", None),
    ("system/Patient.s", "GET", "Patient/x1", None),
    ("system/Patient.rs", "POST", "Patient", PATIENT),
    ("system/Patient.crs", "PUT", "Patient/x1", PATIENT | {"id": "x1"}),
    ("system/Patient.read", "POST", "Patient", PATIENT),
    ("system/*.cruds", "GET", "/records/client/c1", None),
    ("system/*.cruds", "PUT", "/records/client/c1", {}),
    ("system/*.cruds", "POST", "/records", [NOTE]),
]


@pytest.mark.parametrize(("scope", "method", "path", "body"), SCOPES)
def test_a_scope_too_small_is_403_and_says_which_is_needed(world: World, scope: str, method: str, path: str, body: Any) -> None:
    before = _rows(world)
    (issue,) = _check_refused(world.client(scope, partner=PARTNER).ask(method, path, body), 403)
    assert "system/Patient." in issue["diagnostics"] or "__record.write" in issue["diagnostics"]
    assert _rows(world) == before


def test_an_id_that_is_not_visible_is_404_like_one_that_is_not_there(world: World, practice: Caller) -> None:
    hidden = practice.get("Patient?birthdate=1980-12-30")["entry"][0]["resource"]["id"]
    partner = world.client(partner=PARTNER)
    for path in ("", "/_history", "/_history/1"):
        _check_refused(partner.ask("GET", f"Patient/{hidden}{path}"), 404)
        assert partner.ask("GET", f"Patient/{hidden}{path}").data == partner.ask("GET", f"Patient/not-there{path}").data
    _check_refused(partner.ask("PUT", f"Patient/{hidden}", PATIENT | {"id": hidden}), 404)


SEARCHES = (
    "Patient?nickname=x",
    "Patient?birthdate=x",
    "Patient?_count=x",
    "Patient?_sort=x",
    "Patient?_include=x",
    "Observation?date=2026-13-40",
    "Patient?birthdate=0",
    "Patient?_cursor=x",
)


@pytest.mark.parametrize("search", [one.replace("=x", "=Quartermain-Vey") for one in SEARCHES])
def test_a_search_that_cannot_be_read_is_refused_without_its_values(practice: Caller, search: str) -> None:
    _check_refused(practice.ask("GET", search), 400)
