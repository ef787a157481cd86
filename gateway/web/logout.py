"""`/oauth/logout`: an app signs its user out here too (OpenID Connect RP-Initiated Logout 1.0), or the person is asked whether to.

The session ends with all that apps may do while it lasts; what they were allowed for longer (offline_access) stays.
"""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error
from authlib.oidc.rpinitiated.end_session import EndSessionRequest
from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from gateway.fhir import outcome
from gateway.people.session import end
from gateway.smart import token
from gateway.smart.logout import PARAMETERS, EndSession
from gateway.store import account as accounts
from gateway.web.ground import Ground, see_other
from gateway.web.page import render_page
from gateway.web.problem import answers_people
from gateway.web.session import SignedIn, check_csrf, forget_session, signed_in

MAX_BODY_BYTES = 32_768


def logout_blueprint(ground: Ground, ending: EndSession) -> Blueprint:
    """GET and POST alike, as the specification wants it."""
    blueprint = answers_people(Blueprint("logout", __name__))
    blueprint.add_url_rule("/oauth/logout", "logout", lambda: _logout(ground, ending), methods=["GET", "POST"])
    return blueprint


def _logout(ground: Ground, ending: EndSession) -> Response:
    request.max_content_length = MAX_BODY_BYTES
    values = request.form if request.method == "POST" else request.args
    try:
        asked = ending.read(_single(values))
    except OAuth2Error:
        raise outcome.bad_logout() from None
    signed = signed_in(ground)
    if signed is not None and _must_ask(signed, asked):
        if request.method == "GET" or "csrf" not in values:
            return _confirm_page(signed, values)
        check_csrf(signed, values["csrf"])
    _end(ground, signed, asked)
    return forget_session(ground, see_other(asked.redirect_uri) if asked.redirect_uri else render_page("signed_out.html", "You are signed out"))


def _single(values: MultiDict[str, str]) -> dict[str, str]:
    """Raises 400 where a parameter was sent twice."""
    if any(len(values.getlist(name)) > 1 for name in PARAMETERS):
        raise outcome.bad_logout()
    return values.to_dict()


def _must_ask(signed: SignedIn, asked: EndSessionRequest) -> bool:
    """Unless an app shows that this very person signed in to it."""
    return asked.id_token_claims is None or asked.id_token_claims.get("sub") != signed.account.id


def _confirm_page(signed: SignedIn, values: MultiDict[str, str]) -> Response:
    sent = {name: values[name] for name in PARAMETERS if name in values}
    return render_page("logout.html", "Sign out?", csrf=signed.csrf, sent=sent)


def _end(ground: Ground, signed: SignedIn | None, asked: EndSessionRequest) -> None:
    """This browser's session, and the one of which the app tells: a browser sends no cookie with another site's form."""
    claims = asked.id_token_claims or {}
    with ground.store.write() as connection:
        if signed is not None:
            end(connection, signed.account, signed.session_id, ground.asked())
        person = accounts.account(connection, str(claims.get("sub", "")))
        if person is not None and "sid" in claims:
            end(connection, person, str(claims["sid"]), ground.asked())
    token.forget(ground.store)
