"""Golden pairs: a record and the resources it becomes, side by side, each file named for its case.

`python -m tests.golden` maps every record anew and writes what it becomes beside it; the diff is for a person to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.record.types import KINDS, Record
from mappings import course_of, resources_of
from mappings.identity import Site

FOLDER = Path(__file__).parent
SITE = Site("larkmoor")


def cases() -> Iterator[Path]:
    """Every golden pair, in order of its name."""
    yield from sorted(FOLDER.glob("*.json"))


def read(case: Path) -> dict[str, Any]:
    """`case` (a sentence), `record` (with its kind), `beside` (other records of the client, where they matter), `resources`."""
    found: dict[str, Any] = json.loads(case.read_text("utf-8"))
    return found


def record_of(told: dict[str, Any]) -> Record:
    return KINDS[told["kind"]].model_validate_json(json.dumps({name: value for name, value in told.items() if name != "kind"}))


def mapped(pair: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources of the record, those that hang on the records beside it included."""
    record = record_of(pair["record"])
    beside = [record, *(record_of(each) for each in pair.get("beside", ()))]
    made = [*resources_of(record, SITE), *course_of(record, beside, SITE)]
    return list({(one["resourceType"], one["id"]): one for one in made}.values())
