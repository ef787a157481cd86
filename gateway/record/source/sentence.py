"""Rule and mend, in words, for what a record's type refuses; nothing of what was given is in them."""

from __future__ import annotations

from typing import Any

_SCHEMA = "Write it as the JSON Schema of {kind} says (handoff source help names its fields)."

_RULES: dict[str, tuple[str, str]] = {
    "missing": ("The cell is empty, and {a_kind} needs {name}.", "Fill the cell in."),
    "string_too_short": ("The cell is empty, and {a_kind} needs {name}.", "Fill the cell in."),
    "too_short": ("There is nothing in {name}, and {a_kind} needs one at least.", "Add one."),
    "string_too_long": ("The text is longer than {name} may be.", "Shorten it; a line holds 1,000 characters, a text 2,000,000."),
    "string_pattern_mismatch": ("The cell does not have the form that {name} has.", "{form}"),
    "literal_error": ("The value is none of the words that {name} may be.", "Write one of {expected}."),
    "extra_forbidden": ("{A_kind} has no field {name}.", "Take the field out, or correct its name."),
    "timezone_aware": ("The time says no zone.", "Add the offset from UTC, -05:00 say."),
    "greater_than_equal": ("The number is too small for {name}.", "Write {ge} or more."),
    "greater_than": ("The number is too small for {name}.", "Write more than {gt}."),
    "less_than_equal": ("The number is too large for {name}.", "Write {le} or less."),
}

_FORMS = {
    "id": "Write letters, digits and . _ : - alone, at most 64, no spaces.",
    "npi": "Write ten digits that begin with 1 or 2.",
    "email": "Write name@example.org.",
    "direct_address": "Write name@direct.example.org.",
    "fhir_base": "Write an address that begins with https:// or http://.",
    "url": "Write an address that begins with https:// or http://.",
    "state": "Write the two letters of the postal code, MA say.",
}
"""What some fields look like, by the last step of their path."""


def sentences(error: Any, kind: str, name: str) -> tuple[str, str]:
    """Rule and mend for a validation error of pydantic."""
    if error["type"] == "value_error":
        rule, _, mend = error["msg"].removeprefix("Value error, ").partition(";")
        return f"The {'cell' if name else kind} {rule.strip()}.", f"{(mend.strip() or 'correct it').capitalize()}."
    rule, mend = _RULES.get(error["type"], ("The cell does not fit {name}.", _SCHEMA))
    words = {
        **error.get("ctx", {}),
        "kind": kind,
        "a_kind": _a(kind),
        "A_kind": _a(kind).capitalize(),
        "name": name or "its fields",
        "form": _FORMS.get(name.rpartition(".")[2], _SCHEMA.format(kind=kind)),
    }
    return rule.format(**words), mend.format(**words)


def sentence_of_check(path: str, rule: str) -> tuple[str, str]:
    """Rule and mend of a check; the rule may carry its mend after a semicolon."""
    what, _, mend = rule.partition(";")
    return f"The cell ({path}) {what.strip()}.", f"{(mend.strip() or 'correct it, or leave it out and keep the words').capitalize()}."


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"
