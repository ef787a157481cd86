"""What the authorization server publishes: documents open to everyone, from any origin, JSON whatever Accept says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify


def add_documents(blueprint: Blueprint, documents: Mapping[str, tuple[str, dict[str, Any]]]) -> None:
    """Each under a name: its path and what stands there."""
    for name, (path, document) in documents.items():
        blueprint.add_url_rule(path, name, _document(document), methods=["GET"])


def _document(document: dict[str, Any]) -> Callable[[], Response]:
    def route() -> Response:
        response = jsonify(document)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = "public, max-age=300"
        return response

    return route
