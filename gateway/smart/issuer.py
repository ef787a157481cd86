"""Who issues: the store and the clock of the authorization server, its name, and the keys it signs with."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.clock import Clock, to_ms
from gateway.smart.key import OwnKeys
from gateway.store.engine import Store


@dataclass(frozen=True)
class Issuer:
    store: Store
    clock: Clock
    url: str
    """The public base URL: `iss` of every id_token (OpenID Connect Core 1.0 section 2)."""
    fhir_base: str
    keys: OwnKeys | None = field(repr=False)
    """Without keys there are no id_tokens."""

    @property
    def now(self) -> int:
        """Milliseconds since 1970 UTC."""
        return to_ms(self.clock())
