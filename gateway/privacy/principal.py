"""Who asks: a client that proved who it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["practice", "partner"]
"""`practice`: the practice's own system, which sees its practice. `partner`: everyone else, a recipient."""


@dataclass(frozen=True)
class Principal:
    """A client with a valid token. `recipient` names the partner record it acts for (its own id where none)."""

    client_id: str
    name: str
    practice: str
    role: Role
    recipient: str
    purpose: str
    scope: str
