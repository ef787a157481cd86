"""Converters read the forms that practices write, and refuse the rest without repeating it."""

from __future__ import annotations

import contextlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.source.convert import CONVERTERS, UnknownWord
from gateway.record.source.explain import EXAMPLE_SETTING, EXAMPLES
from gateway.record.source.fault import Unreadable
from gateway.record.source.when import Setting

SETTING = Setting(ZoneInfo("America/New_York"), {"risk": {"low": "low", "very high": "high"}}, "month-first")


def convert(name: str, cell: str) -> Any:
    converter, _, argument = name.partition(":")
    return CONVERTERS[converter](cell, argument, SETTING)


def _icd(code: str, **more: str) -> dict[str, str]:
    return {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code, **more}


READ: list[tuple[str, str, Any]] = [
    ("day", "2026-02-03", date(2026, 2, 3)),
    ("day", "2/3/2026", date(2026, 2, 3)),
    ("day", "2026-02-03 23:59:59", date(2026, 2, 3)),
    ("day", "0000-00-00", None),
    ("day", "0000-00-00 00:00:00", None),
    ("moment", "2026-07-03T14:00:00Z", datetime.fromisoformat("2026-07-03T14:00:00+00:00")),
    ("moment", "2026-07-03 14:00", datetime.fromisoformat("2026-07-03T14:00:00-04:00")),
    ("moment", "01/03/2026 02:05 pm", datetime.fromisoformat("2026-01-03T14:05:00-05:00")),
    ("moment", "01/03/2026 12:05 AM", datetime.fromisoformat("2026-01-03T00:05:00-05:00")),
    ("moment_on", "2026-01-03\x1f2026-01-03 10:45:00", datetime.fromisoformat("2026-01-03T10:45:00-05:00")),
    ("moment_on", "2026-01-03\x1f2026-02-07 10:45:00", datetime.fromisoformat("2026-01-03T00:00:00-05:00")),
    ("moment", "2026-07-03 2 pm", datetime.fromisoformat("2026-07-03T14:00:00-04:00")),
    ("day", "3 Feb 2026", date(2026, 2, 3)),
    ("day", "3-Feb-2026", date(2026, 2, 3)),
    ("day", "February 3rd, 2026", date(2026, 2, 3)),
    ("day", "2026/2/3", date(2026, 2, 3)),
    ("day", "2.3.2026", date(2026, 2, 3)),
    ("day:day-first", "2.3.2026", date(2026, 3, 2)),
    ("day:%d.%m.%Y", "2.3.2026", date(2026, 3, 2)),
    ("day:%d %b %Y", "2 Mar. 2026", date(2026, 3, 2)),
    ("moment:%d.%m.%Y, %H:%M", "2.3.2026, 14:05", datetime.fromisoformat("2026-03-02T14:05:00-05:00")),
    ("moment:%m/%d/%Y %I:%M %p", "3/2/2026 02:05 PM", datetime.fromisoformat("2026-03-02T14:05:00-05:00")),
    ("day_time", "2/3/2026\x1f2:05 PM", datetime.fromisoformat("2026-02-03T14:05:00-05:00")),
    ("day_time", "2/3/2026\x1f", datetime.fromisoformat("2026-02-03T00:00:00-05:00")),
    ("day_time", "2/3/2026\x1f14:05\x1f15:00\x1f", datetime.fromisoformat("2026-02-03T15:00:00-05:00")),
    ("day_time", "2/3/2026\x1f14:05\x1f\x1f50", datetime.fromisoformat("2026-02-03T14:55:00-05:00")),
    ("day_time", "3/8/2026\x1f01:30\x1f60", datetime.fromisoformat("2026-03-08T03:30:00-04:00")),
    ("day_time", "2/3/2026\x1f14:05\x1f", None),
    ("number", "1,234.50", Decimal("1234.50")),
    ("number", "-0.5", Decimal("-0.5")),
    ("split", "a; b ;\nc", ("a", "b", "c")),
    ("split:,", "a, b; c", ("a", "b; c")),
    ("slug", "  Müller & Söhne ", "m-ller-s-hne"),
    ("refs:problem", "A; B, A", ("A", "B")),
    ("yes", "x", True),
    ("coded:CPT", "90834", ({"system": "http://www.ama-assn.org/go/cpt", "code": "90834"},)),
    ("phone", "(413) 555-0100", "413-555-0100"),
    ("phone", "1.413.555.0100 ext 12", "413-555-0100 x12"),
    ("phone", "4135550100", "413-555-0100"),
    ("phone", "+44 20 7946 0000", "+442079460000"),
    ("state", "massachusetts", "MA"),
    ("state", "ma", "MA"),
    ("state", "D.C.", "DC"),
    ("yes", "Y", True),
    ("no", "0", True),
    ("score:3", "3", 3),
    ("code:risk", "Very  HIGH", "high"),
    ("words:risk", "low|very high; low", ("low", "high")),
    ("full_name", "Ana Maria Ruiz", {"family": "Ruiz", "given": ("Ana", "Maria")}),
    ("full_name", "Ruiz, Ana Maria", {"family": "Ruiz", "given": ("Ana", "Maria")}),
    ("full_name", "Cher", {"family": "Cher", "given": ()}),
    ("coded:ICD10", "ICD10:F32.1; icd10: f41.1", (_icd("F32.1"), _icd("F41.1"))),
    ("coded:ICD10", "f411", (_icd("F41.1"),)),
    ("coded:ICD10", "ICD-10-CM:F42.9 Disorder, unspecified", (_icd("F42.9", text="Disorder, unspecified"),)),
    ("coded:ICD10", "F32.A;T36.0X1A;O9A.111", (_icd("F32.A"), _icd("T36.0X1A"), _icd("O9A.111"))),
    ("coded:ICD10", "SNOMED-CT:35489007", ({"system": "http://snomed.info/sct", "code": "35489007"},)),
    ("one_coded:RXCUI", "312941", {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312941"}),
    ("ref:partner", "0", None),
]


@pytest.mark.parametrize(("name", "cell", "value"), READ)
def test_a_form_that_practices_write_is_read(name: str, cell: str, value: Any) -> None:
    assert convert(name, cell) == value


REFUSED = [
    ("day", "2026-02-30"),
    ("day", "13/13/2026"),
    ("day", "2/3/26"),
    ("day", "20260203"),
    ("day", "1066-10-14"),
    ("day", "30 Feb 2026"),
    ("day", "3 Febtember 26"),
    ("day", "3 Feb 3 2026"),
    ("day:%d.%m.%Y", "2026-02-03"),
    ("day:%d.%m.%Y", "31.13.2026"),
    ("day_time", "2/3/2026\x1fsoon"),
    ("day_time", "2/3/2026\x1f14:05\x1flate"),
    ("number", "1.234,5"),
    ("number", "12,34"),
    ("number", "one"),
    ("moment", "2026-02-03 24:30"),
    ("moment", "02/03/2026 14:30 PM"),
    ("phone", "555-0199"),
    ("phone", "call mother"),
    ("state", "Ontario"),
    ("yes", "maybe"),
    ("score:3", "4"),
    ("score:3", "1.5"),
    ("score:3", "٣"),
    ("code:risk", "grave"),
    ("words:risk", "low|grave"),
    ("coded:ICD10", "ICD10:F4I.1"),
    ("coded:ICD10", "F32.O"),
    ("coded:ICD10", "F3"),
    ("coded:ICD10", ";"),
    ("coded:ICD10", "depression"),
    ("coded:RXCUI", "31294l"),
    ("one_coded:RXCUI", "312941;312938"),
]


@pytest.mark.parametrize(("name", "cell"), REFUSED)
def test_what_cannot_be_read_is_refused_without_repeating_it(name: str, cell: str) -> None:
    with pytest.raises(Unreadable) as refused:
        convert(name, cell)
    assert cell not in refused.value.rule + refused.value.mend
    assert refused.value.rule.endswith(".")
    assert refused.value.mend.endswith(".")


@pytest.mark.parametrize("cell", ["02/03/2026", "2-3-2026", "2.3.2026", "31/12/2026", "2/3/2026 10:00"])
def test_a_date_that_reads_two_ways_is_never_guessed(cell: str) -> None:
    for converter in ("day", "moment"):
        with pytest.raises(Unreadable, match="reads two ways"):
            CONVERTERS[converter](cell, "", SETTING._replace(dates=""))


def test_a_decimal_comma_is_a_setting_of_the_table() -> None:
    assert CONVERTERS["number"]("1.234,5", "", SETTING._replace(decimal=",")) == Decimal("1234.5")
    with pytest.raises(Unreadable):
        CONVERTERS["number"]("1,234.5", "", SETTING._replace(decimal=","))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_a_converter_is_what_it_does(name: str) -> None:
    example = EXAMPLES[name]
    assert CONVERTERS[name](example.cell, example.argument, EXAMPLE_SETTING) == example.value


def test_a_word_that_a_record_can_do_without_is_told_apart() -> None:
    with pytest.raises(UnknownWord):
        convert("known_code:risk", "grave")


@given(name=st.sampled_from(sorted(CONVERTERS)), cell=st.text(min_size=1, max_size=40).filter(str.strip))
def test_a_converter_reads_or_refuses_whatever_it_is_given(name: str, cell: str) -> None:
    with contextlib.suppress(Unreadable, UnknownWord):
        convert(f"{name}:{ {'score': '3', 'coded': 'ICD10', 'one_coded': 'ICD10'}.get(name, 'risk') }".replace(" ", ""), cell.strip())
