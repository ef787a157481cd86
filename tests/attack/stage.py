"""Where the attacks take place: a gateway on https, the clients it knows, and an internet of its own around it."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.clock import to_ms
from gateway.smart import bearer, client_assertion, scope, token
from gateway.smart.client import add_client
from gateway.smart.dpop_nonce import Nonces
from gateway.smart.key import OwnKeys
from gateway.store import oauth
from gateway.store import practice as practices
from tests.attack.attack import Answer, answer_of
from tests.attack.internet import Internet, key_set
from tests.attack.people import OTHER_PRACTICE, People
from tests.attack.signer import Key, Signer, ec_key, public, rsa_key
from tests.people.hashes import cheap_hashes
from tests.store.engines import client, patient_id
from tests.world import PRACTICE, World

BASE_URL = "https://gateway.example.org"
TOKEN_URL = f"{BASE_URL}/oauth/token"
BACKEND_SCOPE = "system/Patient.rs system/Task.cruds"
OWN_SCOPE = "system/*.cruds __record.write __token.introspect"

Role = Literal["practice", "partner"]


class Stage:
    """`ehr` and `lab` are partners (EC and RSA keys), `rival` another one, `system` the practice's own, `neighbour` that of another practice."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.clock, self.store = self.world.clock, self.world.store
        self.settings = replace(self.world.settings, base_url=BASE_URL, allow_private_partners=False, registration="approval")
        self.app = create_app(self.settings, store=self.store, clock=self.clock)
        self.world.settings, self.world.app, self.world.http = self.settings, self.app, self.app.test_client()
        self.internet = Internet()
        self._open = ExitStack()
        self._open.enter_context(self.internet.around())
        self._open.enter_context(cheap_hashes())
        with self.store.write() as connection:
            practices.add(connection, OTHER_PRACTICE, "Other Practice", "America/New_York", self.now)
        self.world.take_in([client("c1")])

    def close(self) -> None:
        self._open.close()
        self.world.close()

    def fresh(self) -> None:
        """What a process remembers is forgotten, so that no attack profits from another."""
        token.forget(self.store)
        for remembered in (client_assertion._inline, scope.parse, scope.understood, bearer.narrowing):  # noqa: SLF001 (a fault may have filled them)
            remembered.cache_clear()
        self.internet.reached.clear()

    @property
    def now(self) -> int:
        """In ms."""
        return to_ms(self.clock())

    @property
    def http(self) -> FlaskClient:
        """A client without cookies."""
        return self.app.test_client()

    # Clients

    def signer(self, key: Key, *, role: Role = "partner", scope: str = BACKEND_SCOPE, practice: str = PRACTICE, jwks: Any = None, jwks_uri: str | None = None) -> Signer:
        inline = None if jwks_uri else jwks or public(key)
        made = add_client(self.store, self.clock, practice=practice, name="A client", scope=scope, jwks=inline, jwks_uri=jwks_uri, role=role, recipient=None)
        return Signer(made, key, self.clock, TOKEN_URL)

    @cached_property
    def ehr(self) -> Signer:
        return self.signer(ec_key())

    @cached_property
    def lab(self) -> Signer:
        return self.signer(rsa_key())

    @cached_property
    def rival(self) -> Signer:
        return self.signer(ec_key("rival"))

    @cached_property
    def system(self) -> Signer:
        return self.signer(ec_key("system"), role="practice", scope=OWN_SCOPE)

    @cached_property
    def neighbour(self) -> Signer:
        return self.signer(ec_key("neighbour"), role="practice", scope=OWN_SCOPE, practice=OTHER_PRACTICE)

    def remote(self, document: Any = None, *headers: str, key: Key | None = None, host: str | None = None, path: str = "/jwks.json") -> Signer:
        """A client whose keys lie at a URL of its own, where this document is served."""
        name = host or f"{uuid.uuid4().hex}.example.net"
        mine = key or ec_key()
        self.internet.lay(name, key_set(public(mine) if document is None else document, *headers))
        return self.signer(mine, jwks_uri=f"https://{name}{path}")

    def planted(self, key: Key, document: Any = None, url: str | None = None) -> Signer:
        """A client whose registered key set, or the URL of it, was replaced behind our back, in the database."""
        made = self.signer(ec_key())
        with self.store.write() as connection:
            row = oauth.client(connection, made.client_id)
            assert row is not None
            planted = row._replace(client_id=str(uuid.uuid4()), jwks=None if url else json.dumps(document), jwks_uri=url)
            oauth.add_client(connection, planted)
        return Signer(planted.client_id, key, self.clock, TOKEN_URL)

    # Requests

    def post(self, path: str, form: Any, headers: Any = None, **more: Any) -> TestResponse:
        return self.http.post(path, base_url=BASE_URL, data=form, headers=headers, **more)

    def token(self, form: Any, headers: Any = None, **more: Any) -> Answer:
        return answer_of(self.post("/oauth/token", form, headers, **more))

    def introspect(self, form: Any, headers: Any = None) -> Answer:
        return answer_of(self.post("/oauth/introspect", form, headers))

    def revoke(self, form: Any, headers: Any = None) -> Answer:
        return answer_of(self.post("/oauth/revoke", form, headers))

    def fhir(self, path: str, bearer: str | None, method: str = "GET", headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        sent = dict(headers or {}) | ({} if bearer is None else {"Authorization": f"Bearer {bearer}"})
        return answer_of(self.http.open(f"/fhir/{path}", method=method, base_url=BASE_URL, headers=sent, **more))

    def mint(self, signer: Signer, scope: str = "system/Patient.rs", life_s: int = 300) -> str:
        """An access token, as /oauth/token would have issued it."""
        made = secrets.token_urlsafe(32)
        with self.store.write() as connection:
            oauth.add_token(connection, token.digest_of(made), signer.client_id, scope, self.now, self.now + life_s * 1000)
        return made

    @cached_property
    def nonces(self) -> Nonces:
        """As the token endpoint gives them with its answers."""
        return Nonces(OwnKeys(self.settings.secret_key_file, self.clock), self.clock)

    @cached_property
    def people(self) -> People:
        return People(self.world)

    @property
    def patient(self) -> str:
        """The id of the practice's one client."""
        return patient_id("c1")
