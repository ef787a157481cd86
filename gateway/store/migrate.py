"""Bring a database to this version's schema, step by step (Alembic); the migrations are in `migration/versions`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.store.engine import Store


def _config(store: Store) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migration"))
    config.attributes["engine"] = store.engine
    return config


def migrate(store: Store) -> str:
    """Upgrade to the newest revision and name it; nothing happens where it is there already."""
    command.upgrade(_config(store), "head")
    return newest(store)


def newest(store: Store) -> str:
    """The revision that this version of the code wants."""
    return ScriptDirectory.from_config(_config(store)).get_current_head() or ""


def current(store: Store) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with store.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()
