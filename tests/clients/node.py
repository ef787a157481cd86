"""Runs the scripts of this folder in Node: what a script asks a person to open is opened, what it got is returned."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clients.person import Person

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or ""
_NODE = shutil.which("node") or ""
_AT_MOST_S = 120

needs_node = pytest.mark.skipif(
    not (_NODE and (HERE / "node_modules").is_dir()), reason="the npm clients are not installed: they come by `make clients`, which needs Node.js; .ci/run has both"
)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed; .ci/run has it")


def run(script: str, base: str, told: Mapping[str, Any], person: Person | None = None) -> Any:
    """What `script` says it got. `person` opens what it asks to be opened, and reads out the code of their authenticator app."""
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen([_NODE, str(HERE / script), base, json.dumps(told)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints)
        try:
            got = _talk(process, person)
            process.wait(timeout=_AT_MOST_S)
        finally:
            process.kill()
            process.wait()
        complaints.seek(0)
        assert process.returncode == 0, f"{script} ended with {process.returncode}: {complaints.read()}"
    return got


def _talk(process: subprocess.Popen[str], person: Person | None) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    for line in process.stdout:
        said = json.loads(line)
        if "got" in said:
            return said["got"]
        assert person is not None, "the script asks for a person, and the test has none"
        process.stdin.write((person.visit(said["visit"]) if "visit" in said else person.code()) + "\n")
        process.stdin.flush()
    return None
