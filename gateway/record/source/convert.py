"""Converters: how a cell of an export becomes a value of a record. Each is a small function, named in CONVERTERS.

A converter gets the filled cell, its argument (what stands after the colon) and the setting, and raises Unreadable with
a rule and a mend that hold nothing of the cell. An empty cell never reaches one: it is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from gateway.record.source.coding import read_codes
from gateway.record.source.fault import Unreadable
from gateway.record.source.place import STATES
from gateway.record.source.when import Setting, day, day_time, moment, moment_on


class UnknownWord(Exception):
    """A word that the source table's list does not have, where a record can do without it."""


Converter = Callable[[str, str, Setting], Any]


def text(cell: str, _argument: str, _setting: Setting) -> str:
    """The cell as it is; the converter of a field that names none."""
    return cell


def line(cell: str, _argument: str, _setting: Setting) -> str:
    """One line: runs of spaces and line ends become one space."""
    return " ".join(cell.split())


def lines(cell: str, _argument: str, _setting: Setting) -> tuple[str, ...]:
    """Every filled column, in order."""
    return tuple(" ".join(part.split()) for part in cell.split("\x1f") if part)


def split(cell: str, argument: str, _setting: Setting) -> tuple[str, ...]:
    """The parts of one cell, each one line; parted by ; or a line end, or by the argument."""
    parts = cell.split(argument) if argument else re.split(r"[;\n]", cell)
    return tuple(" ".join(part.split()) for part in parts if part.strip())


def slug(cell: str, _argument: str, _setting: Setting) -> str:
    """The cell's letters and digits in small, the rest as one hyphen, at most 40 characters: for an id made of words."""
    return slug_of(cell)


def slug_of(cell: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", cell.casefold()).strip("-")[:40].rstrip("-") or "x"


def mark(cell: str, _argument: str, _setting: Setting) -> str:
    """Ten letters and digits that stand for the cell: for an id that repeats none of its words."""
    return blake2b(" ".join(cell.casefold().split()).encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def paragraphs(cell: str, _argument: str, _setting: Setting) -> str:
    """The filled columns one below the other, each after its label."""
    return cell


def full_name(cell: str, _argument: str, _setting: Setting) -> dict[str, Any]:
    """Given names and a family name, as `Given Family` or `Family, Given`."""
    family, comma, given = (part.strip() for part in cell.partition(","))
    if comma:
        return {"family": family or None, "given": tuple(given.split())}
    *given_names, last = cell.split()
    return {"family": last, "given": tuple(given_names)}


_PHONE_MARKS = re.compile(r"[^\d]")
_EXTENSION = re.compile(r"\s*(?:ext\.?|x)\s*(\d{1,6})$", re.IGNORECASE)


def phone(cell: str, _argument: str, _setting: Setting) -> str:
    """A phone number: North American ones as 413-555-0100, with x12 for an extension; others as they are."""
    extension = _EXTENSION.search(cell)
    number = cell[: extension.start()] if extension else cell
    tail = f" x{extension[1]}" if extension else ""
    digits = _PHONE_MARKS.sub("", number)
    if re.search(r"[^\d\s()+.\-/]", number):
        raise Unreadable("The cell is not a phone number.", "Write ten digits, 413-555-0100 say.")
    if number.strip().startswith("+") and not digits.startswith("1") and 7 <= len(digits) <= 15:
        return f"+{digits}{tail}"
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) != 10:
        raise Unreadable("The cell is not a phone number of ten digits.", "Write ten digits, 413-555-0100 say, or begin with + and the country.")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}{tail}"


def state(cell: str, _argument: str, _setting: Setting) -> str:
    """The USPS code of a state or territory, from its code or its name."""
    found = STATES.get(" ".join(cell.casefold().replace(".", "").split()))
    if found is None:
        raise Unreadable("The cell names no US state or territory.", "Write the two letters of the postal code, MA say.")
    return found


_TRUE = frozenset({"yes", "y", "true", "t", "1", "x"})
_FALSE = frozenset({"no", "n", "false", "f", "0"})


def yes(cell: str, _argument: str, _setting: Setting) -> bool:
    """Yes for yes, y, true, t, 1 or x; no for no, n, false, f or 0; in any case."""
    if cell.casefold() in _TRUE:
        return True
    if cell.casefold() in _FALSE:
        return False
    raise Unreadable("The cell is neither yes nor no.", "Write YES or NO, or leave it empty.")


def no(cell: str, argument: str, setting: Setting) -> bool:
    """The opposite of yes: an `inactive` column for an `active` field."""
    return not yes(cell, argument, setting)


def number(cell: str, _argument: str, setting: Setting) -> Decimal:
    """A number, with the table's decimal mark (`decimal`, a point unless it says a comma) and the other mark for thousands."""
    mark, other = setting.decimal, "," if setting.decimal == "." else "."
    found = re.fullmatch(rf"([+-]?)(\d{{1,9}}|\d{{1,3}}(?:[{other} ]\d{{3}}){{1,2}})(?:[{mark}](\d{{1,6}}))?", cell, re.ASCII)
    if found is None:
        raise Unreadable("The cell is not a number.", f"Write digits, with {mark} before the decimals.")
    return Decimal(f"{found[1]}{re.sub(r'[^0-9]', '', found[2])}.{found[3] or ''}")


def integer(cell: str, _argument: str, _setting: Setting) -> int:
    """A whole number."""
    if not re.fullmatch(r"[+-]?[0-9]{1,9}(\.0+)?", cell):
        raise Unreadable("The cell is not a whole number.", "Write digits only.")
    return int(cell.partition(".")[0])


def score(cell: str, argument: str, setting: Setting) -> int:
    """A whole number from 0 to the argument."""
    found = integer(cell, "", setting)
    if not 0 <= found <= int(argument):
        raise Unreadable(f"The score lies outside 0 to {argument}.", "Correct the score, or leave it empty where it was not asked.")
    return found


def code(cell: str, argument: str, setting: Setting) -> str:
    """The meaning of a word in a list of the source table, in any case; a word it does not have is a fault."""
    found = _word(cell, argument, setting)
    if found is None:
        raise Unreadable(f"The cell is no word of the list {argument}.", "Use a word of the list, or add this one to the list in the source table.")
    return found


def known_code(cell: str, argument: str, setting: Setting) -> str:
    """As `code`, but a word the list does not have leaves the field empty and is named in the report."""
    found = _word(cell, argument, setting)
    if found is None:
        raise UnknownWord
    return found


def words(cell: str, argument: str, setting: Setting) -> tuple[str, ...]:
    """Several words of a list, parted by | or ;, each once."""
    parts = [part.strip() for part in re.split(r"[|;]", cell) if part.strip()]
    return tuple(dict.fromkeys(code(part, argument, setting) for part in parts))


def known_words(cell: str, argument: str, setting: Setting) -> tuple[str, ...]:
    """As `words`, but a word the list does not have leaves the field empty and is named in the report."""
    parts = [part.strip() for part in re.split(r"[|;]", cell) if part.strip()]
    return tuple(dict.fromkeys(known_code(part, argument, setting) for part in parts))


def _word(cell: str, argument: str, setting: Setting) -> str | None:
    return setting.codes[argument].get(" ".join(cell.casefold().split()))


def coded(cell: str, argument: str, _setting: Setting) -> tuple[dict[str, Any], ...]:
    """Codes with their systems, `ICD10:F32.1; ICD10:F41.1` say; the argument is the system of a code without one."""
    return read_codes(cell, argument)


def one_coded(cell: str, argument: str, _setting: Setting) -> dict[str, Any]:
    """As `coded`, where the field holds one code only."""
    found = read_codes(cell, argument)
    if len(found) != 1:
        raise Unreadable("The cell holds several codes where one belongs.", "Keep one code in the cell.")
    return found[0]


def reference(cell: str, _argument: str, _setting: Setting) -> str | None:
    """The id of another record, of the kind that the argument says; 0 stands for nobody, and an id that no record has is a fault.

    A practice, clinician or partner may be named by its words. With otherwise = "*" an empty cell means the only record there is.
    """
    return None if cell == "0" else cell


def maybe_reference(cell: str, _argument: str, _setting: Setting) -> str | None:
    """As `ref`, but an id that no record has leaves the field empty and is named in the report."""
    return None if cell == "0" else cell


def references(cell: str, _argument: str, _setting: Setting) -> tuple[str, ...]:
    """Several ids of records of one kind, parted by semicolons, commas or line ends."""
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[;,|\n]", cell) if part.strip() not in ("", "0")))


def maybe_references(cell: str, argument: str, setting: Setting) -> tuple[str, ...]:
    """As `refs`, but an id that no record has is left out and named in the report."""
    return references(cell, argument, setting)


def same(cell: str, _argument: str, _setting: Setting) -> bool:
    """Whether every column says the same, in any case and spacing."""
    return len({" ".join(part.casefold().split()) for part in cell.split("\x1f")}) == 1


CONVERTERS: dict[str, Converter] = {
    "text": text,
    "line": line,
    "lines": lines,
    "split": split,
    "slug": slug,
    "mark": mark,
    "paragraphs": paragraphs,
    "full_name": full_name,
    "day": day,
    "moment": moment,
    "moment_on": moment_on,
    "day_time": day_time,
    "phone": phone,
    "state": state,
    "yes": yes,
    "no": no,
    "number": number,
    "integer": integer,
    "score": score,
    "code": code,
    "known_code": known_code,
    "words": words,
    "known_words": known_words,
    "coded": coded,
    "one_coded": one_coded,
    "ref": reference,
    "maybe_ref": maybe_reference,
    "refs": references,
    "maybe_refs": maybe_references,
    "same": same,
}
"""By name."""

REFERENCES = frozenset({"ref", "maybe_ref", "refs", "maybe_refs"})
"""Converters whose ids are looked up among the records."""

LISTED = frozenset({"code", "known_code", "words", "known_words"})
"""Converters whose argument is a list of the table."""

TAKE_ALL = frozenset({"lines", "paragraphs", "moment_on", "day_time", "same"})
"""Converters that get every column of `from`, parted by U+001F, instead of the first filled one."""
