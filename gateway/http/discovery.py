"""What the authorization server publishes of itself: documents open to everyone, from any origin, JSON whatever Accept says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from gateway.settings import Settings
from gateway.smart.discovery import Place, openid_configuration, smart_configuration


def discovery_blueprint(place: Place, brand: Callable[[], dict[str, Any]] = dict) -> Blueprint:
    """`brand`: the members of smart-configuration that name the practice's brand, as they are now."""
    blueprint = Blueprint("discovery", __name__)

    blueprint.add_url_rule("/fhir/.well-known/smart-configuration", "smart", lambda: _document(smart_configuration(place) | brand()), methods=["GET"])
    blueprint.add_url_rule("/.well-known/openid-configuration", "openid", lambda: _document(openid_configuration(place)), methods=["GET"])
    return blueprint


def place_of(settings: Settings) -> Place:
    return Place(settings.base_url, registration=settings.registration != "off")


def _document(document: dict[str, Any]) -> Response:
    response = jsonify(document)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
