"""Every golden pair is what the mappings make of its record, and each duty has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.fhir.validation import faults
from mappings import MAPPED
from tests.golden import cases, mapped, read

DUTIES = 13
QUESTIONS = ("ages", "cultures", "no-prescribing")


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.stem)
def test_a_record_becomes_its_golden_resources(case: Path) -> None:
    pair = read(case)

    assert mapped(pair) == pair["resources"]


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.stem)
def test_a_golden_resource_is_valid(case: Path) -> None:
    for resource in read(case)["resources"]:
        assert faults(resource) == []


def test_every_duty_and_every_question_has_a_golden_pair() -> None:
    named = {case.stem for case in cases()}

    for number in range(1, DUTIES + 1):
        assert any(name.startswith(f"{number:02}-") for name in named), number
    for question in QUESTIONS:
        assert any(name.startswith(question) for name in named), question


def test_every_kind_that_becomes_resources_has_a_golden_pair() -> None:
    assert {read(case)["record"]["kind"] for case in cases()} >= set(MAPPED)
