"""risk list: screenings that found risk and that no later screening has closed."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.ground import at_desk, json_option, practice_option, tell
from gateway.fhir.json import parse
from gateway.fhir.search_query import read_query
from gateway.fhir.search_value import elements
from gateway.incoming.ground import body_of, client_of
from gateway.privacy.decision import clearance
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.resource import Stored
from gateway.store.search import find

_OPEN = [("status", "requested"), ("intent", "order"), ("priority", "stat"), ("_sort", "-authored-on")]
_MOST = 1_000


@click.group()
def risk() -> None:
    """Screenings that found a risk of suicide or self-harm."""


@risk.command("list")
@practice_option
@json_option
def risk_list(practice: str | None, as_json: bool) -> None:
    """Every client whose last screening found risk, newest first. A new screening takes a client off the list.

    Example: handoff risk list
    """
    context = at_desk(practice)
    with context.store.read() as connection:
        query = read_query("Task", _OPEN, zone_of(connection, context.principal.practice))
        found = [_told(connection, context.principal.practice, one) for one in find(connection, clearance(context.principal, context.now), query, limit=_MOST)]
    open_now = [one for one in found if one["finding"].startswith("Observation/")]
    tell(
        open_now,
        as_json=as_json,
        text="\n".join(f"{one['since'][:16].replace('T', ' ')}  client {one['client']}  {one['found']}" for one in open_now) or "No screening that found risk stands open.",
    )


def _told(connection: Connection, practice: str, stored: Stored) -> dict[str, Any]:
    """A referral that cannot wait is `stat` too: its focus is no finding."""
    body = parse(stored.body)
    finding = str(body.get("focus", {}).get("reference", ""))
    said = body_of(connection, practice, finding) or {}
    return {
        "client": client_of(connection, practice, stored.patient),
        "since": body.get("authoredOn", ""),
        "finding": finding,
        "found": ": ".join(str(value) for path in ("code.text", "valueCodeableConcept.text") for value in elements(said, path)),
        "task": f"Task/{stored.id}",
        "to_do": body.get("description", ""),
    }
