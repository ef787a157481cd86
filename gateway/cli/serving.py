"""init, serve, worker, migrate, check."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import sys
import threading
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from granian import Granian
from granian.constants import Interfaces

from gateway.channel.backend_client import BackendClient
from gateway.cli.ground import json_option, now, open_store, settings, stock, tell
from gateway.cli.sample import make_sample, welcome
from gateway.clock import system_clock
from gateway.net.client import Outgoing
from gateway.settings import Settings
from gateway.smart.brand_words import read_words
from gateway.smart.key import OwnKeys, load, load_or_create
from gateway.smart.practice_key import PracticeKeys
from gateway.store import practice as practices
from gateway.store.engine import Store
from gateway.store.migrate import current, newest
from gateway.store.migrate import migrate as migrate_store
from gateway.worker import Worker


@click.command()
@click.option("--practice", required=True, help="A short id for the practice: letters, digits, dashes.")
@click.option("--name", required=True, help="The practice's name.")
@click.option("--time-zone", default="America/New_York", show_default=True, help="The practice's time zone.")
@json_option
def init(practice: str, name: str, time_zone: str, as_json: bool) -> None:
    """Make the database, the gateway's keys and the practice; what is there already stays as it is.

    Example: handoff init --practice larkmoor --name "Larkmoor Counseling" --time-zone America/New_York
    """
    if not practice.replace("-", "").isalnum() or not practice.isascii():
        raise click.BadParameter("use letters, digits and dashes only.", param_hint="--practice")
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError):
        raise click.BadParameter("is no time zone; use a name such as America/New_York.", param_hint="--time-zone") from None
    store = open_store(prepare=True)
    load_or_create(settings().secret_key_file)
    _own_keys(store, practice)
    with store.write() as connection:
        added = practices.add(connection, practice, name, time_zone, now())
    stock(store)
    tell(
        {"practice": practice, "added": added},
        as_json=as_json,
        text=f"The practice {practice} is {'ready' if added else 'there already'}. Next: handoff import PATH, handoff client add, handoff serve.",
    )


@click.command()
@click.option("--sample", is_flag=True, help="Make (once) and serve the sample practice.")
@click.option("--no-worker", is_flag=True, help="Leave deliveries to a separate `handoff worker`.")
def serve(sample: bool, no_worker: bool) -> None:
    """Serve FHIR, OAuth, records and pages until stopped.

    Example: HANDOFF_BASE_URL=https://fhir.practice.example handoff serve
    """
    wanted = settings()
    store = open_store(prepare=sample)
    load_or_create(wanted.secret_key_file)
    read_words(wanted.brand_file)
    if sample:
        make_sample(store, wanted)
        click.echo(welcome(wanted))
    stock(store)
    store.close()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    child = None if no_worker else _start_worker(wanted)
    try:
        Granian(
            "gateway.app:serve_app",
            address=wanted.host,
            port=wanted.port,
            interface=Interfaces.WSGI,
            workers=wanted.workers,
            blocking_threads=8,  # reads wait together for one commit of their audit
            factory=True,
            log_enabled=False,
        ).serve()
    finally:
        if child is not None:
            child.terminate()
            child.join(timeout=10)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
def worker(once: bool) -> None:
    """Deliver referrals and follow them until stopped.

    Example: handoff worker
    """
    open_store().close()
    if once:
        _worker(settings()).run_once()
    else:
        _work(settings())


@click.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring the database to this version's schema, and every practice's terminology to what this version ships.

    Example: handoff migrate
    """
    store = Store(settings().database_url)
    revision = migrate_store(store)
    changed = stock(store)
    tell({"revision": revision, "terminology": changed}, as_json=as_json, text=f"The database is at revision {revision}; {changed} resources of the terminology changed.")


@click.command()
@json_option
def check(as_json: bool) -> None:
    """Say what is wrong with the settings, the keys and the store, and how to mend it.

    Example: handoff check
    """
    wanted = settings()
    store = Store(wanted.database_url)
    faults = []
    if current(store) != newest(store):
        faults.append("The database is not at this version's schema; run: handoff migrate.")
    if not Path(wanted.secret_key_file).exists():
        faults.append(f"There is no key file at {wanted.secret_key_file}; run: handoff init.")
    else:
        load(wanted.secret_key_file)
    for own in sorted(wanted.secret_key_file.parent.glob("practices/*.jwks.json")):
        load(own)
    tell({"faults": faults}, as_json=as_json, text="\n".join(faults) or "Settings, keys and database are in order.")
    if faults:
        sys.exit(1)


def _own_keys(store: Store, practice: str) -> None:
    """The first practice proves itself to partners with the gateway's keys, every other one with its own."""
    with store.read() as connection:
        here = practices.all_ids(connection)
    if here and practice not in here:
        PracticeKeys(OwnKeys(settings().secret_key_file, system_clock), system_clock).create(practice)


def _start_worker(wanted: Settings) -> multiprocessing.process.BaseProcess:
    child = multiprocessing.get_context("spawn").Process(target=_work, args=(wanted,), daemon=True, name="handoff-worker")
    child.start()
    return child


def _work(wanted: Settings) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _worker(wanted).run(stop)


def _worker(wanted: Settings) -> Worker:
    keys = PracticeKeys(OwnKeys(wanted.secret_key_file, system_clock), system_clock)
    client = BackendClient(Outgoing(allow_private=wanted.allow_private_partners), keys.signing, system_clock)
    return Worker(wanted, Store(wanted.database_url), client, system_clock)
