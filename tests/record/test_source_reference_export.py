"""The reference practice's export, read by the OpenEMR table, holds what its `expected.json` says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from gateway.record.source import LeftOut, RowFault, load_table, read
from gateway.record.types import (
    KINDS,
    Allergy,
    Client,
    Consent,
    Coverage,
    FamilyHistory,
    Guardian,
    MedicationNote,
    OutcomeMeasure,
    Problem,
    ProcessNoteMark,
    Record,
    Referral,
    RiskAssessment,
    SafetyPlan,
    Session,
    TreatmentPlan,
)

ZONE = ZoneInfo("America/New_York")
T = TypeVar("T", bound=Record)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


class Export:
    """Everything read, by kind and client."""

    def __init__(self, folder: Path) -> None:
        reading = read(folder, load_table("openemr"), time_zone=ZONE)
        self.records: list[Record] = list(reading.records)
        self.faults: list[RowFault] = list(reading.faults)
        self.left_out: list[LeftOut] = reading.left_out
        self.shown = repr((self.records, self.faults, self.left_out, reading.notes))

    def of(self, kind: type[T], client: str) -> list[T]:
        return [record for record in self.records if isinstance(record, kind) and getattr(record, "client", None) == client]


@pytest.fixture(scope="module")
def folder(reference_data: Path) -> Path:
    return reference_data / "practice-export"


@pytest.fixture(scope="module")
def export(folder: Path) -> Export:
    return Export(folder)


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    return found


def _all_clients(expected: dict[str, Any], found: Callable[[str], Any], told: Callable[[dict[str, Any]], Any]) -> None:
    for client, facts in expected["clients"].items():
        assert found(client) == told(facts), f"client {client}"


def test_no_row_of_a_clean_export_is_rejected(export: Export) -> None:
    assert export.faults == []


def test_every_client_arrives_with_name_and_birth_date(export: Export, expected: dict[str, Any]) -> None:
    clients = {record.id: record for record in export.records if isinstance(record, Client)}
    assert len(clients) == expected["clients_total"]
    for number, facts in expected["clients"].items():
        name = clients[number].name
        assert f"{name.given[0]} {name.family}" == facts["name"]
        assert clients[number].birth_date.isoformat() == facts["dob"]
        assert bool(clients[number].interpreter_needed) == facts["interpreter_needed"]
        assert clients[number].language == {"english": "en", "spanish": "es", "vietnamese": "vi", "chinese": "zh", "arabic": "ar", "asl": "ase"}[facts["language"]]


def test_guardians_arrive_for_the_minors_that_have_one(export: Export, expected: dict[str, Any]) -> None:
    def found(client: str) -> str | None:
        return next((" ".join([*one.name.given, one.name.family or ""]) for one in export.of(Guardian, client)), None)

    _all_clients(expected, found, lambda facts: facts["guardian"])


@pytest.mark.parametrize(("instrument", "fact"), [("phq-9", "phq9"), ("gad-7", "gad7"), ("audit-c", "audit_c")])
def test_totals_by_date_equal_the_expected_ones(export: Export, expected: dict[str, Any], instrument: str, fact: str) -> None:
    def found(client: str) -> Counter[tuple[str, int | None]]:
        return Counter((one.taken_at.date().isoformat(), one.score) for one in export.of(OutcomeMeasure, client) if one.instrument == instrument)

    _all_clients(expected, found, lambda facts: Counter((one["date"], one["total"]) for one in facts[fact]))


def test_phq_9_answers_sessions_and_item_nine_are_kept(export: Export, expected: dict[str, Any]) -> None:
    measures = {one.id: one for one in export.records if isinstance(one, OutcomeMeasure)}
    for facts in expected["clients"].values():
        for one in facts["phq9"]:
            measure = measures[f"phq9-{one['form_id']}"]
            assert measure.session == str(one["encounter"])
            assert measure.answers["self_harm"] == one["item9"]
            assert sum(answer is not None for answer in measure.answers.values()) == one["answered"]


def test_suicide_risk_screenings_equal_the_expected_ones(export: Export, expected: dict[str, Any]) -> None:
    def found(client: str) -> list[tuple[str, str, str]]:
        return sorted((one.id, one.assessed_at.date().isoformat(), one.risk) for one in export.of(RiskAssessment, client))

    _all_clients(expected, found, lambda facts: sorted((f"qr-{one['id']}", one["date"], one["risk"]) for one in facts["cssrs"]))


@pytest.mark.parametrize(("status", "fact"), [("active", "active_diagnoses"), ("resolved", "resolved_diagnoses")])
def test_diagnoses_equal_the_expected_ones(export: Export, expected: dict[str, Any], status: str, fact: str) -> None:
    def found(client: str) -> list[tuple[str, tuple[str, ...], str]]:
        return sorted((one.id, tuple(code.code for code in one.codes), one.title) for one in export.of(Problem, client) if one.clinical_status == status)

    _all_clients(expected, found, lambda facts: sorted((f"lists-{one['list_id']}", (one["code"],), one["title"]) for one in facts[fact]))


def test_onset_and_end_of_diagnoses_are_days(export: Export, expected: dict[str, Any]) -> None:
    problems = {one.id: one for one in export.records if isinstance(one, Problem)}
    for facts in expected["clients"].values():
        for one in facts["active_diagnoses"]:
            assert str(problems[f"lists-{one['list_id']}"].onset) == one["onset"]
        for one in facts["resolved_diagnoses"]:
            assert str(problems[f"lists-{one['list_id']}"].abatement) == one["end"]


@pytest.mark.parametrize(("active", "fact"), [(True, "active_medications"), (False, "inactive_medications")])
def test_medications_equal_the_expected_ones(export: Export, expected: dict[str, Any], active: bool, fact: str) -> None:
    def found(client: str) -> list[tuple[str, str, str | None]]:
        return sorted((one.id, one.title, one.code.code if one.code else None) for one in export.of(MedicationNote, client) if (one.status == "active") is active)

    _all_clients(expected, found, lambda facts: sorted((f"lists-{one['list_id']}", one["title"], one["rxnorm"]) for one in facts[fact]))
    assert all(one.code is None or one.code.system == RXNORM for one in export.records if isinstance(one, MedicationNote))


def test_adherence_is_yes_no_or_not_known(export: Export) -> None:
    assert Counter(one.taken for one in export.records if isinstance(one, MedicationNote)) == {True: 19, False: 16, None: 27}


def test_allergies_equal_the_expected_ones(export: Export, expected: dict[str, Any]) -> None:
    def found(client: str) -> list[tuple[str, str, str | None]]:
        return sorted((one.id, one.title, one.reaction) for one in export.of(Allergy, client))

    _all_clients(expected, found, lambda facts: sorted((f"lists-{one['list_id']}", one["title"], one["reaction"]) for one in facts["allergies"]))


SERVICE = {
    "psychiatry": "psychiatry",
    "child_psychiatry": "child-psychiatry",
    "pcp": "primary-care",
    "social_work": "social-work",
    "ed": "emergency",
    "addiction": "addiction",
    "obgyn": "obstetrics-gynecology",
}


@pytest.mark.parametrize(("status", "fact"), [("requested", "open_referrals"), ("completed", "closed_referrals")])
def test_referrals_equal_the_expected_ones(export: Export, expected: dict[str, Any], status: str, fact: str) -> None:
    def found(client: str) -> list[tuple[object, ...]]:
        return sorted(
            (one.id, one.requested_at.date().isoformat(), one.partner, one.service, one.risk_level, str(one.reply.received_on) if one.reply else None, one.priority)
            for one in export.of(Referral, client)
            if one.status == status
        )

    def told(facts: dict[str, Any]) -> list[tuple[object, ...]]:
        return sorted(
            (
                str(one["transaction_id"]),
                one["date"],
                str(one["to_user_id"]),
                SERVICE[one["kind"]],
                one["risk_level"],
                one.get("reply_date"),
                "stat" if (one["kind"], one["risk_level"]) == ("ed", "high") else "routine",
            )
            for one in facts[fact]
        )

    _all_clients(expected, found, told)


def _shown_consent(one: Consent) -> dict[str, Any]:
    """A consent in the words of expected.json."""
    shown = one.model_dump(mode="json")
    return {
        "form_id": int(one.id),
        "recipient_user_id": int(one.partner or 0),
        "recipient": one.recipient_text,
        "categories": list(one.categories),
        "revoked": shown["revoked_on"],
        **{name: shown[name] for name in ("direction", "part2", "period", "expires_event", "signed_by")},
    }


def test_consents_equal_the_expected_ones(export: Export, expected: dict[str, Any]) -> None:
    def told(facts: dict[str, Any]) -> list[dict[str, Any]]:
        return [{name: value for name, value in one.items() if name != "status_on_export_date"} for one in facts["consents"]]

    _all_clients(expected, lambda client: [_shown_consent(one) for one in export.of(Consent, client)], told)


def test_a_guardians_signature_is_known_as_one(export: Export, expected: dict[str, Any]) -> None:
    for client, facts in expected["clients"].items():
        for one in export.of(Consent, client):
            assert one.signer_is_guardian == (facts["guardian"] is not None and one.signed_by == facts["guardian"])
    assert any(one.signer_is_guardian for one in export.records if isinstance(one, Consent))


def test_every_encounter_becomes_one_session(export: Export, expected: dict[str, Any]) -> None:
    _all_clients(expected, lambda client: len(export.of(Session, client)), lambda facts: facts["encounters"])


def test_safety_plans_arrive_whole(export: Export, expected: dict[str, Any]) -> None:
    _all_clients(expected, lambda client: bool(export.of(SafetyPlan, client)), lambda facts: facts["safety_plan"])
    assert all(one.warning_signs and one.means_safety and one.review_on for one in export.records if isinstance(one, SafetyPlan))


def test_every_plan_has_goals_and_each_goal_row_is_in_one(export: Export, expected: dict[str, Any]) -> None:
    plans = [one for one in export.records if isinstance(one, TreatmentPlan) and one.id.isdigit()]
    assert len(plans) == expected["rows"]["form_treatment_plan"]
    assert all(one.goals for one in plans)
    first = [plan for plan in plans if any(goal.start for goal in plan.goals)]
    assert sum(len(plan.goals) for plan in first) == expected["rows"]["form_care_plan"]
    assert any(goal.measure == "phq-9" and goal.target_score == 9 for plan in plans for goal in plan.goals)


def test_process_notes_leave_a_mark_and_no_word(export: Export, expected: dict[str, Any]) -> None:
    _all_clients(expected, lambda client: len(export.of(ProcessNoteMark, client)), lambda facts: facts["process_notes"])
    marks = {one.id for one in export.records if isinstance(one, ProcessNoteMark)}
    assert marks == {str(one["id"]) for one in expected["process_note_canaries"]}
    for one in expected["process_note_canaries"]:
        assert one["canary"] not in export.shown
    assert "PN-D" not in export.shown


def test_social_security_numbers_stay_behind_by_reason(export: Export) -> None:
    assert "999-" not in export.shown
    assert any(one.column == "ss" and "minimum necessary" in one.reason for one in export.left_out)


def test_voided_forms_are_left_out_by_line(export: Export, expected: dict[str, Any]) -> None:
    ids = {one.id for one in export.records if isinstance(one, OutcomeMeasure)}
    assert not ids & {f"phq9-{one['id']}" for one in expected["deleted_forms"]}
    voided = next(one for one in export.left_out if one.file == "form_phq9.csv" and one.reason.startswith("voided"))
    assert (voided.total, len(voided.lines)) == (2, 2)


def test_what_no_record_holds_is_named_with_its_table(export: Export) -> None:
    whole = {one.file: one.total for one in export.left_out if one.column is None}
    assert whole["openemr_postcalendar_events.csv"] == 475
    assert {"layout_options.csv", "list_options.csv"} <= set(whole)


def test_what_runs_in_the_family_arrives_by_relative(export: Export) -> None:
    found = Counter(one.relationship for one in export.records if isinstance(one, FamilyHistory))
    assert found == {"MTH": 31, "SIS": 18, "FTH": 14}
    assert not any(one.condition in ("well", "unknown", "none known") for one in export.records if isinstance(one, FamilyHistory))


def test_coverage_arrives_with_its_payer_and_without_the_subscribers_person(export: Export, folder: Path) -> None:
    found = [one for one in export.records if isinstance(one, Coverage)]
    assert Counter(one.type for one in found) == {"Medicaid": 10, "Commercial": 9, "HMO": 7, "PPO": 6, "Medicare Part B": 4}
    assert {(one.rank, one.status) for one in found} == {(1, "active")}
    assert (found[0].payer, found[0].member_id, found[0].relationship) == ("Pilgrim Lake HMO", "SYN57277802", "self")
    assert any(one.column == "subscriber_lname" and "minimum necessary" in one.reason for one in export.left_out)


def test_blemishes_are_read_for_what_they_mean(export: Export) -> None:
    by_id: dict[tuple[str, str], Any] = {(one.kind, one.id): one for one in export.records}
    assert by_id["client", "110"].address.state == "MA"
    assert by_id["client", "125"].name.family == "Feeney"
    assert str(by_id["problem", "lists-759"].onset) == "2025-11-14"
    assert by_id["outcome_measure", "phq9-70"].taken_at.isoformat() == "2026-05-28T08:15:00-04:00"


def test_records_come_in_the_order_in_which_they_refer_to_one_another(export: Export) -> None:
    order = [list(KINDS).index(record.kind) for record in export.records]
    assert order == sorted(order)
    assert len({(record.kind, record.id) for record in export.records}) == len(export.records)
