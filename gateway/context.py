"""All that an interaction may know: who asks, for which practice, when, and the store to ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import Clock, to_ms
from gateway.privacy.principal import Principal, Role
from gateway.store.audit import Journal
from gateway.store.engine import Store
from gateway.store.narrowing import Narrowing

__all__ = ["Context", "Principal", "Role"]


@dataclass(frozen=True)
class Context:
    principal: Principal
    store: Store
    journal: Journal
    clock: Clock
    request_id: str
    base_url: str
    """The FHIR base, `https://gateway.example.org/fhir`."""
    allows: Callable[[str, str], bool]
    """Whether the token's scope allows a resource type and one of SMART's letters c, r, u, d, s."""
    narrowing: Callable[[str], Narrowing | None] = lambda _letter: None
    """What the token's scope leaves of what may be seen or written, for one of the letters; None: all of it."""

    @property
    def now(self) -> int:
        """Milliseconds since 1970 UTC."""
        return to_ms(self.clock())
