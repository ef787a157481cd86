"""What an intake did, and what it refused: told to people and to scripts, without any value of a client."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.record.types import Record


@dataclass(frozen=True)
class Refusal:
    """A record that was not taken in: which, what is wrong, how to mend it; no value of a client."""

    kind: str
    id: str
    rule: str
    mend: str


@dataclass
class Report:
    """What an intake did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    resources: int = 0
    refused: list[Refusal] = field(default_factory=list)
    unchecked_codes: dict[str, int] = field(default_factory=dict)
    """Codes that left with system and code but no display of ours, with how often."""


def refusal(record: Record, rule: str, mend: str) -> Refusal:
    return Refusal(record.kind, record.id, rule, mend)
