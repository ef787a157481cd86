"""ccda referral, plan, take: C-CDA documents to hand over, and those that come back."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.ground import at_desk, json_option, practice_option, tell
from gateway.referral.document import care_plan, referral_note
from gateway.referral.returned import take

_TO_FILE = "Write the document to this file; without it, to the terminal."


def _hand_over(document: bytes, out: Path | None) -> None:
    if out is None:
        click.echo(document)
        return
    out.write_bytes(document)
    click.echo(f"{out}: {len(document):,} bytes.", err=True)


@click.group()
def ccda() -> None:
    """C-CDA documents: a referral or a care plan out, a consultation note in."""


@ccda.command("referral")
@click.argument("referral_id")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_TO_FILE)
@practice_option
def ccda_referral(referral_id: str, out: Path | None, practice: str | None) -> None:
    """The Referral Note of a referral: the same items that `handoff referral preview` shows as going.

    Example: handoff ccda referral 12 --out referral-12.xml
    """
    _hand_over(referral_note(at_desk(practice), referral_id), out)


@ccda.command("plan")
@click.argument("plan_id")
@click.option("--partner", help="As this partner may see it; without it, as the practice does.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_TO_FILE)
@practice_option
def ccda_plan(plan_id: str, partner: str | None, out: Path | None, practice: str | None) -> None:
    """The Care Plan document of a treatment plan.

    Example: handoff ccda plan 66 --partner 101 --out plan-66.xml
    """
    _hand_over(care_plan(at_desk(practice), plan_id, partner), out)


@ccda.command("take")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--partner", help="The partner who sent it.")
@practice_option
@json_option
def ccda_take(file: Path, partner: str | None, practice: str | None, as_json: bool) -> None:
    """Take in a Consultation Note, a CCD or a Referral Note that came back; the same file twice changes nothing.

    Example: handoff ccda take consultation.xml --partner 101
    """
    told = take(at_desk(practice), file.read_bytes(), partner)
    whom = "filed with its client" if told["matched"] else "its client is not known here; it waits among the consultations without a client"
    lines = [f"{told['document']}: {whom}; {told['resources']} resources are new or changed."]
    lines += [f"It answers referral {', '.join(told['referrals'])}."] if told["referrals"] else []
    lines += ["Kept with the document alone:", *(f"  {each}" for each in told["unheld"])] if told["unheld"] else []
    tell(told, as_json=as_json, text="\n".join(lines))
