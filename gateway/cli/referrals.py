"""referral preview, send, list, show, withdraw; medication list."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.ground import at_desk, json_option, practice_option, tell
from gateway.record.types import MedicationChange
from gateway.referral.desk import preview_referral, send_referral, withdraw_referral, worklist
from gateway.store import record as records


@click.group()
def referral() -> None:
    """Referrals: see what would leave, send it, watch it, take it back."""


@referral.command("preview")
@click.argument("referral_id")
@practice_option
@json_option
def referral_preview(referral_id: str, practice: str | None, as_json: bool) -> None:
    """Item by item what would leave and what would stay, with reasons; --json holds each resource as it is stored.

    Example: handoff referral preview 12
    """
    told = preview_referral(at_desk(practice), referral_id)
    tell(told, as_json=as_json, text=preview_text(told))


def preview_text(told: dict[str, Any]) -> str:
    lines = [f"  {'goes ' if item['goes'] else 'stays'}  {item['resource'].partition('/')[0]:20} {item['title'][:60]:60}  {item['why']}" for item in told["items"]]
    return "\n".join([f"Referral {told['referral']} to partner {told['recipient']}:", *lines, "" if told["sendable"] else "It cannot be sent: a consent is missing."])


@referral.command("send")
@click.argument("referral_id")
@practice_option
@json_option
def referral_send(referral_id: str, practice: str | None, as_json: bool) -> None:
    """Send a referral; a second send changes nothing.

    Example: handoff referral send 12
    """
    told = send_referral(at_desk(practice), referral_id)
    tell(told, as_json=as_json, text=f"{'Sent' if told['sent'] else 'Sent before; nothing changed'}. It is {told['task']}; watch it with: handoff referral show {referral_id}")


@referral.command("list")
@practice_option
@json_option
def referral_list(practice: str | None, as_json: bool) -> None:
    """Every sent referral, its state, and when news is due.

    Example: handoff referral list
    """
    rows = worklist(at_desk(practice))
    tell(
        rows,
        as_json=as_json,
        text="\n".join(f"{row['state']:24} {row['recipient']:20} since {row['since']}  news due {row['news_due'] or '-'}  {row['task']}" for row in rows)
        or "No referral was sent yet.",
    )


@referral.command("show")
@click.argument("referral_id")
@practice_option
@json_option
def referral_show(referral_id: str, practice: str | None, as_json: bool) -> None:
    """The story of one referral, step by step.

    Example: handoff referral show 12
    """
    context = at_desk(practice)
    task = preview_referral(context, referral_id)["items"][1]["resource"]
    found = next((row for row in worklist(context) if row["task"] == task), None)
    if found is None:
        raise click.ClickException(f"Referral {referral_id} was not sent yet; send it with: handoff referral send {referral_id}")
    tell(
        found,
        as_json=as_json,
        text="\n".join([f"{found['state']}  ({found['task']})", *(f"  {step['at']}  {step['by']}: {step['event']} -> {step['to']}" for step in found["story"])]),
    )


@referral.command("withdraw")
@click.argument("referral_id")
@practice_option
@json_option
def referral_withdraw(referral_id: str, practice: str | None, as_json: bool) -> None:
    """Take a referral back before it arrives, or ask the recipient to cancel it.

    Example: handoff referral withdraw 12
    """
    told = withdraw_referral(at_desk(practice), referral_id)
    tell(told, as_json=as_json, text=f"It is now {told['state']}.")


@click.group()
def medication() -> None:
    """What prescribers changed."""


@medication.command("list")
@practice_option
@json_option
def medication_list(practice: str | None, as_json: bool) -> None:
    """The newest changes: old and new dose, who and when, why, and what only the resource holds.

    Example: handoff medication list
    """
    context = at_desk(practice)
    with context.store.read() as connection:
        kept = records.of_kind(connection, context.principal.practice, MedicationChange.kind)
    found = [MedicationChange.model_validate_json(one.body) for one in kept]
    tell(
        [one.model_dump(mode="json") for one in found],
        as_json=as_json,
        text="\n".join(map(change_text, found)) or "No change came in yet.",
    )


def change_text(one: MedicationChange) -> str:
    """A change as a therapist reads it: the sentence, then line by line what is known beside it."""
    old, new = ", ".join(filter(None, (one.old_drug, one.old_dose))), ", ".join(filter(None, (one.old_drug and one.drug, one.new_dose)))
    lines = (
        ("dose", f"{old or 'nothing known'} -> {new}" if new else f"{old} -> none" if old else ""),
        ("taken", one.instructions),
        ("from", one.effective),
        ("why", one.reason),
        ("note", " ".join(one.note.split()) if one.note else ""),
        ("call", one.prescriber_contact),
        ("only in", f"{one.source}: {', '.join(one.unheld)}" if one.unheld else ""),
    )
    head = f"{one.received_at:%Y-%m-%d %H:%M}  {one.client or f'nobody on file ({one.patient})'}: {one.sentence}  ({one.prescriber})"
    return "\n".join([head, *(f"    {name:8}{words}" for name, words in lines if words)])
