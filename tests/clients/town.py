"""A gateway on loopback with a practice, its people and the apps that they use."""

from __future__ import annotations

from pathlib import Path

import orjson

from gateway.cli.stage import Caller, Stand, new_caller
from tests.walk.street import PSYCHIATRIST, RECORDS

READS = "system/*.rs"


class Town:
    """Larkmoor Counseling, with the records of tests/walk."""

    def __init__(self, folder: Path) -> None:
        self.at = Stand(folder)
        self.at.run("init", "--practice", "larkmoor", "--name", "Larkmoor Counseling")
        path = folder / "records.ndjson"
        path.write_bytes(b"\n".join(orjson.dumps({"kind": one.kind, **one.model_dump(mode="json")}) for one in RECORDS))
        assert self.at.run("import", str(path))["refused"] == []
        self.partner = new_caller(self.at, "Breakwater EHR", "system/*.crus", "--partner", PSYCHIATRIST)

    def open(self) -> None:
        self.at.start()

    def close(self) -> None:
        self.at.stop()

    def system(self, name: str, scope: str = READS) -> Caller:
        """A backend client with keys of its own."""
        return new_caller(self.at, name, scope)
