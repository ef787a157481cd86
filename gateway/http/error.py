"""The only error handler: whatever happens, the answer is an OperationOutcome that says what to do, and nothing else."""

from __future__ import annotations

import logging
import uuid

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from gateway.fhir import outcome
from gateway.fhir.json import render
from gateway.fhir.outcome import OutcomeError
from gateway.store.engine import StoreAway

_log = logging.getLogger("handoff")

FHIR_JSON = "application/fhir+json"


def register(app: Flask, max_body_mb: int) -> None:
    """Answer every exception of the app."""

    @app.errorhandler(Exception)
    def _answer(error: Exception) -> Response:
        refusal = _refusal(error, max_body_mb)
        response = Response(render(refusal.resource), refusal.status, content_type=FHIR_JSON)
        response.headers.update(refusal.headers)
        return response


def request_id() -> str:
    """The id of this request, given once; a caller's own is never taken over (it could carry a client's name)."""
    if "request_id" not in g:
        g.request_id = str(uuid.uuid4())
    return str(g.request_id)


def _refusal(error: Exception, max_body_mb: int) -> OutcomeError:
    if isinstance(error, OutcomeError):
        return error
    if isinstance(error, StoreAway):
        _log.error("store away: request %s", request_id())
        return outcome.store_away()
    if isinstance(error, RequestEntityTooLarge):
        return outcome.too_long("body", f"{max_body_mb} MB")
    if isinstance(error, HTTPException):
        return _of_http(error)
    _log.error("unexpected %s at %s: request %s", type(error).__name__, request.endpoint or "no route", request_id())
    return outcome.unexpected(request_id())


def _of_http(error: HTTPException) -> OutcomeError:
    if error.code == 405:
        return outcome.no_such_interaction(", ".join(sorted(getattr(error, "valid_methods", None) or ())) or "see /fhir/metadata")
    if error.code == 415:
        return outcome.media_type_not_supported()
    if error.code == 413:
        return outcome.too_long("request", "what the server takes")
    if error.code == 404:
        return outcome.no_such_address()
    return outcome.wrong_shape("", "The request could not be read; check its address, headers and body.")
