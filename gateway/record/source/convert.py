"""Converters: how a cell of an export becomes a value of a record. Each is a small function, named in CONVERTERS.

A converter gets the filled cell, its argument (what stands after the colon) and the setting, and raises Unreadable with
a rule and a mend that hold nothing of the cell. An empty cell never reaches one: it is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from gateway.record.source.coding import read_codes
from gateway.record.source.fault import Unreadable
from gateway.record.source.place import STATES


class Setting(NamedTuple):
    """What a converter may know beside the cell."""

    time_zone: ZoneInfo
    codes: Mapping[str, Mapping[str, str]]


class UnknownWord(Exception):
    """A word that the source table's list does not have, where a record can do without it."""


Converter = Callable[[str, str, Setting], Any]

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?", re.IGNORECASE)
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AP]M)?)?", re.IGNORECASE)
_ZERO_DATE = re.compile(r"0000-00-00(?:[T ]00:00:00)?")
_DATE = Unreadable("The cell is not a date that exists.", "Write it as YYYY-MM-DD or MM/DD/YYYY.")
_MOMENT = Unreadable("The cell is not a date and time that exist.", "Write it as YYYY-MM-DD HH:MM:SS or MM/DD/YYYY HH:MM.")


def _clock(hour: str | None, minute: str | None, second: str | None, half: str | None = None) -> time:
    if half is None:
        return time(int(hour or 0), int(minute or 0), int(second or 0))
    twelve = int(hour or 0)
    if not 1 <= twelve <= 12:
        raise ValueError
    return time(twelve % 12 + (12 if half.upper() == "PM" else 0), int(minute or 0), int(second or 0))


def _local(cell: str) -> tuple[date, time, str | None] | None:
    """Day, time of day and zone as written; None for the zero date that MySQL writes for nothing; ValueError if neither form fits."""
    if _ZERO_DATE.fullmatch(cell):
        return None
    if found := _ISO.fullmatch(cell):
        year, month, day, hour, minute, second, zone = found.groups()
        return _sane(year, month, day), _clock(hour, minute, second), zone
    if found := _US.fullmatch(cell):
        month, day, year, hour, minute, second, half = found.groups()
        return _sane(year, month, day), _clock(hour, minute, second, half), None
    raise ValueError


def _sane(year: str, month: str, day: str) -> date:
    found = date(int(year), int(month), int(day))
    if not date(1880, 1, 1) <= found <= date(2200, 1, 1):
        raise ValueError
    return found


def day(cell: str, _argument: str, _setting: Setting) -> date | None:
    try:
        found = _local(cell)
    except ValueError:
        raise _fresh(_DATE) from None
    return found[0] if found else None


def moment(cell: str, _argument: str, setting: Setting) -> datetime | None:
    """An instant; a time without a zone is the practice's own, a day without a time its first minute."""
    try:
        found = _local(cell)
        if not found:
            return None
        if found[2]:
            return datetime.fromisoformat(f"{found[0].isoformat()}T{found[1].isoformat()}{found[2].upper()}")
        return datetime.combine(found[0], found[1], setting.time_zone)
    except ValueError:
        raise _fresh(_MOMENT) from None


def moment_on(cell: str, _argument: str, setting: Setting) -> datetime | None:
    """The day of the first column, with the time of the second where that is the same day."""
    first, _, second = cell.partition("\x1f")
    on = moment(first, "", setting) if first else None
    at = moment(second, "", setting) if second else None
    return at if on and at and on.date() == at.date() else on


def _fresh(fault: Unreadable) -> Unreadable:
    return Unreadable(fault.rule, fault.mend)


def text(cell: str, _argument: str, _setting: Setting) -> str:
    return cell


def line(cell: str, _argument: str, _setting: Setting) -> str:
    """One line: runs of spaces and line ends become one space."""
    return " ".join(cell.split())


def lines(cell: str, _argument: str, _setting: Setting) -> tuple[str, ...]:
    """Every filled column, in order."""
    return tuple(" ".join(part.split()) for part in cell.split("\x1f") if part)


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


_TRUE = frozenset({"yes", "y", "true", "t", "1"})
_FALSE = frozenset({"no", "n", "false", "f", "0"})


def yes(cell: str, _argument: str, _setting: Setting) -> bool:
    if cell.casefold() in _TRUE:
        return True
    if cell.casefold() in _FALSE:
        return False
    raise Unreadable("The cell is neither yes nor no.", "Write YES or NO, or leave it empty.")


def no(cell: str, argument: str, setting: Setting) -> bool:
    """The opposite of yes: an `inactive` column for an `active` field."""
    return not yes(cell, argument, setting)


def integer(cell: str, _argument: str, _setting: Setting) -> int:
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
    parts = [part.strip() for part in re.split(r"[|;]", cell) if part.strip()]
    return tuple(dict.fromkeys(known_code(part, argument, setting) for part in parts))


def _word(cell: str, argument: str, setting: Setting) -> str | None:
    return setting.codes[argument].get(" ".join(cell.casefold().split()))


def coded(cell: str, argument: str, _setting: Setting) -> tuple[dict[str, Any], ...]:
    """Codes with their systems, `ICD10:F32.1; ICD10:F41.1` say; the argument is the system of a code without one."""
    return read_codes(cell, argument)


def one_coded(cell: str, argument: str, _setting: Setting) -> dict[str, Any]:
    found = read_codes(cell, argument)
    if len(found) != 1:
        raise Unreadable("The cell holds several codes where one belongs.", "Keep one code in the cell.")
    return found[0]


def reference(cell: str, _argument: str, _setting: Setting) -> str | None:
    """The id of another record of the kind named by the argument; 0 stands for nobody."""
    return None if cell == "0" else cell


def same(cell: str, _argument: str, _setting: Setting) -> bool:
    """Whether every column says the same, in any case and spacing."""
    return len({" ".join(part.casefold().split()) for part in cell.split("\x1f")}) == 1


CONVERTERS: dict[str, Converter] = {
    "text": text,
    "line": line,
    "lines": lines,
    "paragraphs": paragraphs,
    "full_name": full_name,
    "day": day,
    "moment": moment,
    "moment_on": moment_on,
    "phone": phone,
    "state": state,
    "yes": yes,
    "no": no,
    "integer": integer,
    "score": score,
    "code": code,
    "known_code": known_code,
    "words": words,
    "known_words": known_words,
    "coded": coded,
    "one_coded": one_coded,
    "ref": reference,
    "maybe_ref": reference,
    "same": same,
}
"""By name. `ref` and `maybe_ref` are also looked up among the records."""

TAKE_ALL = frozenset({"lines", "paragraphs", "moment_on", "same"})
"""Converters that get every column of `from`, parted by U+001F, instead of the first filled one."""
