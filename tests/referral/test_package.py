"""What goes with a referral, and what stays."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from gateway.fhir.outcome import OutcomeError
from tests.mappings.corpus import ICD10, record
from tests.referral.town import TASK, Town

ALCOHOL = record(
    "problem", id="p3", title="Alcohol use disorder", codes=[{"system": ICD10, "code": "F10.20"}], clinical_status="active", abatement=None, sensitivity="substance-use"
)
CONSENT = {
    "categories": ["demographics", "diagnoses", "referrals", "sud_records"],
    "part2": True,
    "period": {"start": "2026-01-01", "end": "2027-12-31"},
    "signed_on": "2026-01-01",
}


def items(town: Town, kind: str) -> dict[str, dict[str, Any]]:
    return {item["title"]: item for item in town.preview()["items"] if item["resource"].startswith(f"{kind}/")}


def test_the_request_its_task_the_client_and_the_requester_go(town: Town) -> None:
    town.refer()
    going = {item["resource"].partition("/")[0] for item in town.preview()["items"] if item["goes"]}
    assert {"ServiceRequest", "Task", "Patient", "PractitionerRole", "Practitioner", "Organization", "Observation", "MedicationRequest"} <= going
    assert not going & {"DocumentReference", "QuestionnaireResponse", "Encounter", "Consent", "CarePlan"}


def test_only_the_diagnoses_that_were_named_go(town: Town) -> None:
    town.refer()
    conditions = items(town, "Condition")
    assert (conditions["Depression, moderate"]["goes"], conditions["Depression, moderate"]["why"]) == (True, "asked for")
    assert (conditions["Knee pain"]["goes"], conditions["Knee pain"]["why"]) == (False, "minimum necessary")
    assert "bytes" not in conditions["Knee pain"]


def test_a_stopped_medication_stays(town: Town) -> None:
    town.home.take_in([record("medication_note", id="m2", title="Hydroxyzine 25 mg", code=None, status="stopped", taken=False)])
    town.refer()
    medications = items(town, "MedicationRequest")
    assert medications["Sertraline 50 mg"]["goes"]
    assert medications["Hydroxyzine 25 mg"]["why"] == "minimum necessary"


@pytest.mark.parametrize(("priority", "goes"), [("routine", False), ("stat", True)])
def test_the_safety_plan_goes_only_in_a_crisis(town: Town, priority: str, goes: bool) -> None:
    town.refer(priority=priority)
    assert [item["goes"] for item in items(town, "CarePlan").values()] == [goes]


def test_of_each_score_only_the_last_three_go(town: Town) -> None:
    town.home.take_in([record("outcome_measure", id=f"o{day}", taken_at=f"2025-02-{day:02}T09:00:00-05:00", session=None) for day in range(1, 6)])
    town.refer()
    going = [orjson.loads(base64.b64decode(item["bytes"])) for item in town.preview()["items"] if item["resource"].startswith("Observation/")]
    assert [one["effectiveDateTime"][:10] for one in going] == ["2025-02-05", "2025-02-04", "2025-02-03"]


def test_what_is_shown_before_sending_is_what_is_opened(town: Town) -> None:
    town.refer()
    shown = {
        item["resource"]: base64.b64decode(item["bytes"])
        for item in town.preview()["items"]
        if item["goes"] and item["resource"].partition("/")[0] not in ("Task", "ServiceRequest")
    }
    town.send()
    partner = town.partner()
    redacted = 0
    for reference, body in shown.items():
        seen, meant = partner.get(reference), orjson.loads(body)
        if any(label["code"] == "REDACTED" for label in seen["meta"].get("security", [])):
            redacted += 1  # it refers to a visit that did not go
        else:
            assert seen == meant, reference
    assert redacted < len(shown)


def test_what_stays_is_not_opened(town: Town) -> None:
    town.refer()
    staying = [item["resource"] for item in town.preview()["items"] if not item["goes"]]
    town.send()
    assert staying
    partner = town.partner()
    for reference in staying:
        partner.get(reference, 404)


def test_a_preview_opens_nothing(town: Town) -> None:
    town.refer()
    town.preview()
    assert town.partner().get("Patient?_summary=count")["total"] == 0


def test_a_referral_that_does_not_exist_has_no_preview(town: Town) -> None:
    with pytest.raises(OutcomeError) as refused:
        town.preview()
    assert refused.value.status == 404


def test_substance_use_items_stay_without_a_part_2_consent(town: Town) -> None:
    town.home.take_in([ALCOHOL])
    town.refer(problems=["p1", "p3"])
    alcohol = items(town, "Condition")["Alcohol use disorder"]
    assert (alcohol["goes"], alcohol["why"]) == (False, "withheld: no consent")
    assert "bytes" not in alcohol


def test_a_part_2_consent_that_names_the_recipient_lets_them_go(town: Town) -> None:
    town.home.take_in([ALCOHOL, record("consent", **CONSENT)])
    town.refer(problems=["p1", "p3"])
    assert items(town, "Condition")["Alcohol use disorder"]["goes"]


@pytest.mark.parametrize(
    "changed",
    [
        {"partner": "cedar"},
        {"revoked_on": "2026-05-01"},
        {"period": {"start": "2026-01-01", "end": "2026-06-30"}},
        {"purpose": "payment"},
        {"part2": False, "categories": ["demographics", "diagnoses"]},
    ],
    ids=["another's", "revoked", "expired", "another purpose", "not under Part 2"],
)
def test_no_other_consent_does(town: Town, changed: dict[str, Any]) -> None:
    town.home.take_in([ALCOHOL, record("consent", **(CONSENT | changed))])
    town.refer(problems=["p1", "p3"])
    assert not items(town, "Condition")["Alcohol use disorder"]["goes"]


def test_a_referral_for_addiction_is_sent_only_with_a_part_2_consent(town: Town) -> None:
    town.home.take_in([ALCOHOL])
    town.refer(service="addiction", problems=["p3"], sensitivity="substance-use")
    assert not town.preview()["sendable"]
    with pytest.raises(OutcomeError) as refused:
        town.send()
    assert refused.value.status == 422
    assert "42 CFR Part 2" in refused.value.issues[0].diagnostics
    assert not town.waiting()
    assert town.partner().get("Task?_summary=count")["total"] == 0

    town.home.take_in([record("consent", **CONSENT)])
    assert town.preview()["sendable"]
    assert town.send()["sent"]


def test_a_consent_revoked_before_delivery_stops_the_delivery(town: Town) -> None:
    town.home.take_in([ALCOHOL, record("consent", **CONSENT)])
    town.refer(service="addiction", problems=["p3"], sensitivity="substance-use")
    town.send()
    town.home.take_in([record("consent", **(CONSENT | {"revoked_on": "2026-10-30"}))])
    town.worker.deliver()
    assert town.system.get("Task?_summary=count")["total"] == 0
    (letter,) = town.waiting()
    assert "consent" in letter.fault
    assert town.state == "sent"
    town.partner().get(f"Task/{TASK}", 404)
