"""`/oauth/userinfo`: who signed in, for the app that holds a token of that sign-in (OpenID Connect Core 1.0 section 5.3)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from gateway.fhir.outcome import OutcomeError
from gateway.http.guard import bearer, wiring
from gateway.http.oauth_form import NOT_KEPT, refused
from gateway.smart.userinfo import NotOpenid, userinfo

_TOO_SMALL = 'Bearer error="insufficient_scope", scope="openid"'


def userinfo_blueprint() -> Blueprint:
    """GET and POST alike; the token stands in the Authorization header (RFC 6750 section 2.1)."""
    blueprint = Blueprint("userinfo", __name__)
    blueprint.add_url_rule("/oauth/userinfo", "userinfo", _userinfo, methods=["GET", "POST"])
    return blueprint


def _userinfo() -> Response:
    try:
        principal = bearer().principal
    except OutcomeError as refusal:
        response = refused(refusal.status, "invalid_token", refusal.issues[0].diagnostics)
        response.headers.update(refusal.headers)
        return response
    try:
        response = jsonify(userinfo(principal, wiring().settings.fhir_base))
    except NotOpenid:
        response = refused(403, "insufficient_scope", "The token needs the scope openid.")
        response.headers["WWW-Authenticate"] = _TOO_SMALL
        return response
    response.headers.update(NOT_KEPT)
    return response
