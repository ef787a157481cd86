"""Two gateways for the demo, each a real server with its own database, keys and worker, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from gateway.channel.backend_client import BackendClient
from gateway.clock import system_clock
from gateway.net.client import Outgoing, Reply
from gateway.net.line import PartnerAway
from gateway.smart.key import create, load, public_jwks

_PATIENCE_S = 60


class Stand:
    """One gateway: its folder, its address, its process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.fhir = f"{self.url}/fhir"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")} | {
            "HANDOFF_DATABASE_URL": f"sqlite:///{folder}/handoff.db",
            "HANDOFF_BASE_URL": self.url,
            "HANDOFF_PORT": str(self.port),
            "HANDOFF_SECRET_KEY_FILE": str(folder / "keys" / "gateway.jwks.json"),
            "HANDOFF_WORKERS": "1",
            "HANDOFF_ALLOW_PRIVATE_PARTNERS": "yes",
            "HANDOFF_POLL_SECONDS": "1",
        }

    def run(self, *arguments: str) -> Any:
        """One `handoff` command of this gateway; returns what it printed as JSON."""
        done = subprocess.run([sys.executable, "-m", "gateway.cli", *arguments, "--json"], env=self._environment, capture_output=True, check=False)  # noqa: S603 - our own program, arguments of our own
        if done.returncode != 0:
            raise click.ClickException(done.stderr.decode().strip() or f"handoff {arguments[0]} failed")
        return orjson.loads(done.stdout)

    def start(self, *arguments: str) -> None:
        """Serve until stop(); returns once the gateway answers."""
        self._process = subprocess.Popen([sys.executable, "-m", "gateway.cli", "serve", *arguments], env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
        wait_for(self._ready, "the gateway to start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def _ready(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise click.ClickException("the gateway stopped while starting; run handoff check")
        try:
            return Outgoing(allow_private=True).request("GET", f"{self.url}/health/ready").status == 200
        except PartnerAway:
            return False


class Caller:
    """A system that asks a gateway, with its own keys, as any SMART backend client does."""

    def __init__(self, at: Stand, key: Path, client_id: str, scope: str) -> None:
        self.at, self.client_id, self.scope = at, client_id, scope
        self.client = BackendClient(Outgoing(allow_private=True), load(key), system_clock)

    def get(self, path: str) -> Any:
        return _read(self.client.request("GET", self.at.fhir, path, client_id=self.client_id, scope=self.scope))

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        return _read(self.client.request(method, self.at.fhir, path, client_id=self.client_id, scope=self.scope, body=orjson.dumps(body)))

    def record(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the record side of the gateway."""
        headers = {"Authorization": f"Bearer {self.client.token(self.at.fhir, self.client_id, self.scope)}", "Content-Type": "application/json"}
        return _read(Outgoing(allow_private=True).request(method, f"{self.at.url}/records/{path}", headers=headers, data=orjson.dumps(body or {}) if method != "GET" else None))


def _read(reply: Reply) -> Any:
    if reply.status >= 400:
        raise click.ClickException(f"the gateway answered {reply.status}: {reply.document().get('issue', [{}])[0].get('diagnostics', '')}")
    return reply.document()


def new_caller(at: Stand, name: str, scope: str, *arguments: str) -> Caller:
    """Make keys for a system, register it, and give it to whoever plays it."""
    key = at.folder / f"{name.replace(' ', '-').lower()}.jwks.json"
    public = key.with_suffix(".public.json")
    public.write_bytes(orjson.dumps(public_jwks(create(key))))
    client_id = at.run("client", "add", "--name", name, "--jwks", str(public), "--scope", scope, *arguments)["client_id"]
    return Caller(at, key, client_id, scope)


def wait_for(condition: Any, what: str) -> None:
    """Until it holds, at most a minute."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise click.ClickException(f"waited a minute for {what}")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
