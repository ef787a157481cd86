"""The list of duties in conformance/smart is whole, true to the guide's ids and levels, in our own words, and every test it names is there."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from conformance.smart import DECISIONS, Duty, asvs_duties, duties
from conformance.smart.__main__ import main

ROOT = Path(__file__).parents[2]
LEVELS = {"SHALL": 167, "SHALL NOT": 5, "SHOULD": 45, "SHOULD NOT": 3, "MAY": 43, "DEPRECATED": 2}
ASVS_SECTIONS = {"10.1": 2, "10.2": 3, "10.3": 5, "10.4": 16, "10.5": 5, "10.6": 2, "10.7": 3}
_SAME_WORDS = 8
"""As many words in a row that are the guide's would be a sentence of the guide."""

_FEWEST_WORDS = 5

EVERY = [*duties(), *asvs_duties()]


@pytest.fixture(scope="module")
def guide(reference_data: Path) -> dict[str, dict[str, str]]:
    """The guide's server requirements by id, from the reference data."""
    table = reference_data / "smart-2.2.0-server-requirements.tsv"
    if not table.is_file():
        pytest.skip("the reference data hold no smart-2.2.0-server-requirements.tsv")
    with table.open(newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


def _name(duty: Duty) -> str:
    return f"{duty.page} {duty.id}"


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9_]+", text.lower())


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + _SAME_WORDS]) for at in range(len(words) - _SAME_WORDS + 1)}


@cache
def _tests(path: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def _is_decided(duty: Duty) -> bool:
    """Tests prove; where nothing proves, a reason of a few words says why. What SHOULD be and is claimed to be needs its tests."""
    explained = len(_words(duty.reason)) >= _FEWEST_WORDS
    if duty.decision == "proved" or (duty.decision == "decided yes" and duty.level.startswith("SHOULD")):
        return bool(duty.tests)
    return duty.decision in DECISIONS and bool(duty.says) and (explained or (duty.decision == "decided yes" and bool(duty.tests or duty.reason)))


def _runs_here(node: str) -> bool:
    path, _, name = node.partition("::")
    return (ROOT / path).is_file() and name in _tests(path) and not _never_runs(_tests(path)[name])


def _never_runs(function: ast.FunctionDef) -> bool:
    """Is it marked to be skipped whatever the machine has, or expected to fail?"""
    marks = [ast.unparse(mark) for mark in function.decorator_list]
    return any(re.match(r"pytest\.mark\.(skip\b|xfail\b|skipif\(True)", mark) for mark in marks)


def test_every_requirement_stands_in_the_list_once_and_no_other(guide: dict[str, dict[str, str]]) -> None:
    assert sorted(duty.id for duty in duties()) == sorted(guide)


def test_level_and_place_are_the_guides(guide: dict[str, dict[str, str]]) -> None:
    ours = {duty.id: (duty.level, f"{duty.page}.html#{duty.section}") for duty in duties()}
    assert ours == {key: (row["conformance"], row["url"].rpartition("/")[2]) for key, row in guide.items()}


def test_no_sentence_is_the_guides(guide: dict[str, dict[str, str]]) -> None:
    theirs = {run for row in guide.values() for run in _runs(row["requirement"])}
    copied = [_name(duty) for duty in duties() if theirs & (_runs(duty.says) | _runs(duty.reason))]
    assert not copied


def test_as_many_are_listed_as_the_guide_has_of_each_level() -> None:
    assert Counter(duty.level for duty in duties()) == LEVELS


def test_the_chapter_of_asvs_is_listed_whole() -> None:
    expected = [f"{section}.{number}" for section, count in ASVS_SECTIONS.items() for number in range(1, count + 1)]
    assert [duty.id for duty in asvs_duties()] == expected
    assert all(duty.level in ("L1", "L2", "L3") and duty.id.startswith(f"{duty.section}.") for duty in asvs_duties())


def test_every_decision_has_its_tests_or_its_reason() -> None:
    assert not [_name(duty) for duty in EVERY if not _is_decided(duty)]


def test_a_duty_that_must_be_met_is_proved_or_does_not_apply() -> None:
    assert not [_name(duty) for duty in duties() if duty.level.startswith("SHALL") and duty.decision not in ("proved", "not applicable")]


def test_every_test_that_is_named_is_there_and_runs() -> None:
    assert not {f"{_name(duty)}: {node}" for duty in EVERY for node in duty.tests if not _runs_here(node)}


def test_the_overview_counts_every_duty(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("all ")]
    assert [line[-1] for line in lines] == [str(len(duties())), str(len(asvs_duties()))]
    assert [int(number) for line in lines for number in line[1:-1]] == [
        sum(duty.decision == decision for duty in listed) for listed in (duties(), asvs_duties()) for decision in DECISIONS
    ]
