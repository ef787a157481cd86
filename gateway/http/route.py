"""The FHIR addresses, made from the table in gateway/fhir/capability.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, request

from gateway.clock import instant, to_ms
from gateway.fhir import outcome
from gateway.fhir.capability import SERVED, capability_statement
from gateway.fhir.json import parse
from gateway.http.discovery import place_of
from gateway.http.error import FHIR_JSON
from gateway.http.guard import context, wiring
from gateway.interaction.answer import Answer
from gateway.interaction.create import create
from gateway.interaction.history_instance import history_instance
from gateway.interaction.read import read
from gateway.interaction.search_type import search_type
from gateway.interaction.transaction import transaction
from gateway.interaction.update import update
from gateway.interaction.vread import vread
from gateway.smart.discovery import oauth_uris

_JSON = ("application/fhir+json", "application/json", "*/*", "application/*", "text/json")
_JSON_FORMATS = ("json", "application/json", "application/fhir+json", "application/fhir json", "text/json")
_FORM = "application/x-www-form-urlencoded"


def fhir_blueprint() -> Blueprint:
    """Every FHIR address below /fhir."""
    blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")
    rules: list[tuple[str, str, Callable[..., Response]]] = [
        ("/metadata", "GET", _metadata),
        ("/", "POST", _transaction),
        ("", "POST", _transaction),
        ("/<kind>", "GET", _search),
        ("/<kind>/_search", "POST", _search_posted),
        ("/<kind>", "POST", _create),
        ("/<kind>/<key>", "GET", _read),
        ("/<kind>/<key>", "PUT", _update),
        ("/<kind>/<key>/_history", "GET", _history),
        ("/<kind>/<key>/_history/<version>", "GET", _vread),
    ]
    for path, method, view in rules:
        blueprint.add_url_rule(path, f"{view.__name__}{path}", view, methods=[method], strict_slashes=False)
    return blueprint


def _metadata() -> Response:
    _check_accept()
    wired = wiring()
    statement = capability_statement(wired.settings.fhir_base, oauth_uris(place_of(wired.settings)), instant(to_ms(wired.clock()))[:10])
    return _response(Answer(200, orjson.dumps(statement)))


def _search(kind: str) -> Response:
    asked = context()
    _check_accept()
    return _response(search_type(asked, _served(kind), list(request.args.items(multi=True)), lenient=_lenient()))


def _search_posted(kind: str) -> Response:
    asked = context()
    _check_accept()
    if request.mimetype != _FORM:
        raise outcome.media_type_not_supported(_FORM)
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    return _response(search_type(asked, _served(kind), pairs, lenient=_lenient()))


def _read(kind: str, key: str) -> Response:
    asked = context()
    _check_accept()
    return _response(read(asked, _served(kind), key))


def _vread(kind: str, key: str, version: str) -> Response:
    asked = context()
    _check_accept()
    return _response(vread(asked, _served(kind), key, version))


def _history(kind: str, key: str) -> Response:
    asked = context()
    _check_accept()
    return _response(history_instance(asked, _served(kind), key))


def _create(kind: str) -> Response:
    asked = context()
    _check_accept()
    if any(name not in ("_format", "_pretty") for name in request.args):  # ignored, a condition would make a duplicate
        raise outcome.bad_parameter("query", "is not taken by a create; send a condition in the header If-None-Exist.")
    return _response(_preferred(create(asked, _served(kind), _body(), request.headers.get("If-None-Exist"))))


def _update(kind: str, key: str) -> Response:
    asked = context()
    _check_accept()
    return _response(_preferred(update(asked, _served(kind), key, _body(), request.headers.get("If-Match"))))


def _transaction() -> Response:
    asked = context()
    _check_accept()
    return _response(transaction(asked, _body(), representation="return=representation" in request.headers.get("Prefer", "")))


def _served(kind: str) -> str:
    if kind not in SERVED:
        raise outcome.no_such_type()
    if "\x00" in request.path:  # stands in no id, and PostgreSQL takes no text that holds it
        raise outcome.not_found(kind)
    return kind


def _lenient() -> bool:
    return "handling=lenient" in request.headers.get("Prefer", "")


def _preferred(answer: Answer) -> Answer:
    """https://hl7.org/fhir/R4/http.html#ops"""
    return Answer(answer.status, b"", answer.headers) if "return=minimal" in request.headers.get("Prefer", "") else answer


def _body() -> dict[str, Any]:
    if request.mimetype not in ("application/fhir+json", "application/json"):
        raise outcome.media_type_not_supported()
    return parse(request.get_data())


def _check_accept() -> None:
    """JSON only, for now: anything else is refused rather than answered wrongly."""
    if wanted := request.args.get("_format"):
        if wanted not in _JSON_FORMATS:
            raise outcome.not_acceptable()
    elif request.accept_mimetypes and not any(media.partition(";")[0].strip() in _JSON for media, quality in request.accept_mimetypes if quality > 0):
        raise outcome.not_acceptable()


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, content_type=f"{FHIR_JSON}; charset=utf-8")
    response.headers.update(answer.headers)
    response.headers["Cache-Control"] = "no-store"
    return response
