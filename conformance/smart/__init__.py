"""What SMART App Launch 2.2.0 asks of a server, duty by duty, with the test that proves it or the reason for what was decided.

One file for each page of the guide, beside this one; `asvs_v10.toml` holds the OAuth and OpenID Connect chapter (V10) of OWASP ASVS 5.0 in
the same shape. The lists hold ids and facts of SMART App Launch 2.2.0 and OWASP ASVS 5.0; every sentence in them is ours.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ASVS = "asvs_v10"
DECISIONS = ("proved", "not applicable", "decided yes", "decided no")


@dataclass(frozen=True)
class Duty:
    """One requirement. `tests`: pytest node ids of functions; `reason`: why it does not apply, or why it was decided so."""

    page: str
    id: str
    level: str
    section: str
    says: str
    decision: str
    tests: tuple[str, ...] = ()
    reason: str = ""


def duties() -> tuple[Duty, ...]:
    """Every server requirement of SMART App Launch 2.2.0. Raises TypeError where an entry has a member that a Duty has not."""
    return tuple(duty for path in sorted(HERE.glob("*.toml")) if path.stem != ASVS for duty in _read(path))


def asvs_duties() -> tuple[Duty, ...]:
    """Every requirement of ASVS 5.0 V10. Raises TypeError like `duties`."""
    return tuple(_read(HERE / f"{ASVS}.toml"))


def _read(path: Path) -> Iterator[Duty]:
    listed = tomllib.loads(path.read_text())
    for entry in listed["duty"]:
        yield Duty(page=listed["page"], **{**entry, "tests": tuple(entry.get("tests", ()))})
