"""A backend client with keys of its own, as the tests register it: what it may ask for, and how it proves itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Literal

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from gateway.smart.client import add_client
from tests.world import PRACTICE, World, key

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Key = ECKey | RSAKey


@dataclass
class Backend:
    """`ask("system/Patient.rs")` asks the token endpoint."""

    world: World
    client_id: str
    key: Key

    @property
    def token_url(self) -> str:
        return f"{self.world.settings.base_url}/oauth/token"

    def proof(self, **claims: Any) -> dict[str, str]:
        """The two parameters of an assertion, good unless `claims` make it otherwise."""
        now = int(self.world.clock().timestamp())
        whole = {"iss": self.client_id, "sub": self.client_id, "aud": self.token_url, "exp": now + 240, "jti": uuid.uuid4().hex} | claims
        algorithm = "ES384" if isinstance(self.key, ECKey) else "RS384"
        assertion = jwt.encode({"alg": algorithm, "kid": self.key.kid, "typ": "JWT"}, whole, self.key, algorithms=[algorithm])
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}

    def ask(self, scope: str, **form: str) -> TestResponse:
        return self.world.http.post("/oauth/token", data={"grant_type": "client_credentials", "scope": scope, **self.proof(), **form})

    def token(self, scope: str) -> str:
        answer = self.ask(scope)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_json()["access_token"])

    def get(self, path: str, token: str) -> TestResponse:
        return self.world.http.get(f"/fhir/{path}", headers={"Authorization": f"Bearer {token}"})


def backend(world: World, scope: str, *, mine: Key | None = None, role: Literal["practice", "partner"] = "partner", recipient: str | None = None) -> Backend:
    """Registered with this key, or with the one that all clients of a World share."""
    signing = mine or key()
    jwks = {"keys": [signing.as_dict(private=False)]}
    client_id = add_client(world.store, world.clock, practice=PRACTICE, name="Riverside EHR", scope=scope, jwks=jwks, jwks_uri=None, role=role, recipient=recipient)
    return Backend(world, client_id, signing)
