"""Our public keys, for everyone and from any origin: `/oauth/jwks`. Read anew at every request, so that a rotation shows at once."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from gateway.smart.key import OwnKeys, public_jwks

KEPT_S = 300
"""How long a partner may keep what it read; a rotation lets a new key wait for twice as long before it signs."""


def key_sets_blueprint(keys: OwnKeys) -> Blueprint:
    """The key sets of this gateway."""
    blueprint = Blueprint("key_sets", __name__)

    @blueprint.get("/oauth/jwks")
    def jwks() -> Response:
        response = jsonify(public_jwks(keys.published()))
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
        return response

    return blueprint
