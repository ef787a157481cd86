"""audit report: who saw or changed a client's records."""

from __future__ import annotations

import click
import orjson

from gateway.cli.ground import json_option, open_store, practice_option, tell, the_practice
from gateway.clock import instant
from gateway.store import audit as audits
from mappings.identity import Site


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("report")
@click.option("--client", required=True, help="The client's record id.")
@practice_option
@json_option
def audit_report(client: str, practice: str | None, as_json: bool) -> None:
    """Who read or changed anything of a client, newest first.

    Example: handoff audit report --client 101
    """
    store = open_store()
    named = the_practice(store, practice)
    with store.read() as connection:
        rows = audits.trail(connection, named, Site(named).id("client", client))
    told = []
    for row in rows:
        body = orjson.loads(row.body)
        told.append(
            {
                "when": instant(row.recorded_at),
                "who": body["agent"][0]["who"].get("display", row.agent),
                "what": body["subtype"][0]["code"],
                "resources": len(body["entity"]) - 2,
                "outcome": row.outcome,
            }
        )
    tell(
        told,
        as_json=as_json,
        text="\n".join(f"{one['when']}  {one['who']:40}  {one['what']:18} {one['resources']} resources" for one in told) or "Nothing was read or changed yet.",
    )
