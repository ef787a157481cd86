"""A small world for the tests: a clock that stands still, an authorization server, and clients that hold their own keys."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from gateway.http.discovery import discovery_blueprint
from gateway.http.oauth import oauth_blueprint
from gateway.net.client import Outgoing
from gateway.smart.client import add_client
from gateway.smart.discovery import Place
from gateway.store.engine import Store

PUBLIC_URL = "https://gateway.example.org"
TOKEN_URL = f"{PUBLIC_URL}/oauth/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "system/Patient.rs system/Task.cruds"

Key = ECKey | RSAKey


class StillClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    @property
    def now(self) -> int:
        return int(self.moment.timestamp())


@dataclass
class Server:
    """The authorization server alone, and what it told the audit."""

    store: Store
    clock: StillClock
    outgoing: Outgoing | None = None
    heard: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = Flask("authorization-server")
        self.app.register_blueprint(
            oauth_blueprint(self.store, self.clock, PUBLIC_URL, f"{PUBLIC_URL}/fhir", audit=lambda *event: self.heard.append(event), outgoing=self.outgoing)
        )
        self.app.register_blueprint(discovery_blueprint(Place(PUBLIC_URL)))

    @property
    def http(self) -> FlaskClient:
        return self.app.test_client()

    def post(self, path: str, form: Any, **more: Any) -> TestResponse:
        return self.http.post(path, data=form, **more)

    def token(self, form: dict[str, str]) -> TestResponse:
        return self.post("/oauth/token", form)


@dataclass
class Ehr:
    """A client's own system: its id with us and the key that it signs with."""

    client_id: str
    key: Key
    clock: StillClock

    @property
    def algorithm(self) -> str:
        return "ES384" if isinstance(self.key, ECKey) else "RS384"

    def header(self, **changes: Any) -> dict[str, Any]:
        return _changed({"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"}, changes)

    def claims(self, **changes: Any) -> dict[str, Any]:
        whole = {"iss": self.client_id, "sub": self.client_id, "aud": TOKEN_URL, "exp": self.clock.now + 240, "jti": uuid.uuid4().hex}
        return _changed(whole, changes)

    def assertion(self, header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, key: Any = None) -> str:
        return jwt.encode(header or self.header(), claims or self.claims(), key or self.key, registry=_ANYTHING, default_type=None)

    def form(self, scope: str = "system/Patient.rs", **changes: Any) -> dict[str, Any]:
        whole = {"grant_type": "client_credentials", "scope": scope, "client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        return _changed(whole, changes)

    def proof(self, **more: str) -> dict[str, Any]:
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion(), **more}


_ANYTHING = jws.JWSRegistry(algorithms=["RS256", "RS384", "RS512", "ES256", "ES384", "HS256", "none"], strict_check_header=False)


def _changed(whole: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`None` takes a member away."""
    return {name: value for name, value in (whole | changes).items() if value is not None}


def new_ec_key(kid: str = "ec") -> ECKey:
    return ECKey.generate_key("P-384", {"kid": kid, "use": "sig", "alg": "ES384"})


def public(*keys: Key) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def register(
    server: Server,
    key: Key,
    *,
    scope: str = SCOPE,
    role: Literal["practice", "partner"] = "partner",
    jwks: dict[str, Any] | None = None,
    jwks_uri: str | None = None,
    practice: str = "p1",
) -> Ehr:
    """A client with this key registered inline, or at a URL."""
    inline = None if jwks_uri else jwks or public(key)
    client_id = add_client(server.store, server.clock, practice=practice, name="Riverside EHR", scope=scope, jwks=inline, jwks_uri=jwks_uri, role=role, recipient=None)
    return Ehr(client_id, key, server.clock)
