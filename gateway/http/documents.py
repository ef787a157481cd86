"""C-CDA for the practice's own system: a referral or a care plan as a document out, a document that came back in.

GET /records/referral/{id}/$ccda, GET /records/treatment_plan/{id}/$ccda (?partner=ID: as that partner may see it),
POST /records/ccda (?partner=ID: who sent it).
"""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request

from gateway.fhir import outcome
from gateway.http.records import practice_side
from gateway.referral.document import care_plan, referral_note
from gateway.referral.returned import take

_XML = ("application/xml", "text/xml", "application/hl7-cda+xml")


def documents_blueprint() -> Blueprint:
    """Every address of C-CDA documents."""
    blueprint = Blueprint("documents", __name__, url_prefix="/records")
    blueprint.add_url_rule("/referral/<key>/$ccda", "referral_note", _referral_note, methods=["GET"])
    blueprint.add_url_rule("/treatment_plan/<key>/$ccda", "care_plan", _care_plan, methods=["GET"])
    blueprint.add_url_rule("/ccda", "take", _take, methods=["POST"])
    return blueprint


def _referral_note(key: str) -> Response:
    return _document(referral_note(practice_side(), key))


def _care_plan(key: str) -> Response:
    return _document(care_plan(practice_side(), key, request.args.get("partner")))


def _take() -> Response:
    asked = practice_side()
    if request.mimetype not in _XML:
        raise outcome.media_type_not_supported("application/xml")
    told = take(asked, request.get_data(), request.args.get("partner"))
    return Response(orjson.dumps(told), 201 if told["resources"] else 200, content_type="application/json", headers={"Cache-Control": "no-store"})


def _document(body: bytes) -> Response:
    return Response(body, content_type="application/xml; charset=utf-8", headers={"Cache-Control": "no-store"})
