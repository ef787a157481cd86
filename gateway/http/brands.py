"""GET /brands: the User-Access Brands bundle, open to everyone from any origin (SMART 2.2.0 brands)."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Blueprint, Response, abort, request

from gateway.http.error import FHIR_JSON
from gateway.smart.brand_words import Words
from gateway.smart.brands import brands
from gateway.store.engine import Store


def brands_blueprint(store: Store, public_url: str, words: Mapping[str, Words]) -> Blueprint:
    """Registered only where the practice wants to be found."""
    blueprint = Blueprint("brands", __name__)

    def show() -> Response:
        found = brands(store, public_url, words)
        if found is None:
            abort(404)
        response = Response(status=304) if request.if_none_match.contains_raw(found.etag) else Response(orjson.dumps(found.bundle), content_type=f"{FHIR_JSON}; charset=utf-8")
        response.headers.update({"ETag": found.etag, "Cache-Control": "public, max-age=300"})
        return response

    blueprint.add_url_rule("/brands", "show", show, methods=["GET"])
    return blueprint
