"""What the routes need, put together once by create_app."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.clock import Clock
from gateway.settings import Settings
from gateway.store.audit import Journal
from gateway.store.engine import Store


@dataclass(frozen=True)
class Wiring:
    settings: Settings
    store: Store
    journal: Journal
    clock: Clock
