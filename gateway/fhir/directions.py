"""Reading what a prescriber wrote in words ("take one and a half tablets twice a day"): how many pieces, how many times a day.

Only what is plain is read; a range ("1 to 2 tablets"), two amounts or unknown words give None, and the caller shows the words themselves.
"""

from __future__ import annotations

import re
from fractions import Fraction

_PIECE = re.compile(r"\b(?:tablets?|tabs?|capsules?|caps?|pills?|patch(?:es)?|lozenges?|films?)\b", re.IGNORECASE)
_NUMBERS = {"½": Fraction(1, 2), "half": Fraction(1, 2), "one-half": Fraction(1, 2)}
_NUMBERS |= {word: Fraction(number) for number, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1)}
_JOINING = ("a", "an", "and")
_RANGE = ("to", "or", "-")
_NUMERAL = re.compile(r"\d{1,4}(?:\.\d{1,4}|/[1-9])?")

_TIMES_A_DAY: tuple[tuple[str, Fraction], ...] = (
    (r"every other day|every 2 days|every second day|qod", Fraction(1, 2)),
    (r"once (?:a|per|each|every) week|(?:once )?weekly|every week", Fraction(1, 7)),
    (r"(?:four|4) times (?:a|per|each) day|(?:four|4) times daily|every (?:six|6) hours|q\.?i\.?d\.?|q6h", Fraction(4)),
    (r"(?:three|3) times (?:a|per|each) day|(?:three|3) times daily|every (?:eight|8) hours|t\.?i\.?d\.?|q8h", Fraction(3)),
    (r"(?:twice|two times|2 times) (?:a|per|each) day|(?:twice|two times|2 times) daily|every (?:twelve|12) hours|b\.?i\.?d\.?|q12h", Fraction(2)),
)
_ONCE_A_DAY = re.compile(r"\b(?:(?:once|one time|1 time) (?:a|per|each) day|once daily|every (?:24 hours|day)|qd|qhs|qam|qpm|daily)(?!\w)", re.IGNORECASE)
_DAY = ("mornings?|breakfast", "noon|midday|lunch", "afternoons?", "evenings?|supper|dinner", "bedtime|nights?|nightly")
_PARTS_OF_DAY = tuple(re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for words in _DAY)
_UNSURE = re.compile(r"\b(?:week|month|other|alternate|then|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)\b|\d+ times|every \d", re.IGNORECASE)


def pieces_in(text: str) -> Fraction | None:
    """How many tablets or capsules the words name; 0 where they name none, None where they are not plain."""
    found = list(_PIECE.finditer(text))
    if not found:
        return Fraction(0)
    counts = {_count(text[: piece.start()]) for piece in found}
    return counts.pop() if len(counts) == 1 else None


def times_a_day(text: str) -> Fraction | None:
    """How often a day the words say; None where they do not say it plainly."""
    for words, times in _TIMES_A_DAY:
        if re.search(rf"\b(?:{words})(?!\w)", text, re.IGNORECASE):
            return times
    if _UNSURE.search(text):
        return None
    if _ONCE_A_DAY.search(text):
        parts = sum(bool(part.search(text)) for part in _PARTS_OF_DAY)
        return Fraction(1) if parts <= 1 else None
    return Fraction(parts) if (parts := sum(bool(part.search(text)) for part in _PARTS_OF_DAY)) else None


def _count(before: str) -> Fraction | None:
    """The number that ends the words before "tablets"; 1 where there is none."""
    total = Fraction(0)
    for word in reversed(re.sub(r"(?<=\d)\s*[-\u2013]\s*(?=\d)", " - ", before.casefold()).replace("(", " ").split()):
        if word in _RANGE:
            return None
        if word in _NUMBERS:
            total += _NUMBERS[word]
        elif _NUMERAL.fullmatch(word):
            total += Fraction(word)
        elif word not in _JOINING:
            break
    return total or Fraction(1)
