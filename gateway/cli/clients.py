"""client add, list, show, rotate, approve, revoke, token."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client_care import client_approve, client_revoke, client_rotate, client_show, client_token
from gateway.cli.client_facts import Keys, check_partner, in_a_line, keys_given, main_facts, reminder
from gateway.cli.ground import json_option, open_store, practice_option, settings, tell, the_practice
from gateway.clock import system_clock
from gateway.smart.app import AuthMethod, Registration, add_app
from gateway.smart.client import add_client, list_clients
from gateway.smart.scope import RECORD_WRITE
from gateway.store.engine import Store


@click.group()
def client() -> None:
    """The systems that may ask for tokens (SMART backend services), and the apps that people use (SMART App Launch)."""


@client.command("add")
@click.option("--name", required=True, help="What people call it.")
@click.option("--scope", required=True, help='SMART scopes: "system/Patient.rs" for a backend system, "launch openid fhirUser patient/*.rs" for an app.')
@click.option("--jwks", help="Its public keys: a JWK set file, or an https URL. A backend system needs them; an app with keys is confidential by them.")
@click.option("--partner", help="Backend: the id of the partner record it acts for; it sees what releases and referrals open to that partner.")
@click.option("--purpose", type=click.Choice(["TREAT", "HPAYMT", "HOPERAT"]), default="TREAT", show_default=True, help="Backend: why it asks (v3-ActReason).")
@click.option("--redirect", "redirects", multiple=True, metavar="URI", help="App: where people are sent back to; once for each address.")
@click.option("--public", "method", flag_value="none", help="App: it can keep no secret (in a browser, on a phone).")
@click.option("--confidential", "method", flag_value="client_secret_basic", help="App: it has a server that keeps a secret.")
@click.option("--launch-url", help="App: where the practice's pages open it.")
@click.option("--logout-redirect", "logouts", multiple=True, metavar="URI", help="App: where people are sent after they signed out.")
@click.option("--origin", "origins", multiple=True, help="App: from where its pages call (CORS); by default the origins of its redirect URIs.")
@click.option("--site", help="App: its web page, shown to people who are asked.")
@click.option("--logo", help="App: the https address of its logo.")
@click.option("--strict", is_flag=True, help="Demand DPoP, pushed authorization requests and resource indicators.")
@practice_option
@json_option
def client_add(name: str, scope: str, jwks: str | None, practice: str | None, as_json: bool, **more: Any) -> None:
    """Register a backend system, or with --redirect an app.

    A backend system with the scope __record.write is the practice's own and sees its practice; every other sees only
    what a release or a referral opened to its partner. An app sees what the person who uses it allows, and may see.

    \b
    Example: handoff client add --name "Riverbend EHR" --jwks riverbend.jwks.json --scope "system/*.rs" --partner 101
    Example: handoff client add --name "Sleep diary" --public --redirect https://diary.example/back
             --scope "launch/patient openid fhirUser patient/Observation.rs"
    """
    store = open_store()
    add = _add_app if more["redirects"] else _add_backend
    add(store, the_practice(store, practice), name, scope, keys_given(jwks), as_json=as_json, **more)


def _add_backend(
    store: Store, practice: str, name: str, scope: str, keys: Keys, *, as_json: bool, partner: str | None, purpose: str, strict: bool, redirects: Any, **of_apps: Any
) -> None:
    del redirects
    if any(of_apps.values()):
        raise click.UsageError("That describes an app; give also --redirect, where people are sent back to.")
    if keys == Keys(None, None):
        raise click.UsageError("A backend system needs --jwks, its public keys; an app needs --redirect.")
    own = RECORD_WRITE in scope.split()
    if own and partner is not None:
        raise click.UsageError(f"{RECORD_WRITE} belongs to the practice's own system; leave out either it or --partner.")
    check_partner(store, practice, partner)
    client_id = add_client(
        store,
        system_clock,
        practice=practice,
        name=name,
        scope=scope,
        jwks=keys.jwks,
        jwks_uri=keys.jwks_uri,
        role="practice" if own else "partner",
        recipient=partner,
        purpose=purpose,
        strict=strict,
        allow_private_jwks=settings().allow_private_partners,
    )
    text = f"Registered. Its client_id is {client_id}; it asks for tokens at {settings().base_url}/oauth/token."
    tell({"client_id": client_id}, as_json=as_json, text=text + reminder(keys, client_id))


def _add_app(store: Store, practice: str, name: str, scope: str, keys: Keys, *, as_json: bool, partner: str | None, purpose: str, **more: Any) -> None:
    if partner is not None or purpose != "TREAT":
        raise click.UsageError("--partner and --purpose belong to a backend system; an app acts for the person who uses it.")
    about = {name: value for name, value in (("client_uri", more["site"]), ("logo_uri", more["logo"])) if value}
    asked = Registration(
        name,
        scope,
        more["redirects"],
        _method(more["method"], keys),
        keys.jwks,
        keys.jwks_uri,
        more["launch_url"],
        more["logouts"],
        more["origins"],
        strict=more["strict"],
        about=about,
    )
    added = add_app(store, system_clock, practice, asked, allow_private_jwks=settings().allow_private_partners)
    secret = {"client_secret": added.secret} if added.secret else {}
    text = f"Registered. Its client_id is {added.client_id}." + (f"\nIts secret, shown this once: {added.secret}" if added.secret else "")
    tell({"client_id": added.client_id} | secret, as_json=as_json, text=text + reminder(keys, added.client_id))


def _method(chosen: AuthMethod | None, keys: Keys) -> AuthMethod:
    """One way to prove itself, said aloud: a default would make a public app of one that can keep a secret, or the other way round."""
    has_keys = keys != Keys(None, None)
    if (chosen is not None) == has_keys:
        raise click.UsageError("Say how the app proves itself, in one way: --public, --confidential, or --jwks with its keys.")
    return chosen or "private_key_jwt"


@client.command("list")
@practice_option
@json_option
def client_list(practice: str | None, as_json: bool) -> None:
    """Every client with its kind, how it proves itself and how it stands; secrets are never shown.

    Example: handoff client list
    """
    store = open_store()
    found = list_clients(store, system_clock, the_practice(store, practice))
    tell([main_facts(one) for one in found], as_json=as_json, text="\n".join(in_a_line(one) for one in found))


for _command in (client_show, client_rotate, client_approve, client_revoke, client_token):
    client.add_command(_command)
