"""With which keys a practice proves itself to its partners: with its own, or with the gateway's where it has none.

A practice's own keys lie in `practices/` beside the gateway's. The first practice of an installation begins with the gateway's,
which its partners have registered; every later one is given its own by `handoff init`, and the first by `handoff key rotate
--practice`. No `jku` is ever sent: whether a partner registered our address or our keys is not known here, and leaving it out is
right for both (SMART 2.2.0 client-confidential-asymmetric).
"""

from __future__ import annotations

import re
from pathlib import Path

from gateway.clock import Clock
from gateway.smart.key import PARTNER_ALGORITHMS, OwnKeys, SigningKey, load_or_create
from gateway.smart.rotation import LEAD_S, OVERLAP_S, Rotation, rotate

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


class PracticeKeys:
    """The key sets of the practices of one installation. Safe among threads: a key set found twice is the same one."""

    def __init__(self, gateway: OwnKeys, clock: Clock) -> None:
        self.gateway = gateway
        self._clock = clock
        self._own: dict[str, OwnKeys] = {}

    def signing(self, practice: str) -> list[SigningKey]:
        """The keys with which this practice may sign now, for each algorithm the newest first."""
        keys = self.own(practice) or self.gateway
        return [key for algorithm in PARTNER_ALGORITHMS for key in keys.signing(algorithm)]

    def published(self, practice: str) -> list[SigningKey]:
        """What its partners may find."""
        keys = self.own(practice) or self.gateway
        return [key for key in keys.published() if key.alg in PARTNER_ALGORITHMS]

    def published_by_gateway(self, first: str | None) -> list[SigningKey]:
        """The gateway's keys, and those of the first practice, whose partners may have registered the gateway's address."""
        own = self.published(first) if first is not None else []
        return list({str(key.kid): key for key in (*self.gateway.published(), *own)}.values())

    def create(self, practice: str) -> None:
        """Give a practice keys of its own, unless it has them. Raises BadKeyFile."""
        load_or_create(self.path(practice), PARTNER_ALGORITHMS)

    def rotate(self, practice: str, *, overlap_s: int = OVERLAP_S, lead_s: int = LEAD_S) -> Rotation:
        """As `rotation.rotate`; a practice that had none until now goes on from the gateway's. Raises BadKeyFile."""
        return rotate(self.path(practice), self._clock().timestamp(), PARTNER_ALGORITHMS, overlap_s=overlap_s, lead_s=lead_s, inherited=self.published(practice))

    def path(self, practice: str) -> Path:
        """Raises ValueError for what cannot be a practice's id."""
        if not _NAME.fullmatch(practice):
            raise ValueError("the id of a practice is letters, digits and dashes")
        return self.gateway.path.parent / "practices" / f"{practice}.jwks.json"

    def own(self, practice: str) -> OwnKeys | None:
        found = self._own.get(practice)
        if found is None and _NAME.fullmatch(practice) and self.path(practice).exists():
            found = self._own.setdefault(practice, OwnKeys(self.path(practice), self._clock, PARTNER_ALGORITHMS))
        return found
