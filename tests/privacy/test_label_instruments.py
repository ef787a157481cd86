"""What an instrument's table says of its sensitivity is what every part of it is labelled with."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.privacy.label import BH, ETHUD, PART2, RELEASED, RESTRICTED, SUBSTANCE_USE, SUD, labels_of, security
from gateway.record.types import INSTRUMENTS
from mappings import course_of, resources_of
from tests.mappings.corpus import SITE, record

ALCOHOL, DRUG = {"audit-c", "audit"}, {"dast-10"}
INSIDE = {"srs", "wai-sr"}


def _measure(instrument: str) -> list[dict[str, Any]]:
    """Everything that a score, answered where it can be, and the change to a later one become."""
    form = INSTRUMENTS[instrument]
    answers = dict.fromkeys(form.items, 0)
    first = record("outcome_measure", id="a", instrument=instrument, answers=answers, total=form.range.least, difficulty=None, taken_at="2025-01-01T10:00:00-05:00")
    later = record("outcome_measure", id="b", instrument=instrument, answers={}, total=form.range.most, difficulty=None)
    return [*resources_of(first, SITE), *course_of(later, [first, later], SITE)]


def _labels(resource: dict[str, Any]) -> int:
    return labels_of(resource, in_sud_treatment=False)


@pytest.mark.parametrize("instrument", sorted(ALCOHOL | DRUG))
def test_every_part_of_a_measure_of_substance_use_needs_a_part_2_consent(instrument: str) -> None:
    expected = SUD | (ETHUD if instrument in ALCOHOL else 0)

    for each in _measure(instrument):
        assert _labels(each) & expected == expected
        assert _labels(each) & ~(RELEASED | SUBSTANCE_USE) == 0


@pytest.mark.parametrize("instrument", sorted(INSIDE))
def test_no_release_opens_a_score_of_the_alliance_and_none_is_called_a_psychotherapy_note(instrument: str) -> None:
    for each in _measure(instrument):
        assert _labels(each) & RESTRICTED
        assert not _labels(each) & (RELEASED | SUBSTANCE_USE) & ~BH
        assert "PSYTHPN" not in [label["code"] for label in security(_labels(each))]


@pytest.mark.parametrize("instrument", sorted(set(INSTRUMENTS) - ALCOHOL - DRUG - INSIDE))
def test_any_other_instrument_is_ordinary_behavioral_health(instrument: str) -> None:
    assert {_labels(each) for each in _measure(instrument)} == {BH}


@pytest.mark.parametrize("canonical", ["http://loinc.org/q/72109-2", "http://loinc.org/q/72109-2|2.78", "https://elsewhere.example/Questionnaire/75624-7"])
def test_a_response_is_labelled_by_its_canonical(canonical: str) -> None:
    assert _labels({"resourceType": "QuestionnaireResponse", "questionnaire": canonical}) == BH | SUD | ETHUD


@pytest.mark.parametrize(("measure", "bits"), [("AUDIT-C", SUD | ETHUD), ("audit", SUD | ETHUD), ("dast-10", SUD), ("SRS", RESTRICTED), ("phq-9", 0)])
def test_a_goal_is_as_sensitive_as_what_measures_it(measure: str, bits: int) -> None:
    plan = record("treatment_plan", goals=[{"id": "g", "description": "As agreed", "measure": measure, "target_score": 14}], activities=[])
    made = resources_of(plan, SITE)
    goal = next(each for each in made if each["resourceType"] == "Goal")

    assert _labels(goal) & ~PART2 == BH | bits
    assert ("As agreed" in made[0]["text"]["div"]) is (bits == 0)
