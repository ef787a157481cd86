"""What the commands share: settings, the store, the practice meant, answers for people and for scripts, errors with a mend."""

from __future__ import annotations

import uuid
from typing import Any

import click
import orjson
from rich.console import Console

from gateway.catalogue import synchronise
from gateway.clock import system_clock, to_ms
from gateway.context import Context, Principal
from gateway.fhir.outcome import OutcomeError
from gateway.people.account import BadAccount
from gateway.people.secret_key import BadSecretFile
from gateway.settings import BadSetting, Settings, read_settings
from gateway.smart.client import BadRegistration, UnknownClient
from gateway.smart.jwks import BadKeySet
from gateway.smart.key import BadKeyFile
from gateway.smart.scope import BadScope
from gateway.store import practice as practices
from gateway.store.audit import Journal
from gateway.store.engine import Store, StoreAway
from gateway.store.migrate import current, migrate, newest
from mappings.terminology import shipped

console = Console()

_FAILURES = (OutcomeError, BadAccount, BadSecretFile, BadSetting, BadScope, BadKeySet, BadRegistration, UnknownClient, BadKeyFile, StoreAway, FileNotFoundError, PermissionError)


class Group(click.Group):
    """Every failure that we know is one sentence on stderr and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _FAILURES as fault:
            raise click.ClickException(_ended(_sentence(fault))) from None


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", ")")) else f"{sentence}."


def _sentence(fault: BaseException) -> str:
    if isinstance(fault, OutcomeError):
        return " ".join(issue.diagnostics for issue in fault.issues)
    if isinstance(fault, StoreAway):
        return "The database cannot be reached or has no room; check HANDOFF_DATABASE_URL and the disk."
    if isinstance(fault, OSError):
        return f"{fault.filename}: {fault.strerror}."
    return str(fault).rstrip(".") + "."


def settings() -> Settings:
    return read_settings()


def open_store(*, prepare: bool = False) -> Store:
    """The store named by the settings. Without `prepare` a database of another version is a failure that names the mend."""
    store = Store(settings().database_url)
    if prepare:
        migrate(store)
    elif current(store) != newest(store):
        raise click.ClickException("The database is not at this version's schema yet; run: handoff migrate (or handoff init for a new one).")
    return store


def the_practice(store: Store, named: str | None) -> str:
    """The practice meant: the one named, or the only one there is."""
    with store.read() as connection:
        ids = practices.all_ids(connection)
    if named and named in ids:
        return named
    if named or len(ids) != 1:
        raise click.ClickException(f"Name the practice with --practice; here are: {', '.join(ids) or 'none yet (run: handoff init --practice ID --name NAME)'}.")
    return ids[0]


def operator(store: Store, practice: str) -> Context:
    """The Context of whoever has the command line: the practice's own side, audited as the operator."""
    principal = Principal("operator", "Operator at the command line", practice, "practice", "operator", "TREAT", "")
    return Context(principal, store, Journal(store), system_clock, str(uuid.uuid4()), settings().fhir_base, lambda _type, _letter: True)


def at_desk(practice: str | None) -> Context:
    """The operator's Context for the practice meant."""
    store = open_store()
    return operator(store, the_practice(store, practice))


def stock(store: Store) -> int:
    """Bring the catalogue of every practice to what this version ships; the number of resources that changed."""
    with store.read() as connection:
        ids = practices.all_ids(connection)
    return sum(synchronise(operator(store, practice), shipped()) for practice in ids)


def now() -> int:
    return to_ms(system_clock())


def tell(answer: Any, *, as_json: bool, text: str = "") -> None:
    """For a script: JSON. For a person: the text."""
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() if as_json or not text else text)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
practice_option = click.option("--practice", help="The practice's id; may be left out where there is one.")
