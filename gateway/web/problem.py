"""What a person sees where a program would get an OperationOutcome."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.fhir.outcome import OutcomeError
from gateway.web.page import render_page

_TITLES = {403: "Not allowed", 404: "Not found", 410: "No longer there", 413: "Too large", 429: "Please wait", 503: "One moment"}


def problem(error: OutcomeError) -> Response:
    """The refusal as a page, with its status."""
    response = render_page("problem.html", _TITLES.get(error.status, "That did not work"), status=error.status, sentences=[issue.diagnostics for issue in error.issues])
    response.headers.update(error.headers)
    return response


def stopped(sentence: str, status: int = 400) -> Response:
    """The end of what a person began, with one sentence on what to do."""
    return render_page("stopped.html", "This cannot go on", status=status, sentence=sentence)


def answers_people(blueprint: Blueprint) -> Blueprint:
    """Refusals at this blueprint's addresses become pages."""
    blueprint.register_error_handler(OutcomeError, problem)
    return blueprint
