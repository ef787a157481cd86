"""Writes every golden pair anew from its record."""

from __future__ import annotations

import json

from tests.golden import cases, mapped, read

for case in cases():
    pair = read(case)
    case.write_text(json.dumps(pair | {"resources": mapped(pair)}, indent=1, ensure_ascii=False) + "\n", "utf-8")
