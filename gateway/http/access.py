"""Who may come in where: a decision for every address and method, and none without one.

The first thing asked of a request (`check_decided`): an address that stands in no line here is not served, so that a new one
cannot be forgotten. What a bearer's scope must hold stands beside it; the interaction behind the address asks for it again, with
the type and the client concerned. The authorization matrix of the tests is drawn from this table.
"""

from __future__ import annotations

import logging
from typing import Literal, NamedTuple

from flask import request

from gateway.fhir import outcome
from gateway.http.oauth_form import ALL_METHODS
from gateway.smart.scope import RECORD_WRITE

_log = logging.getLogger("handoff")

Who = Literal["anyone", "client", "bearer", "person"]
"""anyone: open. client: an OAuth client proves itself at the address. bearer: an access token. person: a page that signs people in or asks for a session."""


class Access(NamedTuple):
    """The decision for one address and method."""

    who: Who
    needs: str = ""
    """For a bearer: one of SMART's letters, to be had on the type in the address; `entries`: on each entry of the Bundle; or a scope by its name."""


ANYONE, CLIENT, PERSON = Access("anyone"), Access("client"), Access("person")
RECORDS = Access("bearer", RECORD_WRITE)

ACCESS: dict[str, dict[str, Access]] = {
    "/": {"GET": ANYONE},
    "/health/live": {"GET": ANYONE},
    "/health/ready": {"GET": ANYONE},
    "/fhir": {"POST": Access("bearer", "entries")},
    "/fhir/": {"POST": Access("bearer", "entries")},
    "/fhir/metadata": {"GET": ANYONE},
    "/fhir/.well-known/smart-configuration": {"GET": ANYONE},
    "/fhir/<kind>": {"GET": Access("bearer", "s"), "POST": Access("bearer", "c")},
    "/fhir/<kind>/_search": {"POST": Access("bearer", "s")},
    "/fhir/<kind>/<key>": {"GET": Access("bearer", "r"), "PUT": Access("bearer", "u")},
    "/fhir/<kind>/<key>/_history": {"GET": Access("bearer", "r")},
    "/fhir/<kind>/<key>/_history/<version>": {"GET": Access("bearer", "r")},
    "/records": {"POST": RECORDS},
    "/records/<kind>": {"GET": RECORDS},
    "/records/<kind>/<key>": {"GET": RECORDS, "PUT": RECORDS},
    "/records/ccda": {"POST": RECORDS},
    "/records/referral/<key>/$ccda": {"GET": RECORDS},
    "/records/referral/<key>/$preview": {"GET": RECORDS},
    "/records/referral/<key>/$send": {"POST": RECORDS},
    "/records/schema/<kind>": {"GET": ANYONE},
    "/records/treatment_plan/<key>/$ccda": {"GET": RECORDS},
    "/oauth/token": dict.fromkeys(ALL_METHODS, CLIENT),
    "/oauth/introspect": dict.fromkeys(ALL_METHODS, CLIENT),
    "/oauth/revoke": dict.fromkeys(ALL_METHODS, CLIENT),
    "/oauth/par": dict.fromkeys(ALL_METHODS, CLIENT),
    "/oauth/register": dict.fromkeys(ALL_METHODS, ANYONE),
    "/oauth/register/<client_id>": dict.fromkeys(ALL_METHODS, CLIENT),
    "/brands": {"GET": ANYONE},
    "/oauth/jwks": {"GET": ANYONE},
    "/oauth/jwks/<practice>": {"GET": ANYONE},
    "/oauth/userinfo": {"GET": Access("bearer", "openid"), "POST": Access("bearer", "openid")},
    "/oauth/logout": {"GET": PERSON, "POST": PERSON},
    "/.well-known/openid-configuration": {"GET": ANYONE},
    "/oauth/authorize": {"GET": PERSON, "POST": PERSON},
    "/oauth/authorize/decide": {"POST": PERSON},
    "/oauth/authorize/encounter": {"POST": PERSON},
    "/oauth/authorize/next": {"GET": PERSON},
    "/oauth/authorize/patient": {"POST": PERSON},
    "/launch": {"GET": PERSON, "POST": PERSON},
    "/smart-style.json": {"GET": ANYONE},
    "/sign-in": {"GET": PERSON, "POST": PERSON},
    "/sign-in/openid": {"GET": PERSON},
    "/sign-in/openid/return": {"GET": PERSON},
    "/sign-in/passkey": {"POST": PERSON},
    "/sign-in/second": {"GET": PERSON, "POST": PERSON},
    "/sign-out": {"GET": PERSON, "POST": PERSON},
    "/enrol/<link>": {"GET": PERSON, "POST": PERSON},
    "/enrol/second": {"GET": PERSON, "POST": PERSON},
    "/account": {"GET": PERSON},
    "/account/add-passkey": {"POST": PERSON},
    "/account/remove-passkey": {"POST": PERSON},
    "/account/recovery-codes": {"POST": PERSON},
    "/account/password": {"POST": PERSON},
    "/account/end-session": {"POST": PERSON},
    "/account/end-app": {"POST": PERSON},
    "/static/passkey.js": {"GET": ANYONE},
}
"""By the pattern of the address and the method; HEAD is as GET, OPTIONS only says what browsers may ask."""


def check_decided() -> None:
    """Before every request. Raises 500 for an address without a decision: a fault of ours, and closed."""
    if request.url_rule is None or request.method == "OPTIONS":
        return
    method = "GET" if request.method == "HEAD" else request.method
    if method not in ACCESS.get(str(request.url_rule), {}):
        _log.error("no decision on access for %s %s", method, request.url_rule)
        raise outcome.undecided()
