"""The doors beside FHIR and the records: who signed in (a bearer's), and those where a token opens nothing at all: pages, OAuth, what is open to anyone."""

from __future__ import annotations

import random
from collections.abc import Iterator

from gateway.http.access import ACCESS
from tests.matrix.oracle import Judge, Town
from tests.matrix.requests import Drawn, Expected, Request, only

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PLACES = {"<kind>": "Patient", "<key>": "x", "<version>": "1", "<client_id>": "x", "<practice>": "test-practice", "<link>": "x"}
"""What stands for the parts of an address; a new one wants a line here."""


def userinfo(method: str) -> Drawn:
    def drawn(_: random.Random, __: Town) -> Request:
        return Request(method, "/oauth/userinfo", _told)

    return drawn


def _told(judge: Judge) -> Expected:
    """OpenID Connect Core 1.0 section 5.3: of a person who signed in, to whom the scope `openid` was given."""
    return only(200 if judge.who.role == "user" and "openid" in judge.scope.split() else 403)


def doors() -> Iterator[tuple[str, str, bool]]:
    """Address, method and whether it is served: all that no bearer is asked for, and every method that nobody decided on."""
    for rule, methods in ACCESS.items():
        address = "/".join(PLACES.get(part, part) for part in rule.split("/"))
        for method in METHODS:
            if method not in methods:
                yield address, method, False
            elif methods[method].who != "bearer":
                yield address, method, True
