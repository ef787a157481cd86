"""`python -m gateway.cli` is the `handoff` command."""

from gateway.cli import main

main()
