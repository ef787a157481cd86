r"""JSON Schema of R4's primitive types (https://hl7.org/fhir/R4/datatypes.html#primitive).

Patterns come from the definitions' regex extensions, except where OVERRIDES is stricter: dates of the calendar, padded base64, text that is not blank and
holds no control characters.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_YEAR = r"(?:[1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])"
_LEAP_YEAR = r"(?:\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_MONTH_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
_DAY = rf"(?:{_YEAR}-{_MONTH_DAY}|{_LEAP_YEAR}-02-29)".replace(r"\d", "[0-9]")
_PARTIAL = rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]))?".replace(r"\d", "[0-9]")
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f"
_TEXT: Schema = {"type": "string", "pattern": rf"^\s*[^\s{_CONTROL}][^{_CONTROL}]*$", "maxLength": 1048576}
"""Not blank, no control characters but tab, line feed and return, at most 1 MB (https://hl7.org/fhir/R4/datatypes.html#string)."""

_WHOLE = {"type": "integer", "maximum": 2147483647}

OVERRIDES: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "integer": _WHOLE | {"minimum": -2147483648},
    "unsignedInt": _WHOLE | {"minimum": 0},
    "positiveInt": _WHOLE | {"minimum": 1},
    "decimal": {"type": "number"},
    "string": _TEXT,
    "markdown": _TEXT,
    "xhtml": _TEXT,
    "Element.id": {"type": "string", "pattern": r"^\S+$"},
    "uri": {"type": "string", "pattern": rf"^[^\s{_CONTROL}]+$"},
    "url": {"type": "string", "pattern": rf"^[^\s{_CONTROL}]+$"},
    "canonical": {"type": "string", "pattern": rf"^[^\s{_CONTROL}]+$"},
    "code": {"type": "string", "pattern": rf"^[^\s{_CONTROL}]+(?: [^\s{_CONTROL}]+)*$"},
    "date": {"type": "string", "pattern": rf"^(?:{_PARTIAL}|{_DAY})$"},
    "dateTime": {"type": "string", "pattern": rf"^(?:{_PARTIAL}|{_DAY}(?:T{_CLOCK}{_ZONE})?)$"},
    "instant": {"type": "string", "pattern": rf"^{_DAY}T{_CLOCK}{_ZONE}$"},
    "base64Binary": {"type": "string", "pattern": r"^\s*(?:[A-Za-z0-9+/]{4}\s*)*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)\s*$"},
}

SENTENCES: dict[str, str] = {
    "base64Binary": "must be base64 with its padding.",
    "boolean": "must be true or false, not text.",
    "canonical": "must be an address without spaces.",
    "code": "must be a code: no spaces at its ends, no doubled spaces.",
    "date": "must be a real date, written YYYY, YYYY-MM or YYYY-MM-DD.",
    "dateTime": "must be a real date, written YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone.",
    "decimal": "must be a number, not text.",
    "Element.id": "must be an id without spaces.",
    "id": "must be 1 to 64 letters, digits, hyphens and dots.",
    "instant": "must be a real moment, written YYYY-MM-DDThh:mm:ss with a time zone.",
    "integer": "must be a whole number of 32 bits, not text.",
    "markdown": "must be text that is not blank and holds no control characters, at most 1048576 characters.",
    "oid": "must be an OID, written urn:oid: and numbers joined by dots.",
    "positiveInt": "must be a whole number above 0, not text.",
    "string": "must be text that is not blank and holds no control characters, at most 1048576 characters.",
    "time": "must be a time of day, written hh:mm:ss.",
    "unsignedInt": "must be a whole number, 0 or more, not text.",
    "uri": "must be a URI without spaces.",
    "url": "must be a URL without spaces.",
    "uuid": "must be a UUID, written urn:uuid: and lower-case hexadecimal digits.",
    "xhtml": "must be an XHTML div.",
}
"""What each type asks, said to a caller after the element's name."""


def primitive(structure: dict[str, Any]) -> Schema:
    """The schema of one primitive type's StructureDefinition, its sentence as description."""
    name = structure["id"]
    return {"title": "value", "description": SENTENCES[name]} | (OVERRIDES.get(name) or _from_regex(structure))


def _from_regex(structure: dict[str, Any]) -> Schema:
    value = next(e for e in structure["snapshot"]["element"] if e["path"].endswith(".value"))
    regex = next(e["valueString"] for e in value["type"][0]["extension"] if e["url"].endswith("/regex"))
    return {"type": "string", "pattern": f"^(?:{regex})$"}


def nullable(schema: Schema) -> Schema:
    """For members of a list: null holds the place of a value that has only extensions (https://hl7.org/fhir/R4/json.html#primitive)."""
    changed = dict(schema)
    if "type" in schema:
        changed["type"] = [schema["type"], "null"]
    if "enum" in schema:
        changed["enum"] = [*schema["enum"], None]
    return changed
