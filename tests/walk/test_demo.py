"""The whole exchange as a newcomer plays it: two real servers, one command."""

from __future__ import annotations

import os
import subprocess
import sys


def test_the_demo_plays_the_whole_exchange_and_ends_well() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")} | {"COLUMNS": "100"}
    played = subprocess.run([sys.executable, "-m", "gateway.cli", "demo", "--script"], capture_output=True, text=True, env=environment, timeout=180, check=False)

    assert played.returncode == 0, played.stdout[-2000:] + played.stderr
    for told in ("goal: PHQ-9 below 5", "sees 0 clients", "the clinic says accepted", "the therapist's worklist says completed", "The dose of", "Everything left a trace"):
        assert told in played.stdout
    assert "Traceback" not in played.stdout + played.stderr
