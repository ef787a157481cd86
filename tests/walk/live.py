"""A real server with the sample practice, and the tokens of its sample clients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.cli.stage import Caller, Stand


@contextmanager
def sample_server(folder: Path) -> Iterator[tuple[Stand, dict[str, Caller]]]:
    """The server and its sample clients by name; stopped at the end."""
    stand = Stand(folder)
    stand.start("--sample")
    try:
        clients = json.loads((folder / "keys" / "clients.json").read_text())
        yield stand, {name: Caller(stand, Path(one["key"]), one["client_id"], one["scope"]) for name, one in clients.items()}
    finally:
        stand.stop()
