"""Tokens per second from the running gateway, and what it costs to know who bears one: `make bench`.

Every request is another one: an assertion, a code or a refresh token is good for one use. They are made before the clock starts, the
signatures with them, since that is the client's work.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.app import create_app
from gateway.clock import system_clock, to_ms
from gateway.http.guard import context
from gateway.settings import read_settings
from gateway.smart.app import Registration, add_app
from gateway.smart.client import add_client
from gateway.smart.token import digest_of, new_token
from gateway.store import oauth, practice, single_use
from gateway.store.engine import Store
from gateway.store.grant import GrantRow, add_grant
from gateway.store.schema_access import account
from tests.bench.load import Rate, post_forms

LEAST_PER_S = 500
MOST_CHECK_MS = 0.1
COUNT, ROUNDS, WARM_UP = 2000, 3, 200
CHECKS = 20_000
_REDIRECT = "https://app.example.org/callback"
_SCOPE = "patient/*.rs offline_access"


class Line(NamedTuple):
    name: str
    rates: list[Rate]

    @property
    def per_s(self) -> float:
        return median(rate.per_s for rate in self.rates)


def measure(base_url: str, folder: Path) -> Iterator[Line]:
    """By a gateway at `base_url` whose store is in `folder`."""
    url, store = f"{base_url}/oauth/token", Store(f"sqlite:///{folder}/demo/handoff.db")
    with store.read() as connection:
        house = practice.all_ids(connection)[0]
    backend, app = _Backend(store, house, url), _App(store, house)
    codes: list[Rate] = []
    refreshed: list[Rate] = []
    post_forms(url, backend.forms(WARM_UP))
    yield Line("tokens, backend (ES384)", [post_forms(url, backend.forms(COUNT))[0] for _ in range(ROUNDS)])
    for _ in range(ROUNDS):
        rate, answers = post_forms(url, app.code_forms(COUNT))
        codes.append(rate)
        refreshed.append(post_forms(url, app.refresh_forms(answers))[0])
    yield Line("tokens, code with PKCE", codes)
    yield Line("tokens, refresh", refreshed)
    store.close()


class _Backend:
    """A backend client that signs with ES384."""

    def __init__(self, store: Store, house: str, url: str) -> None:
        self._url, self._key = url, ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384", "kid": "bench"})
        jwks = {"keys": [self._key.as_dict(private=False)]}
        self._id = add_client(store, system_clock, practice=house, name="Bench", scope="system/*.rs", jwks=jwks, jwks_uri=None, role="partner", recipient=None)

    def forms(self, count: int) -> list[str]:
        return [self._form(int(time.time())) for _ in range(count)]

    def _form(self, now: int) -> str:
        claims = {"iss": self._id, "sub": self._id, "aud": self._url, "exp": now + 240, "jti": uuid.uuid4().hex}
        assertion = jwt.encode({"alg": "ES384", "kid": "bench", "typ": "JWT"}, claims, self._key, algorithms=["ES384"])
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return urlencode({"grant_type": "client_credentials", "scope": "system/*.rs", "client_assertion_type": kind, "client_assertion": assertion})


class _App:
    """A public app, and a person who allowed it something again and again."""

    def __init__(self, store: Store, house: str) -> None:
        self._store, self._house, self._person = store, house, str(uuid.uuid4())
        self._id = add_app(store, system_clock, house, Registration("Bench", _SCOPE, [_REDIRECT])).client_id
        now = to_ms(system_clock())
        row = {"id": self._person, "practice": house, "name": self._person, "display": "Bench", "roles": "front_desk", "created_at": now}
        with store.write() as connection:
            connection.execute(account.insert(), row)

    def code_forms(self, count: int) -> list[str]:
        now = to_ms(system_clock())
        with self._store.write() as connection:
            return [self._code_form(connection, now) for _ in range(count)]

    def _code_form(self, connection: oauth.Connection, now: int) -> str:
        verifier, code, grant = secrets.token_urlsafe(40), new_token(), str(uuid.uuid4())
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        add_grant(connection, GrantRow(grant, self._house, self._id, self._person, None, _SCOPE, "p", None, "{}", None, now, now, now + 86_400_000))
        payload = {"grant": grant, "client_id": self._id, "redirect_uri": _REDIRECT, "code_challenge": challenge, "scope": _SCOPE, "jkt": None, "resource": None}
        single_use.add(connection, "code", digest_of(code), payload, now, now + 600_000)
        return urlencode({"grant_type": "authorization_code", "client_id": self._id, "code": code, "redirect_uri": _REDIRECT, "code_verifier": verifier})

    def refresh_forms(self, answers: list[bytes]) -> list[str]:
        return [urlencode({"grant_type": "refresh_token", "client_id": self._id, "refresh_token": json.loads(answer)["refresh_token"]}) for answer in answers]


def check_ms(base_url: str, folder: Path, bearer: str) -> float:
    """From the Authorization header to the Context of the request, in a process that serves the store in `folder`; lookups every half second included."""
    places = {"HANDOFF_DATABASE_URL": f"sqlite:///{folder}/demo/handoff.db", "HANDOFF_SECRET_KEY_FILE": str(folder / "demo/keys/gateway.jwks.json")}
    app = create_app(read_settings(places | {"HANDOFF_BASE_URL": base_url}))
    return min(_checks_ms(app, bearer) for _ in range(ROUNDS))


def _checks_ms(app: Flask, bearer: str) -> float:
    with app.test_request_context("/fhir/Patient", headers={"Authorization": f"Bearer {bearer}"}):
        started = time.perf_counter()
        for _ in range(CHECKS):
            context()
        return (time.perf_counter() - started) / CHECKS * 1000
