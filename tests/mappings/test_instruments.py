"""The table of instruments, the scorer that reads it, and what a record of it may say."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.record.types import INSTRUMENTS, RISK_ITEMS, Instrument, json_schema
from gateway.record.types.instrument import LOCAL, LOINC, SCREENER, TABLE, named, rated, score
from mappings import codes
from mappings.instruments import CHANGE_MEANING, words
from mappings.well_formed import SYSTEMS
from tests.mappings.corpus import record
from tests.mappings.drawn import totals

_NO_TEXT = {"audit", "dast-10", "pcl-5", "gds-15", "ors", "srs", "wai-sr", "whodas-2", "psc-17", "isi", "scoff", "mdq", "bdi-ii", "ham-d"}
"""Licence or want of a check keeps every word of their items out."""
_OWN_LABELS = {"phq-9m", "c-ssrs-screener", "asq", "pc-ptsd-5", "epds"}
"""Items under short labels of our own, never in the words of the form."""
_ADDING = sorted(name for name, form in INSTRUMENTS.items() if form.adds_up)


def _local_codes() -> dict[str, str]:
    """Every code of ours that can leave in the place of one that LOINC has not, with its words."""
    parts = ((each, part) for each in INSTRUMENTS.values() for part in ("", "score", "change", *each.items, *each.subscales))
    return {code: words(each, part) for each, part in parts for system, code in [each.coded(part)] if system == LOCAL}


def _refusal(**fields: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        record("outcome_measure", **({"answers": {}, "total": None, "difficulty": None} | fields))
    return str(refused.value.errors()[0]["msg"])


def test_the_table_holds_what_a_practice_uses() -> None:
    by_item = {"phq-9", "phq-2", "gad-7", "gad-2", "asq", "audit-c", "pc-ptsd-5"}

    assert set(_ADDING) == by_item
    assert set(TABLE) == by_item | _NO_TEXT | _OWN_LABELS


@pytest.mark.parametrize("form", TABLE.values(), ids=TABLE)
def test_every_instrument_names_its_source_and_its_licence_and_every_threshold_its_citation(form: Instrument) -> None:
    assert form.source
    assert form.licence
    assert all(cut_off.citation for cut_off in form.cut_offs)
    assert form.change is None or form.change.citation


@pytest.mark.parametrize("form", TABLE.values(), ids=TABLE)
def test_no_text_of_an_instrument_stands_here_that_its_licence_keeps_out(form: Instrument) -> None:
    assert form.ships == ("score" if form.id in _NO_TEXT else "labels" if form.id in _OWN_LABELS else "wording")
    assert bool(form.items) == (form.id not in _NO_TEXT)
    assert all(len(item.label.split()) <= 7 for item in form.items.values() if form.ships == "labels" and form.id != "phq-9m"), "a label, no sentence of the form"


def test_no_wording_of_a_form_that_asks_for_permission_stands_anywhere_in_the_packages() -> None:
    """Words that a form is known by, one for each that may not be reproduced."""
    telling = re.compile(r"wished you were dead|wish you could go to sleep|looking back over the last week|felt heard|i felt sad|how much difficulty did you have", re.IGNORECASE)
    data = [entry for package in ("gateway.record.types", "mappings") for entry in files(package).iterdir() if entry.name.endswith((".toml", ".json", ".py"))]

    assert {entry.name for entry in data} > {"instruments.toml", "instruments.py"}
    assert [entry.name for entry in data if telling.search(entry.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("form", TABLE.values(), ids=TABLE)
def test_the_bands_cover_the_whole_range_without_a_gap(form: Instrument) -> None:
    assert form.range.least < form.range.most
    if form.bands:
        assert all(lower.highest < upper.highest for lower, upper in pairwise(form.bands))
        assert form.bands[0].highest >= form.range.least
        assert form.bands[-1].highest == form.range.most


@pytest.mark.parametrize("form", TABLE.values(), ids=TABLE)
def test_thresholds_lie_within_the_range(form: Instrument) -> None:
    change = form.change
    marks = [cut_off.at for cut_off in form.cut_offs] + ([each for each in (change.reliable, change.remission, change.case) if each is not None] if change else [])

    assert all(form.range.least <= mark <= form.range.most for mark in marks)
    assert set(form.risk) <= set(form.items)
    assert all(1 <= mark <= form.items[name].most for name, mark in form.risk.items())
    assert change is None or change.response is None or form.higher == "worse"


@pytest.mark.parametrize("name", _ADDING)
def test_the_range_is_what_the_answers_can_add_up_to(name: str) -> None:
    counted = [item for item in INSTRUMENTS[name].items.values() if item.counted]

    assert (INSTRUMENTS[name].range.least, INSTRUMENTS[name].range.most) == (0, sum(item.most for item in counted))


@pytest.mark.parametrize("form", [form for form in TABLE.values() if form.subscales], ids=lambda form: form.id)
def test_subscales_add_up_to_the_range(form: Instrument) -> None:
    parts = form.subscales.values()

    assert (sum(part.range.least for part in parts), sum(part.range.most for part in parts)) == tuple(form.range)


@pytest.mark.parametrize("form", TABLE.values(), ids=TABLE)
def test_every_code_of_the_table_is_checked_and_well_formed(form: Instrument) -> None:
    loinc = {form.panel, form.score, *(item.code for item in form.items.values()), *(answer.code for item in form.items.values() for answer in item.answers)} - {None, ""}

    for code in loinc:
        assert SYSTEMS[LOINC][1](str(code))
        assert (LOINC, code) in codes.table()


def test_an_answer_is_called_what_loinc_calls_it() -> None:
    for form in TABLE.values():
        for answer in (answer for item in form.items.values() for answer in item.answers if answer.code):
            assert codes.table()[LOINC, answer.code].display in (answer.label, None)


def test_every_code_of_our_own_stands_in_the_table_with_its_words() -> None:
    held = {place[1]: row.display for place, row in codes.table().items() if place[0] == "urn:handoff:instrument"}

    assert held == _local_codes()
    assert {code for system, code in codes.table() if system == CHANGE_MEANING} == {
        "reliable-improvement",
        "reliable-deterioration",
        "no-reliable-change",
        "response",
        "remission",
    }


def test_the_screener_of_risk_has_the_items_of_its_record_and_is_no_outcome_measure() -> None:
    assert tuple(SCREENER.items) == RISK_ITEMS
    assert SCREENER.id not in INSTRUMENTS


def test_an_unknown_instrument_is_told_which_there_are() -> None:
    refusal = _refusal(instrument="phq9", total=3)

    assert "is no instrument known here" in refusal
    assert all(name in refusal for name in INSTRUMENTS)
    assert json_schema("outcome_measure")["properties"]["instrument"]["enum"] == list(INSTRUMENTS)


@pytest.mark.parametrize("words", ["PHQ-9", "phq-9", " Phq-9 "])
def test_a_goal_finds_its_instrument_by_id_or_title_in_any_case(words: str) -> None:
    assert named(words) is INSTRUMENTS["phq-9"]
    assert named("whodas 2.0") is INSTRUMENTS["whodas-2"]
    assert named("Sleeps through") is named(None) is None


@given(st.data(), st.sampled_from(_ADDING))
def test_a_total_is_the_sum_of_the_answers_that_count(data: st.DataObject, name: str) -> None:
    form = INSTRUMENTS[name]
    answers = data.draw(st.fixed_dictionaries({item: st.integers(0, asked.most) for item, asked in form.items.items()}))
    shuffled = dict(data.draw(st.permutations(sorted(answers.items()))))
    total = sum(value for item, value in answers.items() if form.items[item].counted)

    assert score(form, answers) == score(form, shuffled)
    assert score(form, answers).total == total
    assert form.holds(total)


@given(st.data(), st.sampled_from(_ADDING))
def test_an_item_that_counts_and_was_left_open_leaves_no_total(data: st.DataObject, name: str) -> None:
    form = INSTRUMENTS[name]
    left = data.draw(st.sampled_from(sorted(item for item, asked in form.items.items() if asked.counted)))
    answers: dict[str, int | None] = dict.fromkeys(form.items, 1)

    assert score(form, answers | {left: None}).total is None
    assert score(form, {item: value for item, value in answers.items() if item != left}).total is None


@given(st.data(), st.sampled_from(_ADDING))
def test_a_total_that_its_answers_contradict_is_refused(data: st.DataObject, name: str) -> None:
    answers = {item: 1 for item, asked in INSTRUMENTS[name].items.items() if asked.counted}
    wrong = data.draw(totals(name).filter(lambda total: total != len(answers)))

    assert "do not add up to" in _refusal(instrument=name, answers=answers, total=wrong)


def test_reversed_items_and_subscales_are_scored_by_the_table_alone() -> None:
    row = {"label": "x", "answers": [("", "0"), ("", "1"), ("", "2"), ("", "3")]}
    form = INSTRUMENTS["phq-2"].model_copy(update={"items": {}})
    made = Instrument.model_validate(
        form.model_dump() | {"items": {"a": row, "b": row | {"reverse": True}, "c": row}, "subscales": {"ab": {"label": "x", "range": (0, 6), "items": ("a", "b")}}}
    )

    assert score(made, {"a": 3, "b": 3, "c": 1}) == rated(made, 4)._replace(subscales={"ab": 3})


@given(st.sampled_from(sorted(name for name, form in INSTRUMENTS.items() if form.bands)), st.data())
def test_every_score_of_an_instrument_with_bands_has_one_word(name: str, data: st.DataObject) -> None:
    assert rated(INSTRUMENTS[name], data.draw(totals(name))).band in {band.word for band in INSTRUMENTS[name].bands}


@pytest.mark.parametrize(
    ("instrument", "total", "word"),
    [
        ("phq-9", 0, "minimal"),
        ("phq-9", 4, "minimal"),
        ("phq-9", 5, "mild"),
        ("phq-9", 19, "moderately severe"),
        ("phq-9", 20, "severe"),
        ("gad-7", 9, "mild"),
        ("gad-7", 15, "severe"),
        ("dast-10", 0, "none"),
        ("dast-10", 3, "moderate"),
        ("gds-15", 5, "above the normal range"),
        ("audit-c", 7, None),
    ],
)
def test_each_band_begins_where_its_authors_say(instrument: str, total: int, word: str | None) -> None:
    assert rated(INSTRUMENTS[instrument], total).band == word


@pytest.mark.parametrize(
    ("instrument", "total", "sex", "met"),
    [
        ("phq-9", 9, None, [False]),
        ("phq-9", 10, None, [True]),
        ("audit-c", 3, "female", [True]),
        ("audit-c", 3, "male", [False]),
        ("audit-c", 4, "male", [True]),
        ("audit-c", 12, "unknown", []),
        ("audit-c", 12, None, []),
        ("ors", 25, None, [True]),
        ("ors", 25.1, None, [False]),
        ("srs", 36, None, [False]),
        ("srs", 35.9, None, [True]),
        ("pc-ptsd-5", 5, None, []),
        ("mdq", 13, None, []),
    ],
)
def test_a_cut_off_holds_where_it_is_verified_and_for_whom_it_was_made(instrument: str, total: float, sex: str | None, met: list[bool]) -> None:
    assert [is_met for _, is_met in rated(INSTRUMENTS[instrument], total, sex).cut_offs] == met


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"instrument": "bdi-ii", "answers": {"sadness": 1}}, "is taken here by its score alone"),
        ({"instrument": "phq-9", "answers": {"joy": 1}}, "1 answers that phq-9 does not ask"),
        ({"instrument": "phq-9", "answers": {"mood": 4}}, "an answer outside 0 to 3"),
        ({"instrument": "phq-9", "total": 28}, "a total outside 0 to 27"),
        ({"instrument": "phq-9", "total": 9.5}, "or not whole"),
        ({"instrument": "ors", "total": 23.45}, "more than 1 decimals"),
        ({"instrument": "ors", "total": float("nan")}, "a total outside 0 to 40"),
        ({"instrument": "wai-sr", "total": 11}, "a total outside 12 to 60"),
        ({"instrument": "phq-9", "subscales": {"mood": 1}}, "subscales that phq-9 does not have; it has none"),
        ({"instrument": "psc-17", "subscales": {"attention": 11}}, "a subscale outside 0 to 10"),
        ({"instrument": "psc-17", "subscales": {"attention": 1, "internalizing": 1, "externalizing": 1}, "total": 4}, "do not add up to"),
        ({"instrument": "phq-9", "answers": {"mood": None}}, "neither an answer nor a total"),
    ],
)
def test_what_a_measure_cannot_say_is_refused_in_one_sentence(fields: dict[str, Any], said: str) -> None:
    assert said in _refusal(**fields)


def test_a_score_without_items_is_taken_for_every_instrument() -> None:
    for name, form in INSTRUMENTS.items():
        assert record("outcome_measure", instrument=name, answers={}, total=form.range.most, difficulty=None)
