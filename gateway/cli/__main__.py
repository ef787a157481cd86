"""`python -m gateway.cli` is the `handoff` command."""

from __future__ import annotations

from gateway.cli import main

main()
