"""user add, list, disable, enable, reset."""

from __future__ import annotations

import uuid
from typing import Any

import click

from gateway.cli.ground import json_option, now, open_store, practice_option, settings, tell, the_practice
from gateway.clock import instant
from gateway.people.account import DUTIES, Added, BadAccount, NewAccount, add_account
from gateway.people.account import disable as disable_account
from gateway.people.account import enable as enable_account
from gateway.people.account import reset as reset_account
from gateway.people.trace import Asked
from gateway.store import account as accounts


@click.group()
def user() -> None:
    """The people who sign in."""


@user.command("add")
@click.argument("name")
@click.option("--display", required=True, help="The person's name as it is shown.")
@click.option("--duty", "duties", multiple=True, required=True, help=f"What the person does here; may be given several times: {', '.join(DUTIES)}.")
@click.option("--clinician", help="The id of the person's own clinician record (a therapist or supervisor needs one).")
@click.option("--client", help="The id of the client's record (the duty client needs it).")
@click.option("--openid-subject", help="The person's `sub` at the practice's OpenID provider, to sign in there.")
@practice_option
@json_option
def user_add(name: str, display: str, duties: tuple[str, ...], clinician: str | None, client: str | None, openid_subject: str | None, practice: str | None, as_json: bool) -> None:
    """Make an account and print the link with which its person enrols, once. NAME is what is typed to sign in.

    Example: handoff user add m.lund --display "Maren Lund" --duty therapist --clinician c7
    """
    store = open_store()
    person = NewAccount(name, display, duties, clinician, client, _subject(openid_subject))
    _tell_link(add_account(store, the_practice(store, practice), person, _asked()), as_json)


@user.command("list")
@practice_option
@json_option
def user_list(practice: str | None, as_json: bool) -> None:
    """Every account with its duties; secrets are never shown.

    Example: handoff user list
    """
    store = open_store()
    rows: list[dict[str, Any]] = []
    with store.read() as connection:
        for row in accounts.accounts(connection, the_practice(store, practice)):
            enrolled = row.password_hash is not None or row.openid_subject is not None
            state = "disabled" if row.disabled_at is not None else "enrolled" if enrolled else "not enrolled yet"
            rows.append({"name": row.name, "display": row.display, "duties": row.roles.split(), "fhir_user": row.fhir_user, "state": state, "id": row.id})
    tell(rows, as_json=as_json, text="\n".join(f"{row['name']:24} {row['display']:28} {', '.join(row['duties']):32} {row['state']}" for row in rows) or "No accounts yet.")


@user.command("disable")
@click.argument("name")
@json_option
def user_disable(name: str, as_json: bool) -> None:
    """From now on nobody signs in with this account; its sessions end, and what apps may do in its name.

    Example: handoff user disable m.lund
    """
    row = disable_account(open_store(), name, _asked())
    tell({"name": row.name, "disabled": True}, as_json=as_json, text="Disabled; sessions and apps are refused within a second.")


@user.command("enable")
@click.argument("name")
@json_option
def user_enable(name: str, as_json: bool) -> None:
    """Let a disabled account sign in again, with what it had.

    Example: handoff user enable m.lund
    """
    row = enable_account(open_store(), name, _asked())
    tell({"name": row.name, "disabled": False}, as_json=as_json, text="Enabled; the person signs in as before.")


@user.command("reset")
@click.argument("name")
@json_option
def user_reset(name: str, as_json: bool) -> None:
    """Take away password, second factors and sessions, and print a new enrolment link, once.

    Example: handoff user reset m.lund
    """
    _tell_link(reset_account(open_store(), name, _asked()), as_json)


def _tell_link(added: Added, as_json: bool) -> None:
    link = f"{settings().base_url}/enrol/{added.enrolment}"
    row = added.account
    answer = {"name": row.name, "id": row.id, "fhir_user": row.fhir_user, "enrolment_link": link, "good_until": instant(added.good_until)}
    tell(answer, as_json=as_json, text=f"Give {row.name} this link, over a way that only they read. It is good once, for 72 hours, and not shown again:\n{link}")


def _subject(sub: str | None) -> str | None:
    if sub is None:
        return None
    issuer = settings().openid_issuer
    if not issuer:
        raise BadAccount("No OpenID provider is set up; set HANDOFF_OPENID_ISSUER first")
    return f"{issuer}|{sub}"


def _asked() -> Asked:
    return Asked(now(), str(uuid.uuid4()), settings().base_url, by="operator")
