"""Whether a code can be a code of its system at all: shape and check digit, no terminology server."""

from __future__ import annotations

import re
from collections.abc import Callable

_PRODUCT = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210")
"""Products in the dihedral group of order ten, on which Verhoeff's check rests: row times column."""
_STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _permuted(digit: int, times: int) -> int:
    for _ in range(times % 8):
        digit = _STEP[digit]
    return digit


def verhoeff(digits: str) -> bool:
    """Verhoeff's check over all digits, the last being the check digit (SNOMED CT Release File Specification, SCTID)."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_PRODUCT[check][_permuted(int(digit), place)])
    return check == 0


def luhn(digits: str) -> bool:
    """The mod 10 check over all digits, the last being the check digit (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def npi(number: str) -> bool:
    """A National Provider Identifier: Luhn over the number after the prefix 80840 (45 CFR 162.406; US Core us-core-17)."""
    return re.fullmatch(r"[0-9]{10}", number) is not None and luhn("80840" + number)


def _sctid(code: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{5,17}", code) is not None and verhoeff(code)


def _loinc(code: str) -> bool:
    """Answers (LA), lists (LL) and parts (LP) carry a check digit of another reckoning: their shape alone is checked."""
    if re.fullmatch(r"L[ALP][0-9]{1,8}-[0-9]", code):
        return True
    return re.fullmatch(r"[0-9]{1,7}-[0-9]", code) is not None and luhn(code.replace("-", ""))


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda code: compiled.fullmatch(code) is not None


SYSTEMS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "http://hl7.org/fhir/sid/icd-10-cm": ("ICD-10-CM", _matches(r"[A-Z][0-9][0-9AB](\.[0-9A-Z]{1,4})?")),
    "http://hl7.org/fhir/sid/icd-9-cm": ("ICD-9-CM", _matches(r"([0-9]{3}|V[0-9]{2}|E[0-9]{3})(\.[0-9]{1,2})?")),
    "http://snomed.info/sct": ("SNOMED CT", _sctid),
    "http://loinc.org": ("LOINC", _loinc),
    "http://www.nlm.nih.gov/research/umls/rxnorm": ("RxNorm", _matches(r"[1-9][0-9]{0,7}")),
    "http://www.ama-assn.org/go/cpt": ("CPT", _matches(r"[0-9]{4}[0-9A-Z]")),
    "http://hl7.org/fhir/sid/ndc": ("NDC", _matches(r"[0-9]{4,6}-[0-9]{3,4}-[0-9]{1,2}|[0-9]{10,11}")),
    "http://fdasis.nlm.nih.gov": ("UNII", _matches(r"[0-9A-Z]{10}")),
    "http://nucc.org/provider-taxonomy": ("NUCC provider taxonomy", _matches(r"[0-9]{3}[0-9A-Z]{6}X")),
}
"""Every code system a record may use, by its FHIR URI, with its name and its rule."""
