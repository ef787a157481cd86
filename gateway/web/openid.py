"""To the practice's OpenID provider and back."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gateway.fhir import outcome
from gateway.net.client import Outgoing
from gateway.net.line import PartnerAway
from gateway.people import openid
from gateway.people.openid_provider import BadProvider, Provider
from gateway.people.sign_in import Refused
from gateway.web.ground import Ground, cookie, drop_cookie, local_path, see_other, set_cookie
from gateway.web.problem import answers_people
from gateway.web.session import start_session
from gateway.web.sign_in import first_page

_STATE = "handoff-openid"
_AWAY = "The practice's sign-in cannot be reached just now; try again in a minute, or sign in with your password."
_NOBODY = "You are known to the practice's sign-in, but no account here is linked to you, or the sign-in was broken off. Ask your administrator."


def openid_blueprint(ground: Ground) -> Blueprint:
    """`/sign-in/openid` and `/sign-in/openid/return`; 404 where no provider is set up."""
    settings = ground.settings
    outgoing = Outgoing(allow_private=True)  # its address is the operator's own setting, and may be inside the house
    provider = Provider(outgoing, ground.clock, settings.openid_issuer, settings.openid_client_id, settings.openid_secret_file, f"{settings.base_url}/sign-in/openid/return")
    blueprint = answers_people(Blueprint("openid", __name__))
    blueprint.add_url_rule("/sign-in/openid", "go", lambda: _go(ground, _set_up(provider)), methods=["GET"])
    blueprint.add_url_rule("/sign-in/openid/return", "back", lambda: _back(ground, _set_up(provider)), methods=["GET"])
    return blueprint


def _set_up(provider: Provider) -> Provider:
    if not provider.issuer:
        raise outcome.no_such_address()
    return provider


def _go(ground: Ground, provider: Provider) -> Response:
    next_path = local_path(request.args.get("next", ""))
    ground.check_pace("openid")
    try:
        address, state = openid.begin(ground.store, provider, next_path, ground.now)
    except (PartnerAway, BadProvider):
        return first_page(ground, next_path, _AWAY, 502)
    response = see_other(address)
    set_cookie(ground, response, _STATE, state, openid.AWAY_MS // 1000)
    return response


def _back(ground: Ground, provider: Provider) -> Response:
    try:
        begun, next_path = openid.finish(ground.store, provider, request.args.to_dict(), cookie(ground, _STATE), ground.asked())
    except Refused:
        return _dropped(ground, first_page(ground, "", _NOBODY, 401))
    except PartnerAway:
        return _dropped(ground, first_page(ground, "", _AWAY, 502))
    return _dropped(ground, start_session(ground, see_other(next_path), begun))


def _dropped(ground: Ground, response: Response) -> Response:
    drop_cookie(ground, response, _STATE)
    return response
