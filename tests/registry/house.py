"""A whole gateway in one process with settings of its own, and what a browser app does to it."""

from __future__ import annotations

from pathlib import Path

from gateway.app import create_app
from gateway.clock import to_ms
from gateway.settings import read_settings
from gateway.smart.app import NewApp, Registration, add_app
from gateway.store import practice as practices
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from tests.smart.world import StillClock

PRACTICE = "larkmoor"
PUBLIC = "https://gateway.example.org"
ORIGIN = "https://app.example.org"
BACK = f"{ORIGIN}/back"


class House:
    """One practice, Larkmoor Counseling, at https://gateway.example.org. `settings`: HANDOFF_... variables."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.clock = StillClock()
        url = f"sqlite:///{folder}/handoff.db"
        self.settings = read_settings(
            {"HANDOFF_BASE_URL": PUBLIC, "HANDOFF_DATABASE_URL": url, "HANDOFF_SECRET_KEY_FILE": str(folder / "gateway.jwks.json")} | settings,
        )
        self.store = Store(self.settings.database_url)
        migrate(self.store)
        with self.store.write() as connection:
            practices.add(connection, PRACTICE, "Larkmoor Counseling", "America/New_York", to_ms(self.clock()))
        self.open()

    def open(self) -> None:
        """Start it (again)."""
        self.app = create_app(self.settings, store=self.store, clock=self.clock)
        self.http = self.app.test_client()

    def add(self, name: str = "Sleep diary", scope: str = "patient/Patient.rs", redirect_uris: tuple[str, ...] = (BACK,), **more: object) -> NewApp:
        return add_app(self.store, self.clock, PRACTICE, Registration(name, scope, redirect_uris, **more))  # type: ignore[arg-type]

    def close(self) -> None:
        self.app.extensions["handoff"].journal.close()
        self.store.close()
