"""client show, rotate, approve, revoke, token: what is done with a client that is there."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.channel.backend_client import BackendClient
from gateway.cli.client_facts import Span, all_facts, check_partner, in_lines, keys_given
from gateway.cli.ground import json_option, open_store, practice_option, settings, tell, the_practice
from gateway.cli.sample import sample_clients
from gateway.clock import system_clock
from gateway.net.client import Outgoing
from gateway.net.line import PartnerAway
from gateway.smart.client import any_client, revoke_client
from gateway.smart.client_change import approve_client, replace_keys, rotate_secret
from gateway.smart.key import load


@click.command("show")
@click.argument("client_id")
@json_option
def client_show(client_id: str, as_json: bool) -> None:
    """All that a client was registered with; look at it before you approve it.

    Example: handoff client show 5c1c...
    """
    facts = all_facts(any_client(open_store(), system_clock, client_id))
    tell(facts, as_json=as_json, text=in_lines(facts))


@click.command("rotate")
@click.argument("client_id")
@click.option("--overlap", type=Span(), default="24h", show_default=True, help="How long the secret before stays good; 0s ends it at once.")
@click.option("--jwks", help="New public keys (JWK set file, or an https URL) of a client that has keys; for an overlap put the old ones in the set too.")
@json_option
def client_rotate(client_id: str, overlap: int, jwks: str | None, as_json: bool) -> None:
    """A new secret for an app that has one, shown once; or new keys for a client that proves itself by keys.

    Example: handoff client rotate 5c1c... --overlap 24h
    """
    if jwks is not None:
        keys = keys_given(jwks)
        replace_keys(open_store(), system_clock, client_id, keys.jwks, keys.jwks_uri, allow_private_jwks=settings().allow_private_partners)
        tell({"client_id": client_id}, as_json=as_json, text="The new keys count from now on.")
        return
    secret = rotate_secret(open_store(), system_clock, client_id, overlap)
    until = f"the one before is good for another {overlap // 3600} h {overlap % 3600 // 60} min" if overlap else "the one before is refused from now on"
    tell({"client_id": client_id, "client_secret": secret, "overlap_seconds": overlap}, as_json=as_json, text=f"Its new secret, shown this once: {secret}\n({until})")


@click.command("approve")
@click.argument("client_id")
@click.option("--partner", help="A backend system: the id of the partner record it acts for.")
@practice_option
@json_option
def client_approve(client_id: str, partner: str | None, practice: str | None, as_json: bool) -> None:
    """Let a client act that registered itself. Look first: handoff client show.

    Example: handoff client approve 5c1c...
    """
    store = open_store()
    named = the_practice(store, practice)
    check_partner(store, named, partner)
    facts = all_facts(approve_client(store, system_clock, named, client_id, partner))
    tell(facts, as_json=as_json, text=f"Approved, with all that it registered:\n{in_lines(facts)}")


@click.command("revoke")
@click.argument("client_id")
@json_option
def client_revoke(client_id: str, as_json: bool) -> None:
    """Refuse a client from now on; the tokens it holds and what people allowed it end too.

    Example: handoff client revoke 5c1c...
    """
    revoke_client(open_store(), system_clock, client_id)
    tell({"client_id": client_id, "revoked": True}, as_json=as_json, text="Revoked; its tokens are refused within a second.")


@click.command("token")
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
