"""`/oauth/authorize`: an app asks, a person signs in, chooses a client where one is needed, reads what is asked, and says yes or no.

The request itself is kept by the server; between the pages goes a ticket, worth nothing outside the session it was first shown in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.fhir.outcome import OutcomeError
from gateway.smart import asking as askings
from gateway.smart.answer import code_answer, error_answer
from gateway.smart.asking import Gone
from gateway.smart.authorize import MOST_PARAMETERS, asked_by, check_request, pushed_for, to_app, understood
from gateway.web import choosing
from gateway.web.asked import NotSignedIn, Visit, visit
from gateway.web.consenting import consent_page, granted_to
from gateway.web.ground import Ground, see_other
from gateway.web.page import render_page
from gateway.web.problem import answers_people, stopped
from gateway.web.session import check_csrf, to_sign_in

MAX_BODY_BYTES = 65_536
_NEXT = "/oauth/authorize/next"
View = Callable[[Ground], Response]


def authorize_blueprint(ground: Ground) -> Blueprint:
    """`/oauth/authorize` and the steps after it."""
    blueprint = answers_people(Blueprint("authorize", __name__))
    for path, view, methods in _ROUTES:
        blueprint.add_url_rule(path, view.__name__.strip("_"), _answered(ground, view), methods=methods)
    return blueprint


def _authorize(ground: Ground) -> Response:
    """The app's request, by GET or POST (SMART 2.2.0 `authorize-post`)."""
    sent = asked_by(_pairs())
    pushed = pushed_for(ground.store, ground.clock, sent)
    asked = pushed or sent
    check_request(ground.store, ground.clock, ground.settings.fhir_base, asked, pushed=pushed is not None)
    ground.check_pace("authorize")
    begun = askings.begin(ground.store, ground.clock, understood(asked), pushed=pushed is not None)
    return see_other(f"{_NEXT}?ticket={begun.ticket}")


def _next(ground: Ground) -> Response:
    """Whatever this request needs next from the person."""
    found = visit(ground, request.args.get("ticket", ""))
    if found.needs_patient:
        return _patient_needed(found)
    if found.needs_encounter:
        return _encounter_page(found)
    if "none" in found.request.prompt:
        raise to_app(found.request, "consent_required", "The person is asked every time.")
    return consent_page(found)


def _patient_needed(found: Visit) -> Response:
    """A client of the practice has the own record; who may see one client has that one; everyone else chooses."""
    if found.own_patient is not None:
        return _chosen(found, found.own_patient)
    _check_may_ask(found)
    offer = choosing.clients(found.context())
    if len(offer.choices) == 1:
        return _chosen(found, offer.choices[0].id)
    return _patient_page(found, offer)


def _patient(ground: Ground) -> Response:
    """A search of the client picker, or its choice."""
    found = _posted(ground)
    chosen = request.form.get("patient", "")
    if request.form.get("again"):
        return _go_on(found.changed(replace(found.asking, patient=None, encounter=None)))
    if chosen:
        return _chosen(found, chosen)
    return _searched(found, request.form.get("name", ""), request.form.get("birthdate", ""), request.form.get("after", ""))


def _searched(found: Visit, name: str, birth_date: str, after: str) -> Response:
    try:
        offer, fault = choosing.clients(found.context(), name, birth_date, after), ""
    except OutcomeError as refusal:
        offer, fault = choosing.Offer([], ""), refusal.issues[0].diagnostics
    return _patient_page(found, offer, name=name, birth_date=birth_date, fault=fault)


def _chosen(found: Visit, patient: str) -> Response:
    if found.request.launch is not None or choosing.client(found.context(), patient) is None:
        raise to_app(found.request, "access_denied", "The client is not one whose record this person may see.")
    return _go_on(found.changed(replace(found.asking, patient=patient, encounter=None)))


def _encounter(ground: Ground) -> Response:
    """A choice of the visit picker, or its next page; the empty choice is no particular visit."""
    found = _posted(ground)
    chosen, patient = request.form.get("encounter", ""), found.asking.patient or ""
    if request.form.get("after"):
        return _encounter_page(found, request.form["after"])
    if found.request.launch is not None or (chosen and not choosing.is_about(found.context(), "Encounter", chosen, patient)):
        raise to_app(found.request, "access_denied", "The visit is not one whose record this person may see.")
    return _go_on(found.changed(replace(found.asking, encounter=chosen)))


def _decide(ground: Ground) -> Response:
    """Allow, or do not."""
    found = _posted(ground)
    if request.form.get("answer") != "allow":
        raise to_app(found.request, "access_denied", "The person did not allow it.")
    if found.needs_patient or found.needs_encounter:
        return _go_on(found)
    code = granted_to(found, request.form.getlist("scope"))
    if code is None:
        return consent_page(found, "Tick at least one thing, or choose Do not allow.")
    return see_other(code_answer(found.request.redirect_uri, code, found.request.state, ground.settings.base_url))


_ROUTES: tuple[tuple[str, View, list[str]], ...] = (
    ("/oauth/authorize", _authorize, ["GET", "POST"]),
    (_NEXT, _next, ["GET"]),
    ("/oauth/authorize/patient", _patient, ["POST"]),
    ("/oauth/authorize/encounter", _encounter, ["POST"]),
    ("/oauth/authorize/decide", _decide, ["POST"]),
)


def _answered(ground: Ground, view: View) -> Callable[[], Response]:
    """A view whose refusals reach the app where they may, and a page where they may not."""

    @wraps(view)
    def route() -> Response:
        request.max_content_length = MAX_BODY_BYTES
        try:
            return view(ground)
        except NotSignedIn:
            return to_sign_in(f"{_NEXT}?ticket={request.values.get('ticket', '')}")
        except Gone:
            return stopped("This request was answered already, has run out, or belongs to another sign-in. Go back to the app and start again.")
        except RequestEntityTooLarge:
            return stopped("The request is too large.", 413)
        except OAuth2Error as refusal:
            return _told(ground, refusal)

    return route


def _told(ground: Ground, refusal: OAuth2Error) -> Response:
    if not refusal.redirect_uri:
        return stopped(str(refusal.description))
    if ticket := request.values.get("ticket"):
        askings.end(ground.store, ground.clock, ticket)
    return see_other(error_answer(refusal, ground.settings.base_url))


def _pairs() -> list[tuple[str, str]]:
    """The parameters, from the query of a GET or the form of a POST, never from both."""
    if request.method == "POST" and request.query_string:
        raise OAuth2Error("The parameters of a POST stand in its form.", error="invalid_request")
    found = list((request.form if request.method == "POST" else request.args).items(multi=True))
    if len(found) > MOST_PARAMETERS:
        raise OAuth2Error("The request has too many parameters.", error="invalid_request")
    return found


def _posted(ground: Ground) -> Visit:
    """The request that a form of ours is about. Raises 403 for a form that is not ours."""
    found = visit(ground, request.form.get("ticket", ""))
    check_csrf(found.signed, request.form.get("csrf", ""))
    return found


def _check_may_ask(found: Visit) -> None:
    if "none" in found.request.prompt:
        raise to_app(found.request, "interaction_required", "A client must be chosen.")


def _go_on(found: Visit) -> Response:
    return see_other(f"{_NEXT}?ticket={found.asking.ticket}")


def _patient_page(found: Visit, offer: choosing.Offer, name: str = "", birth_date: str = "", fault: str = "") -> Response:
    return render_page("pick_patient.html", "For which client?", found=found, csrf=found.signed.csrf, offer=offer, name=name, birth_date=birth_date, fault=fault)


def _encounter_page(found: Visit, after: str = "") -> Response:
    _check_may_ask(found)
    return render_page("pick_encounter.html", "For which visit?", found=found, offer=choosing.visits(found.context(), found.asking.patient or "", after))
