"""Codes as practices write them, `ICD10:F32.1` say, and the systems they belong to.

Systems: https://hl7.org/fhir/R4/terminologies-systems.html. The form of an ICD-10-CM code:
https://www.cms.gov/medicare/coding-billing/icd-10-codes (letter, digit, digit or A or B, then up to four more; no I, L or O
after the first).
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from gateway.record.source.fault import Unreadable


class _System(NamedTuple):
    uri: str
    name: str
    form: re.Pattern[str]


_ICD_10_CM = _System("http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM", re.compile(r"F[0-9]{2}(?:\.?(?:[0-9]{1,4}|A))?|(?!F)[A-Z][0-9][0-9AB](?:\.?[0-9A-HJKMNP-Z]{1,4})?"))
_RXNORM = _System("http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm", re.compile(r"[1-9][0-9]{0,7}"))
_SNOMED = _System("http://snomed.info/sct", "SNOMED CT", re.compile(r"[1-9][0-9]{5,17}"))
_LOINC = _System("http://loinc.org", "LOINC", re.compile(r"[0-9]{1,7}-[0-9]"))
_ICD_9_CM = _System("http://hl7.org/fhir/sid/icd-9-cm", "ICD-9-CM", re.compile(r"(?:[0-9]{3}|V[0-9]{2}|E[0-9]{3})(?:\.[0-9]{1,2})?"))

_CPT = _System("http://www.ama-assn.org/go/cpt", "CPT", re.compile(r"[0-9]{4}[0-9A-Z]"))
_NDC = _System("http://hl7.org/fhir/sid/ndc", "NDC", re.compile(r"[0-9]{4,6}-[0-9]{3,4}-[0-9]{1,2}|[0-9]{10,11}"))

_SYSTEMS: dict[str, _System] = {
    "ICD10": _ICD_10_CM,
    "ICD10CM": _ICD_10_CM,
    "ICD9": _ICD_9_CM,
    "ICD9CM": _ICD_9_CM,
    "RXCUI": _RXNORM,
    "RXNORM": _RXNORM,
    "SNOMED": _SNOMED,
    "SNOMEDCT": _SNOMED,
    "LOINC": _LOINC,
    "CPT": _CPT,
    "CPT4": _CPT,
    "NDC": _NDC,
}
"""By the prefix, in capitals and without marks."""

_ENTRY = re.compile(r"(?:([A-Za-z][A-Za-z0-9 _-]{1,11}?)\s*:)?\s*(\S+)(?:\s+(.*))?", re.DOTALL)


def is_system(name: str) -> bool:
    """Whether a table may name this system before a colon."""
    return re.sub(r"[^A-Z0-9]", "", name.upper()) in _SYSTEMS


SYSTEM_NAMES = tuple(sorted(_SYSTEMS))


def read_codes(cell: str, default: str) -> tuple[dict[str, Any], ...]:
    """The codes of a cell, parted by semicolons, each once, the words after a code as its text; Unreadable for a code with a typo."""
    found = {(code["system"], code["code"]): code for code in (_read(entry, default) for entry in cell.split(";") if entry.strip())}
    if not found:
        raise Unreadable("The cell holds no code.", "Write the system, a colon and the code, or leave the cell empty.")
    return tuple(found.values())


def _read(entry: str, default: str) -> dict[str, Any]:
    match = _ENTRY.fullmatch(entry.strip())
    prefix, code, words = match.groups() if match else (None, "", None)
    system = _SYSTEMS.get(re.sub(r"[^A-Z0-9]", "", (prefix or default).upper()))
    if system is None:
        raise Unreadable("The code's system is not known.", f"Write one of {', '.join(SYSTEM_NAMES)} before the colon.")
    code = code.upper()
    if not system.form.fullmatch(code):
        raise Unreadable(f"The code is not a well-formed {system.name} code.", "Correct the code; look for letters typed for digits.")
    if system is _ICD_10_CM and "." not in code and len(code) > 3:
        code = f"{code[:3]}.{code[3:]}"
    return {"system": system.uri, "code": code, **({"text": " ".join(words.split())} if words else {})}
