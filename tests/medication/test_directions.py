"""What prescribers write in words, read where it is plain and left alone where it is not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gateway.fhir.directions import pieces_in, times_a_day

HALF, ONE_AND_A_HALF = Fraction(1, 2), Fraction(3, 2)

WORDS: tuple[tuple[str, Fraction | int | None, Fraction | int | None], ...] = (
    ("Take one tablet (50 mg) by mouth once a day", 1, 1),
    ("1 tablet by mouth every morning", 1, 1),
    ("one and a half tablets twice daily", ONE_AND_A_HALF, 2),
    ("1 1/2 tabs bid", ONE_AND_A_HALF, 2),
    ("half a tablet every other day", HALF, HALF),
    ("0.5 tablet nightly", HALF, 1),
    ("\u00bd tablet at bedtime", HALF, 1),
    ("ten tablets daily", 10, 1),
    ("Take tablets as directed", 1, None),
    ("2 capsules t.i.d.", 2, 3),
    ("1 capsule every 8 hours", 1, 3),
    ("1 capsule four times a day", 1, 4),
    ("1 patch weekly", 1, Fraction(1, 7)),
    ("1 tablet in the morning and at bedtime", 1, 2),
    ("once daily at bedtime", 0, 1),
    ("as needed for panic", 0, None),
    ("Take 1-2 tablets at bedtime", None, 1),
    ("1 or 2 tablets daily", None, 1),
    ("one to two tablets daily", None, 1),
    ("1 tablet in the morning and 2 tablets at night", None, 2),
    ("2 tablets daily for 2 weeks then stop", 2, None),
    ("1 tablet on Mondays", 1, None),
    ("1 tablet every 3 days", 1, None),
    ("5 times daily", 0, None),
)
"""Words -> tablets at a time (0: none named), times a day (None: not plain)."""


@pytest.mark.parametrize(("words", "pieces", "often"), WORDS, ids=[words for words, _, _ in WORDS])
def test_the_words_of_a_prescriber(words: str, pieces: Fraction | int | None, often: Fraction | int | None) -> None:
    assert (pieces_in(words), times_a_day(words)) == (pieces, often)
