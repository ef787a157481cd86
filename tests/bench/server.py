"""The two servers that are measured, each in processes of its own: the gateway as `handoff serve` starts it, and the bare route."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent.parent
WORKERS = 2
CONNECTIONS = 16
START_S = 120

_HANDOFF = [sys.executable, "-c", "from gateway.cli import main; main()"]


class Gateway(NamedTuple):
    """A running gateway with the sample practice, and the headers of a client that may read it."""

    base: str
    headers: dict[str, str]

    def search(self, query: str) -> list[dict[str, Any]]:
        bundle = json.loads(fetch(f"{self.base}/{query}", self.headers))
        return [entry["resource"] for entry in bundle["entry"]]


@contextmanager
def gateway(folder: Path) -> Iterator[Gateway]:
    """The sample practice on SQLite in `folder`, served as `handoff serve --sample` serves it."""
    address = f"http://127.0.0.1:{_free_port()}"
    environment = {"HANDOFF_BASE_URL": address, "HANDOFF_PORT": address.rpartition(":")[2], "HANDOFF_WORKERS": str(WORKERS)}
    with _running([*_HANDOFF, "serve", "--sample"], environment, folder, f"{address}/health/live"):
        asked = subprocess.run([*_HANDOFF, "client", "token", "practice"], env=own_environment(environment), cwd=folder, check=True, capture_output=True, text=True)
        yield Gateway(f"{address}/fhir", {"Authorization": f"Bearer {asked.stdout.strip()}", "Accept": "application/fhir+json"})


@contextmanager
def bare_route(folder: Path, body: bytes) -> Iterator[str]:
    """Flask and nothing else, on the same server with the same number of workers; yields its address."""
    (folder / "body").write_bytes(body)
    address = f"http://127.0.0.1:{_free_port()}/"
    port = str(urlsplit(address).port)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-log", "--host", "127.0.0.1", "--port", port, "--workers", str(WORKERS), "--blocking-threads", "1"]
    with _running([*command, "tests.bench.bare:app"], {"BENCH_BODY": str(folder / "body")}, folder, address):
        yield address


def fetch(url: str, headers: Mapping[str, str]) -> bytes:
    """One answer, whole. Raises URLError."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers)), timeout=30) as answer:  # noqa: S310 - an address on loopback made above
        body: bytes = answer.read()
        return body


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str], folder: Path, until: str) -> Iterator[None]:
    """A server from its first answer at `until` to the end of the block."""
    process = subprocess.Popen(command, env=own_environment(environment), cwd=folder, stdout=subprocess.DEVNULL)
    try:
        _wait(process, until)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            fetch(url, {})
        except urllib.error.URLError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"Nothing answered at {url} within {START_S} seconds; what the server said stands above.")


def own_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's own environment without any setting of Handoff but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
