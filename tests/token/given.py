"""A person who allowed an app something: accounts, sessions, grants and codes written straight into the store, as a sign-in and a consent leave them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from joserfc import jwt
from sqlalchemy import insert, update
from werkzeug.test import TestResponse

from gateway.clock import to_ms
from gateway.smart.app import AuthMethod, Registration, add_app
from gateway.store import single_use
from gateway.store.grant import GrantRow, add_grant
from gateway.store.schema_access import account, session
from tests.world import PRACTICE, World, key

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REDIRECT = "https://app.example.org/callback"
DAY_MS = 86_400_000
METHODS: tuple[AuthMethod, ...] = ("none", "client_secret_basic", "private_key_jwt")


@dataclass
class App:
    """An app as its developer knows it."""

    world: World
    client_id: str
    auth_method: AuthMethod
    secret: str | None = field(repr=False)

    def proof(self) -> tuple[dict[str, str], dict[str, str]]:
        """Parameters and headers by which it proves itself."""
        if self.auth_method == "none":
            return {"client_id": self.client_id}, {}
        if self.auth_method == "client_secret_basic":
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret or '')}"
            return {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}, {}

    def assertion(self) -> str:
        now = int(self.world.clock().timestamp())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": f"{self.world.settings.base_url}/oauth/token", "exp": now + 240, "jti": str(uuid.uuid4())}
        return jwt.encode({"alg": "ES384", "kid": "test", "typ": "JWT"}, claims, key(), algorithms=["ES384"])

    def ask(self, address: str, **form: str | None) -> TestResponse:
        """A form to this address, proven. A parameter of None is left out."""
        proof, headers = self.proof()
        whole = {name: value for name, value in (proof | form).items() if value is not None}
        return self.world.http.post(address, data=urlencode(whole), content_type="application/x-www-form-urlencoded", headers=headers)

    def exchange(self, code: Code, **changes: str | None) -> TestResponse:
        form: dict[str, str | None] = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": REDIRECT, "code_verifier": code.verifier}
        return self.ask("/oauth/token", **(form | changes))

    def refresh(self, refresh_token: str, **changes: str | None) -> TestResponse:
        form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.ask("/oauth/token", **(form | changes))

    def tokens(self, code: Code) -> dict[str, Any]:
        """The token response for a code."""
        return given(self.exchange(code))


@dataclass(frozen=True)
class Code:
    value: str
    verifier: str
    grant: str


def app(world: World, auth_method: AuthMethod = "none", scope: str = "patient/*.rs user/*.rs", **more: Any) -> App:
    jwks = {"keys": [key().as_dict(private=False)]} if auth_method == "private_key_jwt" else None
    made = add_app(world.store, world.clock, PRACTICE, Registration("Mood Diary", scope, [REDIRECT], auth_method, jwks, **more))
    return App(world, made.client_id, auth_method, made.secret)


def person(world: World, fhir_user: str | None = "Practitioner/p-1", display: str = "Dana Okafor") -> str:
    """The id of a new account."""
    row = {"id": str(uuid.uuid4()), "practice": PRACTICE, "name": uuid.uuid4().hex, "display": display, "roles": "therapist", "fhir_user": fhir_user}
    with world.store.write() as connection:
        connection.execute(insert(account), row | {"created_at": to_ms(world.clock())})
    return str(row["id"])


def disable(world: World, person_id: str) -> None:
    with world.store.write() as connection:
        connection.execute(update(account).where(account.c.id == person_id).values(disabled_at=to_ms(world.clock())))


def sign_in(world: World, person_id: str, life_s: int = 8 * 3600) -> str:
    """The id of a new session."""
    now, made = to_ms(world.clock()), str(uuid.uuid4())
    row = {"digest": uuid.uuid4().hex, "id": made, "account": person_id, "methods": "pwd otp", "authenticated_at": now, "seen_at": now, "expires_at": now + life_s * 1000}
    with world.store.write() as connection:
        connection.execute(insert(session), row)
    return made


def allow(world: World, asker: App, scope: str, person_id: str | None = None, *, life_ms: int = 30 * DAY_MS, payload: dict[str, Any] | None = None, **grant: Any) -> Code:
    """A code for `asker`, as the person's consent leaves it. `grant`: columns of the grant; `context` as an object."""
    now, verifier, value = to_ms(world.clock()), secrets.token_urlsafe(40), secrets.token_urlsafe(32)
    columns = {"session": None, "patient": None, "encounter": None, "nonce": None} | grant | {"context": json.dumps(grant.get("context", {}))}
    row = GrantRow(
        id=str(uuid.uuid4()),
        practice=PRACTICE,
        client_id=asker.client_id,
        account=person_id or person(world),
        scope=scope,
        authenticated_at=now - 60_000,
        created_at=now,
        expires_at=now + life_ms,
        **columns,
    )
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    bound = {"grant": row.id, "client_id": asker.client_id, "redirect_uri": REDIRECT, "code_challenge": challenge, "scope": scope, "jkt": None, "resource": None}
    with world.store.write() as connection:
        add_grant(connection, row)
        single_use.add(connection, "code", hashlib.sha256(value.encode()).hexdigest(), bound | (payload or {}), now, now + 60_000)
    return Code(value, verifier, row.id)


def given(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.get_data(as_text=True)
    body: dict[str, Any] = response.get_json()
    return body


def error_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, str(response.get_json()["error"])


def is_live(world: World, access_token: str) -> bool:
    """Would the token be taken at the FHIR API?"""
    response = world.http.get("/fhir/Patient", headers={"Authorization": f"Bearer {access_token}"})
    return response.status_code != 401
