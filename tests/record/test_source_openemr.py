"""What the OpenEMR table takes in beside the chart's core: family history, coverage, health concerns, planned work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.record.small_export import Read, Table, tables, write


@pytest.fixture
def content() -> dict[str, Table]:
    return tables()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


def history(number: str, **cells: str) -> dict[str, str]:
    return {"id": number, "pid": "1", "date": f"2026-02-0{number} 10:00:00", "tobacco": "", "history_mother": "", "dc_mother": "", "relatives_suicide": "", **cells}


def of(found: Read, kind: str) -> list[Any]:
    return [record for record in found.records if record.kind == kind]


def test_the_last_history_of_a_client_counts_and_the_earlier_one_is_named(folder: Path, content: dict[str, Table]) -> None:
    content["history_data.csv"] = [history("1", history_mother="anxiety"), history("2", history_mother="depression", dc_mother="ICD10:F32.9", tobacco="never")]
    found = Read(write(folder, content))
    assert [(one.id, one.relationship, one.condition, one.codes[0].code, str(one.recorded_on)) for one in of(found, "family_history")] == [
        ("mother-1", "MTH", "depression", "F32.9", "2026-02-02")
    ]
    reasons = {(one.column, one.reason.partition(";")[0]): one.lines for one in found.left_out if one.file == "history_data.csv"}
    assert reasons[None, "an earlier state"] == (2,)
    assert ("tobacco", "social history and examinations: no record holds them") in reasons


@pytest.mark.parametrize(("cell", "relationship"), [("Sister, 2011", "SIS"), ("uncle", "UNCLE"), ("yes", "FAMMEMB"), ("none", None), ("N/A", None)])
def test_a_relative_is_read_from_the_first_word(folder: Path, content: dict[str, Table], cell: str, relationship: str | None) -> None:
    content["history_data.csv"] = [history("1", relatives_suicide=cell)]
    found = Read(write(folder, content))
    assert [(one.relationship, one.condition) for one in of(found, "family_history")] == ([(relationship, f"Suicide: {cell}")] if relationship else [])


def test_coverage_is_ranked_and_one_without_an_insurer_is_left_out(folder: Path, content: dict[str, Table]) -> None:
    base = {"pid": "1", "plan_name": "Silver", "policy_number": "P-1", "group_number": "", "subscriber_relationship": "child", "date": "2026-01-01", "date_end": ""}
    content["insurance_companies.csv"] = [{"id": "5", "name": "Bay Colony Health Plan", "ins_type_code": "19"}]
    content["insurance_data.csv"] = [
        {**base, "id": "1", "type": "primary", "provider": "5"},
        {**base, "id": "2", "type": "secondary", "provider": "5", "date_end": "2026-06-30"},
        {**base, "id": "3", "type": "tertiary", "provider": ""},
        {**base, "id": "4", "type": "primary", "provider": "77"},
    ]
    found = Read(write(folder, content))
    assert [(one.id, one.payer, one.type, one.rank, one.relationship, str(one.period.end)) for one in of(found, "coverage")] == [
        ("1", "Bay Colony Health Plan", "HMO", 1, "child", "None"),
        ("2", "Bay Colony Health Plan", "HMO", 2, "child", "2026-06-30"),
    ]
    assert any((one.file, one.reason, one.lines) == ("insurance_data.csv", "no insurer is named", (4,)) for one in found.left_out)
    assert (found.fault("insurance_data.csv", 5).column, "insurer" in found.fault("insurance_data.csv", 5).rule) == ("provider", True)


def test_a_health_concern_is_a_problem_listed_as_one(folder: Path, content: dict[str, Table]) -> None:
    content["lists.csv"].append({**content["lists.csv"][0], "id": "9", "type": "health_concern", "title": "Lives alone", "diagnosis": ""})
    content["form_care_plan.csv"].append({**content["form_care_plan.csv"][0], "id": "10", "care_plan_type": "health_concern", "description": "Housing at risk"})
    found = Read(write(folder, content))
    assert found.faults == []
    assert {(one.id, one.title, one.listed_as) for one in of(found, "problem")} >= {
        ("lists-9", "Lives alone", "health-concern"),
        ("concern-10", "Housing at risk", "health-concern"),
    }
    assert {one.listed_as for one in of(found, "problem") if one.id == "lists-1"} == {None}


def test_planned_work_of_a_care_plan_stands_in_the_treatment_plan_of_its_visit(folder: Path, content: dict[str, Table]) -> None:
    row = content["form_care_plan.csv"][0]
    content["form_care_plan.csv"] += [
        {**row, "id": "10", "care_plan_type": "intervention", "description": "CBT weekly"},
        {**row, "id": "11", "care_plan_type": "instruction", "description": "Sleep diary"},
        {**row, "id": "12", "care_plan_type": "intervention", "description": "Voided", "activity": "0"},
        {**row, "id": "13", "care_plan_type": "intervention", "description": "Of no plan", "pid": "2", "encounter": "51"},
        {**row, "id": "14", "care_plan_type": "medication", "description": "None of ours"},
    ]
    found = Read(write(folder, content))
    (plan,) = of(found, "treatment_plan")
    assert [(one.id, one.kind, one.description) for one in plan.activities] == [("plan-10", "therapy", "CBT weekly"), ("plan-11", "education", "Sleep diary")]
    assert [goal.id for goal in plan.goals] == ["goal-9"]
    reasons = {one.reason: one.lines for one in found.left_out if one.file == "form_care_plan.csv" and one.column is None}
    assert reasons == {"not active in the source": (5,), "planned work of a visit without a treatment plan": (6,), "of a type that no record holds": (7,)}
