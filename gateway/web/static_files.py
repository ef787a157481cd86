"""The few files that pages fetch, from our own origin alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

from flask import Blueprint, Response

_FILES = {"passkey.js": "text/javascript; charset=utf-8"}
"""Name -> media type; nothing else is served."""


def static_blueprint() -> Blueprint:
    """`/static/<name>`."""
    blueprint = Blueprint("static_files", __name__)
    for name, media_type in _FILES.items():
        blueprint.add_url_rule(f"/static/{name}", name.replace(".", "_"), _served(name, media_type), methods=["GET"])
    return blueprint


def _served(name: str, media_type: str) -> Callable[[], Response]:
    body = files("gateway.web").joinpath("static", name).read_bytes()

    def route() -> Response:
        return Response(body, content_type=media_type, headers={"Cache-Control": "no-cache"})

    return route
