"""`/launch`: a person who is signed in opens an app for one client (SMART 2.2.0 EHR launch). And the style that apps may take over from us.

One form, sent again with each choice: the client, then the app and, if wanted, a visit and what to do there. Only the last one makes a
launch. No name and no id ever stands in an address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gateway.fhir.outcome import OutcomeError
from gateway.smart.client import OAuthClient, list_clients
from gateway.smart.launch import LONGEST_INTENT, Launch, launch_address
from gateway.web import choosing
from gateway.web.ground import Ground, see_other
from gateway.web.page import render_page
from gateway.web.problem import answers_people, stopped
from gateway.web.session import SignedIn, check_csrf, signed_in, to_sign_in

MAY_LAUNCH = frozenset({"therapist", "supervisor", "front_desk"})
_STYLE = {
    "color_background": "#fbfaf7",
    "color_error": "#b3261e",
    "color_highlight": "#2f7d6b",
    "color_modal_backdrop": "",
    "color_success": "#2f7d6b",
    "color_text": "#1c2b33",
    "dim_border_radius": "6px",
    "dim_font_size": "16px",
    "dim_spacing_size": "20px",
    "font_family_body": "system-ui, sans-serif",
    "font_family_heading": "system-ui, sans-serif",
}
"""The keys of SMART 2.2.0, styling; the values are those of our own pages (gateway/web/page.py)."""


def launching_blueprint(ground: Ground) -> Blueprint:
    """`/launch` and `/smart-style.json`."""
    blueprint = answers_people(Blueprint("launching", __name__))
    blueprint.add_url_rule("/launch", "launch", _answered(ground), methods=["GET", "POST"])
    blueprint.add_url_rule("/smart-style.json", "style", _style, methods=["GET"])
    return blueprint


def _style() -> Response:
    response = jsonify(_STYLE)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _answered(ground: Ground) -> Callable[[], Response]:
    @wraps(_launch)
    def route() -> Response:
        request.max_content_length = 65_536
        signed = signed_in(ground)
        if signed is None:
            return to_sign_in("/launch")
        if not MAY_LAUNCH & set(signed.account.roles.split()):
            return stopped("Apps are opened for clients by therapists, supervisors and the front desk.", 403)
        return _launch(ground, signed)

    return route


def _launch(ground: Ground, signed: SignedIn) -> Response:
    if request.method == "GET":
        return _pick_client(ground, signed)
    check_csrf(signed, request.form.get("csrf", ""))
    patient = request.form.get("patient", "")
    if not patient:
        return _pick_client(ground, signed)
    chosen = choosing.client(choosing.context_of(ground, signed.account), patient)
    if chosen is None:
        return stopped("This client is not one whose record you may see.", 404)
    return _open(ground, signed, chosen) if request.form.get("app") else _pick_app(ground, signed, chosen)


def _pick_client(ground: Ground, signed: SignedIn) -> Response:
    name, birth_date, fault = request.form.get("name", ""), request.form.get("birthdate", ""), ""
    try:
        offer = choosing.clients(choosing.context_of(ground, signed.account), name, birth_date, request.form.get("after", ""))
    except OutcomeError as refusal:
        offer, fault = choosing.Offer([], ""), refusal.issues[0].diagnostics
    return render_page("launch_client.html", "Open an app for a client", found=None, csrf=signed.csrf, offer=offer, name=name, birth_date=birth_date, fault=fault)


def _pick_app(ground: Ground, signed: SignedIn, chosen: choosing.Choice, fault: str = "") -> Response:
    context = choosing.context_of(ground, signed.account)
    values: dict[str, Any] = {"visits": choosing.visits(context, chosen.id).choices, "requests": choosing.requests(context, chosen.id).choices}
    apps = _launchable(ground, signed.account.practice)
    return render_page("launch_app.html", "Open an app for a client", csrf=signed.csrf, chosen=chosen, apps=apps, fault=fault, longest_intent=LONGEST_INTENT, **values)


def _open(ground: Ground, signed: SignedIn, chosen: choosing.Choice) -> Response:
    form, context = request.form, choosing.context_of(ground, signed.account)
    app = next((one for one in _launchable(ground, signed.account.practice) if one.client_id == form["app"]), None)
    if app is None:
        return _pick_app(ground, signed, chosen, "Choose one of the apps below.")
    encounter, about, intent = form.get("encounter", ""), form.get("about", ""), form.get("intent", "").strip()
    if encounter and not choosing.is_about(context, "Encounter", encounter, chosen.id):
        return _pick_app(ground, signed, chosen, "Choose one of the visits below.")
    if about and not choosing.is_request(context, about, chosen.id):
        return _pick_app(ground, signed, chosen, "Choose one of the plans and referrals below.")
    if len(intent) > LONGEST_INTENT or not intent.isprintable():
        return _pick_app(ground, signed, chosen, f"What to do there is a word or two, at most {LONGEST_INTENT} characters.")
    brought = ({"intent": intent} if intent else {}) | ({"fhirContext": [{"reference": about}]} if about else {})
    launch = Launch(signed.account.id, app.client_id, app.practice, chosen.id, encounter or None, brought)
    return see_other(launch_address(ground.store, ground.clock, app, launch, ground.settings.fhir_base))


def _launchable(ground: Ground, practice: str) -> list[OAuthClient]:
    """The practice's apps that can be opened from here."""
    known = list_clients(ground.store, ground.clock, practice)
    return [one for one in known if one.is_app and one.approved and one.revoked_at is None and one.launch_uri]
