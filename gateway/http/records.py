"""The practice system's side: therapy records in (by scope `__record.write`), the practice's own records out.

PUT and GET /records/{kind}/{id}, GET /records/{kind}, POST /records (NDJSON or a JSON array of {"kind": ..., ...}),
JSON Schema at /records/schema/{kind}, and for a referral: POST .../$send and GET .../$preview.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
from flask import Blueprint, Response, request
from pydantic import ValidationError

from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.json import once
from gateway.fhir.outcome import Fault
from gateway.http.guard import check_extension, context
from gateway.record.intake import Refusal, Report, take_in
from gateway.record.types import KINDS, Record, json_schema
from gateway.referral.desk import preview_referral, send_referral
from gateway.smart.scope import RECORD_WRITE
from gateway.store import record as records
from gateway.store.record import Kept
from gateway.trail import about
from mappings.identity import Site

_MAX_RECORDS = 10_000
_WRITTEN_HERE = ("medication_change", "consultation", "incoming_referral")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,40}")
"""What may be named in an answer: a key that could not be a field is a word of the sender's, a client's name perhaps."""
_MEDIA = ("application/json", "application/x-ndjson", "application/ndjson", "application/fhir+json")


def records_blueprint() -> Blueprint:
    """Every address below /records."""
    blueprint = Blueprint("records", __name__, url_prefix="/records")
    blueprint.add_url_rule("", "post", _post, methods=["POST"])
    blueprint.add_url_rule("/schema/<kind>", "schema", _schema, methods=["GET"])
    blueprint.add_url_rule("/<kind>", "list", _list, methods=["GET"])
    blueprint.add_url_rule("/<kind>/<key>", "get", _get, methods=["GET"])
    blueprint.add_url_rule("/<kind>/<key>", "put", _put, methods=["PUT"])
    blueprint.add_url_rule("/referral/<key>/$preview", "preview", _preview, methods=["GET"])
    blueprint.add_url_rule("/referral/<key>/$send", "send", _send, methods=["POST"])
    return blueprint


def practice_side() -> Context:
    """The Context of the practice's own system. Raises 403 for anyone else."""
    found = context()
    check_extension(found, RECORD_WRITE)
    return found


def _schema(kind: str) -> Response:
    return _json(json_schema(_known(kind)), media="application/schema+json")


def _get(kind: str, key: str) -> Response:
    asked = practice_side()
    with asked.store.read() as connection:
        kept = records.read(connection, asked.principal.practice, _known(kind), key)
    _trace(asked, "read", [kept] if kept else [])
    if kept is None:
        raise outcome.not_found(f"{kind} record")
    return Response(kept.body, content_type="application/json", headers={"ETag": f'W/"{kept.version}"'})


def _list(kind: str) -> Response:
    asked = practice_side()
    with asked.store.read() as connection:
        found = records.of_kind(connection, asked.principal.practice, _known(kind))
    _trace(asked, "search-type", found)
    return Response(b"[" + b",".join(kept.body for kept in found) + b"]", content_type="application/json")


def _trace(asked: Context, interaction: str, found: list[Kept]) -> None:
    """One AuditEvent for each client whose records were read, on disk before the answer leaves."""
    site = Site(asked.principal.practice)
    patients = {site.id("client", kept.client) if kept.client else None for kept in found}
    asked.journal.record(about(asked, interaction, {patient: [] for patient in patients}))


def _put(kind: str, key: str) -> Response:
    asked = practice_side()
    body = _object(_sent())
    if body.setdefault("id", key) != key:
        raise outcome.id_differs(kind)
    report = take_in(asked, [_record(_known(kind), body, kind)], source="api")
    if report.refused:
        raise _refused(report.refused)
    return _json(_told(report), 201 if report.created else 200)


def _post() -> Response:
    asked = practice_side()
    given = [_record(_known(str(body.pop("kind", ""))), body, f"[{at}]") for at, body in enumerate(_many(_sent()))]
    report = take_in(asked, given, source="api")
    return _json(_told(report), 200 if not report.refused else 207)


def _preview(key: str) -> Response:
    asked = practice_side()
    return _json(preview_referral(asked, key))


def _send(key: str) -> Response:
    asked = practice_side()
    return _json(send_referral(asked, key), 202)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise outcome.invalid([Fault("", "not-supported", f"There is no such kind of record; the kinds are {', '.join(KINDS)}.")], 404)
    return kind


def _record(kind: str, body: dict[str, Any], where: str) -> Record:
    if kind in _WRITTEN_HERE or (kind == "message" and "source" in body):  # a message that came in
        raise outcome.refused_by_workflow(f"A {kind} is written by the gateway; it can only be read.")
    try:
        return KINDS[kind].model_validate_json(orjson.dumps(body))
    except ValidationError as error:
        raise outcome.invalid(
            [Fault(_path(where, one["loc"]), "value", _rule(one)) for one in error.errors(include_url=False, include_context=False, include_input=False)[:20]]
        ) from None


def _path(where: str, steps: tuple[str | int, ...]) -> str:
    return where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps if isinstance(step, int) or _FIELD.fullmatch(step))


def _rule(error: Any) -> str:
    """The rule that was broken, in words that never hold the value."""
    return f"{str(error['msg']).removeprefix('Value error, ')}; see /records/schema."


def _sent() -> bytes:
    if request.mimetype not in _MEDIA:
        raise outcome.media_type_not_supported("application/json or application/x-ndjson")
    return request.get_data()


def _loads(body: bytes) -> Any:
    """JSON in which no key is repeated: which of two clients would a record be about? Raises ValueError."""
    found = orjson.loads(body)
    if orjson.dumps(found) != body:
        json.loads(body, object_pairs_hook=once)
    return found


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = _loads(body)
    except (ValueError, RecursionError):
        raise outcome.not_json() from None
    if not isinstance(found, dict):
        raise outcome.not_json()
    return found


def _many(body: bytes) -> list[dict[str, Any]]:
    """A JSON array, or one JSON object a line."""
    try:
        found = _loads(body) if body.lstrip()[:1] == b"[" else [_loads(line) for line in body.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise outcome.wrong_shape("", "The body must be a JSON array of records, or one record a line (NDJSON), in UTF-8 and without repeated keys.") from None
    if len(found) > _MAX_RECORDS:
        raise outcome.too_long("list of records", f"{_MAX_RECORDS} records")
    if not all(isinstance(one, dict) for one in found):
        raise outcome.wrong_shape("", "Each record must be a JSON object with its kind and id.")
    return found


def _refused(refused: list[Refusal]) -> outcome.OutcomeError:
    return outcome.invalid([Fault(one.kind, "business-rule", f"{one.rule}; {one.mend}.") for one in refused], 422)


def _told(report: Report) -> dict[str, Any]:
    refused = [{"kind": one.kind, "id": one.id, "rule": one.rule, "mend": one.mend} for one in report.refused]
    return {"created": report.created, "changed": report.changed, "unchanged": report.unchanged, "resources": report.resources, "refused": refused}


def _json(body: Any, status: int = 200, media: str = "application/json") -> Response:
    return Response(orjson.dumps(body), status, content_type=media)
