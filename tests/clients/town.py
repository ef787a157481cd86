"""A gateway on loopback with a practice, its people and the apps that they use."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import orjson

from gateway.cli.stage import Caller, Stand, new_caller
from gateway.clock import system_clock, to_ms
from gateway.people import secret_key, totp
from gateway.people.account import NewAccount, Proofs, add_account
from gateway.people.trace import Asked
from gateway.smart.app import NewApp, Registration, add_app
from gateway.store.engine import Store
from tests.clients.person import Account, Person
from tests.walk.street import PSYCHIATRIST, RECORDS

PRACTICE = "larkmoor"
CLIENT = "Okafor"
CALLBACK = "http://127.0.0.1:1/callback"
"""Where an app without pages is sent back to; nothing listens there, and nobody goes."""
PASSWORD = "seven herons over grey water"
THERAPIST = {"display": "Imani Brathwaite", "duties": ["therapist"], "clinician": "imani"}


class Here(Stand):
    """A gateway with these settings, under this name of this machine."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", **settings: str) -> None:
        super().__init__(folder)
        self.url = f"http://{host}:{self.port}"
        self.fhir = f"{self.url}/fhir"
        self._environment |= {"HANDOFF_BASE_URL": self.url, **settings}


class Town:
    """Larkmoor Counseling, with the records of tests/walk."""

    def __init__(self, folder: Path) -> None:
        self.at = Here(folder, HANDOFF_REGISTRATION="approval")
        self.at.run("init", "--practice", PRACTICE, "--name", "Larkmoor Counseling")
        path = folder / "records.ndjson"
        path.write_bytes(b"\n".join(orjson.dumps({"kind": one.kind, **one.model_dump(mode="json")}) for one in RECORDS))
        assert self.at.run("import", str(path))["refused"] == []
        self.partner = new_caller(self.at, "Breakwater EHR", "system/*.crus", "--partner", PSYCHIATRIST)
        self.store = Store(f"sqlite:///{folder}/handoff.db")
        self.key = secret_key.load_or_create(secret_key.beside(folder / "keys" / "gateway.jwks.json"))
        self.accounts = 0

    def open(self) -> None:
        self.at.start()

    def close(self) -> None:
        self.at.stop()
        self.store.close()

    def system(self, name: str, scope: str) -> Caller:
        """A backend client with keys of its own."""
        return new_caller(self.at, name, scope)

    def account(self, **person: Any) -> Account:
        """Someone who signs in with a password and one-time codes; a therapist, unless told otherwise."""
        self.accounts += 1
        name, secret = f"person{self.accounts}", totp.new_secret()
        asked = Asked(to_ms(system_clock()), "test", self.at.url, by="operator")
        add_account(self.store, PRACTICE, NewAccount(name=name, **(person or THERAPIST)), asked, proofs=Proofs(PASSWORD, secret), key=self.key)
        return Account(name, PASSWORD, secret)

    def person(self, **person: Any) -> Person:
        """The same, at a browser of their own."""
        return Person(self.at.url, self.account(**person), CLIENT)

    def app(self, name: str, scope: str, redirect_uri: str = CALLBACK, **more: Any) -> NewApp:
        return add_app(self.store, system_clock, PRACTICE, Registration(name=name, scope=scope, redirect_uris=[redirect_uri], **more))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
