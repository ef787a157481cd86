"""client add, list, revoke, token."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from gateway.channel.backend_client import BackendClient
from gateway.cli.ground import json_option, open_store, practice_option, settings, tell, the_practice
from gateway.cli.sample import sample_clients
from gateway.clock import system_clock
from gateway.net.client import Outgoing
from gateway.net.line import PartnerAway
from gateway.smart.client import add_client, list_clients, revoke_client
from gateway.smart.key import load
from gateway.store import record as records
from gateway.store.engine import Store

RECORD_WRITE = "__record.write"


@click.group()
def client() -> None:
    """The systems that may ask for tokens (SMART backend services)."""


@client.command("add")
@click.option("--name", required=True, help="What people call it.")
@click.option("--jwks", required=True, help="Its public keys: a JWK set file, or an https URL.")
@click.option("--scope", required=True, help='SMART scopes, "system/Patient.rs system/Observation.rs" say.')
@click.option("--partner", help="The id of the partner record it acts for: it sees what releases and referrals open to that partner.")
@click.option("--purpose", type=click.Choice(["TREAT", "HPAYMT", "HOPERAT"]), default="TREAT", show_default=True, help="Why it asks (v3-ActReason).")
@practice_option
@json_option
def client_add(name: str, jwks: str, scope: str, partner: str | None, purpose: str, practice: str | None, as_json: bool) -> None:
    """Register a client. One with the scope __record.write is the practice's own system and sees its practice;
    every other client sees only what a release or a referral opened to its partner.

    Example: handoff client add --name "Riverbend EHR" --jwks riverbend.jwks.json --scope "system/*.rs" --partner 101
    """
    store = open_store()
    named = the_practice(store, practice)
    own = RECORD_WRITE in scope.split()
    if partner is not None:
        _check_partner(store, named, partner, own)
    inline = None if jwks.startswith(("https://", "http://")) else _key_set(Path(jwks))
    client_id = add_client(
        store,
        system_clock,
        practice=named,
        name=name,
        scope=scope,
        jwks=inline,
        jwks_uri=jwks if inline is None else None,
        role="practice" if own else "partner",
        recipient=partner,
        purpose=purpose,
        allow_private_jwks=settings().allow_private_partners,
    )
    tell({"client_id": client_id}, as_json=as_json, text=f"Registered. Its client_id is {client_id}; it asks for tokens at {settings().base_url}/oauth/token.")


def _check_partner(store: Store, practice: str, partner: str, own: bool) -> None:
    if own:
        raise click.UsageError(f"{RECORD_WRITE} belongs to the practice's own system; leave out either it or --partner.")
    with store.read() as connection:
        if not records.exists(connection, practice, "partner", partner):
            raise click.BadParameter("is no partner on file; import the practice's address book, or see: handoff partner add.", param_hint="--partner")


def _key_set(path: Path) -> dict[str, object]:
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as fault:
        raise click.ClickException(f"{path}, line {fault.lineno}, column {fault.colno}: not JSON; give a JWK set with the client's public keys.") from None
    if not isinstance(found, dict):
        raise click.ClickException(f'{path}: not a JWK set; it must be an object with "keys".')
    return found


@client.command("list")
@practice_option
@json_option
def client_list(practice: str | None, as_json: bool) -> None:
    """Every client with its scope; secrets are never shown.

    Example: handoff client list
    """
    store = open_store()
    found = list_clients(store, system_clock, the_practice(store, practice))
    rows = [{"client_id": one.client_id, "name": one.name, "role": one.role, "partner": one.recipient, "scope": one.scope, "revoked": one.revoked_at is not None} for one in found]
    tell(rows, as_json=as_json, text="\n".join(f"{row['client_id']}  {row['role']:8}  {row['name']}{'  (revoked)' if row['revoked'] else ''}" for row in rows))


@client.command("revoke")
@click.argument("client_id")
@json_option
def client_revoke(client_id: str, as_json: bool) -> None:
    """Refuse a client from now on, tokens it holds included.

    Example: handoff client revoke 5c1c...
    """
    revoke_client(open_store(), system_clock, client_id)
    tell({"client_id": client_id, "revoked": True}, as_json=as_json, text="Revoked; its tokens are refused within a second.")


@client.command("token")
@click.argument("name", required=False)
@click.option("--key", type=click.Path(path_type=Path), help="The client's private keys (JWK set file).")
@click.option("--client-id", help="The client's id.")
@click.option("--scope", default="system/*.rs", show_default=True)
@click.option("--base", help="The FHIR base to ask at; this gateway's by default.")
def client_token(name: str | None, key: Path | None, client_id: str | None, scope: str, base: str | None) -> None:
    """Get an access token as a client would, and print it. NAME is one of the sample clients; or give --key and --client-id.

    Example: TOKEN=$(handoff client token psychiatrist)
    """
    if name is not None:
        sample = sample_clients(settings())
        if name not in sample:
            raise click.BadParameter(f"is no sample client; there are: {', '.join(sample) or 'none (run: handoff serve --sample)'}", param_hint="NAME")
        key, client_id, scope = Path(sample[name]["key"]), sample[name]["client_id"], sample[name]["scope"]
    if key is None or client_id is None:
        raise click.UsageError("Give the NAME of a sample client, or both --key and --client-id.")
    asking = BackendClient(Outgoing(allow_private=True), load(key), system_clock)
    try:
        click.echo(asking.token(base or settings().fhir_base, client_id, scope))
    except PartnerAway as fault:
        raise click.ClickException(f"No token: {fault}. Is the gateway running at this address (make run), and is the client registered with this key?") from None
