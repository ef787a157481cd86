"""The `handoff` command in this process, with a folder and settings of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey

from gateway.cli import main
from gateway.settings import SETTINGS


class Desk:
    """`run` is what a person types; `json` is what a script reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment: dict[str, str | None] = {setting.variable: None for setting in SETTINGS.values()}
        self.environment |= {"HANDOFF_DATABASE_URL": f"sqlite:///{folder}/handoff.db", "HANDOFF_SECRET_KEY_FILE": f"{folder}/keys/gateway.jwks.json"}

    def run(self, *arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(main, arguments, env=self.environment | settings)

    def json(self, *arguments: str) -> Any:
        """The answer of a command that succeeds, asked for as JSON."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def open(self) -> Desk:
        """With a practice."""
        assert self.json("init", "--practice", "larkmoor", "--name", "Larkmoor Counseling") == {"practice": "larkmoor", "added": True}
        return self

    def file(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
        return str(path)

    def public_keys(self) -> str:
        key = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384", "kid": "a"})
        return self.file("public.jwks.json", {"keys": [key.as_dict(private=False)]})


def assert_one_sentence(result: Result, status: int) -> str:
    """The failure's text: no traceback, nothing on stdout, one line. Returns it."""
    assert result.exit_code == status, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert result.stdout == ""
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert last.rstrip().endswith((".", ")", "?")), last
    return last
