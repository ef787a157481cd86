"""Who signs in at the sample practice: one person of each kind, with a password and a one-time-code secret made at random, kept for whoever tries it."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from pathlib import Path

from gateway.cli.ground import now
from gateway.people import secret_key, totp
from gateway.people.account import NewAccount, Proofs, add_account
from gateway.people.trace import Asked
from gateway.sample import DEMO_CLIENT, DEMO_FRONT_DESK, DEMO_SUPERVISOR, DEMO_THERAPIST, PRACTICE_ID
from gateway.settings import Settings
from gateway.store import account as accounts
from gateway.store.engine import Store

_PEOPLE = (
    NewAccount("therapist", "Imani Brathwaite", ("therapist",), clinician=DEMO_THERAPIST),
    NewAccount("supervisor", "Dr. Adaeze Nwosu", ("therapist", "supervisor"), clinician=DEMO_SUPERVISOR),
    NewAccount("frontdesk", "Beatriz Fontes", ("front_desk",), clinician=DEMO_FRONT_DESK),
    NewAccount("client", "Ana (a client)", ("client",), client=DEMO_CLIENT),
)


def make_people(store: Store, settings: Settings) -> None:
    """An account for each that has none yet; what they sign in with is written down first, so that a crash between leaves nobody locked out."""
    known = _written(settings)
    key = secret_key.load_or_create(secret_key.beside(settings.secret_key_file))
    asked = Asked(now(), str(uuid.uuid4()), settings.base_url, by="operator")
    for person in _PEOPLE:
        with store.read() as connection:
            is_there = accounts.account_by_name(connection, person.name) is not None
        if not is_there:
            told = known[person.name]
            add_account(store, PRACTICE_ID, person, asked, proofs=Proofs(told["password"], told["totp_secret"]), key=key)


def sign_in_words(settings: Settings) -> str:
    """As whom one may sign in, for the terminal."""
    lines = [f"    {name:<11} password {told['password']}   authenticator secret {told['totp_secret']}" for name, told in _written(settings).items()]
    return "\n".join(
        [
            f"  Sign in:  {settings.base_url}/sign-in   as one of these (also in {_file(settings)}):",
            *lines,
            "    A code without an app: .venv/bin/python -c 'import pyotp, sys; print(pyotp.TOTP(sys.argv[1]).now())' SECRET",
        ]
    )


def _written(settings: Settings) -> dict[str, dict[str, str]]:
    """Name -> password and secret; made and written on first use, mode 0600."""
    path = _file(settings)
    if not path.exists():
        made = {person.name: {"password": _password(), "totp_secret": totp.new_secret()} for person in _PEOPLE}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file, indent=2)
    found: dict[str, dict[str, str]] = json.loads(path.read_text())
    return found


def _password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))


def _file(settings: Settings) -> Path:
    return settings.secret_key_file.parent / "people.json"
