"""The `handoff` command."""

from __future__ import annotations

import click

from gateway.cli.audits import audit
from gateway.cli.clients import client
from gateway.cli.demo import demo
from gateway.cli.documents import ccda
from gateway.cli.ground import Group
from gateway.cli.importing import import_
from gateway.cli.keys import key
from gateway.cli.partners import outbox, partner
from gateway.cli.referrals import medication, referral
from gateway.cli.risks import risk
from gateway.cli.serving import check, init, migrate, serve, worker
from gateway.cli.sourcing import source
from gateway.cli.users import user


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="handoff")
def main() -> None:
    """Handoff: a FHIR gateway for behavioral health.

    Settings come from HANDOFF_* variables; without any, everything is kept in ./demo.

    Example: handoff serve --sample
    """


for command in (init, serve, worker, demo, import_, source, partner, client, user, key, referral, ccda, risk, medication, outbox, audit, migrate, check):
    main.add_command(command)
