"""partner add, list; outbox list."""

from __future__ import annotations

from typing import Any

import click
from pydantic import ValidationError

from gateway.cli.ground import json_option, open_store, operator, practice_option, tell, the_practice
from gateway.clock import instant
from gateway.record.intake import take_in
from gateway.record.types import Partner
from gateway.store import outbox as letters
from gateway.store import record as records
from gateway.store import referral as referrals
from gateway.store.referral import Channel


@click.group()
def partner() -> None:
    """Those the practice shares care with, and how to reach them."""


@partner.command("add")
@click.argument("partner_id")
@click.option("--organization", help="The organization's name; only for a partner that is not on file yet.")
@click.option("--fhir-base", required=True, help="The partner's FHIR R4 base.")
@click.option("--client-id", required=True, help="The client_id the partner gave this gateway (send it the address of /oauth/jwks/PRACTICE).")
@practice_option
@json_option
def partner_add(partner_id: str, organization: str | None, fhir_base: str, client_id: str, practice: str | None, as_json: bool) -> None:
    """Say how a partner is reached: referrals to it go to its FHIR server.

    Example: handoff partner add 101 --fhir-base https://fhir.oldmill.example/r4 --client-id 7f3c...
    """
    store = open_store()
    named = the_practice(store, practice)
    with store.read() as connection:
        known = records.exists(connection, named, Partner.kind, partner_id)
    if not fhir_base.startswith(("https://", "http://")) or " " in fhir_base:
        raise click.BadParameter("must be an address that begins with https://.", param_hint="--fhir-base")
    if not known and not organization:
        raise click.UsageError("This partner is not on file; give --organization to add it.")
    if not known:
        _add(named, partner_id, organization or "", fhir_base)
    with store.write() as connection:
        referrals.put_channel(connection, named, Channel(partner_id, "fhir_rest", fhir_base.rstrip("/"), client_id))
    tell({"partner": partner_id, "channel": "fhir_rest"}, as_json=as_json, text="Referrals to this partner now go to its FHIR server.")


def _add(practice: str, partner_id: str, organization: str, fhir_base: str) -> None:
    try:
        record = Partner(id=partner_id, organization=organization, fhir_base=fhir_base)
    except ValidationError as fault:
        raise click.UsageError(f"{fault.errors()[0]['loc'][0]}: {fault.errors()[0]['msg']}.") from None
    take_in(operator(open_store(), practice), [record], source="command line")


@partner.command("list")
@practice_option
@json_option
def partner_list(practice: str | None, as_json: bool) -> None:
    """Every partner on file, with its channels.

    Example: handoff partner list
    """
    store = open_store()
    named = the_practice(store, practice)
    rows: list[dict[str, Any]] = []
    with store.read() as connection:
        for kept in records.of_kind(connection, named, Partner.kind):
            found = Partner.model_validate_json(kept.body)
            rows.append(
                {
                    "id": found.id,
                    "organization": found.organization,
                    "specialty": found.specialty,
                    "channels": [one.kind for one in referrals.channels_of(connection, named, found.id)],
                }
            )
    tell(rows, as_json=as_json, text="\n".join(f"{row['id']:24} {row['organization']}  {', '.join(row['channels']) or 'no channel'}" for row in rows))


@click.group()
def outbox() -> None:
    """What must still be told to someone."""


@outbox.command("list")
@practice_option
@json_option
def outbox_list(practice: str | None, as_json: bool) -> None:
    """Letters that wait: topic, attempts, when they are due again, and why the last attempt failed.

    Example: handoff outbox list
    """
    store = open_store()
    with store.read() as connection:
        waiting = letters.waiting(connection, the_practice(store, practice))
    rows = [{"seq": one.seq, "topic": one.topic, "subject": one.subject, "attempts": one.attempts, "due": instant(one.due_at), "fault": one.fault} for one in waiting]
    tell(
        rows,
        as_json=as_json,
        text="\n".join(f"{row['seq']}  {row['topic']}  {row['attempts']} attempts  due {row['due']}  {row['fault'] or ''}" for row in rows) or "Nothing waits.",
    )
