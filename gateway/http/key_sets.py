"""Our public keys, for everyone and from any origin: `/oauth/jwks`, and for the partners of one practice `/oauth/jwks/<practice>`.

Read anew at every request, so that a rotation shows at once.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, jsonify

from gateway.fhir import outcome
from gateway.smart.key import SigningKey, public_jwks
from gateway.smart.practice_key import PracticeKeys
from gateway.smart.rotation import LEAD_S
from gateway.store import practice as practices
from gateway.store.engine import Store

KEPT_S = LEAD_S // 2
"""How long a partner may keep what it read: half the time that a new key waits before it signs."""


def key_sets_blueprint(keys: PracticeKeys, store: Store) -> Blueprint:
    """The key sets of this gateway and of its practices."""
    blueprint = Blueprint("key_sets", __name__)

    def jwks() -> Response:
        return _answer(keys.published_by_gateway(next(iter(_practices(store)), None)))

    def practice_jwks(practice: str) -> Response:
        if practice not in _practices(store):
            raise outcome.no_such_address()
        return _answer(keys.published(practice))

    blueprint.add_url_rule("/oauth/jwks", view_func=jwks)
    blueprint.add_url_rule("/oauth/jwks/<practice>", view_func=practice_jwks)
    return blueprint


def _practices(store: Store) -> list[str]:
    with store.read() as connection:
        return practices.all_ids(connection)


def _answer(keys: Iterable[SigningKey]) -> Response:
    response = jsonify(public_jwks(keys))
    response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    return response
