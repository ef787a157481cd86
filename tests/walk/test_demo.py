"""handoff demo --script, the real thing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_demo_runs_to_its_end(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")} | {"COLUMNS": "160"}
    done = subprocess.run([sys.executable, "-m", "gateway.cli", "demo", "--script"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    for sentence in (
        "Two offices on this machine",
        "goal: PHQ-9 below 5",
        "the clinic says accepted",
        "The dose of sertraline was raised from 50 mg to 100 mg.",
        "the clinic says completed; the therapist's worklist says completed",
        "sees 0 clients",
        "Everything left a trace",
        "That was the whole exchange.",
    ):
        assert sentence in done.stdout, sentence
    assert "Traceback" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == [], "it cleans up after itself"
