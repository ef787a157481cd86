"""A whole gateway in one process: its store, its app, and clients that hold real tokens from /oauth/token."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import orjson
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.catalogue import synchronise
from gateway.clock import to_ms
from gateway.context import Context, Principal
from gateway.record.intake import Report, take_in
from gateway.record.types import Record
from gateway.settings import read_settings
from gateway.smart.client import add_client
from gateway.smart.key import ALGORITHMS, create
from gateway.store import practice as practices
from gateway.store.audit import Journal
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from mappings.terminology import shipped

PRACTICE = "test-practice"
START = datetime(2026, 10, 30, 16, 0, tzinfo=UTC)


class StillClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@cache
def key() -> ECKey:
    return ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384", "kid": "test"})


@cache
def own_keys() -> bytes:
    """The key file of every gateway in these tests: making RSA keys takes longer than most tests."""
    with TemporaryDirectory() as folder:
        create(path := Path(folder) / "gateway.jwks.json", ALGORITHMS)
        return path.read_bytes()


@dataclass
class Caller:
    """A client with a token: `get("Patient?name=x")` and so on, below /fhir."""

    http: FlaskClient
    token: str
    client_id: str

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.token}"} | dict(headers or {})
        data = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        return self.http.open(
            path if path.startswith("/") else f"/fhir/{path}", method=method, data=data, headers=sent, content_type="application/fhir+json" if data is not None else None
        )

    def get(self, path: str, status: int = 200) -> Any:
        return self._checked(self.ask("GET", path), status)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        return self._checked(self.ask("POST", path, body), status)

    def put(self, path: str, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Any:
        return self._checked(self.ask("PUT", path, body, headers), status)

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every match of a search, page after page; includes left out."""
        found, url = [], f"/fhir/{path}"
        while url:
            page = self.get(url)
            found += [entry["resource"] for entry in page.get("entry", []) if entry["search"]["mode"] == "match"]
            url = next((link["url"].partition("://127.0.0.1:8000")[2] for link in page["link"] if link["relation"] == "next"), "")
        return found

    def _checked(self, response: TestResponse, status: int) -> Any:
        assert response.status_code == status, (response.status_code, response.get_data(as_text=True)[:800])
        return orjson.loads(response.data) if response.data else None


class World:
    """One gateway with one practice, `test-practice`, in New York."""

    def __init__(self, folder: Path, database_url: str | None = None, clock: StillClock | None = None) -> None:
        self.clock = clock or StillClock()
        url = database_url or f"sqlite:///{folder}/handoff.db"
        every_door = {"HANDOFF_REGISTRATION": "approval", "HANDOFF_BRANDS": "yes"}
        keys = {"HANDOFF_SECRET_KEY_FILE": str(folder / "gateway.jwks.json")}
        self.settings = read_settings({"HANDOFF_DATABASE_URL": url, "HANDOFF_ALLOW_PRIVATE_PARTNERS": "yes"} | keys | every_door)
        if not self.settings.secret_key_file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            self.settings.secret_key_file.touch(0o600)
            self.settings.secret_key_file.write_bytes(own_keys())
        self.store = Store(url)
        migrate(self.store)
        with self.store.write() as connection:
            practices.add(connection, PRACTICE, "Test Practice", "America/New_York", to_ms(self.clock()))
        self.app = create_app(self.settings, store=self.store, clock=self.clock)
        self.http = self.app.test_client()
        self.journal: Journal = self.app.extensions["handoff"].journal
        synchronise(self.context(), shipped())

    def client(self, scope: str = "system/*.cruds", *, partner: str | None = None, practice: bool = False, purpose: str = "TREAT") -> Caller:
        """Register a client and get it a token. `practice`: the practice's own system."""
        scope = f"{scope} __record.write" if practice else scope
        role = "practice" if practice else "partner"
        jwks = {"keys": [key().as_dict(private=False)]}
        client_id = add_client(
            self.store, self.clock, practice=PRACTICE, name=f"{role} {partner or ''}".strip(), scope=scope, jwks=jwks, jwks_uri=None, role=role, recipient=partner, purpose=purpose
        )
        return Caller(self.http, self.token(client_id, scope), client_id)

    def token(self, client_id: str, scope: str) -> str:
        now = int(self.clock().timestamp())
        claims = {"iss": client_id, "sub": client_id, "aud": f"{self.settings.base_url}/oauth/token", "exp": now + 240, "iat": now, "jti": str(uuid.uuid4())}
        assertion = jwt.encode({"alg": "ES384", "kid": "test", "typ": "JWT"}, claims, key(), algorithms=["ES384"])
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }
        response = self.http.post("/oauth/token", data=urlencode(form), content_type="application/x-www-form-urlencoded")
        assert response.status_code == 200, response.get_data(as_text=True)
        return str(response.get_json()["access_token"])

    def context(self) -> Context:
        """The practice's own side, without HTTP."""
        principal = Principal("test", "Test", PRACTICE, "practice", "test", "TREAT", "")
        return Context(principal, self.store, self.journal, self.clock, str(uuid.uuid4()), self.settings.fhir_base, lambda _type, _letter: True)

    def take_in(self, records: Iterable[Record]) -> Report:
        return take_in(self.context(), records, source="test")

    def close(self) -> None:
        self.journal.close()
        self.store.close()
