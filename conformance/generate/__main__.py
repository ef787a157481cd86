"""Writes gateway/fhir/definitions/r4.schema.json.gz."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from conformance.generate.definition import read_definitions
from conformance.generate.schema import schema_text

TARGET = Path(__file__).parents[2] / "gateway" / "fhir" / "definitions" / "r4.schema.json.gz"


def main() -> None:
    source = Path(os.environ["HANDOFF_REFERENCE_DATA"]) / "r4-core"
    TARGET.parent.mkdir(exist_ok=True)
    # mtime=0: the same definitions give the same bytes
    TARGET.write_bytes(gzip.compress(schema_text(read_definitions(source)), 9, mtime=0))


if __name__ == "__main__":
    main()
