"""Units: UCUM's codes as they are, any other word as UCUM's annotation, `{tablet}`, which says in braces what is counted (https://ucum.org/ucum)."""

from __future__ import annotations

import re

SYSTEM = "http://unitsofmeasure.org"
_ATOMS = frozenset(
    (
        *("%", "1", "10*", "Cel", "L", "U", "a", "cm", "d", "dL", "g", "h", "kg", "m", "mL", "mU", "meq", "mg", "min", "mm", "mm[Hg]", "mmol", "mo", "mol"),
        *("ng", "nmol", "pg", "s", "uL", "ug", "umol", "wk", "[degF]", "[drp]", "[iU]", "[in_i]", "[lb_av]", "[oz_av]", "[tbs_us]", "[tsp_us]", "m[iU]"),
    )
)
"""The units of doses and results, by UCUM's case-sensitive codes."""
_PART = re.compile(r"[./]")
_ANNOTATION = re.compile(r"\{[!-z|~]{1,40}\}")
_EXPONENT = re.compile(r"(?<=[A-Za-z*])-?[0-9]+$")


def is_ucum(unit: str) -> bool:
    """Whether a unit is made of UCUM's codes: `mg`, `10*9/L`, `mg/{tablet}`."""
    return all(_EXPONENT.sub("", part) in _ATOMS for part in _PART.split(_ANNOTATION.sub("1", unit)))


def annotated(unit: str) -> str | None:
    """A word for what is counted as an annotation; None where UCUM cannot hold it."""
    made = f"{{{'_'.join(unit.split())}}}"
    return made if _ANNOTATION.fullmatch(made) else None


def shown(unit: str) -> str:
    """A unit as a person reads it: an annotation without its braces."""
    return unit[1:-1].replace("_", " ") if _ANNOTATION.fullmatch(unit) else unit
