"""The sample practice is believable: scores, plans, releases and referrals tell one story."""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from gateway.record.types import (
    INSTRUMENTS,
    Client,
    Consent,
    MedicationNote,
    OutcomeMeasure,
    Partner,
    Problem,
    Referral,
    RiskAssessment,
    SafetyPlan,
    TreatmentPlan,
)
from gateway.sample import DEMO_CLIENT, DEMO_MEDICATION, DEMO_PSYCHIATRIST, DEMO_RELEASE, DEMO_THERAPIST, PRACTICE_ID, sample_records
from tests.sample.reading import SUBSTANCE_WORDS, TODAY, age, by_id, courses, leaves, of


def test_answers_add_up_to_the_total() -> None:
    complete = [measure for measure in of(OutcomeMeasure) if measure.total is not None]
    assert len(complete) > 250
    assert all(measure.summed == measure.total for measure in complete)


def test_one_instrument_was_left_unfinished_and_has_no_score() -> None:
    (unfinished,) = [measure for measure in of(OutcomeMeasure) if measure.total is None]
    assert unfinished.score is None
    assert list(unfinished.answers) == list(INSTRUMENTS["phq-9"].items)


def test_scores_move_as_scores_do() -> None:
    """From one filling-in to the next by less than the 8 points that would need a story of their own."""
    for name, course in courses().items():
        known = [measure.score for measure in course if measure.score is not None and measure.instrument != "audit-c"]
        assert all(abs(later - earlier) < 8 for earlier, later in pairwise(known)), name


def test_every_active_client_of_twelve_and_over_fills_in_an_instrument_and_no_child_does() -> None:
    measured = {measure.client for measure in of(OutcomeMeasure)}
    for client in of(Client):
        if client.active:
            assert (client.id in measured) == (age(client) >= 12), client.id


def test_no_score_is_of_this_week() -> None:
    assert max(measure.taken_at.date() for measure in of(OutcomeMeasure)) < date(2026, 3, 2)


def test_the_stories_show_in_the_scores() -> None:
    scores = {name: [measure.score for measure in course if measure.score is not None] for name, course in courses().items()}
    assert scores["client-marcus", "gad-7"][-1] <= scores["client-marcus", "gad-7"][0] / 2, "responds"
    assert max(scores["client-hector", "phq-9"]) < 5, "in remission"
    assert abs(scores["client-maren", "phq-9"][-1] - scores["client-maren", "phq-9"][0]) < 3, "does not respond"
    assert scores["client-tomasz", "phq-9"][-1] - scores["client-tomasz", "phq-9"][0] >= 5, "gets worse"
    assert 10 <= scores[DEMO_CLIENT, "phq-9"][-1] < scores[DEMO_CLIENT, "phq-9"][0], "helped by half"


def test_whoever_answers_item_nine_is_screened_for_risk_that_week() -> None:
    screened = defaultdict(list)
    for risk in of(RiskAssessment):
        screened[risk.client].append(risk.assessed_at.date())
    for measure in of(OutcomeMeasure):
        if measure.answers.get("self_harm"):
            near = [day for day in screened[measure.client] if abs((day - measure.taken_at.date()).days) <= 7]
            assert near, measure.id


def test_the_crisis_goes_from_the_screening_by_the_safety_plan_to_the_emergency_department() -> None:
    (screening,) = [risk for risk in of(RiskAssessment) if risk.risk == "high"]
    plan = next(plan for plan in of(SafetyPlan) if plan.client == screening.client)
    (referral,) = [referral for referral in of(Referral) if referral.priority == "stat"]
    release = next(consent for consent in of(Consent) if consent.client == screening.client and consent.partner == referral.partner)
    assert plan.written_on == screening.assessed_at.date() == referral.requested_at.date() == release.signed_on
    assert referral.requested_at > screening.assessed_at
    assert (referral.client, referral.service, referral.risk_level) == (screening.client, "emergency", "high")
    assert "safety_plan" in release.categories


def test_every_current_client_has_a_plan_with_goals_and_work() -> None:
    current = {plan.client: plan for plan in of(TreatmentPlan) if plan.status in ("active", "draft")}
    for client in of(Client):
        if client.active:
            plan = current[client.id]
            assert 2 <= len(plan.goals) <= 3, client.id
            assert plan.activities, client.id
            assert plan.problems, client.id


def test_a_goal_is_tied_to_an_instrument_that_the_client_fills_in() -> None:
    tied = [(plan.client, goal.measure) for plan in of(TreatmentPlan) for goal in plan.goals if goal.measure and goal.target_score is not None]
    assert len({client for client, _ in tied}) >= 20
    assert set(tied) <= set(courses())


def test_a_goal_counted_as_reached_is_reached() -> None:
    last = {name: course[-1].score for name, course in courses().items()}
    for plan in of(TreatmentPlan):
        for goal in plan.goals:
            if goal.measure and goal.target_score is not None:
                reached = (last[plan.client, goal.measure] or 0) <= goal.target_score
                assert reached == (goal.achievement in ("achieved", "sustaining")), (plan.id, goal.id)


def test_referrals_stand_in_every_status_and_ask_for_every_service() -> None:
    for element in ("status", "service", "priority"):
        possible = set(get_args(Referral.model_fields[element].annotation))
        assert {getattr(referral, element) for referral in of(Referral)} == possible, element


def test_a_completed_referral_has_its_reply_and_an_open_one_has_none() -> None:
    for referral in of(Referral):
        assert (referral.reply is not None) == (referral.status in ("completed", "declined")), referral.id


def test_medications_stand_in_every_status() -> None:
    assert {medication.status for medication in of(MedicationNote)} == set(get_args(MedicationNote.model_fields["status"].annotation))


def test_releases_are_in_force_expired_revoked_or_end_with_an_event() -> None:
    consents = of(Consent)
    assert any(consent.period.end and consent.period.end < TODAY and not consent.revoked_on for consent in consents)
    assert any(consent.revoked_on for consent in consents)
    assert any(consent.expires_event and not consent.period.end for consent in consents)
    assert any(consent.recipient_text and not consent.partner for consent in consents)
    assert {consent.direction for consent in consents} == {"disclose", "obtain", "both"}


def test_of_two_clients_in_substance_use_treatment_one_signed_for_part_2() -> None:
    treated = {problem.client for problem in of(Problem) if problem.sensitivity == "substance-use"}
    signed = {consent.client for consent in of(Consent) if consent.part2}
    released = {consent.client for consent in of(Consent)}
    assert (treated, signed) == ({"client-gus", "client-shay"}, {"client-gus"})
    assert treated <= released


def test_only_what_is_marked_tells_of_substance_use() -> None:
    """Consents apart: their labels come from what they open. Parts of a plan are marked one by one."""
    for record in sample_records(TODAY):
        if isinstance(record, (Partner, Consent)) or getattr(record, "sensitivity", "normal") == "substance-use":
            continue
        told = record.model_dump(mode="json", exclude={"id", "problems"})
        for parts in ("goals", "activities"):
            told[parts] = [part for part in told.get(parts, []) if part["sensitivity"] == "normal"]
        assert not SUBSTANCE_WORDS.search(json.dumps(told)), record.id


def test_the_demo_finds_its_client_and_what_the_psychiatrist_may_see() -> None:
    client, release, medication = by_id(Client)[DEMO_CLIENT], by_id(Consent)[DEMO_RELEASE], by_id(MedicationNote)[DEMO_MEDICATION]
    assert client.therapist == DEMO_THERAPIST
    assert (release.client, release.partner, release.revoked_on) == (DEMO_CLIENT, DEMO_PSYCHIATRIST, None)
    assert release.period.end
    assert release.period.end > TODAY
    assert {"medications", "assessments", "treatment_plan", "demographics"} == set(release.categories)
    assert by_id(Partner)[DEMO_PSYCHIATRIST].fhir_base == "http://127.0.0.1:8001/fhir"
    assert (medication.client, medication.status, medication.prescriber) == (DEMO_CLIENT, "active", DEMO_PSYCHIATRIST)
    assert medication.code
    assert medication.code.code == "312941"
    assert PRACTICE_ID in {record.id for record in sample_records(TODAY) if record.kind == "practice"}


def test_nobody_can_be_reached_at_an_address_of_the_sample() -> None:
    for record in sample_records(TODAY):
        for path, value in leaves(record.model_dump(mode="json")):
            if path.endswith(("_phone", ".fax")) and value:
                assert re.fullmatch(r"\d{3}-555-01\d\d", value), record.id
            if path.endswith((".email", ".direct_address")) and value:
                assert value.endswith(".example"), record.id


def test_every_npi_is_of_the_sample_range_with_a_right_check_digit() -> None:
    """Luhn over the prefix 80840 and the number (45 CFR 162.406; the NPI check digit of CMS)."""
    numbers = [npi for record in sample_records(TODAY) if (npi := getattr(record, "npi", None))]
    assert len(numbers) == len(set(numbers)) == 13
    for number in numbers:
        digits = [int(digit) for digit in reversed("80840" + number)]
        doubled = [digit if place % 2 == 0 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(digits)]
        assert number.startswith("2555000"), number
        assert sum(doubled) % 10 == 0, number


def test_notes_are_written_by_hand_not_by_rote() -> None:
    texts = [getattr(record, "text", "") for record in sample_records(TODAY) if record.kind == "note"]
    openings = Counter(text[:20] for text in texts)
    assert len(texts) > 80
    assert max(openings.values()) == 1


def test_every_drug_and_technique_code_is_a_checked_one() -> None:
    folder = os.environ.get("HANDOFF_REFERENCE_DATA")
    table = Path(folder or ".") / "bh-codes.json"
    if not folder or not table.is_file():
        pytest.skip("HANDOFF_REFERENCE_DATA names no folder with bh-codes.json, the table of checked codes")
    tables = json.loads(table.read_text())
    checked = {(row["system"], row["code"]) for name in ("medications", "intervention_codes") for row in tables[name]}
    for record in sample_records(TODAY):
        for found in re.finditer(r'"system": "([^"]+(?:rxnorm|sct))", "code": "([^"]+)"', json.dumps(record.model_dump(mode="json"))):
            assert found.groups() in checked, record.id
